"""An index that may come later: the service starts before the first ingest."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence

from ingest.documents import Chunk, Hit, Principal
from ingest.errors import DiskFull, IndexUnusable
from ingest.index import IndexReader
from ingest.index.base import Edition, Extent, IndexQuery, Stored

log = logging.getLogger(__name__)

OpenIndex = Callable[[], Awaitable[IndexReader]]
"""Opens the index that the settings name."""


class LateIndex:
    """An `IndexReader` that is opened as soon as there is something to open.

    Until then every call raises why there is nothing, and opening is tried again
    each second, so that nobody has to restart a service that came up too early.
    """

    def __init__(self, open_index: OpenIndex, *, pause: float = 1.0) -> None:
        self._open_index = open_index
        self._pause = pause
        self._reader: IndexReader | None = None
        self._why = IndexUnusable("the index has not been opened yet")
        self._opening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the index, or go on trying in the background."""
        if not await self._try():
            self._opening = asyncio.create_task(self._keep_trying())

    @property
    def edition(self) -> Edition:
        """The edition that answers now.

        Raises:
            IndexUnusable: There is none yet; the message says why.
        """
        return self._opened().edition

    async def search(self, principal: Principal, query: IndexQuery) -> list[Hit]:
        """See `IndexReader.search`."""
        return await self._opened().search(principal, query)

    async def chunk(self, principal: Principal, chunk_id: str) -> Chunk | None:
        """See `IndexReader.chunk`."""
        return await self._opened().chunk(principal, chunk_id)

    async def chunks(self, principal: Principal, ids: Sequence[str]) -> list[Chunk]:
        """See `IndexReader.chunks`."""
        return await self._opened().chunks(principal, ids)

    async def document(self, principal: Principal, document_id: str) -> list[Chunk]:
        """See `IndexReader.document`."""
        return await self._opened().document(principal, document_id)

    async def neighbours(
        self, principal: Principal, chunk: Chunk, *, radius: int
    ) -> list[Chunk]:
        """See `IndexReader.neighbours`."""
        return await self._opened().neighbours(principal, chunk, radius=radius)

    async def documents(self, principal: Principal) -> list[Stored]:
        """See `IndexReader.documents`."""
        return await self._opened().documents(principal)

    async def extent(self, principal: Principal) -> Extent:
        """See `IndexReader.extent`."""
        return await self._opened().extent(principal)

    async def close(self) -> None:
        """Stop trying, and close what was opened."""
        if self._opening is not None:
            self._opening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._opening
        if self._reader is not None:
            await self._reader.close()

    def _opened(self) -> IndexReader:
        if self._reader is None:
            raise self._why
        return self._reader

    async def _try(self) -> bool:
        try:
            self._reader = await self._open_index()
        except IndexUnusable as error:
            self._note(error)
            return False
        except DiskFull as error:
            self._note(IndexUnusable(str(error)))
            return False
        return True

    def _note(self, why: IndexUnusable) -> None:
        # Once a change, not once a second.
        if str(why) != str(self._why):
            log.warning("the index cannot be opened: %s", why)
        self._why = why

    async def _keep_trying(self) -> None:
        # Nothing tells when an index appears, in a folder or on a server.
        while not await self._try():  # noqa: ASYNC110
            await asyncio.sleep(self._pause)
        log.info("the index is open: edition %s", self.edition.name)
