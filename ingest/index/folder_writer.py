"""Writes the next edition of an index in a folder: a draft, as an Edge shard."""

import asyncio
import logging
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from ingest.documents import Chunk, Document, Vector, Vectors
from ingest.errors import IndexDamaged, IndexUnusable
from ingest.index import copies, editions, filters, points
from ingest.index.base import Edition, Fingerprint, Stored
from ingest.index.edge import Shard
from ingest.settings import IndexSettings

log = logging.getLogger(__name__)


class FolderWriter:
    """The draft of the next edition, held by one process."""

    def __init__(
        self, folder: Path, settings: IndexSettings, fingerprint: Fingerprint
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._fingerprint = fingerprint
        self._held: _Held | None = None

    async def open(self) -> None:
        """Take the writer's lock and open the draft.

        Raises:
            IndexBusy: Another process writes; the message names it.
            DiskFull: Less space is left than this needs.
        """
        self._held = await asyncio.to_thread(self._open)

    async def stored(self, tenant: str) -> dict[str, Stored]:
        """Read what the draft holds of a tenant."""
        wanted = [filters.Condition(filters.TENANT, (tenant,))]
        shard = self._require_open().shard
        return points.to_stored(await asyncio.to_thread(shard.stored, wanted))

    async def vectors(self, document_id: str) -> dict[str, Vector]:
        """Read a document's vectors."""
        shard = self._require_open().shard
        return await asyncio.to_thread(shard.vectors, document_id)

    async def replace(
        self, document: Document, chunks: Sequence[Chunk], vectors: Vectors
    ) -> None:
        """Write the new points, then delete what is left of the old."""
        dim = self._fingerprint.dim
        await asyncio.to_thread(
            lambda: self._replace(
                document.id, points.to_points(document, chunks, vectors, dim=dim)
            )
        )

    async def remove(self, document_id: str) -> None:
        """Delete a document's points."""
        shard = self._require_open().shard
        if await asyncio.to_thread(shard.count, filters.of_document(document_id)):
            await asyncio.to_thread(self._replace, document_id, [])

    async def publish(self) -> Edition:
        """Optimize, verify and publish the draft, unless nothing changed."""
        held = self._require_open()
        if not editions.is_changed(self._folder, held.draft):
            told = editions.manifest(self._folder, held.draft.current)
            await self.close()
            return msgspec.structs.replace(told.edition, current=True)
        copies.require_space(self._folder, floor=self._settings.disk_floor)
        try:
            return await asyncio.to_thread(self._publish, held)
        finally:
            await self.close()

    async def close(self) -> None:
        """Let go of the draft and of the lock."""
        held, self._held = self._held, None
        if held:
            await asyncio.to_thread(self._close, held)

    def _require_open(self) -> "_Held":
        if self._held is None:
            raise IndexUnusable(f"the draft in {self._folder} is closed")
        return self._held

    def _open(self) -> "_Held":
        with copies.readable(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            copies.require_space(self._folder, floor=self._settings.disk_floor)
            lock = copies.lock_for_writing(self._folder)
            try:
                return self._load_draft(lock)
            except BaseException:  # cancelled as well: nothing may stay held
                os.close(lock)
                raise

    def _load_draft(self, lock: int) -> "_Held":
        place = self._folder / "draft" / "shard"
        draft = self._begin()
        try:
            shard = Shard.load(place, self._fingerprint.dim)
        except IndexDamaged as error:
            log.warning("the draft of a run before is damaged, begun anew: %s", error)
            editions.discard(self._folder)
            draft = self._begin()
            shard = Shard.load(place, self._fingerprint.dim)
        return _Held(shard, draft, lock)

    def _begin(self) -> editions.Draft:
        return editions.begin(
            self._folder,
            self._fingerprint,
            floor=self._settings.disk_floor,
            create=lambda place: Shard.create(place, self._fingerprint.dim).close(),
        )

    def _replace(self, document_id: str, found: list[points.Point]) -> None:
        copies.require_space(self._folder, floor=self._settings.disk_floor)
        editions.mark_changed(self._folder)
        self._require_open().shard.replace(document_id, found)

    def _publish(self, held: "_Held") -> Edition:
        held.shard.finish()
        documents, chunks = held.shard.count([filters.FIRST]), held.shard.count()
        held.shard.close()
        shard = Shard.load(self._folder / "draft" / "shard", self._fingerprint.dim)
        found = shard.count()
        shard.close()
        if found != chunks:
            raise IndexDamaged(f"{found} of {chunks} chunks are left after closing")
        return editions.publish(
            self._folder,
            held.draft,
            documents=documents,
            chunks=chunks,
            keep=self._settings.editions,
        )

    def _close(self, held: "_Held") -> None:
        held.shard.close()
        # A draft nothing was written to saves the next run nothing.
        if not editions.is_marked(self._folder):
            editions.discard(self._folder)
        os.close(held.lock)


class _Held(Struct, frozen=True):
    """What a writer holds.

    Attributes:
        shard: The draft's shard, open.
        draft: What the draft is.
        lock: Descriptor of the writer's lock.
    """

    shard: Shard
    draft: editions.Draft
    lock: int
