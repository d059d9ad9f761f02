"""Ways from a question to ranked chunks: the product's, and others to compare with.

The product's own road is `retrieve`. The others (`Way`) rank the same chunks in arrays:
bare baselines as a good engineer would write them, and the product's own functions with
one part exchanged, to see what it is worth.
"""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

from app import metrics
from app.chat.question import queries
from app.messages import Filter, Message, Queries
from app.resources import Resources, open_resources
from app.retrieval.ordering import in_turns, length_of_documents, supported
from app.retrieval.weights import dense_weight
from app.settings import load_settings
from ingest.documents import Chunk, Hit, SparseVector, Vectors, embedded_text
from ingest.embedding import Embedder
from ingest.index.fusion import fuse
from ingest.keywords import passage_keywords, question_keywords
from ingest.leaning import leaning
from tests.command import environment, frontdesk
from tests.quality.bm25 import bm25, plain
from tests.quality.labelled import LabelledSet

DEPTH = 100
SHOWN = 50
"""Chunks of a ranking: enough that ten documents are among them."""

Scores = npt.NDArray[np.float64]


class Way(Struct, frozen=True, kw_only=True):
    """A way to rank chunks.

    Attributes:
        name: What people call it.
        dense: Vectors: "bare", "leaning" or "" for none.
        keywords: "plain" (BM25 over words), "own" or "" for none.
        weight: Share of the dense score; None for the product's rule, "rrf" to add
            reciprocal ranks instead.
        books: Long documents are taken for such.
        headings: Title and headings are a part of each chunk.
        turns: Chunks of one document before others, as the product does it ("own"),
            whatever the others score ("hard"), or "" for as many as there are.
    """

    name: str
    dense: str = "leaning"
    keywords: str = "own"
    weight: float | str | None = None
    books: bool = True
    headings: bool = True
    turns: str = "own"


BARE = {"books": False, "headings": False, "turns": ""}
BASELINES = (
    Way(name="BM25", dense="", keywords="plain", weight=0.0, **BARE),  # type: ignore[arg-type]
    Way(name="dense", dense="bare", keywords="", weight=1.0, **BARE),  # type: ignore[arg-type]
    Way(name="plain hybrid", dense="bare", keywords="plain", weight="rrf", **BARE),  # type: ignore[arg-type]
)
WHOLE = Way(name="all of it")
WITHOUT = (
    replace(WHOLE, name="reciprocal ranks instead of scores", weight="rrf"),
    replace(WHOLE, name="one weight for questions of any length", weight=0.6),
    replace(WHOLE, name="plain words instead of terms by language", keywords="plain"),
    replace(WHOLE, name="vectors that do not lean", dense="bare"),
    replace(WHOLE, name="no title and headings in the chunk", headings=False),
    replace(WHOLE, name="books treated like articles", books=False),
    replace(
        WHOLE,
        name="two chunks of a document, then others, whatever they score",
        turns="hard",
    ),
)


class Told(Struct, frozen=True, kw_only=True):
    """What the product found in a set.

    Attributes:
        ranked: Chunks for each question, best first.
        chunks: All chunks of the index, by document and position.
        milliseconds: Median of each stage of a question.
    """

    ranked: list[list[Chunk]]
    chunks: list[Chunk]
    milliseconds: dict[str, float]


def ingest(documents: Path, home: Path, **variables: str) -> None:
    """Bring the index under `home` in step with `documents`."""
    home.mkdir(parents=True, exist_ok=True)
    done = frontdesk(home, "ingest", str(documents), **variables)
    if done.returncode > 1:
        raise SystemExit(done.stderr)


async def retrieve(home: Path, asked: LabelledSet, **variables: str) -> Told:
    """Ask the index under `home` along the product's own road."""
    settings = load_settings(environment(home, **variables))
    async with open_resources(settings) as resources:
        ranked, stages = [], defaultdict(list)
        for question in asked.questions:
            with metrics.collect() as timed:
                found = await resources.retriever.retrieve(
                    resources.principal,
                    _queries(question.text),
                    limit=SHOWN,
                    filter=Filter(),
                )
            ranked.append([hit.chunk for hit in found.hits])
            for stage in timed:
                stages[stage.name].append(stage.seconds * 1000)
        return Told(
            ranked=ranked,
            chunks=await _chunks(resources),
            milliseconds={n: statistics.median(s) for n, s in stages.items()},
        )


class Arrays:
    """The chunks of a set and its questions, as arrays."""

    def __init__(
        self, chunks: list[Chunk], texts: Sequence[str], embedder: Embedder
    ) -> None:
        """Embed questions now, and chunks when a way asks for them."""
        self._chunks = chunks
        self._embedder = embedder
        self._queries = [_queries(text) for text in texts]
        self._asked = embedder.embed_passages(list(texts))
        self._vectors: dict[tuple[str, bool], Vectors] = {}
        self._keywords: dict[tuple[str, bool], Scores] = {}
        documents = len({chunk.document_id for chunk in chunks})
        self._books = length_of_documents(documents=documents, chunks=len(chunks))

    def rank(self, way: Way) -> list[list[Chunk]]:
        """Return the chunks for each question, best first."""
        dense = self._dense(way) if way.dense else None
        keywords = self._words(way) if way.keywords else None
        books = self._books if way.books else 0.0
        ranked = []
        for row, asked in enumerate(self._queries):
            weight = way.weight
            if weight is None:
                known = self._embedder.languages
                weight = dense_weight(known, asked, usual=0.6, books=books)
            two = [
                _best(found[row]) for found in (dense, keywords) if found is not None
            ]
            hits = self._hits(two, weight)
            if way.turns:
                hits = supported(hits[:SHOWN], books=books)
                hits = in_turns(hits, most=2) if way.turns == "own" else _hard(hits)
            ranked.append([hit.chunk for hit in hits[:SHOWN]])
        return ranked

    def _hits(
        self, two: list[list[tuple[str, float]]], weight: float | str
    ) -> list[Hit]:
        if len(two) == 1:
            fused = two[0]
        elif isinstance(weight, str):
            fused = _reciprocal(two)
        else:
            fused = fuse(two[0], two[1], weight=weight)
        return [Hit(chunk=self._chunks[int(i)], score=score) for i, score in fused]

    def _dense(self, way: Way) -> Scores:
        key = (way.dense, way.headings)
        if key not in self._vectors:
            bare = ("bare", way.headings)
            if bare not in self._vectors:
                texts = [_text(chunk, way.headings) for chunk in self._chunks]
                self._vectors[bare] = self._embedder.embed_passages(texts)
            if way.dense == "leaning":
                self._vectors[key] = self._leaning(self._vectors[bare])
        cosines: Scores = np.maximum(self._asked @ self._vectors[key].T, 0)
        return cosines

    def _leaning(self, vectors: Vectors) -> Vectors:
        leant = vectors.copy()
        documents: defaultdict[str, list[int]] = defaultdict(list)
        for number, chunk in enumerate(self._chunks):
            documents[chunk.document_id].append(number)
        for own in documents.values():
            leant[own] = leaning(vectors[own])
        return leant

    def _words(self, way: Way) -> Scores:
        key = (way.keywords, way.headings)
        if key not in self._keywords:
            texts = [_text(chunk, way.headings) for chunk in self._chunks]
            if way.keywords == "plain":
                told = bm25(texts)
                asked = [dict.fromkeys(plain(q.words[0]), 1.0) for q in self._queries]
            else:
                told = [
                    _of(passage_keywords(text, chunk.language))
                    for text, chunk in zip(texts, self._chunks, strict=True)
                ]
                asked = [
                    _of(question_keywords(q.words[0], q.language))
                    for q in self._queries
                ]
            self._keywords[key] = _scores(asked, told)
        return self._keywords[key]


def _scores(
    asked: Sequence[dict[str, float]], told: Sequence[dict[str, float]]
) -> Scores:
    """Return keyword scores, shape (questions, chunks), with the index's IDF."""
    holding: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, weights in enumerate(told):
        for term, weight in weights.items():
            holding[term].append((number, weight))
    scores = np.zeros((len(asked), len(told)))
    for row, weights in enumerate(asked):
        for term, weight in weights.items():
            found = holding.get(term, [])
            rarity = math.log(1 + (len(told) - len(found) + 0.5) / (len(found) + 0.5))
            for number, said in found:
                scores[row, number] += weight * said * rarity
    return scores


def _best(scores: npt.NDArray[np.floating]) -> list[tuple[str, float]]:
    order = np.argsort(-scores, kind="stable")[:DEPTH]
    return [(str(i), float(scores[i])) for i in order if scores[i] > 0]


def _reciprocal(
    rankings: Sequence[Sequence[tuple[str, float]]],
) -> list[tuple[str, float]]:
    """Return reciprocal rank fusion with the usual k of 60."""
    scores: defaultdict[str, float] = defaultdict(float)
    for ranking in rankings:
        for rank, (id_, _) in enumerate(ranking, start=1):
            scores[id_] += 1 / (60 + rank)
    return sorted(scores.items(), key=lambda item: -item[1])


def _hard(hits: Sequence[Hit]) -> list[Hit]:
    """Return two chunks of each document before any third."""
    before: Counter[str] = Counter()
    ranks = []
    for hit in hits:
        ranks.append(before[hit.chunk.document_id] >= 2)
        before[hit.chunk.document_id] += 1
    return [h for _, h in sorted(zip(ranks, hits, strict=True), key=lambda two: two[0])]


def _of(vector: SparseVector) -> dict[str, float]:
    return dict(zip(map(str, vector.indices), vector.values, strict=True))


def _text(chunk: Chunk, headings: bool) -> str:
    if not headings:
        return embedded_text((), "", chunk.text)
    return embedded_text(chunk.heading_path, chunk.title, chunk.text)


def _queries(text: str) -> Queries:
    return queries([Message(role="user", content=text)])


async def _chunks(resources: Resources) -> list[Chunk]:
    principal, index = resources.principal, resources.index
    found: list[Chunk] = []
    for stored in await index.documents(principal):
        found += await index.document(principal, stored.document_id)
    return found
