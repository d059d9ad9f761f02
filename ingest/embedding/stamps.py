"""Hashes of large files, remembered as long as the files do not change."""

import hashlib
import logging
import uuid
from pathlib import Path

import msgspec

log = logging.getLogger(__name__)

_LARGE = 4 * 1024 * 1024
"""Bytes from which on remembering is cheaper than hashing again."""

Seen = dict[str, tuple[int, int, str]]
"""Path to (size in bytes, time of change in nanoseconds, SHA-256 in hex)."""


def sha256(data: bytes) -> str:
    """Return the SHA-256 of `data` as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def hashed(file: Path) -> str:
    """Return the SHA-256 of a file as 64 hex digits.

    Raises:
        OSError: The file cannot be read.
    """
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class Stamps:
    """SHA-256 of files; those of large ones are kept in a file of `folder`.

    A file counts as unchanged while its path, size and time of change are.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "stamps.json"
        self._seen = self._read()

    def sha256(self, file: Path) -> str:
        """Return the SHA-256 of `file` as 64 hex digits.

        Raises:
            OSError: The file cannot be read.
        """
        stat, key = file.stat(), str(file.absolute())
        known = self._seen.get(key)
        if known is not None and known[:2] == (stat.st_size, stat.st_mtime_ns):
            return known[2]
        digest = hashed(file)
        if stat.st_size >= _LARGE:
            self._seen[key] = (stat.st_size, stat.st_mtime_ns, digest)
            self._write()
        return digest

    def _read(self) -> Seen:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Seen)
        except (OSError, msgspec.MsgspecError):
            return {}

    def _write(self) -> None:
        """Keep what is known; where that is impossible, only time is lost."""
        try:
            write_whole(self._file, msgspec.json.encode(self._seen))
        except OSError as error:
            log.info("hashes are not kept: %s", error)


def write_whole(file: Path, data: bytes) -> None:
    """Write a file so that others see all of it or what was there before.

    Raises:
        OSError: It cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{uuid.uuid4().hex}")
    try:
        draft.write_bytes(data)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
