"""How far what was found can be trusted, told as early as it is certain.

    hits ──▶ signals of the rankings ──┬── on one side of the bound ──▶ told at once
                                       └── else: sentences embedded ──▶ told exactly

The last signal, how well a sentence of the best hit fits, takes several times as long
as embedding the question. Where no sentence could change what is decided, none is
embedded, and the fit of the best hit as a whole stands for it.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from app.messages import Queries
from app.retrieval.confidence import confidence
from app.retrieval.signals import Signals, best_cosine, signals, telling_sentences
from app.retrieval.vector import vector_of
from app.retrieval.weights import can_compare, reads
from ingest.documents import Hit, Principal
from ingest.embedding import Embedder


class Judge:
    """Measures hits with the model that found them."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    async def confidence(
        self,
        principal: Principal,
        queries: Queries,
        hits: Sequence[Hit],
        *,
        least: float | None,
    ) -> float:
        """Return how likely `hits`, at least one, hold an answer, in [0, 1].

        Args:
            principal: Who asks.
            queries: What was searched for, at least one text.
            hits: Everything the search returned, best first.
            least: What the confidence is compared with. On which side of it the
                result lies is exact; how far from it may be estimated. None for the
                exact figure.

        Raises:
            ModelUnusable: The embedding model fails.
        """
        known = self._known(queries, hits)
        if least is not None:
            # As the best chunk fits, so does usually its best sentence.
            fits = (0.0, max(2 * known.similarity, 0.0), 1.0)
            lowest, usual, highest = (confidence(_with(known, fit)) for fit in fits)
            if lowest >= least or highest < least:
                return usual
        return confidence(await self._exact(principal, queries, hits, known))

    async def signals(
        self, principal: Principal, queries: Queries, hits: Sequence[Hit]
    ) -> Signals:
        """Measure how well `hits`, at least one, fit what was asked.

        Raises:
            ModelUnusable: The embedding model fails.
        """
        return await self._exact(principal, queries, hits, self._known(queries, hits))

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

    async def _exact(
        self,
        principal: Principal,
        queries: Queries,
        hits: Sequence[Hit],
        known: Signals,
    ) -> Signals:
        """Return `known` with how well a sentence of the best hit fits."""
        if known.unread:
            return known
        texts = telling_sentences(queries, hits[0])
        if not texts:
            return known
        # The question's vector was made for the search and is remembered.
        vector = await vector_of(principal, queries, self._embedder)
        vectors = await self._embedder.embed_sentences(principal, texts)
        return _with(known, best_cosine(vector, vectors))


def _with(known: Signals, sentence: float) -> Signals:
    """Return signals with the best cosine of a sentence, as `signals` counts it."""
    if known.unread:
        return known
    return replace(known, similarity=known.similarity + sentence / 2)
