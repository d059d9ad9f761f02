"""Folders that are there for a while, and are removed after their process as well.

A process that is killed removes nothing. So each folder is locked by whoever made it,
and whoever makes the next one removes those that nobody holds any more.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_YOUNG_SECONDS = 60.0
"""A folder this young may belong to somebody who has not locked it yet."""


@contextmanager
def scratch(prefix: str, *, within: Path | None = None) -> Iterator[Path]:
    """Make an empty folder, and remove it and those that dead processes left.

    Args:
        prefix: What its name starts with; no other folders' names do.
        within: Where it is; None for where temporary files are.
    """
    place = within or Path(tempfile.gettempdir())
    _sweep(place, prefix)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
    lock = os.open(folder, os.O_RDONLY)
    try:
        # Children do not get it: it goes with this process, however that ends.
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _sweep(place: Path, prefix: str) -> None:
    for folder in place.glob(f"{prefix}*"):
        # Others may remove it as well, and some are another user's.
        with suppress(OSError):
            found = folder.lstat()
            if found.st_uid == os.getuid() and _is_old(found):
                _remove_if_left(folder)


def _is_old(found: os.stat_result) -> bool:
    return time.time() - found.st_mtime > _YOUNG_SECONDS


def _remove_if_left(folder: Path) -> None:
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)
