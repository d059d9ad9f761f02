"""Reads an index in a folder: the edition that serves, as an Edge shard.

Edge lets one process open a folder, has no read-only mode, and changes files even
while it only searches. So nobody opens an edition itself: every reader opens a copy
of its own. Two services, or a search from the command line beside one, do not meet,
and what was published stays as it was, to be compared with its checksum. The copy
costs what was written, not what the files look like (`copies`).

Searches run on the event loop: Edge holds the interpreter's lock, so a thread would
cost a fifth more and free nobody. It also means that none is ever under way while
the reader changes editions. Files are copied in a thread.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from ingest.documents import Chunk, Hit, Principal
from ingest.errors import DiskFull, IndexDamaged, IndexMismatch, IndexUnusable
from ingest.index import copies, editions, filters, points
from ingest.index.base import Edition, Extent, Fingerprint, IndexQuery, Stored
from ingest.index.edge import Shard
from ingest.settings import IndexSettings

log = logging.getLogger(__name__)

WATCH_SECONDS = 0.5
"""How often an open reader looks for a new edition: shown within 2 seconds, of which
copying and loading take their part."""


class FolderReader:
    """The newest sound edition; follows new ones until it is closed."""

    def __init__(
        self, folder: Path, settings: IndexSettings, expected: Fingerprint | None
    ) -> None:
        self._folder = folder
        self._floor = settings.disk_floor
        self._expected = expected
        self._opened: _Opened | None = None
        self._tried = ""
        self._complaint = ""
        self._closing = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Open the edition that serves, and follow the pointer from now on.

        Raises:
            IndexMissing: Nothing was published yet.
            IndexMismatch: The index was built differently than expected.
            IndexDamaged: No edition is what was published.
            DiskFull: Less space is left than a copy needs.
        """
        await self._follow()
        self._watching = asyncio.create_task(self._watch())

    @property
    def edition(self) -> Edition:
        """The edition that answers now."""
        edition = self._serving().edition
        return msgspec.structs.replace(edition, current=edition.name == self._tried)

    async def search(self, principal: Principal, query: IndexQuery) -> list[Hit]:
        """Search both rankings in one batch, then read the best hits' chunks."""
        points.usable(query.vector)
        dim = self._serving().edition.fingerprint.dim
        if len(query.vector) != dim:
            raise IndexMismatch(f"expected dim: {dim}, got {len(query.vector)}")
        return self._serving().shard.search(principal, query)

    async def chunk(self, principal: Principal, chunk_id: str) -> Chunk | None:
        """Read one chunk by its id."""
        found = self._visible(principal, [chunk_id])
        return found[0] if found else None

    async def chunks(self, principal: Principal, ids: Sequence[str]) -> list[Chunk]:
        """Read several chunks by their ids, all at once."""
        return self._visible(principal, ids)

    async def document(self, principal: Principal, document_id: str) -> list[Chunk]:
        """Read the chunks of a document."""
        wanted = filters.visible_to(principal) + filters.of_document(document_id)
        found = self._serving().shard.matching(wanted)
        return points.in_order(filters.checked(principal, found))

    async def neighbours(
        self, principal: Principal, chunk: Chunk, *, radius: int
    ) -> list[Chunk]:
        """Read a chunk's surroundings by their ids."""
        return self._visible(principal, points.around(chunk, radius))

    async def documents(self, principal: Principal) -> list[Stored]:
        """Read the first chunk of every document."""
        wanted = (*filters.visible_to(principal), filters.FIRST)
        return points.to_listing(self._serving().shard.stored(wanted))

    async def extent(self, principal: Principal) -> Extent:
        """Count points, and the first ones of documents."""
        shard, wanted = self._serving().shard, filters.visible_to(principal)
        return Extent(
            documents=shard.count((*wanted, filters.FIRST)), chunks=shard.count(wanted)
        )

    async def close(self) -> None:
        """Stop following, let searches finish, remove the private copy."""
        self._closing.set()
        if self._watching:
            await self._watching
        await self._exchange(None)

    def _visible(self, principal: Principal, ids: Iterable[str]) -> list[Chunk]:
        found = self._serving().shard.chunks(points.point_ids(ids))
        return points.in_order(c for c in found if filters.may_see(principal, c))

    def _serving(self) -> "_Opened":
        if self._opened is None:
            raise IndexUnusable(f"the index in {self._folder} is closed")
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
            await self._follow()
        except (IndexUnusable, DiskFull, OSError) as error:
            if str(error) != self._complaint:
                log.warning("a new edition cannot be opened, the old stays: %s", error)
            self._complaint = str(error)
            if isinstance(error, DiskFull):
                # Space comes back; the rest does not mend itself.
                self._tried = ""

    async def _follow(self) -> None:
        shown = await asyncio.to_thread(editions.current, self._folder)
        serving = self._opened.edition.name if self._opened else ""
        if serving and shown == self._tried:
            return
        self._tried = shown
        fresh = await asyncio.to_thread(
            _open_newest, self._folder, self._expected, serving, floor=self._floor
        )
        if fresh:
            await self._exchange(fresh)
        self._complaint = ""

    async def _exchange(self, fresh: "_Opened | None") -> None:
        old, self._opened = self._opened, fresh
        if old:
            await asyncio.to_thread(old.close)


class _Opened:
    """A loaded edition in a private copy."""

    def __init__(
        self, shard: Shard, edition: Edition, private: copies.PrivateCopy
    ) -> None:
        self.shard = shard
        self.edition = edition
        self._private = private

    def close(self) -> None:
        self.shard.close()
        copies.drop_private(self._private)


def _open_newest(
    folder: Path, expected: Fingerprint | None, serving: str, *, floor: int
) -> _Opened | None:
    """Open the newest sound edition; None if that is the one named `serving`."""
    while True:
        names = editions.candidates(folder)
        for name in names:
            if name == serving:
                return None
            try:
                with copies.readable(folder):
                    return _open(folder, name, expected, floor=floor)
            except IndexDamaged as error:
                log.warning("%s; trying the edition before", error)
        # Unless a run has published and pruned meanwhile, this was all.
        if editions.current(folder) == names[0]:
            raise IndexDamaged(f"no edition in {folder} is what was published")


def _open(
    folder: Path, name: str, expected: Fingerprint | None, *, floor: int
) -> _Opened:
    told = editions.manifest(folder, name)
    points.require_same(told.edition.fingerprint, expected)
    source = editions.shard_of(folder, name)
    copies.require_space(folder, floor=floor, needed=copies.occupied(source))
    private = copies.take_private(source, folder / "readers")
    try:
        return _Opened(_load(private, told), told.edition, private)
    except BaseException:  # cancelled as well: nothing may stay held
        copies.drop_private(private)
        raise


def _load(private: copies.PrivateCopy, told: editions.Manifest) -> Shard:
    edition = told.edition
    if private.checksum != told.checksum:
        raise IndexDamaged(f"edition {edition.name} is not what was published")
    shard = Shard.load(private.folder, edition.fingerprint.dim)
    # Edge opens a damaged log without a word, and with fewer points.
    if (found := shard.count()) != edition.chunks:
        shard.close()
        raise IndexDamaged(
            f"edition {edition.name} has {found} of {edition.chunks} chunks"
        )
    return shard
