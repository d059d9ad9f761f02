import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import metrics
from app.chat.question import queries
from app.errors import RetrievalUnavailable
from app.messages import Filter, Message, Queries
from app.retrieval.retriever import (
    Retriever,
    in_turns,
    once,
    spread,
    weighted_keywords,
)
from app.settings import RetrievalSettings
from ingest.errors import IndexUnreachable
from ingest.keywords import question_keywords
from tests.app.hits import hit
from tests.app.shelf import EVERYBODY, Letters, Shelf


def retriever(shelf: Shelf, *, model: str = "all-MiniLM-L6-v2@0123") -> Retriever:
    return Retriever(
        index=shelf,
        embedder=Letters(model),
        settings=RetrievalSettings(),
        fusion_weight=0.5,
    )


def question(text: str) -> Queries:
    return queries([Message(role="user", content=text)])


FOLLOW_UP = queries(
    [
        Message(role="user", content="what does Team cost?"),
        Message(role="assistant", content="29 euros."),
        Message(role="user", content="and yearly?"),
    ]
)


async def test_at_most_limit_hits_come_best_first() -> None:
    shelf = Shelf(*(hit(f"text {n}", path=f"{n}.md", score=n / 9) for n in range(9)))

    found = await retriever(shelf).retrieve(
        EVERYBODY, question("text"), limit=3, filter=Filter()
    )

    assert [h.chunk.path for h in found.hits] == ["8.md", "7.md", "6.md"]
    assert found.queries == ("text",)
    assert found.edition == "000001"
    assert 0 < found.confidence < 1


async def test_one_search_asks_for_everything() -> None:
    shelf = Shelf(hit())
    within = Filter(
        path=("install/",),
        label=("public",),
        language=("de",),
        document=("d1",),
        version=("4.2",),
        since="2026-01-01",
        until="2026-12-31",
    )

    await retriever(shelf).retrieve(EVERYBODY, FOLLOW_UP, limit=5, filter=within)

    (asked,) = shelf.asked
    assert (asked.paths, asked.labels) == (within.path, within.label)
    assert (asked.languages, asked.documents) == (within.language, within.document)
    assert asked.versions == within.version
    assert (asked.since, asked.until) == (within.since, within.until)
    assert asked.keywords == weighted_keywords(FOLLOW_UP)
    assert np.linalg.norm(asked.vector) == pytest.approx(1, abs=1e-5)
    assert asked.keep > 5


@pytest.mark.parametrize(
    ("asked", "model", "weight"),
    [
        (question("reset the hub"), "all-MiniLM-L6-v2@01", 0.5),
        (FOLLOW_UP, "all-MiniLM-L6-v2@01", 0.7),
        (question("如何重置设备"), "all-MiniLM-L6-v2@01", 0.1),
        (question("如何重置设备"), "paraphrase-multilingual-MiniLM-L12-v2@01", 0.5),
    ],
)
async def test_the_dense_share_follows_what_the_model_can_read(
    asked: Queries, model: str, weight: float
) -> None:
    shelf = Shelf(hit())

    await retriever(shelf, model=model).retrieve(
        EVERYBODY, asked, limit=5, filter=Filter()
    )

    assert shelf.asked[0].weight == weight


async def test_nothing_asked_in_words_finds_nothing() -> None:
    shelf = Shelf(hit())

    found = await retriever(shelf).retrieve(
        EVERYBODY, Queries(), limit=5, filter=Filter()
    )

    assert (found.hits, found.confidence, shelf.asked) == ((), 0.0, [])


async def test_an_index_that_is_down_is_retrieval_that_is_unavailable() -> None:
    shelf = Shelf(broken=IndexUnreachable("no answer"))

    with pytest.raises(RetrievalUnavailable):
        await retriever(shelf).retrieve(
            EVERYBODY, question("reset"), limit=5, filter=Filter()
        )


async def test_embedding_and_searching_are_timed() -> None:
    with metrics.collect() as stages:
        await retriever(Shelf(hit())).retrieve(
            EVERYBODY, question("reset"), limit=5, filter=Filter()
        )

    assert [stage.name for stage in stages] == ["embed", "search", "judge"]


async def test_a_documents_length_is_read_once() -> None:
    first, last = hit("one", position=0), hit("two", position=1, start=500)
    shelf = Shelf(first, last)
    reader = retriever(shelf)

    for _ in range(3):
        lengths = await reader.lengths(EVERYBODY, [first, last])

    assert lengths == {first.chunk.document_id: 503}
    assert shelf.read == [first.chunk.document_id]


async def test_without_an_index_a_length_is_what_the_hits_show() -> None:
    shelf = Shelf(broken=IndexUnreachable("no answer"))
    far = hit("two", start=500)

    lengths = await retriever(shelf).lengths(EVERYBODY, [hit("one"), far])

    assert lengths == {far.chunk.document_id: 503}


def test_what_reads_the_same_is_shown_once() -> None:
    first = hit("Press the  button.", path="a.md")
    again = hit("press the **button**", path="b.md")
    other = hit("Press the other button.", path="c.md")

    assert once([first, again, other]) == [first, other]


def test_one_document_does_not_fill_the_first_places_alone() -> None:
    crowd = [hit(f"t{n}", position=n, score=0.9 - n / 50) for n in range(4)]
    # Without the crowd the other one would come last.
    other = hit("x", path="other.md", score=0.8)

    order = [h.chunk.path for h in spread([*crowd, other])]

    assert order.index("other.md") == 2


@given(st.lists(st.floats(0, 1), max_size=8))
def test_alone_a_document_keeps_its_order(scores: list[float]) -> None:
    hits = [
        hit(f"t{n}", position=n, score=score)
        for n, score in enumerate(sorted(scores, reverse=True))
    ]

    assert [h.chunk for h in spread(hits)] == [h.chunk for h in hits]


def test_a_term_counts_where_it_stands_first() -> None:
    asked = Queries(keywords=(("hub price", 1.0), ("hub light", 0.2)), language="en")

    merged = weighted_keywords(asked)

    weights = dict(zip(merged.indices, merged.values, strict=True))
    (hub,) = question_keywords("hub", "en").indices
    (light,) = question_keywords("light", "en").indices
    assert (weights[hub], weights[light]) == (1.0, 0.2)
    assert list(merged.indices) == sorted(merged.indices)


def test_others_get_their_turn_after_two_chunks_of_a_document() -> None:
    crowd = [hit(f"a {n}", path="a.md", position=n, score=0.9) for n in range(3)]
    other = hit("b", path="b.md", score=0.4)

    shown = in_turns([*crowd, other], most=2)

    assert [h.chunk.path for h in shown] == ["a.md", "a.md", "b.md", "a.md"]
    assert [h.score for h in shown] == [0.9, 0.9, 0.4, 0.4]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.floats(0, 1)), max_size=20),
    st.integers(1, 4),
)
def test_taking_turns_loses_no_hit_and_keeps_scores_falling(
    drawn: list[tuple[int, float]], most: int
) -> None:
    drawn = sorted(drawn, key=lambda pair: -pair[1])
    hits = [
        hit(str(n), path=f"{document}.md", position=n, score=score)
        for n, (document, score) in enumerate(drawn)
    ]

    shown = in_turns(hits, most=most)

    assert {h.chunk.id for h in shown} == {h.chunk.id for h in hits}
    scores = [h.score for h in shown]
    assert scores == sorted(scores, reverse=True)
