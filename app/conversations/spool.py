"""Keeps what the database did not take, in a file, until it takes it.

The file is shared by every process that has the folder: it is locked while it is
written, read or emptied, and never for long.
"""

import asyncio
import contextlib
import fcntl
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO

import msgspec
from msgspec import Struct

from app import metrics
from app.conversations.rows import Row
from app.database.tables import turns

_MOST = 64 * 1024 * 1024
"""Bytes of the largest file; what comes then is not kept."""


_COLUMNS = frozenset(turns.c.keys()) - {"position", "lease", "replaced"}
"""What every row has; one without is damaged, or of another version."""

log = logging.getLogger(__name__)


class Write(Struct, frozen=True):
    """What is to be written of one turn.

    Attributes:
        whole: It is not there yet; else only its end is missing.
        row: Its values.
    """

    whole: bool
    row: Row


class Spool:
    """A file of writes to come, one a line."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "turns.jsonl"

    def is_empty(self) -> bool:
        """Return whether nothing waits."""
        try:
            return self._path.stat().st_size == 0
        except OSError:
            return True

    async def add(self, writes: Sequence[Write]) -> bool:
        """Keep `writes`, on the disk; return whether there was room.

        Raises:
            OSError: The file cannot be written.
        """
        lines = b"".join(msgspec.json.encode(write) + b"\n" for write in writes)
        return await asyncio.to_thread(self._add, lines)

    @asynccontextmanager
    async def taking(self) -> AsyncIterator[list[Write]]:
        """Lend everything that waits, and drop it unless this block fails.

        Nothing can be added meanwhile, by any process.
        """
        if self.is_empty():
            yield []
            return
        with contextlib.ExitStack() as stack:
            file = await asyncio.to_thread(stack.enter_context, self._locked())
            yield await asyncio.to_thread(_writes_in, file)
            await asyncio.to_thread(_replace, file, b"")

    async def erase(self, is_meant: Callable[[Row], bool]) -> int:
        """Drop what is meant; return how many writes that were."""
        if self.is_empty():
            return 0
        return await asyncio.to_thread(self._erase, is_meant)

    def _add(self, lines: bytes) -> bool:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._locked() as file:
            size = file.seek(0, os.SEEK_END)
            if size + len(lines) > _MOST:
                return False
            # A write that was cut off must not swallow the line after it.
            file.write(b"\n" + lines if size else lines)
            _sync(file)
        return True

    def _erase(self, is_meant: Callable[[Row], bool]) -> int:
        with self._locked() as file:
            writes = _writes_in(file)
            kept = [write for write in writes if not is_meant(write.row)]
            lines = b"".join(msgspec.json.encode(write) + b"\n" for write in kept)
            _replace(file, lines)
        return len(writes) - len(kept)

    @contextmanager
    def _locked(self) -> Iterator[IO[bytes]]:
        # What people said is nobody's to read but the service's.
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        with open(handle, "r+b") as file:  # noqa: PTH123 — it is a descriptor
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file


def _replace(file: IO[bytes], lines: bytes) -> None:
    file.seek(0)
    file.write(lines)
    file.truncate()
    _sync(file)


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _writes_in(file: IO[bytes]) -> list[Write]:
    """Return every write in `file`; lines that are damaged are counted and left out."""
    lines = [line for line in file if line.strip()]
    found = [write for line in lines if (write := _written(line)) is not None]
    if damaged := len(lines) - len(found):
        log.error("%d turns that were kept aside cannot be read", damaged)
        metrics.TURNS.labels("dropped").inc(damaged)
    return found


def _written(line: bytes) -> Write | None:
    """Return the write in a line, or None for one that was cut off or is damaged."""
    try:
        write = msgspec.json.decode(line, type=Write)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return write if write.row.keys() >= _COLUMNS else None
