"""Brings the tables up to date, once, whoever comes first; the alembic door.

Every revision is one transaction. What is newer than this code is left alone.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.errors import DatabaseUnusable

REVISIONS = ("0001",)
"""Every revision of the tables, the oldest first; see ``migrations/versions``."""

_LOCK = 0x66726F6E74
"""Number of the advisory lock under which PostgreSQL's tables are changed."""

log = logging.getLogger(__name__)


async def revision_of(engine: AsyncEngine, url: URL) -> str | None:
    """Return the revision of the tables, or None if there are none of ours.

    Raises:
        DatabaseUnusable: It is damaged, or made by a newer version.
    """
    with _told(url):
        async with engine.begin() as connection:
            found = await connection.run_sync(_revision)
    _refuse_newer(found, url)
    return found


async def migrate(engine: AsyncEngine, url: URL) -> None:
    """Create the tables, or bring them up to date.

    Raises:
        DatabaseUnusable: It is damaged, or made by a newer version.
    """
    found = await revision_of(engine, url)
    if found == REVISIONS[-1]:
        return
    with _told(url):
        if found is not None and url.get_backend_name() == "sqlite":
            await asyncio.to_thread(keep_copy, Path(url.database or ""), found)
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, url)


@contextmanager
def _told(url: URL) -> Iterator[None]:
    """Say of a file that is damaged what to do about it."""
    try:
        yield
    except OperationalError:
        raise
    except DatabaseError as error:
        if url.get_backend_name() != "sqlite":
            raise
        raise DatabaseUnusable(
            f"{url.database}: {error.orig}; put a backup in its place, or move it away "
            "to begin anew"
        ) from error


def _revision(connection: Connection) -> str | None:
    """Return the revision of the tables, or None if there are none of ours."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
    return None if row is None else str(row[0])


def _refuse_newer(found: str | None, url: URL) -> None:
    if found is None or found in REVISIONS:
        return
    raise DatabaseUnusable(
        f"{url.render_as_string(hide_password=True)} has revision {found}, and this "
        f"version of frontdesk knows up to {REVISIONS[-1]}: install the newer version, "
        "or set DATABASE_URL to another database"
    )


def _upgrade(connection: Connection, url: URL) -> None:
    # Takes a third of a second, and most starts find everything up to date.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    if connection.dialect.name == "postgresql":
        # Two replicas that start together: the second finds the work done.
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
    _refuse_newer(_revision(connection), url)
    config = Config()
    config.set_main_option("script_location", "app.database:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    log.debug("database: tables are at revision %s", REVISIONS[-1])


def keep_copy(path: Path, revision: str) -> None:
    """Keep what was there before the tables are changed, beside the file."""
    target = path.with_name(f"{path.name}.before-{revision}")
    with sqlite3.connect(path) as source, sqlite3.connect(target) as copy:
        source.backup(copy)
    source.close()
    copy.close()
    log.info("database: what was there before is kept in %s", target)
