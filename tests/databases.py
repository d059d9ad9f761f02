"""Databases for tests: a file of SQLite, and a database of a real PostgreSQL.

POSTGRES_URL names another server; its user must be allowed to create databases.
TEST_REDIS_URL names another Redis; what tests write there is named by random ids.
"""

import asyncio
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
import redis.asyncio

from tests.reliability.faultproxy import FaultProxy, faulty

POSTGRES = os.environ.get("POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432")

REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")

KINDS = ("sqlite", "postgresql")


@contextmanager
def database_url(kind: str, home: Path) -> Iterator[str]:
    """Yield the URL of an empty database of a kind, which ends with the block."""
    if kind == "sqlite":
        yield f"sqlite:///{home / 'frontdesk.db'}"
        return
    name = f"frontdesk_{secrets.token_hex(6)}"
    try:
        asyncio.run(_run(f"CREATE DATABASE {name}"))
    except OSError as error:
        pytest.skip(f"no PostgreSQL at {POSTGRES}: {error}")
    try:
        yield f"{POSTGRES}/{name}"
    finally:
        asyncio.run(_run(f"DROP DATABASE {name} WITH (FORCE)"))


@contextmanager
def redis_url() -> Iterator[str]:
    """Yield the URL of a real Redis."""
    try:
        asyncio.run(_ping())
    except OSError as error:
        pytest.skip(f"no Redis at {REDIS}: {error}")
    yield REDIS


async def _ping() -> None:
    async with redis.asyncio.from_url(REDIS) as client:
        await client.ping()


@contextmanager
def faulty_url(home: Path) -> Iterator[tuple[str, FaultProxy]]:
    """Yield the URL of an empty PostgreSQL database, and the way to it, which can go wrong."""
    with database_url("postgresql", home) as url:
        parts = urlsplit(url)
        with faulty(parts.hostname or "", parts.port or 5432) as way:
            yield (
                url.replace(parts.netloc, f"{parts.username}@127.0.0.1:{way.port}"),
                way,
            )


async def _run(statement: str) -> None:
    connection = await asyncpg.connect(f"{POSTGRES}/postgres", timeout=5)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
