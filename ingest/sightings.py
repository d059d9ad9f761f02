"""What files looked like when they were hashed, so that they need no hashing again.

A file counts as unchanged while its size, inode and both times are: that of its last
change, which people can set back, and that of its last touch, which they cannot. One
that was touched less than two seconds before it was looked at is hashed again the
next time, for it may change once more without its times telling.
"""

import hashlib
import logging
import os
import time
from pathlib import Path

import msgspec
from msgspec import Struct

from ingest.embedding.stamps import write_whole

log = logging.getLogger(__name__)

_SETTLED = 2_000_000_000
"""Nanoseconds: the coarsest clock of a file system in use counts in two seconds."""


class Sighting(Struct, frozen=True, array_like=True):
    """A file as it was seen.

    Attributes:
        size: Its bytes.
        changed: Time of its last change, in nanoseconds since the epoch.
        touched: The same of its inode, which follows every change.
        inode: Number of its inode.
        digest: Digest of the document.
        media_type: Its IANA media type.
        labels: Access labels that its digest covers.
    """

    size: int
    changed: int
    touched: int
    inode: int
    digest: str
    media_type: str
    labels: tuple[str, ...] = ()


def sighting(
    status: os.stat_result, digest: str, media_type: str, labels: tuple[str, ...]
) -> Sighting:
    """Return what a hashed file looks like; `status` is from before that."""
    return Sighting(*_look(status), digest, media_type, labels)


class Sightings:
    """The files of one scanned folder: as they were last time, and as they are now."""

    def __init__(self, before: dict[str, Sighting] | None = None) -> None:
        self._before = before or {}
        self._now: dict[str, Sighting] = {}

    def known(
        self, path: str, status: os.stat_result, labels: tuple[str, ...]
    ) -> Sighting | None:
        """Return what a file was if nothing has changed since.

        Args:
            path: The file, relative to the scanned folder.
            status: Its own, now.
            labels: Access labels that hold for it now: those of its folder change
                without a touch of the file.
        """
        before = self._before.get(path)
        if before is None or before.labels != labels:
            return None
        if _look(status) != (
            before.size,
            before.changed,
            before.touched,
            before.inode,
        ):
            return None
        self._now[path] = before
        return before

    def note(self, path: str, seen: Sighting) -> None:
        """Remember a file that was hashed, unless it was touched a moment before."""
        if time.time_ns() - max(seen.changed, seen.touched) > _SETTLED:
            self._now[path] = seen

    def keep(self, file: Path) -> None:
        """Write how the files are now; where that is impossible, only time is lost."""
        if self._now == self._before:
            return
        try:
            write_whole(file, msgspec.msgpack.encode(self._now))
        except OSError as error:
            log.info("what files looked like is not kept: %s", error)


def load_sightings(folder: Path, *circumstances: object) -> tuple[Sightings, Path]:
    """Read what was seen under these circumstances, and where that is kept.

    Args:
        folder: Where such files are.
        circumstances: All that decides about the documents beside the files.
    """
    told = repr(circumstances).encode(errors="surrogateescape")
    mark = hashlib.blake2b(told, digest_size=12)
    file = folder / f"{mark.hexdigest()}.msgpack"
    try:
        seen = msgspec.msgpack.decode(file.read_bytes(), type=dict[str, Sighting])
    except (OSError, msgspec.MsgspecError):
        seen = {}
    return Sightings(seen), file


def _look(status: os.stat_result) -> tuple[int, int, int, int]:
    return (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
