import re
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from ingest.chunking import measure


def by_words(texts: Sequence[str]) -> list[list[tuple[int, int]]]:
    return [[found.span() for found in re.finditer(r"\S+", text)] for text in texts]


def by_letters(texts: Sequence[str]) -> list[list[tuple[int, int]]]:
    return [[found.span() for found in re.finditer(r"\S", text)] for text in texts]


def test_a_text_is_measured_in_the_pieces_of_its_words() -> None:
    assert measure(by_words, "Reset the hub and wait.") is by_words


def test_where_words_are_spelled_pieces_are_as_long_as_elsewhere() -> None:
    text = "Нажмите кнопку"

    (pieces,) = measure(by_letters, text)([text])

    assert [text[start:end] for start, end in pieces] == ["Нажм", "ите", "кноп", "ку"]


def test_numbers_and_codes_are_measured_as_the_model_reads_them() -> None:
    assert measure(by_letters, "3fa9 c17e 00 4.75, 8.25; " * 20) is by_letters


def test_signs_that_are_words_count_one_by_one() -> None:
    (pieces,) = measure(by_letters, "重置设备")(["重置 hub"])

    assert pieces == [(0, 1), (1, 2), (3, 6)]


@given(st.text(min_size=1))
def test_every_letter_is_in_one_piece(text: str) -> None:
    (pieces,) = measure(by_letters, "кот")([text])

    seen = [place for start, end in pieces for place in range(start, end)]
    assert seen == sorted(set(seen))
    assert {n for n, sign in enumerate(text) if sign.isalnum()} <= set(seen)
