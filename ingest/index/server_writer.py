"""Writes an index on a Qdrant server, and lists and rolls back what is there.

Each document is replaced in one ordered request, and seen at once. Another model or
other chunks make another collection beside the first, named after the alias and the
fingerprint; the alias moves to it when it is complete.

Several runs at once do not harm each other: a document that two of them mixed up is
known as a part, and the next run replaces it. So there is no lock to be left behind.
"""

from collections.abc import Sequence

import msgspec

from ingest.documents import Chunk, Document, Vector, Vectors
from ingest.errors import IndexMissing
from ingest.index import filters, points, states
from ingest.index.base import Edition, Fingerprint, Stored
from ingest.index.server import Server
from ingest.settings import IndexSettings

WRITE_SECONDS = 60.0
"""Seconds one request of a run may take."""


class ServerWriter:
    """One run that writes the collection of a fingerprint."""

    def __init__(self, settings: IndexSettings, fingerprint: Fingerprint) -> None:
        self._settings = settings
        self._fingerprint = fingerprint
        self._collection = states.collection_of(settings.collection, fingerprint)
        self._server = Server(settings, timeout=WRITE_SECONDS)
        self._marked = False

    async def open(self) -> None:
        """Find the collection or make it.

        Raises:
            IndexUnreachable: The server does not answer.
        """
        try:
            fresh = states.State(self._collection, self._fingerprint)
            if self._collection not in await self._server.names():
                await self._server.create(fresh)
            await self._server.index_payload(self._collection)
        except BaseException:  # cancelled as well: nothing may stay held
            await self._server.close()
            raise

    async def stored(self, tenant: str) -> dict[str, Stored]:
        """Read what the collection holds of a tenant."""
        wanted = [filters.Condition(filters.TENANT, (tenant,))]
        return points.to_stored(await self._server.stored(self._collection, wanted))

    async def begin(self) -> bool:
        """Nothing is begun here: the collection is there."""
        return True

    async def vectors(self, document_id: str) -> dict[str, Vector]:
        """Read a document's vectors."""
        return await self._server.vectors(self._collection, document_id)

    async def replace(
        self, document: Document, chunks: Sequence[Chunk], vectors: Vectors
    ) -> None:
        """Write the new points, then delete what is left of the old."""
        found = points.to_points(document, chunks, vectors, dim=self._fingerprint.dim)
        await self._mark()
        await self._server.replace(self._collection, document.id, found)

    async def remove(self, document_id: str) -> None:
        """Delete a document's points."""
        wanted = filters.of_document(document_id)
        if await self._server.count(self._collection, wanted):
            await self._mark()
            await self._server.replace(self._collection, document_id, [])

    async def publish(self) -> Edition:
        """Count, tell readers, and let the alias point here."""
        try:
            return await self._publish()
        finally:
            await self.close()

    async def close(self) -> None:
        """Close the connection."""
        await self._server.close()

    async def _mark(self) -> None:
        """Write down, once and first, that something is being written."""
        if not self._marked:
            state = await self._server.state(self._collection)
            await self._server.remember(msgspec.structs.replace(state, changed=True))
            self._marked = True

    async def _publish(self) -> Edition:
        state = await self._server.state(self._collection)
        shown = await self._server.shown() == self._collection
        if state.edition and shown and not state.changed:
            return state.edition
        edition = states.next_edition(
            state,
            documents=await self._server.count(self._collection, [filters.FIRST]),
            chunks=await self._server.count(self._collection, []),
        )
        told = states.State(self._collection, self._fingerprint, edition)
        await self._server.remember(told)
        if not shown:
            await self._server.show(self._collection)
        await self._prune()
        return edition

    async def _prune(self) -> None:
        """Delete the collections that were shown longest ago."""
        found = await _published(self._server, self._settings)
        others = [name for name, edition in found if not edition.current]
        for name in others[: max(len(others) - (self._settings.editions - 1), 0)]:
            await self._server.drop(name)


async def listed(settings: IndexSettings) -> list[Edition]:
    """Return the published collections of the alias, oldest first."""
    server = Server(settings, timeout=WRITE_SECONDS)
    try:
        return [edition for _, edition in await _published(server, settings)]
    finally:
        await server.close()


async def roll_back(settings: IndexSettings, name: str | None) -> Edition:
    """Let the alias point to another collection again.

    Args:
        settings: Which server and alias.
        name: The edition, or its collection; None for the one before the current.

    Raises:
        IndexMissing: There is no such edition.
    """
    server = Server(settings, timeout=WRITE_SECONDS)
    try:
        found = await _published(server, settings)
        chosen = _chosen(found, name)
        await server.show(chosen[0])
    finally:
        await server.close()
    return msgspec.structs.replace(chosen[1], current=True)


def _chosen(found: list[tuple[str, Edition]], name: str | None) -> tuple[str, Edition]:
    current = next((i for i, (_, e) in enumerate(found) if e.current), len(found))
    before = found[:current]
    wanted = [pair for pair in found if name in (pair[0], pair[1].name)]
    if name is None and before:
        return before[-1]
    if wanted:
        return wanted[0]
    raise IndexMissing(
        f"there is no edition {name or 'before the current one'}; a server keeps one "
        "for each model and chunk setting"
    )


async def _published(
    server: Server, settings: IndexSettings
) -> list[tuple[str, Edition]]:
    """Return the alias's collections and their editions, oldest first."""
    shown = await server.shown()
    found = []
    for name in await server.names():
        if not states.belongs(name, settings.collection):
            continue
        if edition := (await server.state(name)).edition:
            current = name == shown
            found.append((name, msgspec.structs.replace(edition, current=current)))
    return sorted(found, key=lambda pair: pair[1].created)
