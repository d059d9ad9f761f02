"""Brings the tables up to date, once, whoever comes first; the alembic door.

Every revision is one transaction. What is newer than this code is left alone.
"""

import asyncio
import contextlib
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import DatabaseUnusable

REVISIONS = ("0001", "0002")
"""Every revision of the tables, the oldest first; see ``migrations/versions``."""

LOCK = 0x66726F6E74
"""Number of the advisory lock under which PostgreSQL's tables are changed."""

log = logging.getLogger(__name__)


def find_revision(connection: Connection, address: str) -> str | None:
    """Return the revision of the tables, or None if there are none of ours.

    Raises:
        DatabaseUnusable: A newer version made them; `address` says which these are.
    """
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
    found = None if row is None else str(row[0])
    if found is None or found in REVISIONS:
        return found
    raise DatabaseUnusable(
        f"{address} has revision {found}, and this version of frontdesk knows up to "
        f"{REVISIONS[-1]}: install the newer version, or set DATABASE_URL to another "
        "database"
    )


async def migrate(
    changing: Callable[[], AbstractAsyncContextManager[AsyncConnection]],
    url: URL,
    found: str | None,
) -> None:
    """Create the tables, or bring them up to date.

    Args:
        changing: Lends a connection in a transaction.
        url: Of the database; what a file of it held before is kept beside it.
        found: Revision of the tables, or None if there are none.

    Raises:
        DatabaseUnusable: A newer version made them meanwhile.
    """
    if found is not None and url.get_backend_name() == "sqlite":
        await asyncio.to_thread(keep_copy, Path(url.database or ""), found)
    async with changing() as connection:
        await connection.run_sync(_upgrade, url.render_as_string(hide_password=True))


@contextmanager
def telling_damage(url: URL) -> Iterator[None]:
    """Say of a file that is damaged what to do about it.

    Raises:
        DatabaseUnusable: It is.
    """
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


def _upgrade(connection: Connection, address: str) -> None:
    # Takes a third of a second, and most starts find everything up to date.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    if connection.dialect.name == "postgresql":
        # Two replicas that start together: the second finds the work done.
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": LOCK})
    find_revision(connection, address)
    config = Config()
    config.set_main_option("script_location", "app.database:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    log.debug("database: tables are at revision %s", REVISIONS[-1])


def keep_copy(path: Path, revision: str) -> None:
    """Keep what was there before the tables are changed, beside the file.

    It is whole, or it is not there: whoever is killed meanwhile leaves no half of one.
    """
    target = path.with_name(f"{path.name}.before-{revision}")
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    with (
        contextlib.closing(sqlite3.connect(path)) as source,
        contextlib.closing(sqlite3.connect(part)) as copy,
    ):
        source.backup(copy)
    part.replace(target)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    log.info("database: what was there before is kept in %s", target)
