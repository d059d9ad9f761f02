"""An index and an embedding model small enough to see through, for tests."""

from collections.abc import Callable, Sequence

import numpy as np

from ingest.documents import Chunk, Hit, Principal, Vector, Vectors
from ingest.embedding.base import nothing
from ingest.embedding.languages import EVERY, of_setting
from ingest.errors import IngestError
from ingest.index.base import (
    Edition,
    Extent,
    Fingerprint,
    Holding,
    IndexQuery,
    Stored,
)

EVERYBODY = Principal(tenant="default", labels=("public",))

EDITION = Edition(
    name="000001",
    created=0.0,
    documents=1,
    chunks=1,
    fingerprint=Fingerprint(
        model="letters", dim=26, chunk_size=220, chunk_overlap=24, schema=1
    ),
    current=True,
)


class Shelf:
    """Answers every search with the same hits; remembers what it was asked."""

    def __init__(self, *hits: Hit, broken: Exception | None = None) -> None:
        self.asked: list[IndexQuery] = []
        self.read: list[str] = []
        self._hits = hits
        self._broken = broken

    @property
    def edition(self) -> Edition:
        return EDITION

    @property
    def trouble(self) -> IngestError | None:
        return None

    async def search(self, principal: Principal, query: IndexQuery) -> list[Hit]:
        if self._broken is not None:
            raise self._broken
        self.asked.append(query)
        return list(self._hits[: query.keep])

    async def chunk(self, principal: Principal, chunk_id: str) -> Chunk | None:
        return next((h.chunk for h in self._hits if h.chunk.id == chunk_id), None)

    async def chunks(self, principal: Principal, ids: Sequence[str]) -> list[Chunk]:
        if self._broken is not None:
            raise self._broken
        return [h.chunk for h in self._hits if h.chunk.id in ids]

    async def document(self, principal: Principal, document_id: str) -> list[Chunk]:
        if self._broken is not None:
            raise self._broken
        self.read.append(document_id)
        return [h.chunk for h in self._hits if h.chunk.document_id == document_id]

    async def neighbours(
        self, principal: Principal, chunk: Chunk, *, radius: int
    ) -> list[Chunk]:
        return [chunk]

    async def documents(self, principal: Principal) -> list[Stored]:
        return []

    async def holdings(self, principal: Principal) -> list[Holding]:
        return []

    async def extent(self, principal: Principal) -> Extent:
        return Extent(documents=1, chunks=1)

    async def close(self) -> None:
        return None


class Letters:
    """Embeds a text as how often it has each letter."""

    def __init__(self, languages: str = "en") -> None:
        self.name = "letters@0123"
        self.languages = of_setting(languages) or EVERY
        self.dim = 26
        self.max_tokens = 254

    def offsets(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        return [[(i, i + 1) for i in range(len(text))] for text in texts]

    def embed_passages(
        self, texts: Sequence[str], *, check: Callable[[], None] = nothing
    ) -> Vectors:
        check()
        letters = "abcdefghijklmnopqrstuvwxyz"
        counts = [[text.lower().count(c) + 0.01 for c in letters] for text in texts]
        vectors = np.array(counts, np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Vectors = (vectors / lengths).astype(np.float32)
        return unit

    async def embed_query(self, principal: Principal, text: str) -> Vector:
        vector: Vector = self.embed_passages([text])[0]
        return vector

    async def embed_queries(
        self, principal: Principal, texts: Sequence[str]
    ) -> Vectors:
        return self.embed_passages(texts)

    async def embed_sentences(
        self, principal: Principal, texts: Sequence[str]
    ) -> Vectors:
        return self.embed_passages(texts)
