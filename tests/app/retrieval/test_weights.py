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
        (asked("How do I reset the hub?", "en"), 0.6),
        (asked("reset hub E-504"), 0.6),
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
    assert dense_weight(ENGLISH, queries, usual=0.6) == pytest.approx(weight)


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


@given(st.text(min_size=1), CODES, CODES, st.floats(0, 1))
def test_a_model_never_counts_more_in_a_language_that_it_does_not_know(
    text: str, language: str, known: str, usual: float
) -> None:
    knows = of_setting(known) or EVERY

    weight = dense_weight(knows, asked(text, language), usual=usual)

    assert 0 <= weight <= usual
    assert (weight == usual) or not reads(knows, asked(text, language))
