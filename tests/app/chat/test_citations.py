from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.chat.citations import Scanner, cited
from tests.app.hits import hit

HITS = (hit("one"), hit("two", position=1))


def test_markers_point_to_their_sources_and_places() -> None:
    text = "Ü🙂 first [1], second 【2】."

    first, second = cited(text, HITS)

    assert (first.number, second.number) == (1, 2)
    assert (first.hit, second.hit) == HITS
    assert text[first.start : first.end] == "[1]"
    assert text[second.start : second.end] == "【2】"


def test_a_marker_of_two_numbers_gives_two_citations_of_one_place() -> None:
    text = "both [1, 2]"

    found = cited(text, HITS)

    assert [c.number for c in found] == [1, 2]
    assert {text[c.start : c.end] for c in found} == {"[1, 2]"}


def test_only_what_was_offered_is_cited() -> None:
    assert cited("[0] [3] [999999999999] [x] [] [1", HITS) == ()


def test_code_and_links_hold_no_citations() -> None:
    text = (
        "`a[1]` ``x ` [1]`` [1](https://x.example)\n```py\na[1]\n```\n~~~\n[2]\n~~~\n"
    )

    assert cited(text, HITS) == ()


def test_text_after_code_is_read_again() -> None:
    assert [c.number for c in cited("```\nx[1]\n```\nso [2]", HITS)] == [2]
    assert [c.number for c in cited("```x``` so [2]", HITS)] == [2]
    assert [c.number for c in cited("a ` left open\n\nso [2]", HITS)] == [2]


@given(
    st.text(alphabet="[]【】12,; `~\n(ax†", max_size=80),
    st.lists(st.integers(0, 80), max_size=6),
)
def test_pieces_of_any_size_give_the_same_spans(text: str, cuts: list[int]) -> None:
    edges = sorted({0, *cuts, len(text)})
    split, whole = Scanner(), Scanner()

    pieces = [text[a:b] for a, b in pairwise(edges)]
    found = [s for p in pieces for s in split.feed(p)] + split.flush()

    expected = whole.feed(text) + whole.flush()
    markers = [s for s in found if s.numbers]
    assert markers == [s for s in expected if s.numbers]
    assert "".join(s.space + s.text for s in found) == text
