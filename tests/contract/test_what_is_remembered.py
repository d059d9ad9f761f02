"""What is remembered between questions never crosses from one sight to another."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, get_type_hints

import pytest

from app.messages import Filter, Queries
from app.retrieval.late_index import LateIndex
from app.retrieval.retriever import Retriever
from app.settings import RetrievalSettings
from ingest.documents import Principal, Vector, Vectors
from ingest.embedding import Embedder
from ingest.embedding.lanes import Lanes
from ingest.index import IndexReader, edit_index, open_index
from ingest.index.base import Fingerprint
from ingest.settings import IndexSettings
from tests.app.shelf import Letters
from tests.ingest.index.made_index import Page, page, put

TENANTS = ("acme", "other")
SAME = "How to reset the hub with its button"
FINGERPRINT = Fingerprint(
    model="letters", dim=26, chunk_size=220, chunk_overlap=24, schema=1
)


def made(path: str, text: str, **more: Any) -> Page:
    vectors = list(Letters().embed_passages([text]))
    # A digest is of a file's bytes: two tenants may have the same.
    return page(path, [text], vectors, digest=f"digest of {path}", **more)


class Remembering(Letters):
    """Embeds as the models do that remember, and notes what it had to embed."""

    def __init__(self) -> None:
        super().__init__()
        self.embedded: list[str] = []
        self._line = Lanes(1, batch=8).line(self._embed, kept=99)

    async def embed_query(self, principal: Principal, text: str) -> Vector:
        return await self._line.one(principal, text)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        return self.embed_passages(texts)


def everyones() -> list[Page]:
    """Return the same page of each tenant, and what its staff alone may read."""
    return [
        one
        for tenant in TENANTS
        for one in (
            made("same.md", f"{SAME}: canary-{tenant}", tenant=tenant),
            made("x.md", f"{SAME}: s-{tenant}", tenant=tenant, labels=("staff",)),
        )
    ]


@asynccontextmanager
async def opened(
    settings: IndexSettings, embedder: Embedder | None = None
) -> AsyncIterator[Retriever]:
    reader = await open_index(settings, FINGERPRINT)
    try:
        yield Retriever(
            index=reader,
            embedder=embedder or Letters(),
            settings=RetrievalSettings(),
            fusion_weight=0.5,
        )
    finally:
        await reader.close()


async def texts(retriever: Retriever, principal: Principal) -> set[str]:
    """Return what a principal is told when they ask, lengths of documents included."""
    asked = Queries(texts=((SAME, 1.0),), keywords=((SAME, 1.0),), language="en")
    found = await retriever.retrieve(principal, asked, limit=10, filter=Filter())
    lengths = await retriever.lengths(principal, found.hits)
    assert lengths == {hit.chunk.document_id: hit.chunk.end for hit in found.hits}
    return {hit.chunk.text.partition(": ")[2] for hit in found.hits}


async def test_the_same_question_finds_each_their_own_whoever_asked_before(
    settings: IndexSettings,
) -> None:
    writer = await edit_index(settings, FINGERPRINT)
    await put(writer, *everyones())
    await writer.publish()

    async with opened(settings) as retriever:
        for _ in range(2):
            for tenant in TENANTS:
                visitor = Principal(tenant=tenant, labels=("public",), session="s")
                staff = Principal(tenant=tenant, labels=("staff", "public"))
                assert await texts(retriever, visitor) == {f"canary-{tenant}"}
                assert await texts(retriever, staff) == {
                    f"canary-{tenant}",
                    f"s-{tenant}",
                }


async def test_a_question_is_embedded_once_for_all_who_see_the_same(
    settings: IndexSettings,
) -> None:
    writer = await edit_index(settings, FINGERPRINT)
    await put(writer, *everyones())
    await writer.publish()
    model = Remembering()
    sights = [(t, ls) for t in TENANTS for ls in (("public",), ("staff", "public"))]

    async with opened(settings, model) as retriever:
        for key in ("first", "second"):
            for tenant, labels in sights:
                who = Principal(tenant=tenant, labels=labels, key_id=key, session=key)
                await texts(retriever, who)

    assert model.embedded == [SAME] * len(sights)


async def test_a_deleted_document_is_remembered_by_nothing(
    settings: IndexSettings,
) -> None:
    pages = everyones()
    writer = await edit_index(settings, FINGERPRINT)
    await put(writer, *pages)
    await writer.publish()
    first, second = (Principal(tenant=t, labels=("public",)) for t in TENANTS)

    async with opened(settings) as retriever:
        assert await texts(retriever, first) == {"canary-acme"}
        writer = await edit_index(settings, FINGERPRINT)
        await writer.remove(pages[0].document.id)
        await writer.publish()
        for _ in range(600):
            if not await texts(retriever, first):
                break
            await asyncio.sleep(0.05)

        for _ in range(3):
            assert await texts(retriever, first) == set()
            assert await texts(retriever, second) == {"canary-other"}


@pytest.mark.parametrize("reader", [IndexReader, LateIndex])
def test_an_index_can_be_asked_nothing_without_a_principal(reader: type) -> None:
    methods = {
        name: first_parameter(method)
        for name, method in inspect.getmembers(reader, inspect.isfunction)
        if not name.startswith("_")
    }

    asked = methods.keys() - {"close", "start", "state"}
    assert asked >= {"search", "chunk", "chunks", "document", "documents", "extent"}
    assert {methods[name] for name in asked} == {Principal}
    assert "edition" not in methods


def test_an_embedder_remembers_nothing_without_a_principal() -> None:
    remembering = {
        name: first_parameter(method)
        for name, method in inspect.getmembers(Embedder, inspect.iscoroutinefunction)
    }

    assert remembering.keys() == {"embed_query", "embed_queries", "embed_sentences"}
    assert set(remembering.values()) == {Principal}


def first_parameter(method: Callable[..., Any]) -> object:
    """Return the type of the first parameter after self; None without any."""
    names = list(inspect.signature(method).parameters)[1:2]
    return get_type_hints(method)[names[0]] if names else None
