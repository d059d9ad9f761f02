"""Writes the next edition of an index in a folder: a draft, as an Edge shard."""

import asyncio
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import msgspec
from msgspec import Struct

from ingest.documents import Chunk, Document, Vector, Vectors
from ingest.errors import IndexDamaged, IndexUnusable
from ingest.index import copies, editions, filters, leftovers, lists, points
from ingest.index.base import Edition, Fingerprint, Stored
from ingest.index.edge import Shard
from ingest.settings import IndexSettings

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


def listed(
    folder: Path, fingerprint: Fingerprint
) -> dict[str, dict[str, Stored]] | None:
    """Return the documents of the published edition, by tenant and id, by its list.

    Returns:
        Nothing if there was never an edition; None if the list cannot be read or
        the edition was built differently.
    """
    name = editions.current(folder)
    if not name:
        return {}
    try:
        built = editions.manifest(folder, name).edition.fingerprint
    except IndexDamaged:
        return None
    found = lists.read(editions.shard_of(folder, name))
    if found is None or built != fingerprint:
        return None
    return {
        tenant: {stored.document_id: stored for stored in documents}
        for tenant, documents in found.items()
    }


class FolderWriter:
    """The draft of the next edition, held by one process.

    The draft is begun when something is written. Until then the list of the
    published edition tells what is stored.
    """

    def __init__(
        self, folder: Path, settings: IndexSettings, fingerprint: Fingerprint
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._fingerprint = fingerprint
        self._lock: int | None = None
        self._held: _Held | None = None
        self._listed: dict[str, dict[str, Stored]] | None = None

    async def open(self) -> None:
        """Take the writer's lock, and open the draft that a run before left.

        Raises:
            IndexBusy: Another process writes; the message names it.
            IndexForbidden: This user may not write here.
            DiskFull: Less space is left than this needs.
        """
        await self._do(self._open)

    async def begin(self) -> bool:
        """Open the draft. False if it holds something else than `stored` told."""
        if self._held is None:
            self._require_open()
            self._held = await self._do(self._load_draft)
            draft = self._held.draft
            told, self._listed = self._listed is not None, None
            return not told or draft.origin == draft.current
        return True

    async def stored(self, tenant: str) -> dict[str, Stored]:
        """Read what the draft holds of a tenant."""
        self._require_open()
        if self._listed is not None:
            return self._listed.get(tenant, {})
        shard = (await self._begun()).shard
        wanted = [filters.Condition(filters.TENANT, (tenant,))]
        return await self._do(lambda: points.to_stored(shard.stored(wanted)))

    async def vectors(self, document_id: str) -> dict[str, Vector]:
        """Read a document's vectors."""
        shard = (await self._begun()).shard
        return await self._do(shard.vectors, document_id)

    async def replace(
        self, document: Document, chunks: Sequence[Chunk], vectors: Vectors
    ) -> None:
        """Write the new points, then delete what is left of the old."""
        dim = self._fingerprint.dim
        shard = (await self._begun()).shard
        await self._do(
            lambda: self._replace(
                shard, document.id, points.to_points(document, chunks, vectors, dim=dim)
            )
        )

    async def remove(self, document_id: str) -> None:
        """Delete a document's points."""
        shard = (await self._begun()).shard
        if await self._do(shard.count, filters.of_document(document_id)):
            await self._do(self._replace, shard, document_id, [])

    async def publish(self) -> Edition:
        """Optimize, verify and publish the draft, unless nothing changed."""
        self._require_open()
        try:
            if self._listed:
                return self._current()
            held = await self._begun()
            if not editions.is_changed(self._folder, held.draft):
                return await self._do(self._unchanged, held)
            return await self._do(self._publish, held)
        finally:
            await self.close()

    async def close(self) -> None:
        """Let go of the draft and of the lock."""
        held, self._held = self._held, None
        lock, self._lock = self._lock, None
        if lock is not None:
            await self._do(self._close, held, lock)

    async def _do(self, work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """Do file work in a thread; what is refused there gets a name of ours.

        Nobody closes what is worked on: who is cancelled waits for the work's end.
        """
        with copies.readable(self._folder):
            working = asyncio.ensure_future(asyncio.to_thread(work, *given, **named))
            try:
                return await asyncio.shield(working)
            except asyncio.CancelledError:
                await asyncio.wait([working])
                raise

    def _require_open(self) -> None:
        if self._lock is None:
            raise IndexUnusable(f"the draft in {self._folder} is closed")

    async def _begun(self) -> "_Held":
        """Return the draft, which is opened if it was not."""
        self._require_open()
        if self._held is None:
            await self.begin()
        return cast("_Held", self._held)

    def _open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        copies.require_space(self._folder, floor=self._settings.disk_floor)
        lock = copies.lock_for_writing(self._folder)
        try:
            names, shown = editions.names(self._folder), editions.current(self._folder)
            leftovers.tidy(self._folder, names=names, shown=shown)
            if not (self._folder / "draft").exists():
                self._listed = listed(self._folder, self._fingerprint) or None
            if self._listed is None:
                self._held = self._load_draft()
        except BaseException:  # cancelled as well: nothing may stay held
            os.close(lock)
            raise
        self._lock = lock

    def _load_draft(self) -> "_Held":
        draft = self._begin()
        try:
            shard = self._load_shard()
        except IndexDamaged as error:
            log.warning("the draft of a run before is damaged, begun anew: %s", error)
            editions.discard(self._folder)
            draft = self._begin()
            shard = self._load_shard()
        return _Held(shard, draft)

    def _load_shard(self) -> Shard:
        place, dim = self._folder / "draft" / "shard", self._fingerprint.dim
        return Shard.load_to_build(place, dim, self._settings.quantization)

    def _begin(self) -> editions.Draft:
        dim, quantization = self._fingerprint.dim, self._settings.quantization
        return editions.begin(
            self._folder,
            self._fingerprint,
            floor=self._settings.disk_floor,
            create=lambda place: Shard.create(place, dim, quantization).close(),
        )

    def _replace(
        self, shard: Shard, document_id: str, found: list[points.Point]
    ) -> None:
        floor, needed = self._settings.disk_floor, _room_for(found)
        copies.require_space(self._folder, floor=floor, needed=needed)
        editions.mark_changed(self._folder)
        shard.replace(document_id, found)

    def _current(self) -> Edition:
        name = editions.current(self._folder)
        told = editions.manifest(self._folder, name).edition
        return msgspec.structs.replace(told, current=True)

    def _unchanged(self, held: "_Held") -> Edition:
        """Return the current edition, and list what it holds if that is not known."""
        place = editions.shard_of(self._folder, held.draft.current)
        if lists.read(place) is None:
            lists.write(place, points.to_lists(held.shard.stored()))
        return self._current()

    def _publish(self, held: "_Held") -> Edition:
        # Segments are built anew beside those that are there.
        copies.require_space(
            self._folder,
            floor=self._settings.disk_floor,
            needed=copies.occupied(self._folder / "draft" / "shard"),
        )
        held.shard.finish()
        chunks = held.shard.count()
        held.shard.close()
        shard = Shard.load(self._folder / "draft" / "shard", self._fingerprint.dim)
        documents = points.to_lists(shard.stored())
        shard.close()
        found = sum(stored.chunks for every in documents.values() for stored in every)
        if found != chunks:
            raise IndexDamaged(f"{found} of {chunks} chunks are left after closing")
        return editions.publish(
            self._folder,
            held.draft,
            documents=documents,
            chunks=chunks,
            keep=self._settings.editions,
        )

    def _close(self, held: "_Held | None", lock: int) -> None:
        if held:
            held.shard.close()
            # A draft nothing was written to saves the next run nothing.
            if not editions.is_marked(self._folder):
                editions.discard(self._folder)
        os.close(lock)


class _Held(Struct, frozen=True):
    """A draft that is open."""

    shard: Shard
    draft: editions.Draft


def _room_for(found: Sequence[points.Point]) -> int:
    """Return the bytes that must be free before points are written.

    Twice what they hold: once for the log, once for the segment.
    """
    return 2 * sum(p.dense.nbytes + len(msgspec.json.encode(p.payload)) for p in found)
