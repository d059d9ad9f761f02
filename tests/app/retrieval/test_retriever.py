import numpy as np
import pytest

from app import metrics
from app.chat.question import queries
from app.errors import RetrievalUnavailable
from app.messages import Filter, Message, Queries
from app.retrieval.retriever import Retriever, weighted_keywords
from app.settings import RetrievalSettings
from ingest.errors import IndexUnreachable
from ingest.keywords import question_keywords
from tests.app.hits import hit
from tests.app.shelf import EVERYBODY, Letters, Shelf


def retriever(shelf: Shelf, *, languages: str = "en") -> Retriever:
    return Retriever(
        index=shelf,
        embedder=Letters(languages),
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
    shelf = Shelf(
        *(hit(f"text {n}", path=f"{n}.md", score=n / 9) for n in range(8, 0, -1))
    )

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
    ("asked", "languages", "weight"),
    [
        (question("reset the hub"), "en", 0.65),
        (FOLLOW_UP, "en", 0.6),
        (question("如何重置设备"), "en", 0.125),
        (question("如何重置设备"), "en,zh", 0.65),
    ],
)
async def test_the_dense_share_follows_what_the_model_knows(
    asked: Queries, languages: str, weight: float
) -> None:
    shelf = Shelf(hit())

    await retriever(shelf, languages=languages).retrieve(
        EVERYBODY, asked, limit=5, filter=Filter()
    )

    assert shelf.asked[0].weight == pytest.approx(weight)


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


async def test_chunks_are_read_by_their_ids() -> None:
    one, other = hit("one", position=0), hit("two", position=1)

    read = await retriever(Shelf(one, other)).chunks(EVERYBODY, [other.chunk.id])

    assert read == [other.chunk]
    broken = retriever(Shelf(broken=IndexUnreachable("no answer")))
    with pytest.raises(RetrievalUnavailable):
        await broken.chunks(EVERYBODY, [other.chunk.id])


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


def test_a_term_counts_where_it_stands_first() -> None:
    asked = Queries(keywords=(("hub price", 1.0), ("hub light", 0.2)), language="en")

    merged = weighted_keywords(asked)

    weights = dict(zip(merged.indices, merged.values, strict=True))
    (hub,) = question_keywords("hub", "en").indices
    (light,) = question_keywords("light", "en").indices
    assert (weights[hub], weights[light]) == (1.0, 0.2)
    assert list(merged.indices) == sorted(merged.indices)
