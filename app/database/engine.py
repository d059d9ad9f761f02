"""Opens the database; says how it is doing, and what goes wrong with it.

Database ──▶ FileConnections     one that writes, one that reads
         └─▶ ServerConnections   a pool, bounded in number and in time
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Protocol

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.database.condition import Condition
from app.database.failures import failure_of
from app.database.file import FileConnections
from app.database.schema import REVISIONS, find_revision, migrate, telling_damage
from app.database.server import ServerConnections
from app.errors import DatabaseReadOnly, DatabaseUnavailable, DatabaseUnusable
from app.settings import DatabaseSettings
from ingest.errors import SettingsError

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}

_PAUSE = 1.0
"""Seconds between two looks at it."""

log = logging.getLogger(__name__)


class Connections(Protocol):
    """Lends connections to a database; what goes wrong is raised as it comes."""

    def exists(self) -> bool:
        """Return whether there is something to open, as far as is known.

        Raises:
            DatabaseUnusable: Opening would make something new in the place of what
                was there.
        """
        ...

    def reading(self, *, much: bool) -> AbstractAsyncContextManager[AsyncConnection]:
        """Lend a connection to read with; reports that read `much` may take longer."""
        ...

    def writing(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Lend a connection in a transaction, which ends with the block."""
        ...

    def changing(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Do what `writing` does, for as long as changing all tables takes."""
        ...

    def try_again(self) -> None:
        """Let the next one ask a server that was silent, which is refused otherwise."""
        ...

    async def probe(self, *, write: bool) -> str:
        """Read or write a little; return why it could not be written now, or ""."""
        ...

    async def scrub(self) -> bool:
        """Take what was deleted out of the files; return whether it is gone."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...


class Database:
    """One database; opened late if its server is not there yet."""

    def __init__(self, settings: DatabaseSettings) -> None:
        """Prepare connections; none is made yet.

        Raises:
            SettingsError: The URL names no database that is known here.
        """
        self.url = _url(settings.url)
        self.dialect = self.url.get_backend_name()
        self._connections: Connections = (
            FileConnections(self.url)
            if self.dialect == "sqlite"
            else ServerConnections(self.url, settings)
        )
        self._condition = Condition()
        self._watching: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        """Where it is, without its password."""
        return self.url.set(query={}).render_as_string(hide_password=True)

    async def start(self) -> None:
        """Bring the tables up to date, or go on trying until the server is there.

        Raises:
            DatabaseUnusable: It is damaged, missing, or made by a newer version.
        """
        self._connections.exists()
        with contextlib.suppress(DatabaseUnavailable):
            await self._prepare()
        self._watching = asyncio.create_task(self._watch())

    async def look(self) -> str | None:
        """Return the revision of the tables, or None if there are none yet.

        Nothing is changed, and what is there can be read afterwards.

        Raises:
            DatabaseUnavailable: The server does not answer.
            DatabaseUnusable: It is damaged, missing, or made by a newer version.
        """
        if not self._connections.exists():
            return None
        found = await self._revision()
        self._condition.unopened = ""
        return found

    def state(self) -> tuple[str, str]:
        """Return "up", "degraded" or "down", and what is there or why not."""
        state, why = self._condition.state()
        return state, f"{self.address}: {why}" if why else self.address

    @asynccontextmanager
    async def reading(self, *, much: bool = False) -> AsyncIterator[AsyncConnection]:
        """Lend a connection to read with.

        Args:
            much: A report reads, which may take five times as long as a question.

        Raises:
            DatabaseBusy: All connections are in use.
            DatabaseUnavailable: The server does not answer, or not in time.
        """
        self._condition.refuse_unopened()
        with _Told(self._condition, wrote=False):
            async with self._connections.reading(much=much) as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection in a transaction, which ends with this block.

        Raises:
            DatabaseBusy: All connections are in use, or another process writes for
                too long.
            DatabaseConflict: Another transaction came first: try again.
            DatabaseReadOnly: There is no room, or it takes no writes.
            DatabaseUnavailable: The server does not answer, or not in time. Nothing
                was written, unless it fell silent while it was told to end.
        """
        self._condition.refuse_unopened()
        with _Told(self._condition, wrote=True):
            async with self._connections.writing() as connection:
                yield connection

    async def scrub(self) -> bool:
        """Take what was deleted out of a file's log as well.

        Returns:
            Whether nothing of it is left in the files. A server's files are its own:
            False. So it is while another process reads, or a copy lies beside it.

        Raises:
            DatabaseUnavailable: It cannot be written now.
        """
        self._condition.refuse_unopened()
        with _Told(self._condition, wrote=False):
            return await self._connections.scrub()

    async def close(self) -> None:
        """Let go of every connection."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait({self._watching})
        await self._connections.close()

    async def _revision(self) -> str | None:
        with _Told(self._condition, wrote=False), telling_damage(self.url):
            async with self._connections.reading(much=False) as connection:
                return await connection.run_sync(find_revision, self.address)

    async def _prepare(self) -> None:
        self._connections.try_again()
        try:
            found = await self._revision()
            if found != REVISIONS[-1]:
                with _Told(self._condition, wrote=True), telling_damage(self.url):
                    await migrate(self._connections.changing, self.url, found)
        except DatabaseUnavailable as error:
            self._condition.unopened = str(error)
            raise
        self._condition.unopened = ""

    async def _watch(self) -> None:
        """Look at it now and then, although nobody asks: it may come back, or go."""
        while True:
            await asyncio.sleep(_PAUSE)
            try:
                if self._condition.unopened:
                    await self._prepare()
                else:
                    await self._probe()
            except DatabaseUnusable as error:
                self._condition.unopened = str(error)
            except DatabaseUnavailable:
                continue

    async def _probe(self) -> None:
        well = self._condition.well
        with _Told(self._condition, wrote=False):
            if why := await self._connections.probe(write=False):
                raise DatabaseReadOnly(why)
        if not well:
            with _Told(self._condition, wrote=True):
                await self._connections.probe(write=True)


@asynccontextmanager
async def open_database(settings: DatabaseSettings) -> AsyncIterator[Database]:
    """Open the database that `settings` name, with its tables up to date.

    Raises:
        SettingsError: The URL names no database that is known here.
        DatabaseUnusable: It is damaged, missing, or made by a newer version.
    """
    database = Database(settings)
    try:
        await database.start()
        yield database
    finally:
        await database.close()


class _Told:
    """Raises what goes wrong in its block as ours, and notes how it went."""

    def __init__(self, condition: Condition, *, wrote: bool) -> None:
        self._condition = condition
        self._wrote = wrote

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._condition.succeeded(wrote=self._wrote)
            return
        if isinstance(error, DatabaseUnavailable):
            self._condition.failed(error)
        elif (told := failure_of(error)) is not None:
            self._condition.failed(told)
            raise told from error


def _url(given: str) -> URL:
    try:
        url = make_url(given)
        url = url.set(drivername=_DRIVERS[url.get_backend_name()])
    except (ArgumentError, KeyError) as error:
        raise SettingsError(
            "DATABASE_URL: expected sqlite:///a/file.db or postgresql://user@host/name"
        ) from error
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            raise SettingsError("DATABASE_URL: SQLite needs a file, not memory")
        _make_folder(Path(url.database).parent)
    return url


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"DATABASE_URL: user {os.geteuid()} cannot make the folder "
            f"{folder.absolute()}: {error.strerror}"
        ) from error
