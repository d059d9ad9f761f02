"""The fast road finds what sentence-transformers in fp32 finds: figures side by side."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from app.evaluation.golden import Golden
from ingest.documents import Chunk
from ingest.embedding import Embedder, open_embedder
from ingest.embedding.folder import open_folder
from ingest.embedding.sentence import SentenceEmbedder
from ingest.embedding.stamps import Stamps
from ingest.settings import EmbeddingSettings
from tests.benchmarks.corpora import help_centre
from tests.benchmarks.embedding import chunks_of
from tests.benchmarks.figures import Figure, Part, main
from tests.command import ROOT
from tests.quality import roads
from tests.quality.golden import SAMPLE, load_golden
from tests.quality.labelled import Question, by_document, load_sets

_MOVED = 0.005
_NAMES = ("R@5", "nDCG@10")
_FEW = 60
"""Questions of a quick run."""


def measure(home: Path, *, quick: bool) -> Part:
    """Rank the chunks of two help centres with vectors of both, all else the same."""
    settings = EmbeddingSettings(cache=str(ROOT / "data" / "models"))
    original = SentenceEmbedder(
        open_folder(settings, stamps=Stamps(Path(settings.cache))), settings
    )
    fast = open_embedder(settings)
    original.languages = fast.languages
    in_int8 = open_embedder(replace(settings, precision="int8"))
    moved, note = _moved(home, (fast, original, in_int8), quick=quick)
    figure, told = _sample(home, (fast, original))
    return Part(title="Quality", figures=(*moved, figure), notes=(note, told))


def _moved(
    home: Path, embedders: Sequence[Embedder], *, quick: bool
) -> tuple[tuple[Figure, ...], str]:
    """Measure the help centre of the labelled sets, if it is there."""
    corpus = help_centre()
    sets = {one.name: one for one in load_sets(corpus.folder.parents[1], home)}
    if corpus.name not in sets:
        return (
            (),
            f"Not measured: {corpus.name} is no labelled set; SETS names a folder.",
        )
    asked, place = sets[corpus.name], home / "quality"
    roads.ingest(asked.documents, place)
    chunks = asyncio.run(chunks_of(place))
    questions = asked.questions[:_FEW] if quick else asked.questions
    ours, theirs, rounded = (_found(questions, chunks, e) for e in embedders)
    figures = tuple(
        Figure(
            what=f"{name} moved by the fast road, {corpus.name}",
            unit="",
            ours=abs(one - other),
            asked=_MOVED,
            note=f"{one:.4f} against {other:.4f} with sentence-transformers fp32",
        )
        for name, one, other in zip(_NAMES, ours, theirs, strict=True)
    )
    lost = tuple(
        Figure(
            what=f"{name} lost in int8, {corpus.name}",
            unit="",
            ours=one - other,
            note=f"{other:.4f} with EMBEDDING_PRECISION=int8",
        )
        for name, one, other in zip(_NAMES, ours, rounded, strict=True)
    )
    return figures + lost, (
        f"{corpus.name}: {len(questions)} questions over {len(chunks):,} chunks,"
        " ranked in arrays."
    )


def _sample(home: Path, embedders: Sequence[Embedder]) -> tuple[Figure, str]:
    """Measure the sample's golden questions, which are few enough for a quick run."""
    place = home / "quality-sample"
    roads.ingest(ROOT / "data" / "documents", place)
    chunks = asyncio.run(chunks_of(place))
    asked = [golden for golden in load_golden(SAMPLE) if golden.documents]
    ours, theirs = (_right(asked, chunks, embedder) for embedder in embedders)
    differ = sum(one != other for one, other in zip(ours, theirs, strict=True))
    figure = Figure(
        what="right document among 5, moved by the fast road, sample",
        unit="",
        ours=abs(sum(ours) - sum(theirs)) / len(asked),
        asked=_MOVED,
        note=(
            f"{sum(ours)} of {len(asked)} questions against {sum(theirs)} with"
            f" sentence-transformers fp32; {differ} differ, and one is"
            f" {1 / len(asked):.4f}"
        ),
    )
    note = (
        f"The sample: {len(asked)} golden questions over {len(chunks):,} chunks, ranked"
        " in arrays; follow-ups as they were rewritten to stand alone."
    )
    return figure, note


def _right(
    asked: Sequence[Golden], chunks: list[Chunk], embedder: Embedder
) -> list[bool]:
    """Return for each question whether a right document is among five."""
    texts = [golden.standalone or golden.asked for golden in asked]
    ranked = roads.Arrays(chunks, texts, embedder).rank(roads.WHOLE)
    return [
        not set(golden.documents).isdisjoint(
            list(dict.fromkeys(c.path for c in one))[:5]
        )
        for golden, one in zip(asked, ranked, strict=True)
    ]


def _found(
    questions: Sequence[Question],
    chunks: list[Chunk],
    embedder: Embedder,
) -> tuple[float, float]:
    """Return R@5 and nDCG@10 of the product's own way of ranking."""
    arrays = roads.Arrays(chunks, [one.text for one in questions], embedder)
    told = [
        by_document(list(dict.fromkeys(Path(c.path).stem for c in ranked)), question)
        for question, ranked in zip(questions, arrays.rank(roads.WHOLE), strict=True)
    ]
    recall, ndcg = np.mean(told, axis=0)
    return float(recall), float(ndcg)


if __name__ == "__main__":
    main(measure)
