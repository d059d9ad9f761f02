"""What the commands ``data export`` and ``data erase`` do and print."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from app.conversations.keeping import open_spool
from app.conversations.personal import Erased, Personal
from app.database.engine import open_database
from app.settings import Settings
from ingest.documents import Principal


def print_export(settings: Settings, tenant: str, user: str | None) -> None:
    """Print what is kept of `user`, or of everybody where that is None.

    Raises:
        DatabaseUnavailable: The database cannot be read now.
    """
    asyncio.run(_export(settings, _of(settings, tenant), user))


def print_erased(settings: Settings, tenant: str, user: str | None) -> None:
    """Erase what is kept of `user`, or of everybody where that is None.

    Raises:
        DatabaseUnavailable: The database cannot be written now.
    """
    erased = asyncio.run(_erase(settings, _of(settings, tenant), user))
    _print(erased)
    if not erased.scrubbed:
        sys.stderr.write(_left_behind(settings))


async def _export(settings: Settings, principal: Principal, user: str | None) -> None:
    async with _opened(settings) as personal:
        async for told in personal.export(principal, user):
            _print(told)


async def _erase(settings: Settings, principal: Principal, user: str | None) -> Erased:
    async with _opened(settings) as personal:
        return await personal.erase(principal, user)


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Personal]:
    async with open_database(settings.database) as database:
        yield Personal(database, open_spool(settings.conversations))


def _of(settings: Settings, tenant: str) -> Principal:
    return Principal(tenant=tenant or settings.access.tenant, labels=())


def _left_behind(settings: Settings) -> str:
    if settings.database.url.startswith("sqlite"):
        return (
            "warning: a copy frontdesk.db.before-… lies beside the database, or another "
            "process reads it: there what was erased may still be; remove the copy, and "
            "run this again\n"
        )
    return "note: the server's own vacuum takes what was erased out of its files\n"


def _print(told: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
