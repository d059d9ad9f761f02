"""Texts become terms, by language."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import SparseVector
from ingest.keywords import K1, passage_keywords, question_keywords, terms
from ingest.keywords.languages import LANGUAGES as TABLE
from ingest.keywords.stems import stem
from ingest.keywords.stop_words import STOP_SIGNS, STOP_WORDS

ROOT = Path(__file__).parent.parent.parent
LANGUAGES = ["", "xx", "ko", *STOP_WORDS, *STOP_SIGNS]


def score(question: str, text: str, language: str = "en", of: str = "en") -> float:
    """Return what the index computes, with every IDF 1."""
    asked = question_keywords(question, language)
    told = passage_keywords(text, of)
    weights = dict(zip(told.indices, told.values, strict=True))
    pairs = zip(asked.indices, asked.values, strict=True)
    return sum(weight * weights.get(index, 0.0) for index, weight in pairs)


@given(st.text(), st.sampled_from(LANGUAGES))
def test_vectors_are_sorted_distinct_and_positive(text: str, language: str) -> None:
    for vector in (passage_keywords(text, language), question_keywords(text, language)):
        assert list(vector.indices) == sorted(set(vector.indices))
        assert len(vector.indices) == len(vector.values)
        assert all(0 <= index < 2**32 for index in vector.indices)
        assert all(value > 0 for value in vector.values)


@given(st.text(min_size=1), st.sampled_from(LANGUAGES))
def test_a_text_answers_itself(text: str, language: str) -> None:
    asked, told = question_keywords(text, language), passage_keywords(text, language)

    weights = dict(zip(asked.indices, asked.values, strict=True))
    single = {index for index, weight in weights.items() if weight >= 1}
    assert single <= set(told.indices)


def test_nothing_to_say_is_an_empty_vector() -> None:
    for text in ("", " ", "?!", "—", "___", "🙂"):
        assert question_keywords(text, "en") == SparseVector((), ())
        assert passage_keywords(text, "en") == SparseVector((), ())


@pytest.mark.parametrize(
    ("language", "question", "left"),
    [
        ("en", "How do I pair the sensors?", ["pair", "sensor"]),
        ("de", "Wie wechsle ich die Batterien?", ["wechsl", "batteri"]),
        ("fr", "Comment réinitialiser l'alarme ?", ["reinitialis", "alarm"]),
        ("es", "¿Dónde están las configuraciones?", ["configur"]),
        ("it", "Come si imposta l'allarme?", ["impost", "allarm"]),
        ("nl", "Waar is het alarm van de hub?", ["alarm", "hub"]),
        ("pt", "Onde estão as configurações?", ["configur"]),
        ("ru", "Как заменить батарейки?", ["замен", "батареик"]),
    ],
)
def test_a_question_keeps_what_it_is_about(
    language: str, question: str, left: list[str]
) -> None:
    assert terms(question, language) == left


def test_a_question_of_nothing_but_stop_words_keeps_them() -> None:
    assert terms("Who are you?", "en") == ["who", "are", "you"]


@pytest.mark.parametrize("written", ["E-204", "e-204", "E‑204", "E204", "Ｅ－２０４"])
@pytest.mark.parametrize("asked", ["E-204", "E204", "e-204"])
@pytest.mark.parametrize("language", ["en", "ja", ""])
def test_a_code_is_found_however_it_is_written_in_any_language(
    written: str, asked: str, language: str
) -> None:
    text = f"The error {written} means a low battery."
    other = "The error E-207 means an open circuit."

    assert score(asked, text, language) > score(asked, other, language)


def test_codes_are_kept_whole_and_in_parts() -> None:
    assert terms("E-204", "en") == ["e-204", "e204", "204"]
    assert terms("max_tokens", "en") == ["max_tokens", "maxtoken", "max", "token"]
    assert terms("v4.2.1", "en") == ["4.2.1"]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("release 4.2", "Ostrel 4.2.1 repairs the export"),
        ("maxTokens", "set max_tokens to 100"),
        ("email", "send an e-mail"),
        ("wifi", "Wi-Fi password"),
        ("1000000 rows", "at most 1,000,000 rows"),
        ("resume", "Résumé"),
        ("STRASSE", "Straße"),
        ("Łódź", "Lodz"),
    ],
)
def test_two_ways_to_write_it_meet(question: str, text: str) -> None:
    assert score(question, text) >= 1 / (K1 + 1)


def test_a_version_is_not_another_that_shares_its_digits() -> None:
    assert score("4.1", "in version 4.2") == 0
    assert score("4.1", "step 41") == 0


@pytest.mark.parametrize(
    ("language", "question", "text"),
    [
        ("de", "Batterie", "Die Batterien wechseln"),
        ("es", "configuración", "las configuraciones"),
        ("es", "configuracion", "la configuración"),
        ("fr", "réinitialisation", "réinitialisations"),
        ("ru", "ещё батарейка", "батарейки"),
        ("hi", "बैटरी", "बैटरी बदलें"),
        ("ja", "電池", "電池を交換する"),
        ("zh", "电池", "更换电池"),
        ("th", "แบตเตอรี่", "เปลี่ยนแบตเตอรี่"),
        ("ko", "배터리", "배터리를 교체"),
        ("uk", "батарею", "заміна батареї"),
        ("tr", "pil", "piller"),
        ("el", "αισθητηρας", "αισθητήρας"),
        ("ar", "البطارية", "استبدال البطارية"),
    ],
)
def test_a_word_is_found_in_its_own_language(
    language: str, question: str, text: str
) -> None:
    assert score(question, text, language, language) > 0


def test_a_wrong_guess_of_the_questions_language_still_finds_words() -> None:
    text = "Replace the batteries of the probe"

    for guess in ("", "nl", "xx"):
        assert score("batteries probe", text, guess) > 0


def test_combining_marks_are_part_of_a_word() -> None:
    assert len(terms("बैटरी", "hi")) == 1


def test_scripts_are_told_apart_inside_one_text() -> None:
    found = terms("センサーのE-204エラー", "ja")

    assert {"セン", "ンサ", "サー", "e-204", "エラ"} <= set(found)


def test_neighbours_count_where_spaces_part_syllables() -> None:
    together, apart = "máy tính bàn", "máy bàn tính"

    near, far = (score("máy tính", text, "vi", "vi") for text in (together, apart))

    assert near > far
    assert score("cold room", "a cold room") == score("cold room", "a room cold")


def test_repetition_saturates_and_length_costs() -> None:
    once, often = score("probe", "probe"), score("probe", "probe " * 20)

    assert once < often < K1 + 1
    assert score("probe", "probe " + "filler " * 200) < once


def test_hashes_are_the_same_in_every_process() -> None:
    here = question_keywords("replace the battery E-204", "en")
    program = (
        "from ingest.keywords import question_keywords\n"
        "print(question_keywords('replace the battery E-204', 'en').indices)"
    )

    there = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert there.stdout.strip() == str(here.indices)


@pytest.mark.parametrize("language", [*TABLE, "uk", ""])
def test_every_language_of_the_table_has_its_stemmer(language: str) -> None:
    assert stem("wort", language)


@pytest.mark.parametrize(
    ("language", "question", "text"),
    [
        ("de", "Wechsel der Batterie", "Der Batteriewechsel dauert nicht lange."),
        ("fr", "la climatisatino", "La climatisation du local."),
        ("fi", "asentaa", "Asennusohje: asentaminen"),
        ("he", "סוללה", "החלפת הסוללה"),
        ("uk", "датчик", "налаштування датчиків"),
    ],
)
def test_a_part_a_form_and_a_slip_of_a_word_find_it(
    language: str, question: str, text: str
) -> None:
    other = "E-204"

    assert score(question, text, language, language) > score(
        question, other, language, language
    )


@pytest.mark.parametrize("assumed", ["", "de", "ru", "vi", "pl", "xx"])
@pytest.mark.parametrize(
    ("language", "question", "text"),
    [
        ("de", "Batterien", "Die Batterie wechseln"),
        ("ru", "батарейки", "Замена батарейки"),
        ("ar", "البطاريات", "استبدال البطارية"),
        ("vi", "cảm biến", "cài đặt cảm biến"),
        ("vi", "cam bien", "cài đặt cảm biến"),
        ("zh", "更换电池", "如何更换电池"),
    ],
)
def test_a_word_is_found_whichever_language_is_assumed(
    language: str, question: str, text: str, assumed: str
) -> None:
    assert score(question, text, assumed, language) > 0
    if language != "vi" or question.isascii():
        assert score(question, text, language, assumed) > 0


@pytest.mark.parametrize("assumed", TABLE)
def test_a_word_as_it_stands_is_found_whichever_language_is_assumed(
    assumed: str,
) -> None:
    assert score("Batteriewechsel", "Der Batteriewechsel", assumed, "de") > 0
    assert score("Batteriewechsel", "Der Batteriewechsel", "de", assumed) > 0


def test_a_code_says_more_than_the_longest_word() -> None:
    question = "Batteriewechselanzeige E-204"

    code = score(question, "Fehler E-204", "de", "de")

    assert code > score(question, "Die Batteriewechselanzeige", "de", "de")


def test_terms_are_words_and_never_pieces_of_them() -> None:
    assert terms("Batteriewechsel", "de") == ["batteriewechsel"]
    assert terms("контейнерами", "ru") == ["контеинер"]


@pytest.mark.parametrize(
    ("language", "question", "left"),
    [
        ("pl", "Jak wymienić baterię?", 2),
        ("tr", "Pili nasıl değiştirebilirim?", 2),
        ("uk", "Як замінити батарею?", 2),
        ("ar", "كيف يمكنني استبدال البطارية؟", 2),
        ("vi", "Làm thế nào để thay pin?", 2),
        ("zh", "如何更换电池", 3),
        ("ja", "電池とは何ですか", 1),
    ],
)
def test_stop_words_are_known_in_many_languages(
    language: str, question: str, left: int
) -> None:
    assert len(terms(question, language)) == left


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("٣٠٠", "300"),
        ("E-٢٠٤", "E-204"),
        ("الى", "إلي"),
        ("مُدَرِّسَة", "مدرسه"),
        ("کتاب", "كتاب"),
        ("שָׁלוֹם", "שלום"),
    ],
)
def test_what_a_writer_may_leave_out_makes_no_difference(
    question: str, text: str
) -> None:
    assert score(question, text) >= 1 / (K1 + 1)
