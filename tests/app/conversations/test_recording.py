"""Turns that have ended are written, whatever becomes of the database meanwhile."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import text, update

from app.conversations.spool import Spool
from app.database.tables import turns
from app.errors import DatabaseUnavailable
from tests.app.conversations.made import (
    ACME,
    Opened,
    alone,
    end_of,
    opened,
    principal,
    turn,
)
from tests.reliability.faultproxy import FaultProxy


async def lone(here: Opened) -> list[dict[str, Any]]:
    """Return the turns outside of any conversation."""
    told = [t async for t in here.kept.personal.export(ACME, None)]
    return [t for t in told if t["object"] == "turn"]


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + 30
    while not await holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def test_what_was_put_is_written_once_flushed(url: str) -> None:
    async with opened(url) as here:
        writes = [alone(question=str(n)) for n in range(450)]
        for write in writes:
            here.kept.recorder.put(write)
        await here.kept.recorder.flush()

        found = await lone(here)
        assert sorted(t["question"] for t in found) == sorted(
            str(n) for n in range(450)
        )


async def test_what_was_put_is_written_when_everything_ends(url: str) -> None:
    async with opened(url) as here:
        here.kept.recorder.put(alone())

    async with opened(url) as here:
        assert len(await lone(here)) == 1


async def test_the_same_turn_is_written_once(url: str) -> None:
    write = alone(question="Why?")
    async with opened(url) as here:
        for _ in range(2):
            assert await here.kept.recorder.save(write)

        assert [t["question"] for t in await lone(here)] == ["Why?"]


async def test_a_turn_that_runs_is_said_to_until_it_has_ended(url: str) -> None:
    async with opened(url) as here:
        begun = await here.begin()
        ids = []
        for _ in range(3):
            asked, _ = await here.kept.history.begin(
                ACME, turn(conversation_id=begun.id)
            )
            ids.append(asked)
        for asked in ids[:2]:
            here.kept.recorder.hold(asked.id)
        await here.kept.recorder.save(end_of(replace(ids[1], status="cancelled")))
        async with here.database.writing() as connection:
            await connection.execute(update(turns).values(lease=time.time() - 1))
        await here.kept.recorder.renew()

        statuses = [status for _, _, status in await here.texts(begun)]
        assert statuses == ["running", "cancelled", "incomplete"]


async def test_nobody_ends_a_turn_of_another_tenant(url: str) -> None:
    async with opened(url) as here:
        begun = await here.begin()
        asked, _ = await here.kept.history.begin(ACME, turn(conversation_id=begun.id))
        ended = replace(asked, status="complete", answer="Forged.")
        await here.kept.recorder.save(end_of(ended, principal("other")))

        assert await here.texts(begun) == [("", "", "running")]


async def test_a_turn_that_no_database_takes_does_not_stop_the_others(
    url: str,
) -> None:
    bad = alone()
    bad.row["created"] = "yesterday\0"
    bad.row["question"] = None
    async with opened(url) as here:
        for write in (alone(question="one"), bad, alone(question="two")):
            here.kept.recorder.put(write)
        await here.kept.recorder.flush()

        assert {t["question"] for t in await lone(here)} == {"one", "two"}


@pytest.mark.parametrize("said", ["a\0b", "naïve 🧊 \u202e \ufffe"])
async def test_odd_characters_of_a_model_are_stored(url: str, said: str) -> None:
    async with opened(url) as here:
        begun = await here.begin()
        await here.say(begun, "Why?", answer=said, said={"refusal": said})

        (found,) = await here.kept.history.page(ACME, begun.id, limit=5)
        assert found.answer == said.replace("\0", "")
        assert found.said == {"refusal": said}


async def test_turns_are_kept_aside_while_the_database_is_away(
    way: tuple[str, FaultProxy], tmp_path: Path
) -> None:
    spool = Spool(tmp_path / "spool")
    url, wire = way
    async with opened(url, spool=str(tmp_path / "spool")) as here:
        begun = await here.begin()
        asked, _ = await here.kept.history.begin(
            ACME, turn(conversation_id=begun.id, question="Why?")
        )
        wire.cut()
        ended = replace(asked, status="complete", answer="So.")
        assert not await here.kept.recorder.save(end_of(ended))
        for number in range(3):
            here.kept.recorder.put(alone(question=str(number)))
        await here.kept.recorder.flush()
        assert not spool.is_empty()
        with pytest.raises(DatabaseUnavailable):
            await here.texts(begun)

        wire.mend()
        await eventually(lambda: is_empty(spool))

        assert await here.texts(begun) == [("Why?", "So.", "complete")]
        assert len(await lone(here)) == 3
        assert await here.kept.recorder.save(alone(question="after"))


async def is_empty(spool: Spool) -> bool:
    return spool.is_empty()


async def test_what_a_dead_process_kept_aside_is_written_by_the_next(
    url: str, tmp_path: Path
) -> None:
    spool = Spool(tmp_path / "spool")
    whole = [alone(question=str(n)) for n in range(3)]
    await spool.add(whole[:2])
    # Cut off in the middle of a line, and gone on by another process.
    with (tmp_path / "spool" / "turns.jsonl").open("ab") as file:
        file.write(msgspec.json.encode(alone(question="torn"))[:-9])
    await spool.add(whole[1:])

    async with opened(url, spool=str(tmp_path / "spool")) as here:
        await eventually(lambda: is_empty(spool))

        assert sorted(t["question"] for t in await lone(here)) == ["0", "1", "2"]


async def test_what_waits_when_the_database_is_away_survives_the_end(
    way: tuple[str, FaultProxy], tmp_path: Path
) -> None:
    folder = str(tmp_path / "spool")
    url, wire = way
    async with opened(url, spool=folder) as here:
        wire.cut()
        here.kept.recorder.put(alone(question="Why?"))
    assert not Spool(tmp_path / "spool").is_empty()
    wire.mend()

    async with opened(url, spool=folder) as here:
        await eventually(lambda: is_empty(Spool(tmp_path / "spool")))
        assert [t["question"] for t in await lone(here)] == ["Why?"]


async def test_a_spool_that_cannot_be_written_stops_nothing(
    way: tuple[str, FaultProxy], tmp_path: Path
) -> None:
    (tmp_path / "spool").write_text("a file where a folder should be")
    url, wire = way
    async with opened(url, spool=str(tmp_path / "spool")) as here:
        wire.cut()
        assert not await here.kept.recorder.save(alone(question="lost"))
        wire.mend()

        async def is_back() -> bool:
            return await here.kept.recorder.save(alone(question="kept"))

        await eventually(is_back)
        assert {t["question"] for t in await lone(here)} == {"kept"}


async def test_a_full_spool_takes_no_more(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    await spool.add([alone()])
    os.truncate(tmp_path / "turns.jsonl", 64 * 1024 * 1024)

    assert not await spool.add([alone()])


async def test_a_full_disk_is_read_and_recovers(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    async with opened(
        f"sqlite:///{tmp_path / 'frontdesk.db'}", spool=str(tmp_path / "spool")
    ) as here:
        begun = await here.begin()
        asked, _ = await here.kept.history.begin(ACME, turn(conversation_id=begun.id))
        pages = await room(here, 1)
        ended = replace(asked, status="complete", answer="x" * 100_000)
        assert not await here.kept.recorder.save(end_of(ended))
        with pytest.raises(DatabaseUnavailable, match="full"):
            await here.begin(title="x" * 100_000)
        assert await here.texts(begun) == [("", "", "running")]

        assert await room(here, 100_000) == 100_000 > pages
        await eventually(lambda: is_empty(spool))
        assert await here.texts(begun) == [("", "x" * 100_000, "complete")]


async def room(here: Opened, pages: int) -> int:
    """Let the database file have as many pages, and no fewer than it has."""
    async with here.database.writing() as connection:
        found = await connection.execute(text(f"PRAGMA max_page_count={pages}"))
        return int(found.scalar_one())


async def test_the_spool_is_for_the_service_alone_to_read(tmp_path: Path) -> None:
    await Spool(tmp_path).add([alone()])

    assert (tmp_path / "turns.jsonl").stat().st_mode & 0o777 == 0o600


async def test_a_spool_that_cannot_be_read_is_told_and_stops_nothing(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # A folder where its file should be.
    (tmp_path / "spool" / "turns.jsonl").mkdir(parents=True)

    async def told() -> bool:
        return "conversations: IsADirectoryError" in caplog.text

    async with opened(url, spool=str(tmp_path / "spool")) as here:
        await eventually(told)
        here.kept.recorder.put(alone(question="kept all the same"))
        await here.kept.recorder.flush()

        assert [t["question"] for t in await lone(here)] == ["kept all the same"]
