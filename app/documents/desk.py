"""The documents in the service's keeping: listed, put, deleted, taken into the index.

    put ────▶ folder ─────────────────▶ ask for a run ──▶ index
    delete ─▶ trash ──▶ withdrawn ────▶ ask for a run ──▶ index without it
                           └─▶ answers no more, from here on

Every tenant may read what the index holds of it; written to is only the folder of a
tenant that has one.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from msgspec import structs

from app import metrics
from app.documents import folder as folders
from app.documents import places
from app.documents.editions import Editions
from app.documents.ingests import Ingests
from app.documents.receiving import receive
from app.documents.states import STATES, Kept, documents_of, told_by
from app.documents.trash import Trash
from app.errors import Forbidden, InvalidRequest, NotFound, Overloaded
from app.retrieval.late_index import LateIndex
from app.settings import Settings
from ingest.documents import Principal
from ingest.errors import IndexMissing, IndexUnusable
from ingest.index import folder_of, records_of
from ingest.index.base import Holding
from ingest.logged import Run
from ingest.walking import Seen

_AT_ONCE = 8
"""Files that are taken at once: more would only share the disk."""

_COUNTED = 30.0
"""Seconds between two counts of the documents for the gauges."""

_NO_LABEL = "The documents there carry access labels that this key does not hold."

log = logging.getLogger(__name__)


class Desk:
    """Looks after documents on behalf of those who may.

    Attributes:
        ingests: The runs.
        editions: What they published.
    """

    def __init__(self, settings: Settings, index: LateIndex) -> None:
        self.ingests = Ingests(settings)
        self.editions = Editions(settings.index, settings.desk, index)
        self._desk = settings.desk
        self._index_settings = settings.index
        self._largest = min(settings.desk.max_bytes, settings.read.max_bytes)
        kept = records_of(settings.index) / "trash"
        self.trash = Trash(kept, days=settings.desk.trash_days)
        self._labels = tuple(p.strip() for p in settings.desk.labels.split(","))
        self._index = index
        self._withdrawals = index.withdrawals
        self._uploads = 0
        self._held: dict[str, tuple[str, list[Holding]]] = {}
        self._counts: dict[str, Counter[str]] = {}

    @property
    def largest(self) -> int:
        """Bytes of the largest file that is taken."""
        return self._largest

    def folder_of(self, principal: Principal) -> Path | None:
        """Return the folder of a tenant's documents; None if it has none here."""
        return places.place_of(self._desk, principal.tenant)

    async def trouble(self, principal: Principal) -> str:
        """Return why this principal can write no document, or ""."""
        folder = self.folder_of(principal)
        if folder is None:
            return places.NOWHERE
        records = records_of(self._index_settings)
        return await asyncio.to_thread(
            lambda: folders.trouble(folder) or folders.trouble(records, "INDEX_RECORDS")
        )

    async def every(self, principal: Principal) -> list[Kept]:
        """Return the documents that the principal may see, by path.

        Raises:
            IndexUnusable: The index cannot be read.
        """
        folder = self.folder_of(principal)
        files = None
        if folder is not None:
            files = await asyncio.to_thread(places.surveyed, folder, self._labels)
        found = await self._known(principal, files, await self._holdings(principal))
        counts = Counter(one.state for one in found)
        self._counts[principal.tenant] = Counter({str(k): n for k, n in counts.items()})
        self._show_counts()
        return [one for one in found if places.may_see(principal, one.labels)]

    async def one(self, principal: Principal, path: str) -> Kept:
        """Return one document.

        Raises:
            NotFound: There is none, or none that this principal may see.
            IndexUnusable: The index cannot be read, and no file tells of it.
        """
        folder = self.folder_of(principal)
        file = None
        if folder is not None:
            file = await asyncio.to_thread(places.looked_at, folder, path, self._labels)
        try:
            held = await self._holdings(principal)
        except IndexUnusable:
            if file is None:
                raise
            held = []
        files = None if folder is None else [file] if file else []
        those = [holding for holding in held if holding.path == path]
        for found in await self._known(principal, files, those):
            if places.may_see(principal, found.labels):
                return found
        raise NotFound("There is no such document.")

    async def put(
        self,
        principal: Principal,
        path: str,
        pieces: AsyncIterator[bytes],
        *,
        replace: bool,
    ) -> tuple[Kept, Run]:
        """Take a file into the folder, and ask for a run.

        Args:
            principal: Whose document it is to be.
            path: A path that `app.documents.paths.new_path_of` gave.
            pieces: Its bytes.
            replace: Whether it may take the place of another.

        Raises:
            Forbidden: This principal, or the service, may not write there.
            InvalidRequest: It would not be read there, or is empty.
            TooLarge: It is larger than a file may be.
            DocumentRefused: Something is in the way, or the disk is nearly full.
            Overloaded: Too many files come at once.
        """
        folder = await self._writable(principal)
        await self._check_place(principal, folder, path)
        if self._uploads >= _AT_ONCE:
            metrics.OVERLOAD_REFUSALS.labels("uploads").inc()
            raise Overloaded("too many files come at once")
        self._uploads += 1
        try:
            floor = self._index_settings.disk_floor
            fresh = await asyncio.to_thread(partial(folders.begin, folder, floor=floor))
            try:
                await receive(fresh, pieces, largest=self._largest)
                with suppress(FileNotFoundError):
                    if replace:
                        await asyncio.to_thread(self.trash.keep, folder, path)
                await asyncio.to_thread(partial(fresh.put, path, replace=replace))
            finally:
                await asyncio.to_thread(fresh.close)
        finally:
            self._uploads -= 1
        run = await self.ingests.ask(principal.tenant, folder)
        return await self.one(principal, path), run

    async def delete(self, principal: Principal, path: str) -> tuple[Kept, Run]:
        """Take a document away: it does not answer any more when this returns.

        Raises:
            NotFound: There is none, or none that this principal may see.
            Forbidden: This tenant has no folder here, or the service may not write there.
        """
        folder = await self._writable(principal)
        found = await self.one(principal, path)
        with suppress(FileNotFoundError):
            await asyncio.to_thread(self.trash.take_out, folder, path)
        # After the file is gone: a run that reads this does not see the file.
        await asyncio.to_thread(self._withdrawals.add, principal.tenant, path)
        run = await self.ingests.ask(principal.tenant, folder)
        gone = structs.replace(
            found, state="leaving", answers=False, size=None, reason="it was deleted"
        )
        return gone, run

    async def ask(self, principal: Principal) -> Run:
        """Ask for a run over the folder of the principal's tenant.

        Raises:
            Forbidden: It has none here.
        """
        folder = await self._writable(principal)
        return await self.ingests.ask(principal.tenant, folder)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Desk"]:
        """Do runs while this is open; first those that an earlier service left."""
        tenants = {self._desk.tenant, *await self.ingests.tenants()}
        for tenant in tenants | {w.tenant for w in self._withdrawals.every.values()}:
            folder = places.place_of(self._desk, tenant)
            if folder is None:
                continue
            self._counts.setdefault(tenant, Counter())
            await asyncio.to_thread(folders.tidy, folder)
            try:
                if self._withdrawals.unsettled(tenant):
                    await self.ingests.ask(tenant, folder)
                else:
                    await self.ingests.resume(tenant, folder)
            except OSError as error:
                log.warning("no run can be asked for: %s", error)
        async with self.ingests.running():
            counting = asyncio.create_task(self._count())
            try:
                yield self
            finally:
                counting.cancel()
                await asyncio.wait({counting})

    async def _writable(self, principal: Principal) -> Path:
        """Return the folder of a tenant's documents.

        Raises:
            Forbidden: It has none here, or nothing can be written.
        """
        folder = places.required(self._desk, principal)
        if reason := await self.trouble(principal):
            raise Forbidden(
                f"{reason[0].upper()}{reason[1:]}.", code="folder_not_writable"
            )
        return folder

    async def _check_place(self, principal: Principal, folder: Path, path: str) -> None:
        """Make sure that a file at `path` would be read, and is this principal's to put."""
        rules, reason = await asyncio.to_thread(
            places.rules_at, folder, path, self._labels
        )
        if reason:
            raise InvalidRequest(f"The path is not taken: {reason}.", param="path")
        labels = rules.labels
        with suppress(IndexUnusable):
            for holding in await self._holdings(principal):
                if holding.path == path:
                    labels = holding.labels
        if not places.may_see(principal, labels):
            raise Forbidden(_NO_LABEL, code="label_not_held")

    async def _known(
        self, principal: Principal, files: list[Seen] | None, held: list[Holding]
    ) -> list[Kept]:
        """Return what has become of documents, whether their labels fit or not."""
        runs = await self.ingests.runs(principal.tenant)
        hidden: frozenset[str] = frozenset()
        with suppress(IndexUnusable):
            hidden = self._withdrawals.hidden(self._index.edition.created)
        found = documents_of(
            principal.tenant,
            files=files,
            holdings=held,
            hidden=hidden,
            told=told_by(runs),
        )
        return list(found)

    async def _holdings(self, principal: Principal) -> list[Holding]:
        """Return what the index holds of a tenant; nothing if there is none yet."""
        try:
            edition = self._index.edition.name
            known = self._held.get(principal.tenant)
            if known and known[0] == edition and folder_of(self._index_settings):
                return known[1]
            found = await self._index.holdings(principal)
        except IndexMissing:
            return []
        self._held[principal.tenant] = edition, found
        return found

    async def _count(self) -> None:
        """Count documents now and then, whoever asks for them."""
        while True:
            for tenant in tuple(self._counts):
                with suppress(IndexUnusable):
                    await self.every(Principal(tenant=tenant, labels=()))
            await asyncio.sleep(_COUNTED)

    def _show_counts(self) -> None:
        for state in STATES:
            count = sum(counts[state] for counts in self._counts.values())
            metrics.DOCUMENTS.labels(state).set(count)
