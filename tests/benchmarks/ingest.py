"""A whole ingest beside its embedding alone, beside an afternoon's, and done twice."""

import asyncio
import hashlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

from ingest.documents import embedded_text
from ingest.embedding import open_embedder
from ingest.settings import EmbeddingSettings
from tests.benchmarks.corpora import help_centre
from tests.benchmarks.embedding import chunks_of
from tests.benchmarks.figures import Figure, Part, main
from tests.benchmarks.ingest_memory import measure_memory
from tests.command import ROOT, environment, frontdesk

_ALLOWED = 1.0
"""Seconds that a second ingest may take beside hashing."""


def measure(home: Path, *, quick: bool) -> Part:
    """Ingest copies of a help centre, many files twice, and folders that grow."""
    copies, files = (1, 1000) if quick else (10, 10_000)
    return Part(
        title="Ingest",
        figures=(
            _against_embedding(home, copies),
            _against_afternoon(home),
            _unchanged(home, files),
            *measure_memory(home, quick=quick),
        ),
        notes=("A run is a process from its start to its end.",),
    )


def _against_embedding(home: Path, copies: int) -> Figure:
    corpus = help_centre()
    folder, place = home / "copies", _fresh(home / "copies-index")
    shutil.rmtree(folder, ignore_errors=True)
    for number in range(copies):
        _copy(corpus.folder, folder / str(number), f"edition{number}")
    seconds = _seconds(place, folder)
    chunks = asyncio.run(chunks_of(place))
    texts = [embedded_text(c.heading_path, c.title, c.text) for c in chunks]
    embedder = open_embedder(EmbeddingSettings(cache=str(ROOT / "data" / "models")))
    start = time.perf_counter()
    embedder.embed_passages(texts)
    bare = time.perf_counter() - start
    return Figure(
        what=f"whole ingest of {corpus.name} ×{copies}",
        unit="chunks/s",
        ours=len(chunks) / seconds,
        baseline="the bare compiled embedder on the same chunks",
        theirs=len(chunks) / bare,
        asked=0.9,
        most=False,
        note=f"{len(chunks):,} chunks; a word of its own in each paragraph of a copy",
    )


def _against_afternoon(home: Path) -> Figure:
    corpus = help_centre()
    ours = _seconds(_fresh(home / "once-index"), corpus.folder)
    store = home / "once-afternoon"
    shutil.rmtree(store, ignore_errors=True)
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.afternoon",
         "ingest", str(corpus.folder), str(store)],
        cwd=ROOT, env=environment(home), check=True, capture_output=True,
    )  # fmt: skip
    theirs = time.perf_counter() - start
    return Figure(
        what=f"whole ingest of {corpus.name}",
        unit="s",
        ours=ours,
        baseline="the afternoon version",
        theirs=theirs,
        asked=1 / 5,
    )


def _unchanged(home: Path, files: int) -> Figure:
    folder, place = home / "many", _fresh(home / "many-index")
    if not folder.exists():
        for number in range(files):
            part = folder / str(number // 100)
            part.mkdir(parents=True, exist_ok=True)
            text = f"# Note {number}\n\nThe hub number {number} stands in room {number % 977}.\n"
            (part / f"{number}.md").write_text(text, encoding="utf-8")
    _seconds(place, folder)
    again = _seconds(place, folder)
    start = time.perf_counter()
    for file in sorted(folder.rglob("*.md")):
        hashlib.sha256(file.read_bytes()).hexdigest()
    hashing = time.perf_counter() - start
    return Figure(
        what=f"second ingest of {files:,} unchanged files, less {_ALLOWED:g} s",
        unit="s",
        ours=max(again - _ALLOWED, 0.001),
        baseline="hashing these files",
        theirs=hashing,
        asked=1.5,
        note=f"{again:.2f} s in all",
    )


def _seconds(place: Path, folder: Path) -> float:
    """Ingest `folder` with the command; return the seconds it took."""
    start = time.perf_counter()
    done = frontdesk(place, "ingest", str(folder))
    assert done.returncode == 0, done.stderr
    return time.perf_counter() - start


def _fresh(place: Path) -> Path:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    return place


def _copy(folder: Path, target: Path, word: str) -> None:
    """Copy a folder of Markdown with `word` in each paragraph."""
    for file in folder.rglob("*.md"):
        place = target / file.relative_to(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text(encoding="utf-8", errors="replace")
        place.write_text(text.replace("\n\n", f" {word}\n\n"), encoding="utf-8")


if __name__ == "__main__":
    main(measure)
