"""What comes of a file of SQLite that is locked, full, damaged, gone or too new."""

import resource
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from app.database.engine import open_database
from app.database.file import TOUCH
from app.database.tables import keys
from app.errors import DatabaseReadOnly, DatabaseUnavailable, DatabaseUnusable
from app.settings import DatabaseSettings
from tests.app.database.test_engine import ROW, count
from tests.command import frontdesk
from tests.command import told as told_in_a_line
from tests.reliability.desks import Desk, desk, told
from tests.reliability.recording import Seen, each_row

AWAY = "503 database_unavailable, wait 5"
BUSY = "503 overloaded, wait 1"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("file") / "frontdesk.db"


@pytest.fixture(scope="module")
def served(sample_home: Path, file: Path) -> Iterator[Desk]:
    with desk(
        sample_home,
        DATABASE_URL=f"sqlite:///{file}",
        CONVERSATIONS_SPOOL=str(file.parent / "spool"),
    ) as opened:
        yield opened


@contextmanager
def write_lock(file: Path) -> Iterator[None]:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@pytest.mark.row("D1", "locked for 1 s", "reads go on, a write waits and is done")
def test_a_write_waits_for_another_process(
    served: Desk, file: Path, seen: Seen
) -> None:
    with ThreadPoolExecutor(1) as pool:
        with write_lock(file):
            read = told(served.listed())
            writing = pool.submit(served.begin)
            time.sleep(1)
            waits = not writing.done()
        wrote = told(writing.result())

    seen(f"read {read}, wrote {wrote}")
    assert (read, wrote) == ("200", "200")
    assert waits


@pytest.mark.row(
    "D1", "locked for longer than 5 s", "reads go on, writes are 503 overloaded by then"
)
def test_a_write_that_waited_too_long_is_told_to_come_again(
    served: Desk, file: Path, seen: Seen
) -> None:
    with write_lock(file):
        started = time.monotonic()
        wrote = told(served.begin())
        waited = time.monotonic() - started
        read, state = told(served.listed()), served.part("database")[0]
    after = told(served.begin())

    seen(f"read {read}; wrote {wrote} after {waited:.1f} s; then {after}")
    assert (read, wrote, after) == ("200", BUSY, "200")
    assert 4 < waited < 15
    assert state == "degraded"
    served.until(lambda: served.part("database")[0] == "up")


@pytest.mark.row(
    "D2", "no file may grow (RLIMIT_FSIZE)",
    "reads and questions go on, writes 503; space again: all goes on, nothing lost",
)  # fmt: skip
def test_a_full_disk_stops_writes_and_nothing_else(
    served: Desk, file: Path, seen: Seen
) -> None:
    begun = served.begin().json()["id"]
    pid = served.service.process.pid
    log = file.with_name(f"{file.name}-wal")
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (log.stat().st_size, hard))
    try:
        # What the log has room for already may still be written.
        served.until(lambda: served.begin(title="x" * 190).status_code == 503)
        wrote, read = told(served.begin()), told(served.listed())
        asked = told(served.ask())
        state, _ = served.part("database")
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))
    back = served.until(lambda: served.begin().status_code == 200)
    whole = told(served.http.get(f"/v1/conversations/{begun}"))

    seen(f"read {read}; asked {asked}; wrote {wrote}; back in {back:.1f} s")
    assert (read, asked, wrote, whole) == ("200", "200", AWAY, "200")
    assert state in ("degraded", "down")
    assert back < 5
    served.until(lambda: served.part("database")[0] == "up")
    with closing(sqlite3.connect(file)) as other:
        assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.row("D2", "SQLITE_FULL", "writes fail and leave nothing, reads go on")
async def test_no_room_in_the_file_is_told_apart_and_goes_on_afterwards(
    tmp_path: Path, seen: Seen
) -> None:
    settings = DatabaseSettings(url=f"sqlite:///{tmp_path / 'frontdesk.db'}")
    async with open_database(settings) as database:

        async def allow(pages: int) -> None:
            async with database.writing() as connection:
                await connection.execute(text(f"PRAGMA max_page_count = {pages}"))

        async def write(name: str) -> None:
            async with database.writing() as connection:
                await connection.execute(
                    insert(keys).values(id=name, **ROW | {"name": "x" * 9000})
                )

        await allow(1)
        with pytest.raises(DatabaseReadOnly, match="full"):
            await write("a")
        assert await count(database) == 0
        state = database.state()[0]
        await allow(1_000_000)
        await write("b")
        assert await count(database) == 1
    seen(f"{state}, then written")
    assert state == "degraded"


def damaged(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[100:] = b"\xff" * (len(content) - 100)
    file.write_bytes(content)


def foreign(file: Path) -> None:
    file.write_bytes(b"this was never a database" * 1000)


def newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()


def missing(file: Path) -> None:
    file.rename(file.with_name("elsewhere.db"))
    file.with_name(f"{file.name}-wal").write_bytes(b"")


def folder(file: Path) -> None:
    file.rename(file.with_name("elsewhere.db"))
    file.mkdir()


SPOILED = {
    "damaged": (damaged, "put a backup in its place"),
    "not a database": (foreign, "put a backup in its place"),
    "made by a newer version": (newer, "install the newer version"),
    "missing, its log is there": (missing, "put a backup in its place"),
    "a folder": (folder, "set DATABASE_URL to a file"),
}


@each_row(
    "D3", "spoiled", SPOILED, "refused in a line that says what to do; left as it was"
)
async def test_a_database_that_cannot_be_used_is_refused_and_left_alone(
    tmp_path: Path, spoiled: tuple[Callable[[Path], None], str], seen: Seen
) -> None:
    file = tmp_path / "frontdesk.db"
    settings = DatabaseSettings(url=f"sqlite:///{file}")
    async with open_database(settings) as database, database.writing() as connection:
        await connection.execute(insert(keys).values(id="a", **ROW))
    spoil, advice = spoiled
    spoil(file)
    before = contents(tmp_path)

    with pytest.raises(DatabaseUnusable, match=advice) as raised:
        async with open_database(settings):
            pass

    seen(str(raised.value).replace(str(tmp_path), ""))
    assert contents(tmp_path).items() >= before.items()


def contents(folder: Path) -> dict[str, bytes | None]:
    return {p.name: p.read_bytes() if p.is_file() else None for p in folder.iterdir()}


def test_a_command_says_it_in_one_line(sample_home: Path, tmp_path: Path) -> None:
    foreign(tmp_path / "frontdesk.db")
    url = f"sqlite:///{tmp_path / 'frontdesk.db'}"

    done = frontdesk(
        sample_home, "serve", "--port", "0", DATABASE_URL=url, LOG_LEVEL="error"
    )
    line = told_in_a_line(done)

    assert "put a backup in its place" in line


@pytest.mark.row(
    "D3", "gone while it is used", "503, never written into nothing; put back: goes on"
)
async def test_a_file_that_is_taken_away_is_noticed_and_found_again(
    tmp_path: Path, seen: Seen
) -> None:
    file, elsewhere = tmp_path / "frontdesk.db", tmp_path / "elsewhere.db"
    async with open_database(DatabaseSettings(url=f"sqlite:///{file}")) as database:

        async def touch() -> None:
            async with database.writing() as connection:
                await connection.execute(text(TOUCH))

        await touch()
        file.rename(elsewhere)
        with pytest.raises(DatabaseUnavailable, match="put it back"):
            await touch()
        state, why = database.state()
        assert not file.exists()
        elsewhere.rename(file)
        await touch()
        assert database.state()[0] == "up"
        file.rename(elsewhere)
        file.write_bytes(elsewhere.read_bytes())
        with pytest.raises(DatabaseUnavailable, match="restart"):
            await touch()
    seen(f"{state}: {why.rpartition(': ')[2]}; put back: up")
    assert state == "down"


@pytest.mark.row("D3", "damaged while it is used", "503 with the advice, not 500")
async def test_a_file_that_is_damaged_while_it_is_used_is_told(
    tmp_path: Path, seen: Seen
) -> None:
    file = tmp_path / "frontdesk.db"
    settings = DatabaseSettings(url=f"sqlite:///{file}")
    async with open_database(settings) as database, database.writing() as connection:
        for n in range(300):
            await connection.execute(insert(keys).values(id=str(n), **ROW))
    content = bytearray(file.read_bytes())
    content[4096 * 4 :] = b"\xff" * (len(content) - 4096 * 4)
    file.write_bytes(content)
    async with open_database(settings) as database:
        with pytest.raises(DatabaseUnavailable, match="put a backup") as raised:
            await count(database)
        seen(f"{database.state()[0]}: {raised.value}")
        assert database.state()[0] == "down"
