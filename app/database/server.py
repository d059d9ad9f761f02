"""Connections to PostgreSQL, none of which anybody waits for without end.

A connection whose peer is silent is not closed politely, which would wait as well: its
socket is dropped, so that whatever waits for it fails at once.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from app.database.failures import failure_of
from app.database.file import TOUCH
from app.errors import DatabaseBusy, DatabaseReadOnly, DatabaseUnavailable
from app.settings import DatabaseSettings

_GRACE = 0.3
"""Seconds that a server has to say that it cancelled a statement that took too long."""

_LONG = 5
"""How many times as long the statements of reports may take."""

_REPORTS = 2
"""Connections for reports: they must not take those that questions need."""


class ServerConnections:
    """Lends connections of two pools: one for questions, one for reports."""

    def __init__(self, url: URL, settings: DatabaseSettings) -> None:
        """Prepare the pools; no connection is made yet."""
        self._url = url
        self._timeout = settings.timeout
        self._short = _Pool(url, settings.pool, settings.timeout)
        self._long = _Pool(url, _REPORTS, settings.timeout * _LONG)

    def exists(self) -> bool:
        """Return True: nothing is made that was not there."""
        return True

    @asynccontextmanager
    async def reading(self, *, much: bool) -> AsyncIterator[AsyncConnection]:
        """See `app.database.engine.Connections.reading`."""
        async with (self._long if much else self._short).lent() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """See `app.database.engine.Connections.writing`."""
        async with self._short.lent() as connection:
            yield connection
            await connection.commit()

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[AsyncConnection]:
        """See `app.database.engine.Connections.changing`."""
        # Changing large tables takes its time.
        connecting = {"timeout": self._timeout}
        engine = create_async_engine(
            self._url, poolclass=NullPool, connect_args=connecting
        )
        try:
            async with engine.begin() as connection:
                yield connection
        finally:
            await engine.dispose()

    def try_again(self) -> None:
        """See `app.database.engine.Connections.try_again`."""
        # Those who were refused meanwhile were refused because of this.
        self._short.silent = self._long.silent = ""

    async def probe(self, *, write: bool) -> str:
        """See `app.database.engine.Connections.probe`."""
        self.try_again()
        if write:
            async with self.writing() as connection:
                await connection.execute(text(TOUCH))
            return ""
        async with self.reading(much=False) as connection:
            shown = await connection.execute(text("SHOW transaction_read_only"))
            return "it takes no writes" if shown.scalar() == "on" else ""

    async def scrub(self) -> bool:
        """Return False: a server's files are its own."""
        return False

    async def close(self) -> None:
        """Let go of every connection."""
        await self._short.engine.dispose()
        await self._long.engine.dispose()


class _Pool:
    """So many connections, each lent for so many seconds.

    Attributes:
        silent: Why nobody is lent one until a probe succeeds, or "".
    """

    def __init__(self, url: URL, size: int, seconds: float) -> None:
        self.engine = create_async_engine(
            url,
            pool_size=size,
            max_overflow=0,
            connect_args={"timeout": seconds, "command_timeout": seconds},
        )
        self.silent = ""
        self._seconds = seconds
        self._free = asyncio.Semaphore(size)

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection that has just answered, in a transaction.

        Waiting for it, and what is done with it, may take `seconds` each.

        Raises:
            DatabaseBusy: Others have them all.
            DatabaseUnavailable: The server is silent.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + self._seconds
        try:
            async with asyncio.timeout_at(until):
                await self._free.acquire()
        except TimeoutError as error:
            raise DatabaseBusy("all connections are in use") from error
        try:
            connection = await self._answering(until)
            async with _dropped_at(loop.time() + self._seconds + _GRACE, connection):
                yield connection
        finally:
            self._free.release()

    async def _answering(self, until: float) -> AsyncConnection:
        if self.silent:
            # Each who asks would wait as long, to be told the same.
            raise DatabaseUnavailable(self.silent)
        try:
            try:
                return await self._try(until)
            except (DBAPIError, OSError):
                # It was closed while it lay there, and with it the others.
                return await self._try(until)
        except (DBAPIError, OSError):
            if asyncio.get_running_loop().time() >= until:
                self.silent = f"no answer in {self._seconds:g} s"
            raise

    async def _try(self, until: float) -> AsyncConnection:
        async with asyncio.timeout_at(until):
            connection = await self.engine.connect()
        async with _dropped_at(until, connection, keep=True):
            await connection.execute(text("SELECT 1"))
        return connection


@asynccontextmanager
async def _dropped_at(
    moment: float, connection: AsyncConnection, *, keep: bool = False
) -> AsyncIterator[None]:
    """Drop the socket of `connection` at a moment of the event loop, in this block.

    The connection is given back afterwards, unless it is to be kept and nothing failed.
    """
    raw: Any = (await connection.get_raw_connection()).driver_connection
    timer = asyncio.get_running_loop().call_at(moment, raw.terminate)
    try:
        yield
    except BaseException as error:
        # Elsewhere there may be one that takes writes by now.
        if isinstance(failure_of(error), DatabaseReadOnly):
            await connection.invalidate()
        keep = False
        raise
    finally:
        if not keep:
            await connection.close()
        timer.cancel()
