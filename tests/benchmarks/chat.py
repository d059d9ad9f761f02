"""End-to-end chat: what the service adds to the upstream, and what a request takes."""

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from msgspec import Struct

from app.load.runs import Run, Spread
from ingest.documents import Principal
from ingest.embedding import Embedder, open_embedder
from ingest.index import IndexQuery, open_index
from ingest.keywords import question_keywords
from ingest.settings import EmbeddingSettings, IndexSettings
from tests.benchmarks import serving
from tests.benchmarks.corpora import Corpus, help_centre, ingested, stored
from tests.benchmarks.figures import Figure, Line, Part, Plot, main
from tests.benchmarks.processes import cpu_seconds, memory
from tests.command import ROOT

_AFTERNOON = "the afternoon version"
_WARM = 48
"""Requests before each run that are not counted."""


class Bare(Struct, frozen=True):
    """Embedding and searching alone, one question after the other.

    Attributes:
        p50: Milliseconds of a question, the median.
        p95: What 95 of 100 questions stay below.
        cpu: Milliseconds of processor time of a question, on average.
    """

    p50: float
    p95: float
    cpu: float


class Loaded(Struct, frozen=True):
    """A run, and what it took of the service.

    Attributes:
        run: What the callers saw.
        cpu: Milliseconds of processor time a request.
        memory: Bytes held when it was over.
    """

    run: Run
    cpu: float
    memory: float


def measure(home: Path, *, quick: bool) -> Part:
    """Measure the chat road from one caller to saturation."""
    corpus = help_centre()
    texts = corpus.questions
    few = serving.write_questions(home / "few.txt", texts, 60 if quick else 300)
    many = serving.write_questions(home / "many.txt", texts, 200 if quick else 960)
    place, store = ingested(corpus, home), stored(corpus, home)
    bare = asyncio.run(_bare(place, few.read_text("utf-8").splitlines()))
    figures = _one_caller(place, few, bare)
    figures += _many_callers(place, store, many)
    figures += _saturation(place, many, bare)
    lines = () if quick else _by_concurrency(place, store, many)
    plot = Plot(
        name="latency-by-concurrency",
        title="Added time to first token by callers",
        across="callers",
        up="milliseconds added, p95",
        lines=lines,
        powers=True,
    )
    return Part(
        title="Chat, end to end",
        figures=tuple(figures),
        plots=(plot,) if lines else (),
        notes=_notes(corpus, bare),
    )


def _one_caller(place: Path, questions: Path, bare: Bare) -> list[Figure]:
    """Measure what the service adds for one caller, in turn with asking directly."""
    count = len(questions.read_text("utf-8").splitlines())
    added: list[tuple[float, float]] = []
    with (
        serving.upstream(first_byte=0, gap=0, pieces=5) as upstream,
        serving.ours(place, upstream) as service,
    ):
        for _ in range(2):
            direct = serving.load(upstream, questions, callers=1, requests=count)
            through = serving.load(
                service.address, questions, callers=1, requests=count
            )
            added.append(_added(through, direct))
    # The first round fills the caches of questions that the second asks again.
    p50, p95 = added[0]
    what = "added time to first token, one caller, distinct questions"
    return [
        Figure(
            what=f"{what}, {share}", unit="ms", ours=value,
            baseline="bare embed + search", theirs=alone, asked=1.3,
        )
        for share, value, alone in (("p50", p50, bare.p50), ("p95", p95, bare.p95))
    ] + [
        Figure(what="the same, every question asked before, p50", unit="ms", ours=added[1][0])
    ]  # fmt: skip


def _many_callers(place: Path, store: Path, questions: Path) -> list[Figure]:
    """Measure 32 callers: what both services add and take."""
    count = len(questions.read_text("utf-8").splitlines())
    with serving.upstream(first_byte=50, gap=5, pieces=100) as upstream:
        direct = serving.load(upstream, questions, callers=32, requests=count // 2)
        with serving.ours(place, upstream) as service:
            own = _loaded(service, questions, callers=32, requests=count)
        with serving.afternoon(store, upstream) as other:
            theirs = _loaded(other, questions, callers=32, requests=count // 3)
    figures = [
        Figure(
            what=f"added time to first token, 32 callers, {share}", unit="ms",
            ours=ours, baseline=_AFTERNOON, theirs=other_, asked=1 / 12,
        )
        for share, ours, other_ in zip(
            ("p50", "p95"), _added(own.run, direct), _added(theirs.run, direct),
            strict=True,
        )
    ]  # fmt: skip
    return [
        *figures,
        Figure(
            what="processor time a request, 100 pieces", unit="ms", ours=own.cpu,
            baseline=_AFTERNOON, theirs=theirs.cpu, asked=1 / 4,
        ),
        Figure(
            what="memory of the service under it", unit="MB", ours=own.memory / 1e6,
            baseline=_AFTERNOON, theirs=theirs.memory / 1e6, asked=1 / 2,
        ),
    ]  # fmt: skip


def _saturation(place: Path, questions: Path, bare: Bare) -> list[Figure]:
    """Measure how many requests a core answers when the upstream takes no time."""
    count = len(questions.read_text("utf-8").splitlines())
    with (
        serving.upstream(first_byte=0, gap=0, pieces=5) as upstream,
        serving.ours(place, upstream) as service,
    ):
        full = _loaded(service, questions, callers=32, requests=count)
    return [
        Figure(
            what="chat with retrieval at saturation, a core", unit="requests/s",
            ours=1000 / full.cpu, baseline="bare embed + search",
            theirs=1000 / bare.cpu, asked=0.6, most=False,
            note=f"{full.run.figures.requests_per_second:.0f} requests/s in all, beside"
            " the callers and the upstream on the same machine",
        )
    ]  # fmt: skip


def _by_concurrency(place: Path, store: Path, questions: Path) -> tuple[Line, ...]:
    """Measure what both services add by number of callers."""
    callers = (1, 2, 4, 8, 16, 32)
    lines = []
    with serving.upstream(first_byte=50, gap=5, pieces=20) as upstream:
        direct = {
            n: serving.load(upstream, questions, callers=n, requests=20 * n)
            for n in callers
        }
        services = (
            ("frontdesk", serving.ours(place, upstream)),
            (_AFTERNOON, serving.afternoon(store, upstream)),
        )
        for name, opened in services:
            with opened as service:
                points = []
                for n in callers:
                    run = serving.load(
                        service.address, questions, callers=n, requests=20 * n
                    )
                    points.append((float(n), _added(run, direct[n])[1]))
            lines.append(Line(name, tuple(points)))
    return tuple(lines)


def _loaded(
    service: serving.Served, questions: Path, *, callers: int, requests: int
) -> Loaded:
    serving.load(service.address, questions, callers=callers, requests=_WARM)
    before = cpu_seconds(service.pid)
    run = serving.load(service.address, questions, callers=callers, requests=requests)
    # One request more is asked before the run.
    cpu = (cpu_seconds(service.pid) - before) * 1000 / (requests + 1)
    return Loaded(run, cpu, memory(service.pid))


def _added(through: Run, direct: Run) -> tuple[float, float]:
    """Return what p50 and p95 of the time to first token have more, in milliseconds."""
    ours, theirs = _first(through), _first(direct)
    return ours.p50.value - theirs.p50.value, ours.p95.value - theirs.p95.value


def _first(run: Run) -> Spread:
    assert run.figures.first is not None, "no answer was streamed"
    return run.figures.first


async def _bare(place: Path, questions: Sequence[str]) -> Bare:
    """Embed and search, with nothing of the service around it."""
    embedder = open_embedder(EmbeddingSettings(cache=str(ROOT / "data" / "models")))
    index = await open_index(IndexSettings(url=f"file:{place / 'index'}"), None)
    principal = Principal(tenant="default", labels=("public",))
    seconds: list[float] = []
    # The process that searches counts as well, as it does for the service.
    cpu = cpu_seconds(os.getpid())
    try:
        for text in questions:
            start = time.perf_counter()
            await index.search(principal, _query(text, embedder))
            seconds.append(time.perf_counter() - start)
        cpu = cpu_seconds(os.getpid()) - cpu
    finally:
        await index.close()
    taken = np.array(seconds) * 1000
    return Bare(
        float(np.median(taken)),
        float(np.quantile(taken, 0.95)),
        cpu * 1000 / len(questions),
    )


def _query(text: str, embedder: Embedder) -> IndexQuery:
    (vector,) = embedder.embed_passages([text])
    return IndexQuery(vector=vector, keywords=question_keywords(text, "en"), keep=30)


def _notes(corpus: Corpus, bare: Bare) -> tuple[str, ...]:
    return (
        (
            f"Documents and questions: {corpus.name}. No question is asked twice in a"
            " run, unless a row says so."
        ),
        (
            f"Bare embed + search: {bare.p50:.1f} ms p50, {bare.p95:.1f} ms p95,"
            f" {bare.cpu:.1f} ms of processor time, one question after the other in a"
            " process that does nothing else."
        ),
        (
            "Service, callers and upstream share one machine; what the service adds is"
            " its time to first token less that of the upstream asked directly."
        ),
    )


if __name__ == "__main__":
    main(measure)
