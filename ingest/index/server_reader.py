"""Reads an index on a Qdrant server: the collection that the alias points to."""

import asyncio
from collections.abc import Iterable, Sequence

from ingest.documents import Chunk, Hit, Principal
from ingest.errors import (
    DiskFull,
    IndexMismatch,
    IndexMissing,
    IndexUnusable,
    IngestError,
)
from ingest.index import filters, holdings, points
from ingest.index.base import (
    Edition,
    Extent,
    Fingerprint,
    Holding,
    IndexQuery,
    Stored,
)
from ingest.index.server import Server
from ingest.settings import IndexSettings

WATCH_SECONDS = 1.0
"""How often an open reader asks where the alias points."""


class ServerReader:
    """The published collection; follows the alias until it is closed.

    Searches name the collection and not the alias: what another model has made
    must not be asked with this one's vectors, not even for a second.
    """

    def __init__(self, settings: IndexSettings, expected: Fingerprint | None) -> None:
        self._settings = settings
        self._expected = expected
        self._server = Server(settings, timeout=settings.timeout)
        self._serving: tuple[str, Edition] | None = None
        self._trouble: IngestError | None = None
        self._closing = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Find the collection, and follow the alias from now on.

        Raises:
            IndexUnreachable: The server does not answer.
            IndexMissing: Nothing was published yet.
            IndexMismatch: The index was built differently than expected.
        """
        try:
            await self._follow()
        except BaseException:  # cancelled as well: nothing may stay held
            await self._server.close()
            raise
        self._watching = asyncio.create_task(self._watch())

    @property
    def edition(self) -> Edition:
        """What was last published in the collection that answers now."""
        return self._require_open()[1]

    @property
    def trouble(self) -> IngestError | None:
        """What came of the last look at the alias, unless all was well."""
        return self._trouble

    async def search(self, principal: Principal, query: IndexQuery) -> list[Hit]:
        """Search both rankings in one request."""
        points.usable(query.vector)
        collection, edition = self._require_open()
        if len(query.vector) != edition.fingerprint.dim:
            dim = edition.fingerprint.dim
            raise IndexMismatch(f"expected dim: {dim}, got {len(query.vector)}")
        return await self._server.search(collection, principal, query)

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
        found = await self._server.matching(self._require_open()[0], wanted)
        return points.in_order(filters.checked(principal, found))

    async def neighbours(
        self, principal: Principal, chunk: Chunk, *, radius: int
    ) -> list[Chunk]:
        """Read a chunk's surroundings by their ids."""
        return await self._visible(principal, points.around(chunk, radius))

    async def documents(self, principal: Principal) -> list[Stored]:
        """Read the first chunk of every document."""
        wanted = (*filters.visible_to(principal), filters.FIRST)
        collection = self._require_open()[0]
        return points.to_listing(await self._server.stored(collection, wanted))

    async def holdings(self, principal: Principal) -> list[Holding]:
        """Read the first chunk of every document of a tenant."""
        wanted = filters.held_by(principal)
        collection = self._require_open()[0]
        found = await self._server.stored(collection, wanted, holdings.FIELDS)
        return holdings.of(found)

    async def extent(self, principal: Principal) -> Extent:
        """Count points, and the first ones of documents."""
        wanted = filters.visible_to(principal)
        collection = self._require_open()[0]
        return Extent(
            documents=await self._server.count(collection, (*wanted, filters.FIRST)),
            chunks=await self._server.count(collection, wanted),
        )

    async def close(self) -> None:
        """Stop following and close the connection."""
        self._closing.set()
        if self._watching:
            await self._watching
        self._serving = None
        await self._server.close()

    async def _visible(self, principal: Principal, ids: Iterable[str]) -> list[Chunk]:
        known = points.point_ids(ids)
        found = await self._server.chunks(self._require_open()[0], known)
        return points.in_order(c for c in found if filters.may_see(principal, c))

    def _require_open(self) -> tuple[str, Edition]:
        if self._serving is None:
            raise IndexUnusable(f"the index on {self._settings.url} is closed")
        return self._serving

    async def _watch(self) -> None:
        while not self._closing.is_set():
            try:
                await asyncio.wait_for(self._closing.wait(), WATCH_SECONDS)
            except TimeoutError:
                await self._try_to_follow()

    async def _try_to_follow(self) -> None:
        try:
            await self._follow()
        except (IndexUnusable, DiskFull) as error:
            self._trouble = error

    async def _follow(self) -> None:
        state = await self._server.state(self._settings.collection)
        if state.edition is None:
            raise IndexMissing(f"the collection {state.collection} is not published")
        points.require_same(state.fingerprint, self._expected)
        self._serving = state.collection, state.edition
        self._trouble = None
