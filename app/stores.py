"""Where the service keeps what it must not forget: counts, keys, conversations."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from msgspec import Struct

from app.access.ledger import Ledger
from app.access.limits import Limits
from app.access.scopes import SCOPES
from app.access.shared_ledger import open_ledger
from app.budgets import RedisSettings
from app.settings import Settings
from ingest.documents import Principal

if TYPE_CHECKING:
    from app.access.doorkeeper import Doorkeeper
    from app.conversations.keeping import Kept
    from app.database.engine import Database


class Stores(Struct, frozen=True, kw_only=True):
    """What is kept; commands that serve nobody have only the ledger.

    Attributes:
        ledger: What was asked, against the limits.
        database: Keys and conversations.
        doorkeeper: Who knows the keys.
        kept: Who keeps conversations.
    """

    ledger: Ledger
    database: "Database | None" = None
    doorkeeper: "Doorkeeper | None" = None
    kept: "Kept | None" = None

    def limits_of(self, key_id: str) -> Limits:
        """Return a key's own limits; none where there are no keys."""
        return self.doorkeeper.keyring.limits(key_id) if self.doorkeeper else Limits()


@asynccontextmanager
async def open_stores(settings: Settings, *, serving: bool) -> AsyncIterator[Stores]:
    """Open what `settings` name.

    Args:
        settings: Every setting.
        serving: Open the database and Redis as well: there are callers to know apart.

    Raises:
        SettingsError: An address is none.
        DatabaseUnusable: The database is damaged, or made by a newer version.
    """
    if not serving:
        async with open_ledger(RedisSettings(), settings.limits) as ledger:
            yield Stores(ledger=ledger)
        return
    # Take a quarter of a second; commands that answer one question do without.
    from app.access.doorkeeper import Doorkeeper  # noqa: PLC0415
    from app.access.keyring import Keyring  # noqa: PLC0415
    from app.conversations.keeping import open_kept  # noqa: PLC0415
    from app.database.engine import open_database  # noqa: PLC0415

    async with AsyncExitStack() as stack:
        ledger = await stack.enter_async_context(
            open_ledger(settings.redis, settings.limits)
        )
        database = await stack.enter_async_context(open_database(settings.database))
        kept = await stack.enter_async_context(
            open_kept(database, settings.conversations)
        )
        keyring = Keyring(database, pepper=settings.access.pepper)
        stack.push_async_callback(keyring.close)
        yield Stores(
            ledger=ledger,
            database=database,
            doorkeeper=Doorkeeper(keyring, settings, anybody=anybody(settings)),
            kept=kept,
        )


def anybody(settings: Settings) -> Principal:
    """Return who asks where no keys are looked at: commands, and a service without."""
    return Principal(
        tenant=settings.access.tenant,
        labels=tuple(p.strip() for p in settings.access.labels.split(",")),
        scopes=frozenset(SCOPES),
    )
