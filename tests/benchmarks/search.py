"""Searching: one question beside the afternoon's way, and growth with the index."""

import asyncio
import gc
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from qdrant_client import QdrantClient
from qdrant_client.models import Distance, PointStruct, VectorParams

from ingest.documents import Principal, SparseVector, Vector
from ingest.embedding import open_embedder
from ingest.index import IndexQuery, IndexReader, edit_index, open_index
from ingest.keywords import question_keywords
from ingest.settings import EmbeddingSettings, IndexSettings
from tests.benchmarks import afternoon, synthetic
from tests.benchmarks.corpora import help_centre
from tests.benchmarks.figures import Figure, Line, Part, Plot, in_turn, main, paired
from tests.benchmarks.processes import memory
from tests.command import ROOT

_EVERYBODY = Principal(tenant="default", labels=("public",))
_NONE = SparseVector((), ())
_ASKED = 200


def measure(home: Path, *, quick: bool) -> Part:
    """Search indexes of several sizes."""
    usual = "1000,20000" if quick else "1000,20000,100000"
    # More than these take longer to build than all else takes to be measured.
    sizes = tuple(map(int, os.environ.get("INDEX_SIZES", usual).split(",")))
    grown = [asyncio.run(_grown(home, size)) for size in sizes]
    figures = [_one_question(home)]
    figures += [row for rows, _, _ in grown for row in rows]
    first, last = grown[0][1], grown[-1][1]
    figures.append(
        Figure(
            what=f"growth of search p50 from {sizes[0]:,} to {sizes[-1]:,} chunks",
            unit="times",
            ours=last / first,
            baseline="growth of the index",
            theirs=sizes[-1] / sizes[0],
            asked=1.0,
        )
    )
    figures.append(asyncio.run(_lag(home, sizes[-1])))
    return Part(
        title="Search",
        figures=tuple(figures),
        plots=(
            _plot("latency", "milliseconds, p50", sizes, [p50 for _, p50, _ in grown]),
            _plot("memory", "MB", sizes, [held for _, _, held in grown]),
        ),
        notes=(
            "Texts are made up; vectors lie in 500 clusters, as those of topics do.",
            (
                "Memory is what service and search process hold more once the index is"
                f" open, and once it was asked {_ASKED} questions: by then most of the"
                " vectors' file is mapped, pages that the system may take back."
            ),
        ),
    )


def _one_question(home: Path) -> Figure:
    """Embed and search one question after the other, in turn with local mode."""
    count, texts = 20_000, help_centre().questions[:_ASKED]
    settings, _ = synthetic.index_of(home, count)
    embedder = open_embedder(EmbeddingSettings(cache=str(ROOT / "data" / "models")))
    model = afternoon.load_model()
    client = QdrantClient(":memory:")
    client.create_collection(
        "all", vectors_config=VectorParams(size=384, distance=Distance.COSINE)
    )
    vectors = synthetic.vectors_of(count)
    client.upload_points(
        "all",
        [
            PointStruct(id=i, vector=vector.tolist(), payload={"text": "…"})
            for i, vector in enumerate(vectors)
        ],
    )
    with asyncio.Runner() as runner:
        index = runner.run(open_index(settings, None))

        def ours() -> float:
            def one(text: str) -> None:
                (vector,) = embedder.embed_passages([text])
                runner.run(index.search(_EVERYBODY, _query(vector, text)))

            return _median(one)

        def theirs() -> float:
            def one(text: str) -> None:
                vector = model.encode(text, normalize_embeddings=True)
                client.query_points("all", query=vector.tolist(), limit=6)

            return _median(one)

        def _median(one: Callable[[str], None]) -> float:
            taken = []
            for text in texts:
                start = time.perf_counter()
                one(text)
                taken.append(time.perf_counter() - start)
            return float(np.median(taken)) * 1000

        own, other = in_turn((ours, theirs), rounds=2)
        runner.run(index.close())
    middle, beside, low, high = paired(own, other)
    return Figure(
        what="embed + search of one question at 20,000 chunks, p50",
        unit="ms",
        ours=middle,
        baseline="sentence-transformers + qdrant-client's local mode, vectors only",
        theirs=beside,
        asked=1 / 10,
        low=low,
        high=high,
        note="ours searches vectors and keywords, theirs vectors alone",
    )


async def _grown(home: Path, size: int) -> tuple[list[Figure], float, float]:
    """Return figures, the p50 in milliseconds and the memory in MB at a size."""
    settings, publishing = await asyncio.to_thread(synthetic.index_of, home, size)
    gc.collect()
    before = memory(os.getpid())
    index = await open_index(settings, None)
    opened = memory(os.getpid()) - before
    questions = synthetic.asked(_ASKED)
    taken = []
    for vector in questions:
        start = time.perf_counter()
        await index.search(_EVERYBODY, _query(vector, "w1 w27 w350 w4000"))
        taken.append((time.perf_counter() - start) * 1000)
    held = memory(os.getpid()) - before
    recall = await _recall(index, size)
    await index.close()
    p50, p95 = float(np.median(taken)), float(np.quantile(taken, 0.95))
    figures = [
        Figure(what=f"search at {size:,} chunks, p50", unit="ms", ours=p50),
        Figure(what=f"search at {size:,} chunks, p95", unit="ms", ours=p95),
        Figure(
            what=f"recall@10 against exact at {size:,} chunks", unit="",
            ours=recall, asked=0.97, most=False,
        ),
        Figure(
            what=f"memory a chunk at {size:,} chunks, opened", unit="KB",
            ours=opened / size / 1024,
        ),
        Figure(
            what=f"memory a chunk at {size:,} chunks, searched", unit="KB",
            ours=held / size / 1024, asked=2.5 if size >= 100_000 else None,
        ),
    ]  # fmt: skip
    if publishing:
        what = f"publishing {size:,} chunks"
        figures.append(Figure(what=what, unit="s", ours=publishing))
    return figures, p50, held / 1e6


async def _recall(index: IndexReader, size: int) -> float:
    """Return the share of the ten nearest chunks that a search by vector finds."""
    vectors, found = synthetic.vectors_of(size), 0
    ids = [chunk.id for _, chunks in synthetic.documents(size) for chunk in chunks]
    for vector in synthetic.asked(50):
        nearest = {ids[i] for i in np.argsort(-(vectors @ vector))[:10]}
        query = IndexQuery(vector=vector, keywords=_NONE, fetch=10, keep=10, weight=1)
        hits = await index.search(_EVERYBODY, query)
        found += len(nearest & {hit.chunk.id for hit in hits})
    return found / 500


async def _lag(home: Path, size: int) -> Figure:
    """Measure how long the loop stands still while another edition is opened."""
    # An index of its own: it is changed, and the others are compared with what they were.
    settings, _ = await asyncio.to_thread(synthetic.index_of, home / "changing", size)
    index = await open_index(settings, None)
    before = index.edition.name
    late: list[float] = []
    beating = asyncio.create_task(_beat(late))
    publishing = asyncio.create_task(_publish_elsewhere(settings, size))
    questions = synthetic.asked(_ASKED)
    for number in range(20_000):
        vector = questions[number % _ASKED]
        await index.search(_EVERYBODY, _query(vector, "w1 w27 w350"))
        await asyncio.sleep(0.01)
        if publishing.done() and index.edition.name != before:
            break
    await publishing
    beating.cancel()
    await index.close()
    return Figure(
        what=f"longest stop of the event loop at {size:,} chunks, a new edition opened",
        unit="ms",
        ours=max(late),
        asked=20.0,
        note=f"99 of 100 stops are below {np.quantile(late, 0.99):.1f} ms",
    )


async def _beat(late: list[float]) -> None:
    while True:
        due = time.perf_counter() + 0.005
        await asyncio.sleep(0.005)
        late.append((time.perf_counter() - due) * 1000)


async def _publish_elsewhere(settings: IndexSettings, size: int) -> None:
    """Publish an edition with one document changed, from another process."""
    code = (
        "import asyncio, sys; from tests.benchmarks.search import change;"
        " asyncio.run(change(sys.argv[1], int(sys.argv[2])))"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, settings.url, str(size), cwd=ROOT,
    )  # fmt: skip
    assert await process.wait() == 0


async def change(url: str, size: int) -> None:
    """Write one document of the synthetic index anew, and publish."""
    settings = IndexSettings(url=url)
    writer = await edit_index(settings, synthetic.FINGERPRINT)
    document, chunks = next(synthetic.documents(size))
    vectors = np.roll(synthetic.vectors_of(size)[: len(chunks)], 1, axis=0)
    await writer.replace(document, chunks, vectors)
    await synthetic.published(writer)


def _query(vector: Vector, text: str) -> IndexQuery:
    return IndexQuery(vector=vector, keywords=question_keywords(text, "en"), keep=30)


def _plot(name: str, up: str, sizes: tuple[int, ...], values: list[float]) -> Plot:
    points = tuple((float(size), v) for size, v in zip(sizes, values, strict=True))
    return Plot(
        name=f"{name}-by-index-size",
        title=f"{name.capitalize()} by index size",
        across="chunks",
        up=up,
        lines=(Line("frontdesk", points),),
        powers=True,
    )


if __name__ == "__main__":
    main(measure)
