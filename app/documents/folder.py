"""A tenant's folder of documents: written to, and never left.

A file is written under a name that no scan sees, and gets its own when it is whole.
Folders are opened one by one from the root on, so that a link on the way leads nowhere.
"""

import errno
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.documents.errors import AlreadyThere, Conflict, NoRoom
from app.errors import Forbidden
from ingest.errors import DiskFull
from ingest.index.copies import require_space
from ingest.opening import folder_at

_PART = ".frontdesk-"
"""What the name of a file begins with that is being written."""

_FORGOTTEN = 3600.0
"""Seconds after which nobody writes such a file any more."""

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_IN_THE_WAY = (errno.ENOTDIR, errno.ELOOP, errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY)


def trouble(root: Path, variable: str = "DESK_FOLDER") -> str:
    """Return why nothing can be written to a folder and what to do, or "".

    Args:
        root: The folder; it may be made yet.
        variable: The setting that names it.
    """
    place = root
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        return f"{variable} is no folder; the operator must set another"
    if not os.access(place, os.W_OK | os.X_OK):
        return (
            f"user {os.getuid()} of the service may not write to {variable}; the "
            "operator must allow it, or mount it writable"
        )
    return ""


def tidy(root: Path) -> None:
    """Remove what uploads left that broke off long ago."""
    late = time.time() - _FORGOTTEN
    with suppress(OSError):
        for part in root.glob(f"{_PART}*"):
            if part.lstat().st_mtime < late:
                part.unlink()


class Incoming:
    """A file on its way into a folder; `begin` makes one."""

    def __init__(self, root: Path, *, floor: int) -> None:
        self._root = root
        self._floor = floor
        self._part = f"{_PART}{secrets.token_hex(12)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._file = os.open(root / self._part, flags, 0o644)

    def write(self, piece: bytes) -> None:
        """Write the next bytes of it.

        Raises:
            NoRoom: The disk is nearly full.
        """
        with readable():
            require_space(self._root, floor=self._floor, needed=len(piece))
            rest = memoryview(piece)
            while rest:
                rest = rest[os.write(self._file, rest) :]

    def put(self, path: str, *, replace: bool) -> None:
        """Give it its path, and make what is missing on the way.

        Raises:
            AlreadyThere: There is a file of this path, and it is not to be replaced.
            Conflict: Something else is there, or on the way.
            Forbidden: The system does not let the service write there.
        """
        above, _, name = path.rpartition("/")
        with readable():
            os.fsync(self._file)
            with (
                folder_at(self._root, "") as source,
                folder_at(self._root, above, make=True) as target,
            ):
                if replace:
                    os.rename(self._part, name, src_dir_fd=source, dst_dir_fd=target)
                else:
                    # A rename would replace what came there meanwhile.
                    _link(self._part, name, source, target)
                os.fsync(target)

    def close(self) -> None:
        """Remove what did not get its path."""
        os.close(self._file)
        with suppress(FileNotFoundError):
            (self._root / self._part).unlink()


def begin(root: Path, *, floor: int) -> Incoming:
    """Begin a file that is to come into the folder `root`, which is made if missing.

    Args:
        root: The folder.
        floor: Bytes that must stay free on its disk.

    Raises:
        NoRoom: The disk is nearly full.
        Forbidden: The system does not let the service write there.
    """
    with readable():
        root.mkdir(parents=True, exist_ok=True)
        require_space(root, floor=floor)
        return Incoming(root, floor=floor)


@contextmanager
def readable() -> Iterator[None]:
    """Say in our words what the file system refuses.

    Raises:
        AlreadyThere: There is such a file, which was not to be replaced.
        Conflict: Something is in the way.
        Forbidden: This user may not, or nothing can be written there.
        NoRoom: No space is left, or hardly any.
    """
    try:
        yield
    except DiskFull as error:
        raise NoRoom(str(error)) from error
    except FileExistsError as error:
        raise AlreadyThere from error
    except OSError as error:
        if error.errno in _FULL:
            raise NoRoom(str(error)) from error
        if error.errno in _FORBIDDEN:
            message = "The service may not write to its folder of documents."
            raise Forbidden(message, code="folder_not_writable") from error
        if error.errno in _IN_THE_WAY:
            message = "A folder, a link or a file stands in the way of this path."
            raise Conflict(message, code="path_taken") from error
        raise


def _link(part: str, name: str, source: int, target: int) -> None:
    os.link(part, name, src_dir_fd=source, dst_dir_fd=target, follow_symlinks=False)
    os.unlink(part, dir_fd=source)
