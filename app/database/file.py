"""Connections to a file of SQLite: one that writes, one that reads.

SQLite has one writer: one connection writes, one after another, and begins each
transaction by taking the lock, so that two processes wait instead of failing.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.errors import DatabaseBusy, DatabaseUnavailable, DatabaseUnusable

_BUSY_SECONDS = 5.0
"""Seconds to wait for another process that writes, and for others of this one."""


class FileConnections:
    """Lends the two connections to a file."""

    def __init__(self, url: URL) -> None:
        """Prepare them; none is made yet."""
        self._path = Path(url.database or "")
        self._writer = _engine(url, begin="BEGIN IMMEDIATE")
        self._reader = _engine(url, begin="BEGIN")
        self._turn = asyncio.Lock()
        self._opened: tuple[int, int] | None = None

    def exists(self) -> bool:
        """Return whether the file is there.

        Raises:
            DatabaseUnusable: It is a folder, or only what lies beside it is left.
        """
        if self._path.is_dir():
            raise DatabaseUnusable(
                f"{self._path} is a folder: set DATABASE_URL to a file in it"
            )
        if self._path.exists():
            return True
        log = self._path.with_name(f"{self._path.name}-wal")
        for beside in (log, *self._copies()):
            if beside.exists():
                raise DatabaseUnusable(
                    f"{self._path} is missing, and {beside.name} is still there: put a "
                    f"backup in its place, or move {beside.name} away to begin anew"
                )
        return False

    @asynccontextmanager
    async def reading(self, *, much: bool) -> AsyncIterator[AsyncConnection]:  # noqa: ARG002 — a server's
        """See `app.database.engine.Connections.reading`."""
        self._refuse_lost()
        async with self._reader.connect() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """See `app.database.engine.Connections.writing`."""
        self._refuse_lost()
        try:
            async with asyncio.timeout(_BUSY_SECONDS):
                await self._turn.acquire()
        except TimeoutError as error:
            raise DatabaseBusy("others write for too long") from error
        try:
            async with self._writer.begin() as connection:
                yield connection
        finally:
            self._turn.release()

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[AsyncConnection]:
        """See `app.database.engine.Connections.changing`."""
        async with self.writing() as connection:
            yield connection

    def try_again(self) -> None:
        """Do nothing: a file is never silent."""

    async def probe(self, *, write: bool) -> str:
        """See `app.database.engine.Connections.probe`."""
        lent = self.writing() if write else self.reading(much=False)
        async with lent as connection:
            await connection.execute(text(TOUCH if write else "SELECT 1"))
        return ""

    async def scrub(self) -> bool:
        """Take what was deleted out of the log as well; return whether it is gone."""
        async with self._turn, self._writer.connect() as connection:
            # Outside of any transaction, which the engine would begin.
            raw: Any = (await connection.get_raw_connection()).driver_connection
            rows = await raw.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
        return bool(next(iter(rows))[0] == 0) and not self._copies()

    async def close(self) -> None:
        """Let go of both."""
        await self._writer.dispose()
        await self._reader.dispose()

    def _copies(self) -> list[Path]:
        """Return what was there before changes of the tables: whole, with all in it."""
        return [*self._path.parent.glob(f"{self._path.name}.before-*")]

    def _refuse_lost(self) -> None:
        """Make sure that what is open is what lies there.

        A file that is deleted can still be written, and nobody ever reads it.
        """
        try:
            found = os.stat(self._path)  # noqa: PTH116 — for every transaction
        except OSError as error:
            if self._opened is None and isinstance(error, FileNotFoundError):
                return
            raise DatabaseUnavailable(
                f"the file is gone ({error.strerror}): put it back"
            ) from error
        there = (found.st_dev, found.st_ino)
        if self._opened is None:
            self._opened = there
        if self._opened != there:
            raise DatabaseUnavailable(
                "another file lies in its place: restart the service"
            )


TOUCH = "UPDATE alembic_version SET version_num = version_num"
"""Writes what is there already, to see whether writing is possible."""


def _engine(url: URL, *, begin: str) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=1,
        max_overflow=0,
        pool_timeout=_BUSY_SECONDS,
        connect_args={"timeout": _BUSY_SECONDS},
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
        # Its own knows the letters of ASCII only.
        connection.create_function("lower", 1, _lower, deterministic=True)

    @event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: Any) -> None:  # noqa: ANN401
        connection.exec_driver_sql(begin)

    return engine


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value
