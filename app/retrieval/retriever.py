"""Queries to findings: embed, search once, put in order, judge."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

import msgspec

from app import metrics
from app.errors import RetrievalUnavailable
from app.messages import Filter, Findings, Queries
from app.retrieval.judging import Judge
from app.retrieval.ordering import in_turns, length_of_documents, supported
from app.retrieval.rerank import Rerank, Reranked, keep_order
from app.retrieval.vector import vector_of
from app.retrieval.weights import dense_weight
from app.settings import RetrievalSettings
from ingest.documents import Chunk, Hit, Principal, Sight, SparseVector, Vector
from ingest.embedding import Embedder
from ingest.errors import DiskFull, IndexUnusable, ModelUnusable, VectorUnusable
from ingest.index.base import Edition, Extent, IndexQuery
from ingest.keywords import question_keywords

_SPARE = 14
"""Hits fetched beyond those wanted: other documents may get their turn."""

_JUDGED = 30
"""Hits fetched at least: the confidence looks at more than is offered."""

_EXTENTS = 256
"""Sights whose part of the index is remembered."""

_LENGTHS = 4096
"""Documents whose length is remembered."""

_UNSEARCHABLE = (IndexUnusable, DiskFull, ModelUnusable, VectorUnusable)
"""What leaves a question without what it was to be answered from."""


class Searched(Protocol):
    """What of an index is needed to answer; `ingest.index.IndexReader`, see there."""

    @property
    def edition(self) -> Edition:
        """The edition that answers now."""
        ...

    async def search(self, principal: Principal, query: IndexQuery) -> list[Hit]:
        """Return the best hits."""
        ...

    async def chunks(self, principal: Principal, ids: Sequence[str]) -> list[Chunk]:
        """Return some chunks."""
        ...

    async def document(self, principal: Principal, document_id: str) -> list[Chunk]:
        """Return a document's chunks."""
        ...

    async def extent(self, principal: Principal) -> Extent:
        """Count what the principal may see."""
        ...


class Retriever:
    """Reads the index on behalf of a question.

    Attributes:
        judge: Tells how far what was found can be trusted.
    """

    def __init__(
        self,
        *,
        index: Searched,
        embedder: Embedder,
        settings: RetrievalSettings,
        fusion_weight: float,
        rerank: Rerank = keep_order,
        depth: int = 0,
    ) -> None:
        """Read `index` with the model it was built with.

        Args:
            index: What is searched.
            embedder: Turns questions into vectors.
            settings: How deep and how many.
            fusion_weight: Usual share of the dense score in a hit's score.
            rerank: Puts the first hits in a better order.
            depth: Hits that it looks at.
        """
        self.judge = Judge(embedder)
        self._index = index
        self._embedder = embedder
        self._settings = settings
        self._fusion_weight = fusion_weight
        self._rerank = rerank
        self._depth = depth
        self._extents: OrderedDict[tuple[str, Sight], Extent] = OrderedDict()
        self._lengths: OrderedDict[tuple[str, Sight], int] = OrderedDict()

    async def retrieve(
        self,
        principal: Principal,
        queries: Queries,
        *,
        limit: int,
        filter: Filter,  # noqa: A002 - the API's own word
        least: float | None = None,
    ) -> Findings:
        """Return at most `limit` hits, best first, and how far they can be trusted.

        Args:
            principal: Who asks.
            queries: What to search for.
            limit: Most hits.
            filter: Which documents may answer.
            least: The confidence from which on the hits hold an answer; where that is
                certain, the figure is an estimate. None for the exact figure.

        Raises:
            RetrievalUnavailable: The index or the embedding model cannot be used.
        """
        try:
            if not queries.texts:
                none = Reranked(hits=())
                return _findings(none, 0.0, queries, self._index.edition.name)
            with metrics.stage("embed"):
                vector = await vector_of(principal, queries, self._embedder)
            with metrics.stage("search"):
                books = await self._books(principal)
                query = self._query(queries, vector, limit, filter, books)
                found = await self._index.search(principal, query)
                edition = self._index.edition
            with metrics.stage("judge"):
                hits = supported(found, books=books)
                most = self._settings.per_document
                fused = in_turns(hits, most=most)
                sure = 0.0
                if fused:
                    sure = await self.judge.confidence(
                        principal, queries, fused, least=least
                    )
            # What a follow-up means is in its longest text: it names the subject.
            ranked = await self._rerank(queries.words[-1], hits)
            shown = in_turns(ranked.hits, most=most)[:limit]
            ranked = msgspec.structs.replace(ranked, hits=tuple(shown))
            return _findings(ranked, sure, queries, edition.name)
        except _UNSEARCHABLE as error:
            raise RetrievalUnavailable(str(error)) from error

    async def chunks(self, principal: Principal, ids: Sequence[str]) -> list[Chunk]:
        """Return those of some chunks that are there, by position.

        Raises:
            RetrievalUnavailable: The index cannot be read.
        """
        try:
            return await self._index.chunks(principal, ids)
        except _UNSEARCHABLE as error:
            raise RetrievalUnavailable(str(error)) from error

    async def lengths(
        self, principal: Principal, hits: Sequence[Hit]
    ) -> dict[str, int]:
        """Return the length of each hit's document in characters, by its id.

        A document is asked for once; while the index cannot be read, the end of
        the last hit in it stands for its length.
        """
        lengths: dict[str, int] = {}
        for hit in hits:
            chunk = hit.chunk
            if chunk.document_id not in lengths:
                lengths[chunk.document_id] = await self._length(principal, hit)
            known = lengths[chunk.document_id]
            lengths[chunk.document_id] = max(known, chunk.end)
        return lengths

    async def _length(self, principal: Principal, hit: Hit) -> int:
        key = (hit.chunk.document_digest, principal.sight)
        if key in self._lengths:
            self._lengths.move_to_end(key)
            return self._lengths[key]
        try:
            chunks = await self._index.document(principal, hit.chunk.document_id)
        except _UNSEARCHABLE:
            return hit.chunk.end
        self._lengths[key] = max((c.end for c in chunks), default=hit.chunk.end)
        if len(self._lengths) > _LENGTHS:
            self._lengths.popitem(last=False)
        return self._lengths[key]

    async def _books(self, principal: Principal) -> float:
        """Return how long the documents are that `principal` may see."""
        key = (self._index.edition.name, principal.sight)
        if key not in self._extents:
            self._extents[key] = await self._index.extent(principal)
            if len(self._extents) > _EXTENTS:
                self._extents.popitem(last=False)
        extent = self._extents[key]
        return length_of_documents(documents=extent.documents, chunks=extent.chunks)

    def _query(
        self,
        queries: Queries,
        vector: Vector,
        limit: int,
        within: Filter,
        books: float,
    ) -> IndexQuery:
        return IndexQuery(
            vector=vector,
            keywords=weighted_keywords(queries),
            fetch=max(self._settings.fetch, limit),
            keep=max(limit + _SPARE, _JUDGED, self._depth),
            weight=dense_weight(
                self._embedder.languages,
                queries,
                usual=self._fusion_weight,
                books=books,
            ),
            paths=within.path,
            languages=within.language,
            documents=within.document,
            labels=within.label,
            versions=within.version,
            since=within.since,
            until=within.until,
        )


def weighted_keywords(queries: Queries) -> SparseVector:
    """Return the terms of all texts of `queries`; the first text with a term counts."""
    weights: dict[int, float] = {}
    for text, weight in (*queries.keywords, *queries.beside):
        found = question_keywords(text, queries.language)
        for index, value in zip(found.indices, found.values, strict=True):
            weights.setdefault(index, value * weight)
    order = sorted(weights)
    return SparseVector(tuple(order), tuple(weights[index] for index in order))


def _findings(
    ranked: Reranked, sure: float, queries: Queries, edition: str
) -> Findings:
    return Findings(
        hits=ranked.hits,
        confidence=sure,
        queries=queries.words,
        edition=edition,
        degraded=ranked.degraded,
    )
