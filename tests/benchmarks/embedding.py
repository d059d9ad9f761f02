"""Chunks a second on one core, beside sentence-transformers at its best."""

import asyncio
import os
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ingest.documents import Chunk, Principal, Vectors, embedded_text
from ingest.embedding import open_embedder
from ingest.embedding.graph import precisions
from ingest.index import open_index
from ingest.settings import EmbeddingSettings, IndexSettings
from tests.benchmarks import afternoon
from tests.benchmarks.corpora import Corpus, help_centre, ingested, sample
from tests.benchmarks.figures import Figure, Line, Part, Plot, in_turn, main, paired
from tests.command import ROOT

_BATCHES = (1, 2, 4, 8, 16, 32, 64)
_BASELINE = "sentence-transformers fp32"


def measure(home: Path, *, quick: bool) -> Part:
    """Embed in turn, on one core, chunks of both corpora."""
    # Before torch and OpenVINO count the processors.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    model = afternoon.load_model()
    cache = str(ROOT / "data" / "models")

    def theirs(texts: Sequence[str], batch: int) -> Vectors:
        # It sorts by length itself.
        vectors: Vectors = model.encode(
            list(texts), batch_size=batch, normalize_embeddings=True
        )
        return vectors

    def ours(texts: Sequence[str], batch: int) -> Vectors:
        settings = EmbeddingSettings(cache=cache, threads=1, batch=batch)
        return open_embedder(settings).embed_passages(texts)

    usual = open_embedder(EmbeddingSettings(cache=cache, threads=1))
    count = 48 if quick else 200
    figures: list[Figure] = []
    speeds: list[tuple[float, float]] = []
    for corpus in (sample(), help_centre()):
        texts = _some(_texts(corpus, home), count)
        if not speeds:
            few = texts[: count // 2]
            speeds = [(float(b), _speed(theirs, few, b)) for b in _BATCHES]
        best = int(max(speeds, key=lambda point: point[1])[0])
        own, other = in_turn(
            (
                lambda texts=texts: _rate(usual.embed_passages, texts),  # type: ignore[misc]
                lambda texts=texts, best=best: _speed(theirs, texts, best),  # type: ignore[misc]
            ),
            rounds=1 if quick else 3,
        )
        middle, beside, low, high = paired(own, other)
        figures.append(
            Figure(
                what=f"embedding on one core, chunks of {corpus.name}",
                unit="chunks/s",
                ours=middle,
                baseline=f"{_BASELINE}, its best batch ({best}), sorted",
                theirs=beside,
                asked=4.0 if "bf16" in precisions() else 2.2,
                most=False,
                low=low,
                high=high,
                note=f"{len(texts)} chunks chosen at random",
            )
        )
        differ = np.sum(usual.embed_passages(texts) * theirs(texts, best), axis=1)
    figures.append(
        Figure(
            what="least cosine to sentence-transformers",
            unit="",
            ours=float(np.min(differ)),
            asked=0.9995,
            most=False,
        )
    )
    own_speeds = [(float(b), _speed(ours, few, b)) for b in _BATCHES]
    return Part(
        title="Embedding",
        figures=tuple(figures),
        plots=(
            Plot(
                name="throughput-by-batch",
                title="Chunks a second on one core by batch",
                across="texts in a batch",
                up="chunks/s",
                lines=(
                    Line("frontdesk", tuple(own_speeds)),
                    Line(_BASELINE, tuple(speeds)),
                ),
                powers=True,
            ),
        ),
        notes=(
            (
                "The bound is that for processors with bf16 instructions where there are"
                " some, even where they turn out slower than fp32; the precision is"
                " chosen by trying both."
            ),
        ),
    )


def _speed(
    embed: Callable[[Sequence[str], int], Vectors], texts: Sequence[str], batch: int
) -> float:
    return _rate(lambda some: embed(some, batch), texts)


def _rate(embed: Callable[[Sequence[str]], Vectors], texts: Sequence[str]) -> float:
    """Return texts a second."""
    start = time.perf_counter()
    embed(texts)
    return len(texts) / (time.perf_counter() - start)


def _some(texts: Sequence[str], count: int) -> list[str]:
    return random.Random(1).sample(list(texts), min(count, len(texts)))


def _texts(corpus: Corpus, home: Path) -> list[str]:
    """Return what is embedded of the chunks of a corpus."""
    place = ingested(corpus, home)
    return [
        embedded_text(chunk.heading_path, chunk.title, chunk.text)
        for chunk in asyncio.run(chunks_of(place))
    ]


async def chunks_of(place: Path) -> list[Chunk]:
    """Return the chunks of the index under `place`."""
    index = await open_index(IndexSettings(url=f"file:{place / 'index'}"), None)
    principal = Principal(tenant="default", labels=("public",))
    found: list[Chunk] = []
    try:
        for stored in await index.documents(principal):
            found += await index.document(principal, stored.document_id)
    finally:
        await index.close()
    return found


if __name__ == "__main__":
    main(measure)
