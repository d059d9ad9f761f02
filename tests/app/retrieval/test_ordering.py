import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.retrieval.ordering import in_turns, length_of_documents, supported
from ingest.documents import Hit
from tests.app.hits import hit

DRAWN = st.lists(st.tuples(st.integers(0, 3), st.floats(0, 1)), max_size=20)


def made(drawn: list[tuple[int, float]]) -> list[Hit]:
    return [
        hit(str(n), path=f"{document}.md", position=n, score=score)
        for n, (document, score) in enumerate(sorted(drawn, key=lambda one: -one[1]))
    ]


@pytest.mark.parametrize(
    ("documents", "chunks", "books"),
    [(60, 570, 0), (5, 500, 1), (5, 5000, 1), (10, 316, 0.5), (0, 0, 0)],
)
def test_documents_are_articles_or_books(
    documents: int, chunks: int, books: float
) -> None:
    found = length_of_documents(documents=documents, chunks=chunks)

    assert found == pytest.approx(books, abs=0.01)


def test_in_books_a_hit_gains_by_hits_beside_it_in_its_section() -> None:
    alone = hit("a", position=1, score=0.8)
    first = hit("b", position=7, score=0.78, headings=("B",))
    second = hit("c", position=8, score=0.6, headings=("B",))
    elsewhere = hit("d", position=2, score=0.5, headings=("D",))
    hits = [alone, first, second, elsewhere]

    assert [h.chunk.text for h in supported(hits, books=1)] == ["b", "a", "c", "d"]
    assert supported(hits, books=0) == hits


@given(DRAWN, st.floats(0, 1))
def test_support_loses_no_hit_and_leaves_scores_in_their_range(
    drawn: list[tuple[int, float]], books: float
) -> None:
    hits = made(drawn)

    found = supported(hits, books=books)

    assert {h.chunk.id for h in found} == {h.chunk.id for h in hits}
    scores = [h.score for h in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_others_get_their_turn_after_two_chunks_of_a_document() -> None:
    crowd = [hit(f"a {n}", path="a.md", position=n, score=0.9) for n in range(3)]
    other = hit("b", path="b.md", score=0.8)

    shown = in_turns([*crowd, other], most=2)

    assert [h.chunk.path for h in shown] == ["a.md", "a.md", "b.md", "a.md"]
    assert [h.score for h in shown] == [0.9, 0.9, 0.8, 0.8]


def test_what_is_much_worse_gets_no_turn() -> None:
    crowd = [hit(f"a {n}", path="a.md", position=n, score=0.9) for n in range(3)]
    other = hit("b", path="b.md", score=0.4)

    assert in_turns([*crowd, other], most=2) == [*crowd, other]


@given(DRAWN, st.integers(1, 4))
def test_taking_turns_loses_no_hit_and_keeps_scores_falling(
    drawn: list[tuple[int, float]], most: int
) -> None:
    hits = made(drawn)

    shown = in_turns(hits, most=most)

    assert {h.chunk.id for h in shown} == {h.chunk.id for h in hits}
    scores = [h.score for h in shown]
    assert scores == sorted(scores, reverse=True)
