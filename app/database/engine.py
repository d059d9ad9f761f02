"""Opens the database; the sqlalchemy door for connections and what goes wrong.

SQLite has one writer: one connection writes, one after another, and begins each
transaction by taking the lock, so that two processes wait instead of failing.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.database.schema import migrate, revision_of
from app.errors import DatabaseUnavailable, DatabaseUnusable
from app.settings import DatabaseSettings
from ingest.errors import SettingsError

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
_BUSY_SECONDS = 5.0
_PAUSE = 1.0

log = logging.getLogger(__name__)


class Database:
    """Connections to one database; opened late if its server is not there yet."""

    def __init__(self, settings: DatabaseSettings) -> None:
        """Prepare connections; none is made yet.

        Raises:
            SettingsError: The URL names no database that is known here.
        """
        self.url = _url(settings.url)
        self.dialect = self.url.get_backend_name()
        lone = self.dialect == "sqlite"
        if lone:
            self._writer = _sqlite(self.url, begin="BEGIN IMMEDIATE")
            self._reader = _sqlite(self.url, begin="BEGIN")
        else:
            self._writer = self._reader = create_async_engine(
                self.url,
                pool_size=settings.pool,
                max_overflow=0,
                pool_timeout=settings.timeout,
                pool_pre_ping=True,
                connect_args={"timeout": settings.timeout, "command_timeout": 10},
            )
        self._writing = asyncio.Lock() if lone else contextlib.nullcontext()
        self._why = "it has not been opened yet"
        self._opening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Bring the tables up to date, or go on trying until the server is there.

        Raises:
            DatabaseUnusable: It is damaged, or made by a newer version.
        """
        try:
            await self._prepare()
        except DatabaseUnavailable as error:
            self._why = str(error)
            log.warning("database: %s", error)
            self._opening = asyncio.create_task(self._keep_trying())

    async def look(self) -> str | None:
        """Return the revision of the tables, or None if there are none yet.

        Nothing is changed, and what is there can be read afterwards.

        Raises:
            DatabaseUnavailable: The server does not answer.
            DatabaseUnusable: It is damaged, or made by a newer version.
        """
        if self.dialect == "sqlite" and not self._file_exists():
            return None
        with _told():
            found = await revision_of(self._reader, self.url)
        self._why = ""
        return found

    def state(self) -> tuple[str, str]:
        """Return "up" or "down", and what is there or why not."""
        shown = self.url.render_as_string(hide_password=True)
        return ("down", f"{shown}: {self._why}") if self._why else ("up", shown)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection to read with.

        Raises:
            DatabaseUnavailable: The server does not answer, or not in time.
        """
        self._refuse_unopened()
        with _told():
            async with self._reader.connect() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection in a transaction, which ends with this block.

        Raises:
            DatabaseUnavailable: The server does not answer, another process writes
                for too long, or there is no room; nothing was written.
        """
        self._refuse_unopened()
        with _told():
            async with self._writing, self._writer.begin() as connection:
                yield connection

    async def scrub(self) -> bool:
        """Take what was deleted out of a file's log as well.

        Returns:
            Whether nothing of it is left in the files. A server's files are its own:
            False. So it is while another process reads.

        Raises:
            DatabaseUnavailable: It cannot be written now.
        """
        self._refuse_unopened()
        if self.dialect != "sqlite":
            return False
        with _told():
            async with self._writing, self._writer.connect() as connection:
                # Outside of any transaction, which the engine would begin.
                raw: Any = (await connection.get_raw_connection()).driver_connection
                rows = await raw.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
        return bool(next(iter(rows))[0] == 0)

    async def close(self) -> None:
        """Let go of every connection."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait({self._opening})
        await self._writer.dispose()
        await self._reader.dispose()

    def _file_exists(self) -> bool:
        return Path(self.url.database or "").exists()

    async def _prepare(self) -> None:
        with _told():
            await migrate(self._writer, self.url)
        self._why = ""

    async def _keep_trying(self) -> None:
        while self._why:
            await asyncio.sleep(_PAUSE)
            try:
                await self._prepare()
            except (DatabaseUnavailable, DatabaseUnusable) as error:
                self._why = str(error)
        log.info("database: open")

    def _refuse_unopened(self) -> None:
        if self._why:
            raise DatabaseUnavailable(self._why)


@asynccontextmanager
async def open_database(settings: DatabaseSettings) -> AsyncIterator[Database]:
    """Open the database that `settings` name, with its tables up to date.

    Raises:
        SettingsError: The URL names no database that is known here.
        DatabaseUnusable: It is damaged, or made by a newer version.
    """
    database = Database(settings)
    try:
        await database.start()
        yield database
    finally:
        await database.close()


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Raise what goes wrong with the database as ours."""
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseUnavailable("all connections are in use") from error
    except (OperationalError, InterfaceError, OSError, TimeoutError) as error:
        raise DatabaseUnavailable(_reason(error)) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise DatabaseUnavailable(_reason(error)) from error
        raise


def _reason(error: Exception) -> str:
    """Return what happened, without the statement and its values."""
    original = getattr(error, "orig", None) or error
    return str(original).splitlines()[0][:200] if str(original) else "no answer"


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
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    return url


def _sqlite(url: URL, *, begin: str) -> AsyncEngine:
    engine = create_async_engine(
        url, pool_size=1, max_overflow=0, connect_args={"timeout": _BUSY_SECONDS}
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: Any, _: Any) -> None:  # noqa: ANN401
        # The driver would begin a transaction by itself, without taking the lock.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            # What is deleted is overwritten: people ask for it to be gone.
            "secure_delete=ON",
            f"busy_timeout={int(_BUSY_SECONDS * 1000)}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: Any) -> None:  # noqa: ANN401
        connection.exec_driver_sql(begin)

    return engine
