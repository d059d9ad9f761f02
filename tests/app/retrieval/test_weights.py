"""How much the embedding model counts follows what it knows of the question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.messages import Queries
from app.retrieval.weights import dense_weight, reads, script
from ingest.embedding import Languages
from ingest.embedding.languages import EVERY, of_setting

ENGLISH = Languages(frozenset({"en"}))


def asked(text: str, language: str = "", *, follow_up: bool = False) -> Queries:
    return Queries(
        texts=((text, 1.0),),
        keywords=((text, 1.0),),
        language=language,
        follow_up=follow_up,
    )


@pytest.mark.parametrize(
    ("queries", "weight"),
    [
        (asked("How do I reset the hub?", "en"), 0.75),
        (asked("reset hub light"), 0.75),
        (asked("Wie setze ich den Hub zurück?", "de"), 0.3),
        (asked("¿Cómo reinicio el hub?", "es"), 0.3),
        (asked("Как сбросить хаб?", "ru"), 0.15),
        (asked("كيف أعيد ضبط الجهاز؟", "ar"), 0.15),
        (asked("如何重置设备？", "zh"), 0.15),
        (asked("เปิดเครื่อง"), 0.15),
        (asked("and yearly?", "en", follow_up=True), 0.7),
        (asked("und jährlich?", "de", follow_up=True), 0.3),
    ],
)
def test_an_english_model_counts_less_the_stranger_a_question_is(
    queries: Queries, weight: float
) -> None:
    found = dense_weight(ENGLISH, queries, usual=0.6, books=0)

    assert found == pytest.approx(weight)


@pytest.mark.parametrize(
    ("text", "books", "weight"),
    [
        ("reset hub", 0, 0.75),
        ("reset hub light button cable wall socket", 0, 0.6),
        ("reset hub light button cable wall socket camera door lock", 0, 0.45),
        (" ".join(f"thing{n}" for n in range(40)), 0, 0.35),
        ("reset hub", 1, 0.6),
        ("reset hub", 0.5, 0.675),
        ("リセット方法", 0, 0.75),
    ],
)
def test_words_count_more_in_long_questions_and_in_books(
    text: str, books: float, weight: float
) -> None:
    found = dense_weight(EVERY, asked(text), usual=0.6, books=books)

    assert found == pytest.approx(weight)


@pytest.mark.parametrize("usual", [0, 1])
def test_one_ranking_alone_is_what_a_setting_can_ask_for(usual: float) -> None:
    for text in ("reset hub", "Как сбросить хаб?"):
        assert dense_weight(ENGLISH, asked(text), usual=usual, books=1) == usual


@pytest.mark.parametrize(
    ("languages", "queries", "understood"),
    [
        (ENGLISH, asked("Wo ist der Schalter?", "de"), False),
        (Languages(frozenset({"en", "de"})), asked("Wo ist er?", "de"), True),
        (Languages(frozenset({"ru"})), asked("сброс хаба"), True),
        (Languages(frozenset({"zh"})), asked("reset hub"), False),
        (Languages(frozenset({"zh"})), asked("リセット 方法"), True),
        (Languages(frozenset()), asked("reset"), False),
        (EVERY, asked("ฉันจะรีเซ็ตได้อย่างไร", "th"), True),
        (EVERY, asked("ⴰⵣⵓⵍ"), True),
        (Languages(None, frozenset({"hi"})), asked("मैं क्या करूँ?", "hi"), False),
        (Languages(None, frozenset({"th"})), asked("เปิดเครื่อง"), False),
        (EVERY, asked("504"), True),
    ],
)
def test_a_question_is_understood_in_a_known_language_or_else_in_a_known_script(
    languages: Languages, queries: Queries, understood: bool
) -> None:
    assert reads(languages, queries) is understood


def test_a_script_is_told_by_most_letters() -> None:
    assert script("Wi-Fi не работает") == "CYRILLIC"
    assert script("カメラの電源") == "CJK"
    assert script("안녕하세요 hub") == "HANGUL"
    assert script("?!") == script("") == "LATIN"


CODES = st.sampled_from(["", "en", "de", "ru", "zh", "th"])


@given(st.text(min_size=1), CODES, CODES, st.floats(0, 1), st.floats(0, 1))
def test_a_weight_is_a_share_and_never_more_than_usual_in_a_strange_language(
    text: str, language: str, known: str, usual: float, books: float
) -> None:
    knows = of_setting(known) or EVERY

    weight = dense_weight(knows, asked(text, language), usual=usual, books=books)

    assert 0 <= weight <= 1
    assert weight <= usual or reads(knows, asked(text, language))
