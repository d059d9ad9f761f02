"""What comes of a service that is killed while it changes its tables, or two at once."""

import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy import Connection, inspect, text

from app.database.engine import open_database
from app.database.schema import LOCK
from app.errors import AppError
from app.settings import DatabaseSettings
from tests.command import ROOT, start
from tests.databases import KINDS, database_url
from tests.reliability.recording import Figure, Seen
from tests.reliability.sizes import SEED, size
from tests.service import running

DRIVER = """
import asyncio, os, sys
from sqlalchemy import Engine, event
from app.database.engine import open_database
from app.database.schema import LOCK
from app.errors import AppError
from app.settings import DatabaseSettings

url, last = sys.argv[1], int(sys.argv[2])
done = 0

def die(*_):
    global done
    done += 1
    if done == last:
        os._exit(137)

event.listen(Engine, "after_cursor_execute", die)
event.listen(Engine, "commit", die)

async def main():
    async with open_database(DatabaseSettings(url=url)) as database:
        assert database.state()[0] == "up", database.state()
    print(done)

asyncio.run(main())
"""
"""Opens a database, and dies as by SIGKILL after so many statements."""

LATER = """
import os, signal
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0003", "0002", None, None


def upgrade():
    with op.batch_alter_table("keys") as keys:
        keys.add_column(sa.Column("colour", sa.Text(), nullable=True))
    if os.environ.get("DIE"):
        os.kill(os.getpid(), signal.SIGKILL)
    op.create_table("later", sa.Column("id", sa.Text(), primary_key=True))
"""
"""A revision that a later version might bring."""


WAITING = """
SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted
"""
"""How many wait until they may change the tables of a database."""


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database_url(request.param, tmp_path) as url:
        yield url


def begun(url: str, last: int = 0) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", DRIVER, url, str(last)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    )


def drive(
    url: str, last: int = 0, root: Path = ROOT, **variables: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", DRIVER, url, str(last)],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root), **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def tables(url: str) -> set[str]:
    return asyncio.run(_tables(url))


async def _tables(url: str) -> set[str]:
    def names(connection: Connection) -> set[str]:
        return set(inspect(connection).get_table_names())

    async with (
        open_database(DatabaseSettings(url=url)) as database,
        database.reading() as connection,
    ):
        return await connection.run_sync(names)


@pytest.mark.row("D7", "killed after each statement", "the next start has all tables")
def test_whoever_dies_while_making_the_tables_leaves_all_or_none(
    url: str, tmp_path: Path, seen: Seen
) -> None:
    kind = url.partition(":")[0]
    (tmp_path / "whole").mkdir()
    with database_url(kind, tmp_path / "whole") as other:
        whole = drive(other).stdout
        wanted = tables(other)
    points = range(1, int(whole) + 1, size(7, 1))
    for last in points:
        (tmp_path / str(last)).mkdir()
        with database_url(kind, tmp_path / str(last)) as fresh:
            assert drive(fresh, last).returncode == 137
            assert tables(fresh) == wanted
    seen(f"{len(points)} of {whole.strip()} moments: all tables are there afterwards")


@pytest.mark.row("D7", "SIGKILL at random moments", "the next start has all tables")
@pytest.mark.parametrize("kind", KINDS)
def test_whoever_is_killed_at_any_moment_can_be_started_again(
    tmp_path: Path, kind: str, seen: Seen, figure: Figure
) -> None:
    rounds, failed = size(3, 20), 0
    for n in range(rounds):
        (tmp_path / str(n)).mkdir()
        with database_url(kind, tmp_path / str(n)) as fresh:
            killed = begun(fresh)
            # Most of it is the import of the driver, about a second.
            time.sleep(((SEED + n * 7919) % 1000) / 1000 * 1.2)
            os.kill(killed.pid, signal.SIGKILL)
            killed.wait(60)
            failed += not comes_up(fresh)
    seen(f"{rounds} kills; {failed} starts failed afterwards")
    figure(
        f"starts that failed after kills while migrating, {kind}",
        f"{failed} of {rounds}",
        f"0 of {rounds}",
    )
    assert failed == 0


def comes_up(url: str) -> bool:
    try:
        return tables(url) >= {"keys", "turns", "conversations", "feedback", "replies"}
    except AppError:
        return False


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """The project as a later version, with one more revision of the tables."""
    root = tmp_path / "later"
    root.mkdir()
    shutil.copytree(ROOT / "app", root / "app")
    (root / "ingest").symlink_to(ROOT / "ingest")
    versions = root / "app" / "database" / "migrations" / "versions"
    (versions / "0003_later.py").write_text(LATER)
    schema = root / "app" / "database" / "schema.py"
    was = schema.read_text()
    schema.write_text(was.replace('("0001", "0002")', '("0001", "0002", "0003")'))
    return root


async def write_key(url: str) -> None:
    async with (
        open_database(DatabaseSettings(url=url)) as database,
        database.writing() as connection,
    ):
        await connection.execute(
            text(
                "INSERT INTO keys (id, tenant, name, kind, digest, scopes, labels, "
                "origins, limits, created) VALUES ('a','t','n','k','d','[]','[]','[]',"
                "'{}',0)"
            )
        )


@pytest.mark.row(
    "D3", "of an older version", "a copy is kept beside the file, then it is updated"
)
@pytest.mark.row(
    "D7", "killed in mid-update", "nothing is changed; the next start updates"
)
def test_an_update_that_is_killed_is_done_by_the_next_start(
    tmp_path: Path, later: Path, seen: Seen
) -> None:
    file = tmp_path / "frontdesk.db"
    url = f"sqlite:///{file}"
    asyncio.run(write_key(url))
    dying = drive(url, 0, later, DIE="1")
    with closing(sqlite3.connect(file)) as database:
        between = database.execute("SELECT * FROM alembic_version").fetchall()
        columns = [row[1] for row in database.execute("PRAGMA table_info(keys)")]
    done = drive(url, 0, later)

    assert dying.returncode == -signal.SIGKILL
    assert (between, "colour" in columns) == ([("0002",)], False)
    assert done.returncode == 0
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT id, colour FROM keys").fetchall() == [
            ("a", None)
        ]
        assert database.execute("SELECT * FROM alembic_version").fetchall() == [
            ("0003",)
        ]
    with closing(sqlite3.connect(f"{file}.before-0002")) as copy:
        assert copy.execute("SELECT id FROM keys").fetchall() == [("a",)]
    assert not list(tmp_path.glob("*.part"))
    seen("killed: still 0002; next start: 0003, rows kept, copy before-0002")


@pytest.mark.row("P10", "two start on one empty database", "both come up, tables once")
@pytest.mark.parametrize("kind", KINDS)
def test_services_that_start_together_both_come_up(
    tmp_path: Path, kind: str, seen: Seen
) -> None:
    rounds, count = size(1, 5), 4
    for n in range(rounds):
        (tmp_path / str(n)).mkdir()
        with database_url(kind, tmp_path / str(n)) as url:
            starting = [begun(url) for _ in range(count)]
            assert [each.wait(120) for each in starting] == [0] * count
            assert "turns" in tables(url)
    seen(f"{rounds} times {count} at once on {kind}: all up")


@pytest.mark.row("P10", "another changes the tables", "waits, then finds them done")
def test_a_service_that_starts_waits_for_who_changes_the_tables(
    tmp_path: Path, seen: Seen
) -> None:
    with database_url("postgresql", tmp_path) as url:
        starting, made = asyncio.run(_started_while_locked(url))

        assert made is None
        assert starting.wait(60) == 0
        assert "turns" in tables(url)
    seen("waited without a table made, then came up")


async def _started_while_locked(url: str) -> tuple["subprocess.Popen[bytes]", Any]:
    """Start a service while another is at the tables; return what is made meanwhile."""
    other = await asyncpg.connect(url)
    try:
        async with other.transaction(), asyncio.timeout(60):
            await other.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            starting = begun(url)
            while not await other.fetchval(WAITING):
                assert starting.poll() is None
                await asyncio.sleep(0.05)
            return starting, await other.fetchval("SELECT to_regclass('turns')")
    finally:
        await other.close()


@pytest.mark.row("P10", "two services, one empty SQLite file", "both answer")
def test_two_services_start_together_on_one_file(
    sample_home: Path, tmp_path: Path, seen: Seen
) -> None:
    url = f"sqlite:///{tmp_path / 'frontdesk.db'}"
    other = start(sample_home, "serve", "--port", "0", DATABASE_URL=url)
    try:
        with running(sample_home, DATABASE_URL=url) as service:
            reply = httpx.post(
                f"{service.address}/v1/conversations", json={}, timeout=30
            )
        assert other.poll() is None
    finally:
        other.terminate()
        other.communicate(timeout=60)
    seen(f"{reply.status_code}; the other ended with {other.returncode}")
    assert (reply.status_code, other.returncode) == (200, 0)
