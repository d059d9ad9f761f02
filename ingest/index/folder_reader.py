"""Reads an index in a folder: the edition that serves, searched by another process.

Edge lets one process open a folder, has no read-only mode, and changes files even
while it only searches. So nobody opens an edition itself: every reader has a copy of
its own. Two services, or a search from the command line beside one, do not meet,
and what was published stays as it was, to be compared with its checksum. The copy
costs what was written, not what the files look like (`copies`).

The copy is made, opened and searched in a process of its own (`searching`): Edge
holds the interpreter's lock in every call, and would hold the event loop. A new
edition is opened by a new process beside the old one, which ends when it has
answered what it was asked. A process that dies is replaced.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from ingest.documents import Chunk, Hit, Principal
from ingest.errors import (
    DiskFull,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    IndexUnusable,
    IngestError,
)
from ingest.index import copies, editions, filters, points
from ingest.index.base import (
    Edition,
    Extent,
    Fingerprint,
    Holding,
    IndexQuery,
    Stored,
)
from ingest.index.searcher import STUCK_SECONDS, Searcher
from ingest.settings import IndexSettings

log = logging.getLogger(__name__)

WATCH_SECONDS = 0.5
"""How often an open reader looks for a new edition: shown within 2 seconds, of which
copying and loading take their part. A process that died is missed as soon."""

_PAUSE = 1.0
"""Seconds until the second process in a row that died is replaced; the first is at
once, and each further one after twice as long."""

_LONGEST_PAUSE = 30.0

_LONG_LIVED = 60.0
"""Seconds after which a process that dies has not died of how it was started."""


class FolderReader:
    """The newest sound edition; follows new ones until it is closed."""

    def __init__(
        self,
        folder: Path,
        settings: IndexSettings,
        expected: Fingerprint | None,
        *,
        patience: float = STUCK_SECONDS,
    ) -> None:
        """Read the index in `folder`.

        Args:
            folder: The index.
            settings: How it is read.
            expected: What it must have been built with; None for anything.
            patience: Seconds after which a process that does not answer is replaced.
        """
        self._patience = patience
        self._folder = folder
        self._floor = settings.disk_floor
        self._expected = expected
        self._opened: _Opened | None = None
        self._tried = ""
        self._trouble: IngestError | None = None
        self._closing = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._why = f"the index in {folder} is closed"
        self._pause = 0.0
        self._revival = 0.0

    async def open(self) -> None:
        """Open the edition that serves, and follow the pointer from now on.

        Raises:
            IndexMissing: Nothing was published yet.
            IndexMismatch: The index was built differently than expected.
            IndexDamaged: No edition is what was published.
            IndexForbidden: This user may not use the folder.
            DiskFull: Less space is left than a copy needs.
        """
        with copies.readable(self._folder):
            await self._follow()
        self._watching = asyncio.create_task(self._watch())

    @property
    def edition(self) -> Edition:
        """The edition that answers now."""
        edition = self._serving().edition
        return msgspec.structs.replace(edition, current=edition.name == self._tried)

    @property
    def trouble(self) -> IngestError | None:
        """What kept it from opening what was published last."""
        return self._trouble

    @property
    def pid(self) -> int:
        """Number of the process that searches now."""
        return self._serving().searcher.pid

    async def search(self, principal: Principal, query: IndexQuery) -> list[Hit]:
        """Search both rankings in one batch, then read the best hits' chunks."""
        points.usable(query.vector)
        serving = self._serving()
        dim = serving.edition.fingerprint.dim
        if len(query.vector) != dim:
            raise IndexMismatch(f"expected dim: {dim}, got {len(query.vector)}")
        hits = await serving.searcher.search(principal, query)
        filters.checked(principal, (hit.chunk for hit in hits))
        return hits

    async def chunk(self, principal: Principal, chunk_id: str) -> Chunk | None:
        """Read one chunk by its id."""
        found = await self._visible(principal, [chunk_id])
        return found[0] if found else None

    async def chunks(self, principal: Principal, ids: Sequence[str]) -> list[Chunk]:
        """Read several chunks by their ids, all at once."""
        return await self._visible(principal, ids)

    async def document(self, principal: Principal, document_id: str) -> list[Chunk]:
        """Read the chunks of a document."""
        wanted = filters.visible_to(principal) + filters.of_document(document_id)
        found = await self._serving().searcher.matching(wanted)
        return points.in_order(filters.checked(principal, found))

    async def neighbours(
        self, principal: Principal, chunk: Chunk, *, radius: int
    ) -> list[Chunk]:
        """Read a chunk's surroundings by their ids."""
        return await self._visible(principal, points.around(chunk, radius))

    async def documents(self, principal: Principal) -> list[Stored]:
        """Read the first chunk of every document."""
        wanted = (*filters.visible_to(principal), filters.FIRST)
        return await self._serving().searcher.listing(wanted)

    async def holdings(self, principal: Principal) -> list[Holding]:
        """Read the first chunk of every document of a tenant."""
        return await self._serving().searcher.holdings(filters.held_by(principal))

    async def extent(self, principal: Principal) -> Extent:
        """Count points, and the first ones of documents."""
        searcher, wanted = self._serving().searcher, filters.visible_to(principal)
        return Extent(
            documents=await searcher.count((*wanted, filters.FIRST)),
            chunks=await searcher.count(wanted),
        )

    async def close(self) -> None:
        """Stop following, let searches finish, remove the private copy."""
        self._closing.set()
        if self._watching:
            await self._watching
        self._why = f"the index in {self._folder} is closed"
        await self._exchange(None)

    async def _visible(self, principal: Principal, ids: Iterable[str]) -> list[Chunk]:
        found = await self._serving().searcher.chunks(points.point_ids(ids))
        return points.in_order(c for c in found if filters.may_see(principal, c))

    def _serving(self) -> "_Opened":
        if self._opened is None:
            raise IndexUnusable(self._why)
        return self._opened

    async def _watch(self) -> None:
        while not self._closing.is_set():
            try:
                await asyncio.wait_for(self._closing.wait(), WATCH_SECONDS)
            except TimeoutError:
                await self._try_to_follow()

    async def _try_to_follow(self) -> None:
        """Open a new edition if there is one; on any trouble go on with the old."""
        try:
            with copies.readable(self._folder):
                await self._follow()
        except DiskFull as error:
            # Space comes back; the rest does not mend itself.
            self._trouble, self._tried = error, ""
        except IndexUnusable as error:
            is_missing = isinstance(error, IndexMissing)
            # What it has still answers.
            self._trouble = IndexDamaged(str(error)) if is_missing else error
            if self._opened is None:
                self._wait_longer()

    async def _follow(self) -> None:
        shown = await asyncio.to_thread(editions.current, self._folder)
        await self._miss_the_dead()
        serving = self._opened.edition.name if self._opened else ""
        if serving and shown == self._tried:
            return
        if not serving and asyncio.get_running_loop().time() < self._revival:
            return
        self._tried = shown
        fresh = await _open_newest(
            self._folder, self._expected, serving, floor=self._floor
        )
        if fresh:
            await self._exchange(fresh)
        self._trouble = None

    async def _miss_the_dead(self) -> None:
        """See whether the process lives; if not, say so and decide on another."""
        if self._opened is None:
            return
        searcher = self._opened.searcher
        searcher.end_if_stuck(self._patience)
        if not searcher.ended:
            return
        lived = asyncio.get_running_loop().time() - self._opened.since
        if lived > _LONG_LIVED:
            self._pause = 0.0
        await self._exchange(None)
        self._why = searcher.epitaph()
        log.error("%s", self._why)
        self._wait_longer()

    def _wait_longer(self) -> None:
        self._revival = asyncio.get_running_loop().time() + self._pause
        self._pause = min(max(2 * self._pause, _PAUSE), _LONGEST_PAUSE)

    async def _exchange(self, fresh: "_Opened | None") -> None:
        old, self._opened = self._opened, fresh
        if old:
            await old.searcher.end()


class _Opened(Struct, frozen=True):
    """An edition, and the process that searches it.

    Attributes:
        searcher: The process.
        edition: What it opened.
        since: When it did, by the event loop's clock.
    """

    searcher: Searcher
    edition: Edition
    since: float


async def _open_newest(
    folder: Path, expected: Fingerprint | None, serving: str, *, floor: int
) -> _Opened | None:
    """Open the newest sound edition; None if that is the one named `serving`."""
    while True:
        names = await asyncio.to_thread(editions.candidates, folder)
        for name in names:
            if name == serving:
                return None
            try:
                told = await asyncio.to_thread(editions.manifest, folder, name)
                points.require_same(told.edition.fingerprint, expected)
                return await _open(folder, told, floor=floor)
            except IndexDamaged as error:
                log.warning("%s; trying the edition before", error)
        # Unless a run has published and pruned meanwhile, this was all.
        if editions.current(folder) == names[0]:
            raise IndexDamaged(f"no edition in {folder} is what was published")


async def _open(folder: Path, told: editions.Manifest, *, floor: int) -> _Opened:
    source = editions.shard_of(folder, told.edition.name)
    # Looked at here as well: no process is started only to find that out.
    await asyncio.to_thread(
        lambda: copies.require_space(
            folder, floor=floor, needed=copies.occupied(source)
        )
    )
    searcher = await Searcher.start()
    try:
        await searcher.open(str(folder), told, floor=floor)
    except BaseException:  # cancelled as well: nothing may stay held
        await searcher.end()
        raise
    return _Opened(searcher, told.edition, asyncio.get_running_loop().time())
