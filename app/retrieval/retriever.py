"""Queries to findings: embed, search once, drop what stands there twice, judge."""

import re
import unicodedata
from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from app import metrics
from app.errors import RetrievalUnavailable
from app.messages import Filter, Findings, Queries
from app.retrieval.confidence import confidence
from app.retrieval.signals import Signals, best_cosine, signals, telling_sentences
from app.settings import RetrievalSettings
from ingest.documents import Hit, Principal, SparseVector, Vector
from ingest.embedding import Embedder
from ingest.errors import IndexUnusable, ModelUnusable
from ingest.index import IndexReader
from ingest.index.base import IndexQuery
from ingest.keywords import question_keywords

_SPARE = 14
"""Hits fetched beyond those wanted, for what stands there twice."""

_JUDGED = 30
"""Hits fetched at least: the confidence looks at more than is offered."""

_FOLLOW_UP_WEIGHT = 0.7
"""Share of the dense score where the keywords name only half of the subject."""

_UNKNOWN_SCRIPT_WEIGHT = 0.1
"""Share of the dense score in a script the embedding model never learned."""

_ENGLISH_MODELS = re.compile(r"^(all-minilm|all-mpnet|msmarco|multi-qa)|-en(-|$)")
"""Names of embedding models that were trained on English alone."""

_CROWDING = 0.08
"""Score that a hit loses for each better hit of its document.

Measured: the right document among five hits +2 %, facts among six -1 %.
"""

_LENGTHS = 4096
"""Documents whose length is remembered."""


class Retriever:
    """Reads the index on behalf of a question."""

    def __init__(
        self,
        *,
        index: IndexReader,
        embedder: Embedder,
        settings: RetrievalSettings,
        fusion_weight: float,
    ) -> None:
        """Read `index` with the model it was built with.

        Args:
            index: What is searched.
            embedder: Turns questions into vectors.
            settings: How deep and how many.
            fusion_weight: Usual share of the dense score in a hit's score.
        """
        self._index = index
        self._embedder = embedder
        self._settings = settings
        self._fusion_weight = fusion_weight
        self._lengths: OrderedDict[tuple[str, Principal], int] = OrderedDict()

    async def retrieve(
        self,
        principal: Principal,
        queries: Queries,
        *,
        limit: int,
        filter: Filter,  # noqa: A002 - the API's own word
    ) -> Findings:
        """Return at most `limit` hits, best first, and how far they can be trusted.

        Raises:
            RetrievalUnavailable: The index or the embedding model cannot be used.
        """
        try:
            if not queries.texts:
                return _findings([], 0.0, queries, self._index.edition.name)
            with metrics.stage("embed"):
                vector = await self._embed(queries)
            with metrics.stage("search"):
                query = self._query(queries, vector, limit, filter)
                found = await self._index.search(principal, query)
                edition = self._index.edition
            with metrics.stage("judge"):
                hits = spread(once(found))
                shown = in_turns(hits, most=self._settings.per_document)
                sure = 0.0
                if shown:
                    sure = confidence(await self.signals(queries, shown))
            return _findings(shown[:limit], sure, queries, edition.name)
        except (IndexUnusable, ModelUnusable) as error:
            raise RetrievalUnavailable(str(error)) from error

    async def signals(self, queries: Queries, hits: Sequence[Hit]) -> Signals:
        """Measure how well `hits`, at least one, fit what was asked.

        Raises:
            ModelUnusable: The embedding model fails.
        """
        readable, sentence = self._reads(queries.words[0]), 0.0
        texts = telling_sentences(queries, hits[0]) if readable else []
        if texts:
            # The question's vector was made for the search and is remembered.
            vector = await self._embed(queries)
            sentence = best_cosine(vector, await self._embedder.embed_queries(texts))
        return signals(queries, hits, readable=readable, sentence=sentence)

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
        key = (hit.chunk.document_digest, principal)
        if key in self._lengths:
            self._lengths.move_to_end(key)
            return self._lengths[key]
        try:
            chunks = await self._index.document(principal, hit.chunk.document_id)
        except IndexUnusable:
            return hit.chunk.end
        self._lengths[key] = max((c.end for c in chunks), default=hit.chunk.end)
        if len(self._lengths) > _LENGTHS:
            self._lengths.popitem(last=False)
        return self._lengths[key]

    async def _embed(self, queries: Queries) -> Vector:
        if len(queries.texts) == 1:
            return await self._embedder.embed_query(queries.texts[0][0])
        vectors = await self._embedder.embed_queries(queries.words)
        shares = np.array([share for _, share in queries.texts], np.float32)
        vector: Vector = shares @ vectors
        return vector / max(float(np.linalg.norm(vector)), 1e-9)

    def _query(
        self, queries: Queries, vector: Vector, limit: int, within: Filter
    ) -> IndexQuery:
        return IndexQuery(
            vector=vector,
            keywords=weighted_keywords(queries),
            fetch=max(self._settings.fetch, limit),
            keep=max(limit + _SPARE, _JUDGED),
            weight=self._weight(queries),
            path_prefix=within.path,
            languages=within.language,
            documents=within.document,
        )

    def _reads(self, text: str) -> bool:
        """Return whether the embedding model can read the script of `text`."""
        english = _ENGLISH_MODELS.search(self._embedder.name.lower())
        return not english or is_latin(text)

    def _weight(self, queries: Queries) -> float:
        if not self._reads(queries.words[0]):
            return min(self._fusion_weight, _UNKNOWN_SCRIPT_WEIGHT)
        return _FOLLOW_UP_WEIGHT if queries.follow_up else self._fusion_weight


def weighted_keywords(queries: Queries) -> SparseVector:
    """Return the terms of all texts of `queries`; the first text with a term counts."""
    weights: dict[int, float] = {}
    for text, weight in queries.keywords:
        found = question_keywords(text, queries.language)
        for index, value in zip(found.indices, found.values, strict=True):
            weights.setdefault(index, value * weight)
    order = sorted(weights)
    return SparseVector(tuple(order), tuple(weights[index] for index in order))


def is_latin(text: str) -> bool:
    """Return whether most letters of `text` are Latin, or it has none."""
    letters = [character for character in text if character.isalpha()]
    latin = sum(ord(character) < 0x250 for character in letters)
    return 2 * latin >= len(letters)


def once(hits: Iterable[Hit]) -> list[Hit]:
    """Return `hits` without those whose text stands in a better one already.

    Case, blanks and signs make no difference: what reads the same is the same.
    """
    seen: set[str] = set()
    kept: list[Hit] = []
    for hit in hits:
        text = unicodedata.normalize("NFKC", hit.chunk.text).casefold()
        same = {hit.chunk.digest, re.sub(r"[\W_]+", "", text) or text}
        if seen.isdisjoint(same):
            kept.append(hit)
        seen |= same
    return kept


def spread(hits: Sequence[Hit]) -> list[Hit]:
    """Return `hits` with those of one document a little apart from each other.

    Each better hit of its document takes `_CROWDING` from a hit's score, so that
    one long document does not fill the first places alone.
    """
    before: Counter[str] = Counter()
    lowered = []
    for hit in hits:
        document = hit.chunk.document_id
        score = max(hit.score - _CROWDING * before[document], 0.0)
        lowered.append(msgspec.structs.replace(hit, score=score))
        before[document] += 1
    return sorted(lowered, key=lambda hit: -hit.score)


def in_turns(hits: Sequence[Hit], *, most: int) -> list[Hit]:
    """Return `hits` with at most `most` of a document before others get their turn.

    What steps back takes the score of the hit it now follows, if its own is higher.
    """
    before: Counter[str] = Counter()
    first: list[Hit] = []
    later: list[Hit] = []
    for hit in hits:
        document = hit.chunk.document_id
        (first if before[document] < most else later).append(hit)
        before[document] += 1
    least = first[-1].score if first else 0.0
    return first + [
        msgspec.structs.replace(hit, score=min(hit.score, least)) for hit in later
    ]


def _findings(
    hits: Sequence[Hit], sure: float, queries: Queries, edition: str
) -> Findings:
    return Findings(
        hits=tuple(hits), confidence=sure, queries=queries.words, edition=edition
    )
