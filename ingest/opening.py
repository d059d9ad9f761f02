"""Opens a file below a folder, and nothing that a link on the way leads to."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

NO_FILE = "not a regular file"


@contextmanager
def opened(root: Path, path: str) -> Iterator[BinaryIO]:
    """Open a regular file below `root` without following a link on the way.

    Raises:
        OSError: There is none, or a link stands in its place.
    """
    *folders, name = path.split("/")
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for folder in folders:
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            inner = os.open(folder, flags, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        # Without O_NONBLOCK a pipe would wait for a writer that never comes.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        found = os.open(name, flags, dir_fd=descriptor)
    finally:
        os.close(descriptor)
    with os.fdopen(found, "rb") as file:
        if not stat.S_ISREG(os.fstat(found).st_mode):
            raise OSError(errno.EINVAL, NO_FILE)
        yield file
