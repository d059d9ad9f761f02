"""An index that may come later: the service starts before the first ingest."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from msgspec import structs

from ingest.documents import Chunk, Hit, Principal
from ingest.errors import (
    DiskFull,
    IndexForbidden,
    IndexMismatch,
    IndexMissing,
    IndexUnreachable,
    IndexUnusable,
    IngestError,
)
from ingest.index import IndexReader
from ingest.index.base import Edition, Extent, Holding, IndexQuery, Stored
from ingest.withdrawals import Withdrawals

log = logging.getLogger(__name__)

OpenIndex = Callable[[], Awaitable[IndexReader]]
"""Opens the index that the settings name."""

OLDER_EDITION = (
    "the one published last is damaged or was built otherwise: ingest again, or roll "
    "back with `frontdesk editions rollback`"
)
"""What to say when the edition that answers is not the current one."""

_NOT_MENDED = (IndexMismatch, IndexForbidden)
"""What a service that starts does not wait for: somebody must set it otherwise."""

_NOT_OPENED = (IndexUnusable, DiskFull)
"""Why there is nothing yet."""

_DEEPEST = 1000
"""Hits that are looked through at most for those that are not held back."""

_SILENT = (IndexMissing, IndexUnreachable)
"""Troubles of a reader that cannot answer with what it has either."""


class LateIndex:
    """An `IndexReader` that is opened as soon as there is something to open.

    Until then every call raises why there is nothing, and opening is tried again
    each second, so that nobody has to restart a service that came up too early. It
    says once in the log which edition answers; `app.states` says how it is.

    Documents that were withdrawn are held back here, for everybody who reads, as long
    as the edition that serves still has them.

    Attributes:
        withdrawals: These documents.
    """

    def __init__(
        self,
        open_index: OpenIndex,
        withdrawals: Withdrawals,
        *,
        pause: float = 1.0,
    ) -> None:
        self._open_index = open_index
        self.withdrawals = withdrawals
        self._pause = pause
        self._reader: IndexReader | None = None
        self._why = IndexUnusable("the index has not been opened yet")
        self._closing = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._told = ""

    async def start(self) -> None:
        """Open the index, or go on trying in the background.

        Raises:
            IndexMismatch: It was built otherwise; the message names both values.
            IndexForbidden: This user may not use its folder.
        """
        await self._look()
        try:
            await self._try()
        except _NOT_MENDED:
            raise
        except _NOT_OPENED:
            pass  # It is tried again.
        self._tell()
        self._watching = asyncio.create_task(self._watch())

    @property
    def edition(self) -> Edition:
        """The edition that answers now.

        Raises:
            IndexUnusable: There is none yet; the message says why.
        """
        return self._opened().edition

    @property
    def trouble(self) -> IngestError | None:
        """See `IndexReader.trouble`; before there is one, why there is none."""
        return self._reader.trouble if self._reader else self._why

    def state(self) -> tuple[str, str]:
        """Return "up", "degraded" or "down", and what is there or what is wrong."""
        trouble = self.trouble
        try:
            edition = self.edition
        except IndexUnusable as error:
            also = f"; {trouble}" if trouble and str(trouble) != str(error) else ""
            return "down", f"{error}{also}"
        if isinstance(trouble, _SILENT):
            return "down", str(trouble)
        detail = f"edition {edition.name}, {edition.documents} documents"
        if edition.current and trouble is None:
            return "up", detail
        advice = "" if edition.current else OLDER_EDITION
        whole = [detail, *([str(trouble)] if trouble else []), advice]
        return "degraded", "; ".join(filter(None, whole))

    async def search(self, principal: Principal, query: IndexQuery) -> list[Hit]:
        """See `IndexReader.search`."""
        while True:
            hidden = self._hidden()
            found = await self._opened().search(principal, query)
            hidden |= self._hidden()
            shown = [hit for hit in found if hit.chunk.document_id not in hidden]
            whole = len(shown) == len(found) or len(found) < query.keep
            if whole or query.keep >= _DEEPEST:
                return shown
            # What is held back has taken the places of others.
            keep = min(4 * query.keep, _DEEPEST)
            query = structs.replace(query, keep=keep, fetch=max(query.fetch, keep))

    async def chunk(self, principal: Principal, chunk_id: str) -> Chunk | None:
        """See `IndexReader.chunk`."""
        found = await self._shown(lambda index: index.chunks(principal, [chunk_id]))
        return found[0] if found else None

    async def chunks(self, principal: Principal, ids: Sequence[str]) -> list[Chunk]:
        """See `IndexReader.chunks`."""
        return await self._shown(lambda index: index.chunks(principal, ids))

    async def document(self, principal: Principal, document_id: str) -> list[Chunk]:
        """See `IndexReader.document`."""
        return await self._shown(lambda index: index.document(principal, document_id))

    async def neighbours(
        self, principal: Principal, chunk: Chunk, *, radius: int
    ) -> list[Chunk]:
        """See `IndexReader.neighbours`."""
        return await self._shown(
            lambda index: index.neighbours(principal, chunk, radius=radius)
        )

    async def documents(self, principal: Principal) -> list[Stored]:
        """See `IndexReader.documents`."""
        hidden = self._hidden()
        found = await self._opened().documents(principal)
        hidden |= self._hidden()
        return [stored for stored in found if stored.document_id not in hidden]

    async def holdings(self, principal: Principal) -> list[Holding]:
        """See `IndexReader.holdings`; what was withdrawn is among it."""
        return await self._opened().holdings(principal)

    async def extent(self, principal: Principal) -> Extent:
        """See `IndexReader.extent`."""
        return await self._opened().extent(principal)

    async def close(self) -> None:
        """Stop trying, and close what was opened."""
        self._closing.set()
        if self._watching is not None:
            await self._watching
        if self._reader is not None:
            await self._reader.close()

    def _hidden(self) -> frozenset[str]:
        """Return ids of documents that the edition that serves must not show."""
        if not self.withdrawals.every:
            return frozenset()
        return self.withdrawals.hidden(self._opened().edition.created)

    async def _shown(
        self, read: Callable[[IndexReader], Awaitable[list[Chunk]]]
    ) -> list[Chunk]:
        """Return what is read but for what must not be shown.

        That is what must not be before or after: meanwhile another edition may have
        begun to serve, or something been withdrawn.
        """
        hidden = self._hidden()
        found = await read(self._opened())
        hidden |= self._hidden()
        return [chunk for chunk in found if chunk.document_id not in hidden]

    async def _look(self) -> None:
        """See what was withdrawn elsewhere; what is known holds if nobody can tell."""
        try:
            await asyncio.to_thread(self.withdrawals.look)
        except OSError as error:
            log.warning("what was withdrawn cannot be read: %s", error)

    def _opened(self) -> IndexReader:
        if self._reader is None:
            raise self._why
        return self._reader

    async def _try(self) -> None:
        try:
            self._reader = await self._open_index()
        except IndexUnusable as error:
            self._why = error
            raise
        except DiskFull as error:
            self._why = IndexUnusable(str(error))
            raise

    async def _watch(self) -> None:
        # Nothing tells when an index appears, in a folder or on a server.
        while not self._closing.is_set():
            try:
                await asyncio.wait_for(self._closing.wait(), self._pause)
            except TimeoutError:
                await self._look()
                if self._reader is None:
                    with suppress(*_NOT_OPENED):
                        await self._try()
                self._tell()

    def _tell(self) -> None:
        """Say which edition answers, if it is another than before."""
        name = self._reader.edition.name if self._reader else ""
        if name and name != self._told:
            self._told = name
            log.info("the index answers: %s", self.state()[1])
