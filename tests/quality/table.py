"""Measures how well the product finds, beside baselines, and writes docs/quality.md.

    python -m tests.quality.table SETS HOME

SETS is a folder of labelled sets (`labelled`), HOME keeps their indexes. Everything is
measured in one run, on the same chunks.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np

from app.evaluation.golden import read_golden
from ingest.documents import Chunk
from ingest.embedding import Embedder, open_embedder
from ingest.settings import EmbeddingSettings
from tests.command import ROOT
from tests.quality import golden, roads
from tests.quality.labelled import (
    LabelledSet,
    Question,
    Span,
    by_document,
    by_span,
    load_sets,
)

_SIZES = (200, 250)
"""Chunk sizes at which answers are looked for by their span."""

_ASKED = {
    "arduino_help": (0.975, 0.89),
    "chroma_chunking, 200 tokens": (0.90, 0.056),
    "chroma_chunking, 250 tokens": (0.92, 0.045),
    **{
        f"xquad_a.{code}": (0.98, None) for code in ("en", "de", "es", "ar", "ru", "zh")
    },
}
"""What is to be reached."""

_LATIN = "xquad_a.de"
_CROSS = "xquad_a.de → en"

Figures = tuple[float, float]


@dataclass(frozen=True)
class Row:
    """The figures of a set by way of ranking; the last is the product's own road."""

    name: str
    figures: dict[str, Figures]
    milliseconds: dict[str, float]


def measure(
    asked: LabelledSet, home: Path, embedder: Embedder, **variables: str
) -> Row:
    """Rank the documents of a set in every way."""
    roads.ingest(asked.documents, home, **variables)
    told = asyncio.run(roads.retrieve(home, asked, **variables))
    arrays = roads.Arrays(told.chunks, [q.text for q in asked.questions], embedder)
    ways: tuple[roads.Way, ...] = (*roads.BASELINES, roads.WHOLE)
    if asked.name in ("arduino_help", "chroma_chunking", _LATIN):
        ways += roads.WITHOUT
    figures = {way.name: _figures(asked, arrays.rank(way)) for way in ways}
    figures["frontdesk"] = _figures(asked, told.ranked)
    size = variables.get("CHUNK_SIZE")
    name = f"{asked.name}, {size} tokens" if size else asked.name
    print(
        name, {way: f"{a:.3f} {b:.3f}" for way, (a, b) in figures.items()}, flush=True
    )
    return Row(name, figures, told.milliseconds)


def _figures(asked: LabelledSet, ranked: Sequence[Sequence[Chunk]]) -> Figures:
    found = [_one(q, chunks) for q, chunks in zip(asked.questions, ranked, strict=True)]
    first, second = np.mean(found, axis=0)
    return float(first), float(second)


def _one(question: Question, chunks: Sequence[Chunk]) -> Figures:
    names = [Path(chunk.path).stem for chunk in chunks]
    if question.spans:
        spans = [Span(chunk.start, chunk.end) for chunk in chunks]
        return by_span(list(zip(names, spans, strict=True)), question)
    return by_document(list(dict.fromkeys(names)), question)


def _all(sets: Path, home: Path) -> Iterator[Row]:
    embedder = open_embedder(EmbeddingSettings(cache=str(ROOT / "data" / "models")))
    given = load_sets(sets, home)
    for asked in given:
        if asked.questions[0].spans:
            for size in _SIZES:
                own = home / f"{asked.name}-{size}"
                yield measure(asked, own, embedder, CHUNK_SIZE=str(size))
        else:
            yield measure(asked, home / asked.name, embedder)
    english = {one.name: one for one in given}
    if _LATIN in english and "xquad_a.en" in english:
        other = english["xquad_a.en"]
        cross = LabelledSet(
            name=_CROSS, documents=other.documents, questions=english[_LATIN].questions
        )
        yield measure(cross, home / other.name, embedder)


def _percent(value: float) -> str:
    return f"{value:.3f}".removeprefix("0") if value < 1 else "1"


def _found(rows: Sequence[Row]) -> Iterator[str]:
    columns = [*(way.name for way in roads.BASELINES), "frontdesk"]
    yield f"| set | {' | '.join(columns)} | asked |"
    yield "|---" * (len(columns) + 2) + "|"
    for row in rows:
        cells = [" / ".join(map(_percent, row.figures[name])) for name in columns]
        cells[-1] = f"**{cells[-1]}**"
        wanted = [_percent(one) for one in _ASKED.get(row.name, ()) if one is not None]
        yield f"| {row.name} | {' | '.join(cells)} | {' / '.join(wanted) or '–'} |"


def _worth(rows: Sequence[Row]) -> Iterator[str]:
    own = [row for row in rows if roads.WITHOUT[0].name in row.figures]
    yield f"| | {' | '.join(row.name for row in own)} |"
    yield "|---" * (len(own) + 1) + "|"
    for way in (roads.WHOLE, *roads.WITHOUT):
        cells = [" / ".join(map(_percent, row.figures[way.name])) for row in own]
        yield f"| {way.name} | {' | '.join(cells)} |"


def _costs(rows: Sequence[Row]) -> Iterator[str]:
    stages = list(dict.fromkeys(name for row in rows for name in row.milliseconds))
    yield f"| milliseconds, median | {' | '.join(stages)} |"
    yield "|---" * (len(stages) + 1) + "|"
    for row in rows:
        cells = [f"{row.milliseconds.get(name, 0):.1f}" for name in stages]
        yield f"| {row.name} | {' | '.join(cells)} |"


def page(rows: Sequence[Row], sample: str) -> str:
    """Return docs/quality.md."""
    day = datetime.now(UTC).date().isoformat()
    read = (Path(__file__).parent / "quality.md").read_text(encoding="utf-8")
    parts: dict[str, Callable[[], str]] = {
        "{day}": lambda: day,
        "{version}": lambda: version("frontdesk"),
        "{found}": lambda: "\n".join(_found(rows)),
        "{worth}": lambda: "\n".join(_worth(rows)),
        "{costs}": lambda: "\n".join(_costs(rows)),
        "{sample}": lambda: sample,
    }
    for mark, written in parts.items():
        read = read.replace(mark, written())
    return read


def main() -> None:
    """Measure everything there is; write the page."""
    sets, home = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    sample = home / "sample"
    roads.ingest(ROOT / "data" / "documents", sample)
    outcome = golden.table(golden.run(sample, read_golden(golden.SAMPLE)))
    print(outcome, flush=True)
    rows = list(_all(sets, home)) if sets.is_dir() else []
    if not rows:
        print(f"no labelled sets in {sets}: docs/quality.md stays as it is")
        return
    (ROOT / "docs" / "quality.md").write_text(page(rows, outcome), encoding="utf-8")


if __name__ == "__main__":
    main()
