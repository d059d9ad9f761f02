import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.citations import cited
from app.chat.outgoing.markers import MarkerFilter
from tests.app.hits import hit

TEXTS = st.one_of(
    st.text(alphabet="[]【】129,; `~\n\t(ax>-", max_size=100),
    st.lists(
        st.sampled_from(
            [
                *("[1]", "[9]", " [9]", "【9】", "[1, 9]", "`x[9]`", "```\n[9]\n```\n"),
                *("words ", "[[9]9]", "\n\n", "[1](u)", "~~~\n", "> ", "1. ", "ü🙂"),
            ]
        ),
        max_size=20,
    ).map("".join),
)


def leaving(text: str, offered: int = 2) -> str:
    markers = MarkerFilter(offered)
    return markers.feed(text) + markers.flush()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Hold it [1].", "Hold it [1]."),
        ("Hold it [7].", "Hold it."),
        ("Hold [1][999999] it.", "Hold [1] it."),
        ("Both [1, 9].", "Both [1]."),
        ("Both 【9】【2】.", "Both【2】."),
        ("`a[9]` and [9]", "`a[9]` and"),
        ("```\na[9]\n```\n", "```\na[9]\n```\n"),
        ("See [9](https://x.example).", "See [9](https://x.example)."),
        ("In 2026 [sic]", "In 2026 [sic]"),
    ],
)
def test_markers_without_a_source_are_taken_out(text: str, left: str) -> None:
    assert leaving(text) == left


@given(TEXTS, st.lists(st.integers(0, 100), max_size=8))
def test_any_split_gives_the_same_result(text: str, cuts: list[int]) -> None:
    edges = sorted({0, *cuts, len(text)})
    markers = MarkerFilter(2)

    pieces = [text[a:b] for a, b in pairwise(edges)]
    said = "".join(markers.feed(piece) for piece in pieces) + markers.flush()

    assert said == leaving(text)


@given(TEXTS)
def test_what_left_has_nothing_more_to_take_out(text: str) -> None:
    left = leaving(text)

    assert leaving(left) == left


@given(TEXTS)
def test_no_citation_is_lost(text: str) -> None:
    hits = (hit("one"), hit("two", position=1))

    before = [c.number for c in cited(text, hits)]

    assert [c.number for c in cited(leaving(text), hits)] == before


@given(st.text(alphabet="[]【1234567890,; ", max_size=300))
def test_at_most_64_characters_are_held_back(text: str) -> None:
    markers = MarkerFilter(10**9)

    left = 0
    for came, character in enumerate(text, start=1):
        left += len(markers.feed(character))
        assert came - left <= 64


@given(st.text(alphabet="abc.,!\n*#()", max_size=200))
def test_text_without_markers_is_unchanged(text: str) -> None:
    assert leaving(text) == text


def test_a_marker_made_by_taking_another_out_does_not_appear() -> None:
    assert not re.search(r"\[99\]", leaving("[[9]99]"))
