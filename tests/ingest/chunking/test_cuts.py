"""Texts are cut where it hurts least."""

import itertools
import time

import pytest

from ingest.chunking.cuts import cuts, sentences


def parts(text: str) -> list[str]:
    bounds = [0, *sentences(text), len(text)]
    return [text[a:b].strip() for a, b in itertools.pairwise(bounds)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ('He said "Go." She went.', ['He said "Go."', "She went."]),
        ("Use a tool, e.g. Grep or i.e. Find it.", None),
        ("See J. Smith, Fig. 3 and approx. 5 of them.", None),
        ("1. Press the button. 2. Wait.", ["1. Press the button.", "2. Wait."]),
        ("version 3.14 is out... but not here", None),
        (
            "押してください。待ちます。終わり",
            ["押してください。", "待ちます。", "終わり"],
        ),
        ("彼は「行け。」と言った。", ["彼は「行け。」", "と言った。"]),
        ("यह पहला है। यह दूसरा है।", ["यह पहला है।", "यह दूसरा है।"]),
        ("no stop here\n\nA new paragraph", ["no stop here", "A new paragraph"]),
        ("", [""]),
    ],
)
def test_sentences_end_where_a_reader_would_say(
    text: str, expected: list[str] | None
) -> None:
    assert parts(text) == (expected or [text])


def test_items_begin_at_their_markers() -> None:
    text = "- one\n  more of one\n- two\n3) three"

    found = cuts(text, "items", [])

    assert [text[place:][:4] for place in found] == ["- on", "- tw", "3) t"]


@pytest.mark.parametrize("unit", [".", " ", "。", '"', "a", ". ", "- \n", ".)"])
@pytest.mark.parametrize("level", ["sentences", "items", "lines", "words"])
def test_cutting_takes_time_in_proportion_to_the_text(unit: str, level: str) -> None:
    def took(length: int) -> float:
        text = unit * length
        started = time.perf_counter()
        cuts(text, level, [])
        return time.perf_counter() - started

    small, large = min(took(10_000) for _ in range(3)), took(200_000)

    # Twenty times the text may take eighty times as long; the square is 400.
    assert large < small * 80 + 0.05
