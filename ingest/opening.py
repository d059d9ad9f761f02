"""Opens files and folders below a folder, and nothing that a link on the way leads to."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

NO_FILE = "not a regular file"


@contextmanager
def opened(root: Path, path: str) -> Iterator[BinaryIO]:
    """Open a regular file below `root` without following a link on the way.

    Raises:
        OSError: There is none, or a link stands in its place.
    """
    above, _, name = path.rpartition("/")
    with folder_at(root, above) as folder:
        # Without O_NONBLOCK a pipe would wait for a writer that never comes.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        found = os.open(name, flags, dir_fd=folder)
    with os.fdopen(found, "rb") as file:
        if not stat.S_ISREG(os.fstat(found).st_mode):
            raise OSError(errno.EINVAL, NO_FILE)
        yield file


def listed(root: Path, path: str) -> list[str]:
    """Return the names in the folder `path` below `root`, "" for itself, sorted.

    Raises:
        OSError: There is none, or a link stands in its place or on the way.
    """
    with folder_at(root, path) as folder, os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries)


@contextmanager
def folder_at(root: Path, path: str, *, make: bool = False) -> Iterator[int]:
    """Yield the descriptor of a folder that no link on the way below `root` led to.

    Args:
        root: The folder around it.
        path: Relative to `root`, "" for itself.
        make: Make what is missing on the way.

    Raises:
        OSError: There is none, or a link stands in its place or on the way.
    """
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for step in path.split("/") if path else ():
            if make:
                with suppress(FileExistsError):
                    os.mkdir(step, dir_fd=descriptor)
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            inner = os.open(step, flags, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)
