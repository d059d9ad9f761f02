"""The fast road finds what sentence-transformers in fp32 finds: figures side by side."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ingest.documents import Chunk
from ingest.embedding import Embedder, open_embedder
from ingest.embedding.folder import open_folder
from ingest.embedding.sentence import SentenceEmbedder
from ingest.embedding.stamps import Stamps
from ingest.settings import EmbeddingSettings
from tests.benchmarks.corpora import help_centre
from tests.benchmarks.figures import Figure, Part, main
from tests.command import ROOT
from tests.quality import roads
from tests.quality.labelled import Question, by_document, load_sets

_MOVED = 0.005
_FEW = 60
"""Questions of a quick run."""


def measure(home: Path, *, quick: bool) -> Part:
    """Rank the chunks of a help centre with vectors of both, all else the same."""
    corpus = help_centre()
    sets = {one.name: one for one in load_sets(corpus.folder.parents[1], home)}
    if corpus.name not in sets:
        note = f"Not measured: {corpus.name} is no labelled set; SETS names a folder."
        return Part(title="Quality", figures=(), notes=(note,))
    asked, place = sets[corpus.name], home / "quality"
    roads.ingest(asked.documents, place)
    chunks = asyncio.run(roads.retrieve(place, asked)).chunks
    questions = asked.questions[:_FEW] if quick else asked.questions
    settings = EmbeddingSettings(cache=str(ROOT / "data" / "models"))
    original = SentenceEmbedder(
        open_folder(settings, stamps=Stamps(Path(settings.cache))), settings
    )
    fast = open_embedder(settings)
    original.languages = fast.languages
    ours, theirs = (_found(questions, chunks, e) for e in (fast, original))
    return Part(
        title="Quality",
        figures=tuple(
            Figure(
                what=f"{name} moved by the fast road, {corpus.name}",
                unit="",
                ours=abs(one - other),
                asked=_MOVED,
                note=f"{one:.4f} against {other:.4f} with sentence-transformers fp32",
            )
            for name, one, other in zip(("R@5", "nDCG@10"), ours, theirs, strict=True)
        ),
        notes=(
            f"{len(questions)} questions over {len(chunks):,} chunks, ranked in arrays.",
        ),
    )


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
