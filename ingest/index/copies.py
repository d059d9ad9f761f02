"""Folders copied, compared, locked and brought to disk. Plain file work.

Edge lays its files out at full size and fills them later, so a folder of 3 MB looks
like 200. Everything here skips what was never written.
"""

import errno
import fcntl
import hashlib
import json
import os
import shutil
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from ingest.errors import (
    DiskFull,
    IndexBusy,
    IndexDamaged,
    IndexForbidden,
    IndexUnusable,
)

_BLOCK = 16 * 1024
_ZEROS = bytes(_BLOCK)

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)

PART = ".part"
"""Ends the name of a file that is being written; a run that was killed leaves it."""


class PrivateCopy(Struct, frozen=True):
    """A copy of a folder that belongs to one open reader.

    Attributes:
        folder: The copied files.
        checksum: `checksum` of them.
        lock: Descriptor of the lock that says the owner is alive.
    """

    folder: Path
    checksum: str
    lock: int


def copy(source: Path, target: Path) -> str:
    """Copy the files of `source` into the new folder `target`.

    Returns:
        The `checksum` of what was copied.
    """
    return _walk(source, target)


def checksum(folder: Path) -> str:
    """Return a digest of names, sizes and contents of all files in `folder`."""
    return _walk(folder, None)


def occupied(folder: Path) -> int:
    """Return the bytes that the files in `folder` take on the disk."""
    # POSIX counts blocks of 512 bytes whatever the disk's own are.
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*"))


def require_space(folder: Path, *, floor: int, needed: int = 0) -> None:
    """Check that the disk of `folder` has room, before Edge touches it.

    Edge maps sparse files: on a full disk, writing or even opening them ends the
    process with SIGBUS, which nothing can catch.

    Args:
        folder: A folder that exists.
        floor: Bytes that must stay free.
        needed: Bytes that are about to be written.

    Raises:
        DiskFull: There is less; the message tells the figures.
    """
    free = shutil.disk_usage(folder).free
    if free < floor + needed:
        raise DiskFull(
            f"{folder}: {free >> 20} MB free on this disk, {(floor + needed) >> 20} MB "
            f"needed ({floor >> 20} of it stay free: INDEX_DISK_FLOOR)"
        )


def sync(folder: Path) -> None:
    """Wait until every file and folder below `folder` is on the disk."""
    for path in (folder, *folder.rglob("*")):
        sync_entry(path)


def sync_entry(path: Path) -> None:
    """Wait until a file's content, or the list of a folder's files, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, content: bytes) -> None:
    """Write `path` so that readers see the old content or the new, even after a crash."""
    fresh = path.with_name(f"{path.name}.{uuid.uuid4().hex}{PART}")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    sync_entry(path.parent)


@contextmanager
def readable(folder: Path) -> Iterator[None]:
    """Say in our words what the file system refuses.

    Raises:
        IndexDamaged: Something is missing that should be there.
        IndexForbidden: This user may not, or nothing can be written here.
        DiskFull: No space is left.
        IndexUnusable: The disk cannot.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise IndexDamaged(f"{error.filename} is missing") from error
    except OSError as error:
        place = error.filename or folder
        if error.errno in _FULL:
            raise DiskFull(f"{place}: {error.strerror}") from error
        kind = IndexForbidden if error.errno in _FORBIDDEN else IndexUnusable
        raise kind(
            f"{place} cannot be used by user {os.getuid()}: {error.strerror}"
        ) from error


def lock_for_writing(folder: Path) -> int:
    """Become the only writer of `folder`, until the result is closed.

    The lock goes with the process, however that ends.

    Raises:
        IndexBusy: Another process is; the message names it.
    """
    descriptor = os.open(folder / "writer.lock", os.O_RDWR | os.O_CREAT, 0o644)
    if not _try_lock(descriptor):
        holder = _holder(os.pread(descriptor, 1024, 0))
        os.close(descriptor)
        raise IndexBusy(f"{folder} is being written by {holder}; wait until it is done")
    note = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.time()}
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(note).encode(), 0)
    return descriptor


def take_private(source: Path, owners: Path) -> PrivateCopy:
    """Copy `source` to a folder of its own below `owners`.

    Copies whose owner has died are removed on the way. A process id would not
    tell: services in several containers may share the disk.
    """
    owners.mkdir(exist_ok=True)
    own = owners / f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
    with _alone(owners):
        _sweep(owners)
        own.mkdir()
        lock = os.open(own / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        return PrivateCopy(own / "shard", copy(source, own / "shard"), lock)
    except BaseException:  # cancelled as well: nothing may stay held
        shutil.rmtree(own)
        os.close(lock)
        raise


def drop_private(private: PrivateCopy) -> None:
    """Remove a private copy."""
    own = private.folder.parent
    with _alone(own.parent):
        shutil.rmtree(own, ignore_errors=True)
        os.close(private.lock)


@contextmanager
def _alone(owners: Path) -> Iterator[None]:
    """Keep others from sweeping between the making of a folder and its lock."""
    guard = os.open(owners / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(guard, fcntl.LOCK_EX)
        yield
    finally:
        os.close(guard)


def _sweep(owners: Path) -> None:
    for own in owners.iterdir():
        if not own.is_dir():
            continue
        lock = os.open(own / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        if _try_lock(lock):
            shutil.rmtree(own)
        os.close(lock)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(note: bytes) -> str:
    try:
        told = json.loads(note)
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(told["since"]))
        return f"process {told['pid']} on {told['host']} since {since}"
    except (ValueError, KeyError, TypeError):
        # It has the lock and has not yet signed.
        return "another process"


def _walk(source: Path, target: Path | None) -> str:
    digest = hashlib.blake2b(digest_size=16)
    if target:
        target.mkdir()
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source)
        digest.update(f"{name.as_posix()}\0{path.is_dir()}\0".encode())
        if not path.is_dir():
            _file(path, target / name if target else None, digest.update)
        elif target:
            (target / name).mkdir()
    return digest.hexdigest()


def _file(path: Path, target: Path | None, feed: Callable[[bytes], None]) -> None:
    """Tell a file to `feed` and, if asked to, write it to `target`."""
    source = os.open(path, os.O_RDONLY)
    size = os.fstat(source).st_size
    feed(size.to_bytes(8, "big"))
    copied = (
        os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644) if target else -1
    )
    try:
        for offset, block in _written(source):
            feed(offset.to_bytes(8, "big"))
            feed(block)
            if target:
                os.pwrite(copied, block, offset)
        if target:
            os.truncate(copied, size)
    finally:
        os.close(source)
        if target:
            os.close(copied)


def _written(descriptor: int) -> Iterator[tuple[int, bytes]]:
    """Yield the blocks of a file that are not all zero, with their offsets."""
    offset = 0
    while (data := _next_data(descriptor, offset)) is not None:
        hole = os.lseek(descriptor, data, os.SEEK_HOLE)
        offset = data - data % _BLOCK
        while offset < hole:
            block = os.pread(descriptor, _BLOCK, offset)
            if block != _ZEROS[: len(block)]:
                yield offset, block
            offset += _BLOCK


def _next_data(descriptor: int, offset: int) -> int | None:
    try:
        return os.lseek(descriptor, offset, os.SEEK_DATA)
    except OSError as error:
        if error.errno == errno.ENXIO:
            return None
        raise
