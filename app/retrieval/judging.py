"""How far what was found can be trusted, told as early as it is certain enough.

    hits ──▶ signals of the rankings ──┬── on one side of the bound ──▶ told at once
                                       └── else: sentences embedded ──▶ told exactly

The last signal, how well a sentence of the best hit fits, takes several times as long
as embedding the question. Where no sentence could change what is decided, nobody waits
for it: the exact figure is told with the end of the answer.
"""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from app import metrics
from app.messages import Findings, Queries
from app.retrieval.confidence import confidence
from app.retrieval.signals import Signals, best_cosine, signals, telling_sentences
from app.retrieval.vector import vector_of
from app.retrieval.weights import can_compare, reads
from ingest.documents import Hit, Vector
from ingest.embedding import Embedder
from ingest.errors import ModelUnusable

log = logging.getLogger(__name__)


class Judgement(Struct, frozen=True, kw_only=True):
    """How likely some hits hold an answer.

    Attributes:
        confidence: The confidence; while `exact` is coming, the least that it can be.
        exact: The confidence itself, where it is still to come.
    """

    confidence: float
    exact: "asyncio.Task[float] | None" = None


class Judge:
    """Measures hits with the model that found them."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    async def judge(
        self, queries: Queries, hits: Sequence[Hit], *, least: float | None
    ) -> Judgement:
        """Return how likely `hits`, at least one, hold an answer.

        Args:
            queries: What was searched for, at least one text.
            hits: Everything the search returned, best first.
            least: The confidence from which on there is an answer; None to wait for
                the exact figure in any case.

        Raises:
            ModelUnusable: The embedding model fails.
        """
        sentences = self._sentences(queries, hits)
        known = self._known(queries, hits)
        if not sentences:
            return Judgement(confidence=confidence(known))
        # No sentence could make it lower than one that does not fit at all.
        sure = confidence(known)
        exact = self._exact(queries, known, sentences)
        if least is None or sure < least:
            return Judgement(confidence=await exact)
        return Judgement(
            confidence=sure, exact=asyncio.create_task(_or_least(exact, sure))
        )

    async def signals(self, queries: Queries, hits: Sequence[Hit]) -> Signals:
        """Measure how well `hits`, at least one, fit what was asked.

        Raises:
            ModelUnusable: The embedding model fails.
        """
        known = self._known(queries, hits)
        sentences = self._sentences(queries, hits)
        return await self._measured(queries, known, sentences) if sentences else known

    def _known(self, queries: Queries, hits: Sequence[Hit]) -> Signals:
        """Return the signals as far as the rankings tell them."""
        languages = self._embedder.languages
        return signals(
            queries,
            hits,
            known=reads(languages, queries),
            readable=can_compare(languages, queries),
            sentence=0.0,
        )

    def _sentences(self, queries: Queries, hits: Sequence[Hit]) -> list[str]:
        if not can_compare(self._embedder.languages, queries):
            return []
        return telling_sentences(queries, hits[0])

    async def _exact(
        self, queries: Queries, known: Signals, sentences: Sequence[str]
    ) -> float:
        return confidence(await self._measured(queries, known, sentences))

    async def _measured(
        self, queries: Queries, known: Signals, sentences: Sequence[str]
    ) -> Signals:
        # The question's vector was made for the search and is remembered.
        vector: Vector = await vector_of(queries, self._embedder)
        best = best_cosine(vector, await self._embedder.embed_queries(sentences))
        return replace(known, similarity=known.similarity + best / 2)


async def settled(findings: Findings) -> Findings:
    """Return `findings` with the confidence itself, waiting for it if need be."""
    if findings.exact is None:
        return findings
    return replace(findings, confidence=await findings.exact, exact=None)


async def _or_least(exact: Coroutine[Any, Any, float], least: float) -> float:
    """Return `exact`; the least that is certain if the model fails meanwhile."""
    try:
        with metrics.stage("sentences"):
            return await exact
    except ModelUnusable as error:
        # The answer is under way, and was right to be; only its figure is rough.
        log.warning("the confidence is told as %.2f at least: %s", least, error)
        return least
