"""What this process may take: file descriptors, memory, processor cores."""

import contextlib
import os
import resource
from pathlib import Path

_SPARE = 64
"""File descriptors that no connection may take: files, databases, pipes."""

_MOST_FILES = 65_536
_SHARE = 16
"""Part of the memory that bodies of requests may take: what is read of them, and what
is sent on, takes a few times as much."""

_GROUPS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def raise_files() -> int:
    """Let the process open as many files as it may; return how many that are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft < most:
        # Some systems allow less than they say: then it stays as it was.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def connections_within(files: int, most: int) -> int:
    """Return how many connections may be open.

    Args:
        files: File descriptors there may be.
        most: Connections that are wanted at the most.

    Returns:
        At least 1. An answer takes two descriptors: its caller's and its upstream's.
    """
    return max(min(most, (files - _SPARE) // 2), 1)


def body_budget(given: int, *, largest: int) -> int:
    """Return how many bytes of bodies may be held at once.

    Args:
        given: What a setting says; 0 takes a part of the memory there is.
        largest: Bytes of the largest body; there is room for two.
    """
    return given or max(memory() // _SHARE, 2 * largest)


def memory() -> int:
    """Return the bytes of memory this process may have: the machine's or its group's."""
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([pages, *filter(None, map(_limit, _GROUPS))])


def _limit(file: str) -> int | None:
    try:
        text = Path(file).read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None
