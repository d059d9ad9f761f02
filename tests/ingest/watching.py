"""Sees whether a file is opened, by anybody and in any way."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_READ, _OPENED = 0x1, 0x20


class Watch:
    """What has happened to a file; use `watched`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @property
    def is_untouched(self) -> bool:
        """Nobody has opened the file since this was asked the last time."""
        try:
            return not os.read(self._descriptor, 4096)
        except BlockingIOError:
            return True


@contextmanager
def watched(file: Path) -> Iterator[Watch]:
    """Watch a file by the kernel's inotify."""
    library = ctypes.CDLL(None)
    descriptor = library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    added = library.inotify_add_watch(descriptor, os.fsencode(file), _READ | _OPENED)
    assert added >= 0
    try:
        yield Watch(descriptor)
    finally:
        os.close(descriptor)
