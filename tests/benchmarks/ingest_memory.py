"""What an ingest holds in memory while the folder grows: its peak at several sizes.

The model is a small one with random weights and vectors of the usual length: what grows
with a folder is texts, vectors and the index, and these are what is measured.
"""

import shutil
import time
from pathlib import Path

import msgspec
from msgspec import Struct

from tests.benchmarks import synthetic
from tests.benchmarks.figures import Figure
from tests.benchmarks.processes import anonymous, memory
from tests.command import start
from tests.ingest.embedding.tiny_models import make_model

_PAUSE = 0.2
"""Seconds between two looks at the memory."""

_PARTS = 2.5
"""Chunks of the small model in one of the synthetic index."""


class _Report(Struct):
    chunks: int


class Peak(Struct, frozen=True, kw_only=True):
    """The most that a run held.

    Attributes:
        chunks: Chunks it wrote.
        everything: Bytes of it and all that it started.
        main: Bytes of the process itself that no file could give back.
    """

    chunks: int
    everything: float
    main: float


def measure_memory(home: Path, *, quick: bool) -> tuple[Figure, ...]:
    """Ingest folders of about so many chunks; return their peaks, and the growth."""
    place = home / "memory"
    shutil.rmtree(place, ignore_errors=True)
    model = make_model(place / "model", length=256, dim=synthetic.DIM)
    sizes = (400, 4_000) if quick else (400, 8_000)
    # The first run of a model compiles it, which takes more than any ingest.
    _peak(place / "first", model, 40)
    peaks = [_peak(place / str(size), model, size) for size in sizes]
    first, last = peaks[0], peaks[-1]
    more = last.chunks - first.chunks
    return (
        *(
            Figure(
                what=f"peak memory of an ingest of {peak.chunks:,} chunks",
                unit="MB",
                ours=peak.everything / 1e6,
                note=f"{peak.main / 1e6:.0f} MB of it the main process's own",
            )
            for peak in peaks
        ),
        Figure(
            what=f"growth of it, {first.chunks:,} to {last.chunks:,} chunks, a chunk",
            unit="bytes",
            ours=(last.everything - first.everything) / more,
            note=(
                f"{(last.main - first.main) / more:.0f} bytes of it the main process's"
                " own, the rest pages of files; a small model with random weights"
            ),
        ),
    )


def _peak(place: Path, model: Path, size: int) -> Peak:
    folder = place / "documents"
    folder.mkdir(parents=True)
    for document, chunks in synthetic.documents(int(size / _PARTS)):
        text = "\n\n".join(chunk.text for chunk in chunks)
        (folder / document.path).write_text(f"# Title\n\n{text}\n", encoding="utf-8")
    process = start(
        place, "ingest", str(folder), "--json", EMBEDDING_MODEL=str(model),
        EMBEDDING_LANGUAGES="en",
    )  # fmt: skip
    everything = main = 0.0
    # Told in a few lines, which wait in the pipe until it has ended.
    while process.poll() is None:
        everything = max(everything, memory(process.pid))
        main = max(main, anonymous(process.pid))
        time.sleep(_PAUSE)
    out, err = process.communicate()
    assert process.returncode == 0, err
    written = msgspec.json.decode(out, type=_Report).chunks
    return Peak(chunks=written, everything=everything, main=main)
