"""What was mapped to be read once is given back, and is still there to be read."""

import mmap
import sys
from pathlib import Path

import pytest

from ingest.embedding.mapped import give_back

linux = pytest.mark.skipif(sys.platform != "linux", reason="madvise is Linux's")


def _held(file: Path) -> int:
    """Return the bytes of `file` that this process holds."""
    held, ours = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        name, *rest = line.split()
        if not name.endswith(":"):
            ours = line.endswith(str(file))
        elif ours and name == "Rss:":
            held += int(rest[0]) * 1024
    return held


@linux
def test_pages_of_a_file_are_given_back_and_read_again(tmp_path: Path) -> None:
    file = tmp_path / "my weights.bin"
    file.write_bytes(b"weights!" * 1_000_000)
    with file.open("rb") as opened:
        mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    assert sum(mapped[:: mmap.PAGESIZE]) > 0
    assert _held(file) > 7_000_000

    given = give_back(file)

    assert given >= 8_000_000
    assert _held(file) == 0
    assert mapped[:] == b"weights!" * 1_000_000


@linux
def test_what_could_be_written_to_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "other.bin"
    file.write_bytes(bytes(100_000))
    with file.open("r+b") as opened:
        mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_COPY)
    mapped[:4] = b"mine"

    assert give_back(file) == 0
    assert mapped[:4] == b"mine"
