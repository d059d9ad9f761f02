"""The editions of the index, as one tenant may know of them and go back to them.

An edition holds the documents of all tenants, and going back changes what each is
answered. So only a tenant whose documents are kept here may, and only while the index
holds nobody else's; anything else is the operator's to decide.
"""

from msgspec import Struct

from app.desks import DeskSettings
from app.documents import places
from app.documents.errors import Conflict
from app.errors import Forbidden, NotFound
from app.retrieval.late_index import LateIndex
from ingest.documents import Principal
from ingest.errors import IndexBusy, IndexMissing, IndexUnusable
from ingest.index import list_editions, roll_back, tenants_in
from ingest.index.base import Edition, Extent
from ingest.settings import IndexSettings

_SHARED = (
    "The index holds documents of other tenants as well, which would go back too: only "
    "the operator can, with `frontdesk editions rollback`."
)


class Shown(Struct, frozen=True, kw_only=True):
    """An edition, as one tenant may know of it.

    Attributes:
        edition: The edition.
        own: How much of it is the tenant's; None if that is not known.
    """

    edition: Edition
    own: Extent | None


class Editions:
    """Lists editions, and goes back to them."""

    def __init__(
        self, index: IndexSettings, desk: DeskSettings, reader: LateIndex
    ) -> None:
        self._settings = index
        self._desk = desk
        self._reader = reader

    async def every(self, principal: Principal) -> list[Shown]:
        """Return the editions there are, newest first.

        Raises:
            IndexUnreachable: The server of the index does not answer.
        """
        try:
            found = await list_editions(self._settings)
        except IndexMissing:
            return []
        found.reverse()
        return [await self._shown(principal, edition) for edition in found]

    async def obstacle(self, principal: Principal) -> Forbidden | None:
        """Return why this principal may not go back to another edition, if so."""
        if places.place_of(self._desk, principal.tenant) is None:
            return Forbidden(places.NOWHERE, code="not_kept_here")
        found = await list_editions(self._settings)
        for edition in found:
            told = await tenants_in(self._settings, edition.name)
            shared = (
                await self._may_be_shared(principal, edition)
                if told is None
                else bool(told.keys() - {principal.tenant})
            )
            if shared:
                return Forbidden(_SHARED, code="index_is_shared")
        return None

    async def restore(self, principal: Principal, name: str) -> Shown:
        """Show readers an edition again.

        Raises:
            Forbidden: This principal may not.
            NotFound: There is no such edition.
            Conflict: A run is writing the index.
            IndexUnusable: The edition is damaged, or the server does not answer.
        """
        if (obstacle := await self.obstacle(principal)) is not None:
            raise obstacle
        try:
            edition = await roll_back(self._settings, name)
        except IndexMissing as error:
            raise NotFound("There is no such edition.") from error
        except IndexBusy as error:
            message = "An ingest is writing the index; try again when it is done."
            raise Conflict(message, code="index_busy") from error
        return await self._shown(principal, edition)

    async def _shown(self, principal: Principal, edition: Edition) -> Shown:
        told = await tenants_in(self._settings, edition.name)
        own = None
        if told is not None:
            own = told.get(principal.tenant, Extent(documents=0, chunks=0))
        return Shown(edition=edition, own=own)

    async def _may_be_shared(self, principal: Principal, edition: Edition) -> bool:
        """Say whether an edition that has no list may hold documents of others."""
        if not edition.current:
            # Of a collection that does not serve nobody can tell; it is as old as the
            # settings it was built with.
            return False
        try:
            held = await self._reader.holdings(principal)
        except IndexUnusable:
            return True
        return len(held) < edition.documents
