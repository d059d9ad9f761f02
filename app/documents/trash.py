"""Keeps what is taken out of a folder of documents, or replaced there, for a while.

trash/20261130T101500Z-3f9a1c/guides/billing.md
      when, and who of that second    its path in the folder
"""

import errno
import os
import secrets
import shutil
import stat
import time
from contextlib import suppress
from pathlib import Path

from app.documents.folder import readable
from ingest.opening import folder_at, opened

_STAMP = "%Y%m%dT%H%M%SZ"

_NO_LINK = (errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK)
"""What a system says where a second name is not to be had: then a copy is made."""


class Trash:
    """Where such files lie.

    Attributes:
        days: Days for which they are kept; 0: not at all.
    """

    def __init__(self, place: Path, *, days: int) -> None:
        """Keep files in the folder `place`, which is made when it is needed."""
        self.days = days
        self._place = place

    def take_out(self, root: Path, path: str) -> None:
        """Take the file at `path` out of the folder `root`.

        Raises:
            FileNotFoundError: There is no such file; a folder or a link is none.
            Conflict: A link or a file is on the way.
            Forbidden: The system does not let the service take it.
            NoRoom: The trash is on another disk, which is full.
        """
        self.keep(root, path)
        above, _, name = path.rpartition("/")
        with readable(), folder_at(root, above) as source:
            _require_file(name, source)
            os.unlink(name, dir_fd=source)
            os.fsync(source)

    def keep(self, root: Path, path: str) -> None:
        """Keep what a file holds now, whatever takes its place.

        Raises:
            FileNotFoundError: There is no such file; a folder or a link is none.
            Conflict: A link or a file is on the way.
            Forbidden: The system does not let the service read it.
            NoRoom: The trash is on another disk, which is full.
        """
        if not self.days:
            return
        self.tidy()
        above, _, name = path.rpartition("/")
        with readable(), folder_at(root, above) as source:
            _require_file(name, source)
            stamp = time.strftime(_STAMP, time.gmtime())
            fresh = self._place / f"{stamp}-{secrets.token_hex(3)}"
            place = fresh / path
            place.parent.mkdir(parents=True)
            try:
                _keep_at(place, root, path, source)
            except OSError:
                shutil.rmtree(fresh, ignore_errors=True)
                raise

    def tidy(self) -> None:
        """Remove what has been there for too long."""
        late = time.strftime(_STAMP, time.gmtime(time.time() - self.days * 86400))
        with suppress(FileNotFoundError):
            for place in sorted(self._place.iterdir()):
                if place.name < late:
                    shutil.rmtree(place, ignore_errors=True)


def _keep_at(place: Path, root: Path, path: str, source: int) -> None:
    name = path.rpartition("/")[2]
    try:
        os.link(name, place, src_dir_fd=source, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        with opened(root, path) as file, place.open("xb") as copied:
            shutil.copyfileobj(file, copied)
            copied.flush()
            os.fsync(copied.fileno())


def _require_file(name: str, folder: int) -> None:
    status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISREG(status.st_mode):
        raise FileNotFoundError(name)
