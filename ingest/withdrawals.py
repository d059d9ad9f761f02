"""Documents that were deleted while the service runs, and must not answer any more.

    RECORDS/withdrawn/DOCUMENT.json    one file for each, replaced whole

A document is deleted by taking its file out of the folder; the index follows with the
next run. Until an edition without it serves, whoever reads the index holds it back. A
run that began after the deletion settles it: what its edition and later ones hold of
that path is right, be it nothing or a file that was put there anew. Older editions
are never right, so that rolling back brings nothing back that was deleted.
"""

import fcntl
import logging
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from ingest.documents import document_id
from ingest.index.copies import replace_file

log = logging.getLogger(__name__)

_REMEMBERED = 24 * 3600.0
"""Seconds for which a settled one is kept at least: somebody may be slow to follow."""

_COARSE = 2_000_000_000
"""Nanoseconds in which a folder may change once more without its time telling."""


class Withdrawal(Struct, frozen=True, kw_only=True):
    """A document that was deleted.

    Attributes:
        document_id: Its id.
        tenant: Whose it was.
        path: Its path.
        at: When it was deleted, in seconds since the epoch.
        settled: When the first edition was published that is right about it; None as
            long as there is none.
    """

    document_id: str
    tenant: str
    path: str
    at: float
    settled: float | None = None

    def hides(self, published: float) -> bool:
        """Say whether an edition of this time must not show the document."""
        return self.settled is None or published < self.settled


class Withdrawals:
    """What was withdrawn, as it was when somebody looked last.

    Attributes:
        every: All of them, by document id.
    """

    def __init__(self, records: Path) -> None:
        """Keep them below the folder `records`."""
        self._folder = records / "withdrawn"
        self._seen = 0
        self.every: dict[str, Withdrawal] = {}

    def look(self) -> None:
        """Read what others wrote meanwhile, if they did; file work.

        Raises:
            OSError: It cannot be read.
        """
        try:
            changed = self._folder.stat().st_mtime_ns
        except FileNotFoundError:
            self._seen, self.every = 0, {}
            return
        if changed == self._seen:
            return
        found = {one.document_id: one for one in self._read()}
        self.every = found
        self._seen = changed if time.time_ns() - changed > _COARSE else 0

    def hidden(self, published: float) -> frozenset[str]:
        """Return ids of documents that an edition of this time must not show."""
        return frozenset(id_ for id_, one in self.every.items() if one.hides(published))

    def unsettled(self, tenant: str) -> list[Withdrawal]:
        """Return those of a tenant that no edition is right about yet."""
        every = self.every.values()
        return [one for one in every if one.tenant == tenant and one.settled is None]

    def add(self, tenant: str, path: str) -> Withdrawal:
        """Withdraw a document whose file is gone already; it is on disk afterwards.

        Raises:
            OSError: It cannot be written.
        """
        one = Withdrawal(
            document_id=document_id(tenant, path),
            tenant=tenant,
            path=path,
            at=time.time(),
        )
        with self._alone():
            self._write(one)
        self.every = {**self.every, one.document_id: one}
        return one

    def settle(self, those: Iterable[Withdrawal], published: float) -> None:
        """Write down that an edition is right about `those`, as they were read.

        One that was deleted again meanwhile stays as it is.

        Raises:
            OSError: It cannot be written.
        """
        with self._alone():
            now = {one.document_id: one for one in self._read()}
            for one in those:
                if now.get(one.document_id) == one:
                    self._write(msgspec.structs.replace(one, settled=published))
        self._seen = 0
        self.look()

    def forget(self, oldest: float) -> None:
        """Remove those about which every edition is right, from the `oldest` on.

        Raises:
            OSError: It cannot be removed.
        """
        late = time.time() - _REMEMBERED
        with self._alone():
            for one in self._read():
                if one.settled is not None and one.settled <= min(oldest, late):
                    self._file(one).unlink(missing_ok=True)
        self._seen = 0
        self.look()

    def _file(self, one: Withdrawal) -> Path:
        return self._folder / f"{one.document_id}.json"

    def _write(self, one: Withdrawal) -> None:
        replace_file(self._file(one), msgspec.json.encode(one))

    def _read(self) -> Iterator[Withdrawal]:
        for file in sorted(self._folder.glob("*.json")):
            try:
                yield msgspec.json.decode(file.read_bytes(), type=Withdrawal)
            except FileNotFoundError:
                continue
            except msgspec.MsgspecError as error:
                log.warning("%s is not read: %s", file, error)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        guard = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(guard, fcntl.LOCK_EX)
            yield
        finally:
            os.close(guard)
