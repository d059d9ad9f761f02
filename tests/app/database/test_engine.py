"""The database, in a file and on a server."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Text, func, insert, null, select, text

from app.database.engine import Database, open_database
from app.database.schema import REVISIONS, keep_copy
from app.database.tables import keys, metadata, turns
from app.errors import DatabaseUnavailable, DatabaseUnusable
from app.settings import DatabaseSettings
from ingest.errors import SettingsError
from tests.databases import KINDS, database_url

ROW = {
    "tenant": "t", "name": "n", "kind": "secret", "digest": "d", "scopes": "[]",
    "labels": "[]", "origins": "[]", "limits": "{}", "created": 0.0,
}  # fmt: skip


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database_url(request.param, tmp_path) as url:
        yield url


async def count(database: Database) -> int:
    async with database.reading() as connection:
        return len((await connection.execute(select(keys))).all())


async def write_and_fail(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(insert(keys).values(id="a", **ROW))
        _ = 1 / 0


async def test_an_empty_database_gets_the_tables_of_the_code(url: str) -> None:
    def differences(connection: Connection) -> list[object]:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
        return list(found)

    async with (
        open_database(DatabaseSettings(url=url)) as database,
        database.reading() as connection,
    ):
        assert await connection.run_sync(differences) == []


async def test_what_was_written_is_there_after_opening_again(url: str) -> None:
    settings = DatabaseSettings(url=url)
    async with open_database(settings) as database, database.writing() as connection:
        await connection.execute(insert(keys).values(id="a", **ROW))

    async with open_database(settings) as database:
        assert database.state()[0] == "up"
        assert await count(database) == 1


async def test_a_transaction_that_fails_leaves_nothing(url: str) -> None:
    async with open_database(DatabaseSettings(url=url)) as database:
        with pytest.raises(ZeroDivisionError):
            await write_and_fail(database)

        assert await count(database) == 0


async def test_two_openings_at_once_make_the_tables_once(url: str) -> None:
    async def open_and_write(name: str) -> None:
        async with (
            open_database(DatabaseSettings(url=url)) as database,
            database.writing() as connection,
        ):
            await connection.execute(insert(keys).values(id=name, **ROW))

    await asyncio.gather(*(open_and_write(str(n)) for n in range(4)))

    async with open_database(DatabaseSettings(url=url)) as database:
        assert await count(database) == 4


async def test_many_writers_wait_for_each_other(url: str) -> None:
    async with open_database(DatabaseSettings(url=url)) as database:

        async def write(name: str) -> None:
            async with database.writing() as connection:
                await connection.execute(insert(keys).values(id=name, **ROW))

        await asyncio.gather(*(write(str(n)) for n in range(50)))

        assert await count(database) == 50


async def test_a_newer_database_is_refused_and_left_alone(url: str) -> None:
    settings = DatabaseSettings(url=url)
    async with open_database(settings) as database, database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9'"))

    with pytest.raises(DatabaseUnusable, match=r"revision 9.*install the newer"):
        async with open_database(settings):
            pass


async def test_a_damaged_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "frontdesk.db"
    path.write_bytes(b"this was never a database" * 1000)

    with pytest.raises(DatabaseUnusable, match="put a backup in its place"):
        async with open_database(DatabaseSettings(url=f"sqlite:///{path}")):
            pass

    assert path.read_bytes().startswith(b"this was never")


async def test_a_locked_file_is_said_to_be_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "frontdesk.db"
    async with open_database(DatabaseSettings(url=f"sqlite:///{path}")) as database:
        with sqlite3.connect(path, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(DatabaseUnavailable, match="locked"):
                async with database.writing():
                    pass
        other.close()


async def test_a_server_that_is_not_there_yet_does_not_stop_the_start() -> None:
    settings = DatabaseSettings(url="postgresql://u:secret@127.0.0.1:9/x", timeout=0.5)
    async with open_database(settings) as database:
        state, detail = database.state()

        assert state == "down"
        assert "secret" not in detail
        with pytest.raises(DatabaseUnavailable):
            async with database.reading():
                pass


@pytest.mark.parametrize("given", ["mysql://x/y", "nonsense", "sqlite://"])
async def test_other_databases_are_refused_by_name(given: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        Database(DatabaseSettings(url=given))


def test_every_revision_is_known_to_the_code() -> None:
    config = Config()
    config.set_main_option("script_location", "app.database:migrations")
    scripts = ScriptDirectory.from_config(config)

    found = [script.revision for script in scripts.walk_revisions()]

    assert tuple(reversed(found)) == REVISIONS


async def test_a_database_of_the_first_version_is_updated_with_what_it_holds(
    url: str,
) -> None:
    settings = DatabaseSettings(url=url)
    empty: dict[str, object] = {
        c.name: "" for c in turns.columns if isinstance(c.type, Text)
    }
    kept = empty | {"id": "t", "conversation_id": None, "question": "Why?"}
    kept |= {"prompt_tokens": 1, "completion_tokens": 2, "created": 3.0}
    async with open_database(settings) as database, database.writing() as connection:
        await connection.execute(insert(turns).values(kept))
        await connection.execute(text("ALTER TABLE turns DROP COLUMN replaced"))
        await connection.execute(text("UPDATE alembic_version SET version_num='0001'"))

    async with open_database(settings) as database, database.reading() as connection:
        row = (await connection.execute(select(turns))).mappings().one()
        revision = await connection.execute(text("SELECT * FROM alembic_version"))
        found = revision.scalar_one()

    assert (row["id"], row["question"], row["replaced"]) == ("t", "Why?", None)
    assert found == REVISIONS[-1] != "0001"


async def test_capitals_of_every_script_are_folded(url: str) -> None:
    async with (
        open_database(DatabaseSettings(url=url)) as database,
        database.reading() as connection,
    ):
        folded = select(func.lower("ÜBER ДОМ Straße"), func.lower(null()))
        assert tuple((await connection.execute(folded)).one()) == (
            "über дом straße",
            None,
        )


async def test_what_was_there_before_an_update_is_kept_beside_the_file(
    tmp_path: Path,
) -> None:
    path = tmp_path / "frontdesk.db"
    settings = DatabaseSettings(url=f"sqlite:///{path}")
    async with open_database(settings) as database, database.writing() as connection:
        await connection.execute(insert(keys).values(id="a", **ROW))

    keep_copy(path, "0001")

    with sqlite3.connect(f"{path}.before-0001") as copy:
        assert copy.execute("SELECT id FROM keys").fetchall() == [("a",)]
    copy.close()
