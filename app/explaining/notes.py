"""Listens at the doors of the road from a question to its answer.

    Retriever, Answerer: the service's own, over doors that note what passes
      index ──▶ every candidate     judge ──▶ signals
      rerank ─▶ its order           retrieve ▶ what was shown

Nothing is done twice and nothing otherwise: what is explained is what would have been
answered. A question that nobody explains passes the same doors without these.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from app.chat.answer import Retrieve
from app.messages import Filter, Findings, Queries
from app.resources import Doors, Resources
from app.retrieval.judging import Judge
from app.retrieval.rerank import Rerank, Reranked, keep_order
from app.retrieval.retriever import Searched
from ingest.documents import Chunk, Hit, Principal
from ingest.embedding import Embedder
from ingest.index.base import Edition, Extent, IndexQuery


class Look:
    """What was noted of one search.

    Attributes:
        queries: What was searched for.
        pool: Every hit of both rankings, fused, best first.
        judged: Those that the confidence was judged by, in their order.
        ranked: The order of the reranker, or of the index; with its scores.
        shown: Hits that were found, before what belongs together is joined.
    """

    def __init__(self, queries: Queries) -> None:
        self.queries = queries
        self.pool: Sequence[Hit] = ()
        self.judged: Sequence[Hit] = ()
        self.ranked = Reranked(hits=())
        self.shown: Sequence[Hit] = ()


class Notes:
    """What was noted of a question: one look for each search, in their order."""

    def __init__(self) -> None:
        self.looks: list[Look] = []

    def doors(self, held: Resources) -> Doors:
        """Return the doors of the service, with a listener at each."""
        return Doors(
            index=_NotingIndex(held.index, self),
            rerank=self._reranking(held.rerank),
            judge=_NotingJudge(held.embedder, self),
            found=self._finding,
        )

    def of(self, findings: Findings | None) -> Look | None:
        """Return the look that led to `findings`: a question may be rewritten."""
        words = findings.queries if findings else ()
        return next((o for o in reversed(self.looks) if o.queries.words == words), None)

    def _reranking(self, rerank: Rerank) -> Rerank:
        async def reranked(question: str, hits: Sequence[Hit]) -> Reranked:
            found = await rerank(question, hits)
            self.looks[-1].ranked = found
            return found

        return reranked

    def _finding(self, retrieve: Retrieve) -> Retrieve:
        async def found(
            principal: Principal,
            queries: Queries,
            *,
            limit: int,
            filter: Filter,  # noqa: A002 - the API's own word
            least: float | None = None,
        ) -> Findings:
            self.looks.append(Look(queries))
            findings = await retrieve(
                principal, queries, limit=limit, filter=filter, least=least
            )
            self.looks[-1].shown = findings.hits
            return findings

        return found


def reranks(held: Resources) -> bool:
    """Return whether there is a reranker."""
    return held.rerank is not keep_order


class _NotingIndex:
    """An index whose searches are read to their end."""

    def __init__(self, index: Searched, notes: Notes) -> None:
        self._index = index
        self._notes = notes

    @property
    def edition(self) -> Edition:
        """See `IndexReader.edition`."""
        return self._index.edition

    async def search(self, principal: Principal, query: IndexQuery) -> list[Hit]:
        """Return what `IndexReader.search` does; `keep` only cuts off the rest."""
        pool = await self._index.search(principal, replace(query, keep=2 * query.fetch))
        look = self._notes.looks[-1]
        look.pool = pool
        return pool[: query.keep]

    async def extent(self, principal: Principal) -> Extent:
        """See `IndexReader.extent`."""
        return await self._index.extent(principal)

    async def chunks(self, principal: Principal, ids: Sequence[str]) -> list[Chunk]:
        """See `IndexReader.chunks`."""
        return await self._index.chunks(principal, ids)

    async def document(self, principal: Principal, document_id: str) -> list[Chunk]:
        """See `IndexReader.document`."""
        return await self._index.document(principal, document_id)


class _NotingJudge(Judge):
    """The judge, noting what was judged."""

    def __init__(self, embedder: Embedder, notes: Notes) -> None:
        super().__init__(embedder)
        self._notes = notes

    async def confidence(
        self,
        principal: Principal,
        queries: Queries,
        hits: Sequence[Hit],
        *,
        least: float | None,
    ) -> float:
        """See `Judge.confidence`."""
        self._notes.looks[-1].judged = hits
        return await super().confidence(principal, queries, hits, least=least)
