"""Gives back the memory of a mapped file that has been read and is hardly read again.

A compiler reads every weight once, and then has them in an order of its own. The pages
of the file stay with the process all the same: for a small model a third of what it
holds. What is needed again, such as the vectors of words, comes back page by page.
"""

import ctypes
import sys
from collections.abc import Iterator
from pathlib import Path

_DONTNEED = 4
"""``MADV_DONTNEED`` of Linux."""


def give_back(file: Path) -> int:
    """Give back the pages of `file` that this process holds; return the bytes mapped.

    Only pages that are shared with the file and cannot be written, so that nothing
    can be lost. On other systems than Linux nothing is done.
    """
    given = 0
    for start, end in _mappings(file.resolve()):
        address, length = ctypes.c_void_p(start), ctypes.c_size_t(end - start)
        if ctypes.CDLL(None).madvise(address, length, _DONTNEED) == 0:
            given += end - start
    return given


def _mappings(file: Path) -> Iterator[tuple[int, int]]:
    """Yield where `file` is mapped to be read and shared: first byte, one past the last."""
    if not sys.platform.startswith("linux"):
        return
    for line in Path("/proc/self/maps").read_text("utf-8", "replace").splitlines():
        # start-end rights offset device inode path
        span, rights, _, _, _, *path = line.split(maxsplit=5)
        if rights == "r--s" and path == [str(file)]:
            start, _, end = span.partition("-")
            yield int(start, 16), int(end, 16)
