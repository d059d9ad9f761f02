"""A whole service and its PostgreSQL, the way between which can go wrong."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from msgspec import Struct

from tests.databases import POSTGRES
from tests.reliability.desks import Desk
from tests.reliability.faultproxy import FaultProxy

TIMEOUT = 1.0
POOL = 4

AWAY = "503 database_unavailable, wait 5"
BUSY = "503 overloaded, wait 1"


class Served(Struct, frozen=True):
    """A service, the way to its database, and the database's name."""

    desk: Desk
    way: FaultProxy
    name: str

    def run(self, *statements: str) -> list[asyncpg.Record]:
        """Run statements past the way; return the rows of the last."""
        return asyncio.run(_run(f"{POSTGRES}/{self.name}", statements))

    def mend(self) -> float:
        """Mend the way; return the seconds until everything is answered again."""
        self.way.mend()

        def works() -> bool:
            return (
                self.desk.begin().status_code == self.desk.listed().status_code == 200
            )

        return self.desk.until(works)

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Hold a lock that everybody who uses `table` waits for."""
        loop = asyncio.new_event_loop()
        connection = loop.run_until_complete(
            asyncpg.connect(f"{POSTGRES}/{self.name}", timeout=5)
        )
        try:
            loop.run_until_complete(connection.execute("BEGIN"))
            loop.run_until_complete(connection.execute(f"LOCK TABLE {table}"))
            yield
        finally:
            loop.run_until_complete(connection.close())
            loop.close()


async def _run(url: str, statements: tuple[str, ...]) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        for statement in statements:
            rows = await connection.fetch(statement)
        return list(rows)
    finally:
        await connection.close()
