"""What becomes of turns that the database does not take, and of text it cannot hold."""

import asyncio
import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select, text

from app.conversations.recording import Recorder
from app.conversations.rows import row_of
from app.conversations.spool import Spool, Write
from app.conversations.turns import Turn
from app.database.engine import Database, open_database
from app.database.retrying import tried_again
from app.database.tables import turns
from app.errors import DatabaseConflict
from app.ids import new_id
from app.metrics import exposition
from app.settings import DatabaseSettings
from tests.databases import KINDS, database_url, faulty_url
from tests.reliability.desks import ANSWER, Desk, desk, told
from tests.reliability.recording import Seen, each_row
from tests.scripted_upstream import Reply, written


def write(question: str) -> Write:
    turn = Turn(id=new_id("chatcmpl-"), question=question, status="complete")
    return Write(whole=True, row=row_of(turn, "t"))


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database_url(request.param, tmp_path) as url:
        yield url


async def questions(database: Database) -> list[str]:
    async with database.reading() as connection:
        found = await connection.execute(select(turns.c.question).order_by("question"))
        return list(found.scalars())


def dropped() -> float:
    text = exposition()[0].decode()
    said = text.partition('frontdesk_turns_total{kept="dropped"} ')[2]
    return float(said.split("\n")[0] or 0)


DAMAGED = {
    "cut off": b'{"whole":true,"row":{"id":"chatcmpl-',
    "no JSON": b"\x00\xff\xfe nothing",
    "columns are missing": b'{"whole":false,"row":{"id":"a"}}',
    "a value of another kind": msgspec.json.encode(
        Write(whole=True, row=write("x").row | {"created": {"a": []}})
    ),
}


@each_row(
    "D5", "line", DAMAGED,
    "the others are written, once, in order; it is counted and let go",
    variant="a spooled line is damaged: {}",
)  # fmt: skip
async def test_a_damaged_line_of_the_spool_keeps_nothing_up(
    url: str, tmp_path: Path, line: bytes, seen: Seen
) -> None:
    spool = Spool(tmp_path / "spool")
    first, last = write("1 before"), write("2 after")
    await spool.add([first])
    with (tmp_path / "spool" / "turns.jsonl").open("ab") as file:
        file.write(b"\n" + line + b"\n")
    await spool.add([last, first])
    before = dropped()
    async with open_database(DatabaseSettings(url=url)) as database:
        await Recorder(database, spool).replay()
        found = await questions(database)
        await Recorder(database, spool).replay()
        again = await questions(database)

    seen(f"{len(found)} written, {len(again)} after a second time")
    assert found == again == ["1 before", "2 after"]
    assert spool.is_empty()
    # What was there already is no loss.
    assert dropped() - before == 1


@pytest.mark.row(
    "D5", "the spool is full", "what has room is kept, the rest is counted"
)
@pytest.mark.row(
    "D5", "the spool's folder cannot be written", "said; the answer is given"
)
async def test_what_has_no_room_is_said_to_be_lost(tmp_path: Path, seen: Seen) -> None:
    spool = Spool(tmp_path / "spool")
    kept = await spool.add([write("x" * 1000)] * 60_000)
    full = await spool.add([write("x" * 1000)] * 60_000)
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"ot a directory|exists"):
        await Spool(tmp_path / "file").add([write("x")])
    size = (tmp_path / "spool" / "turns.jsonl").stat().st_size
    seen(f"{size / 2**20:.0f} MiB")
    assert (kept, full) == (False, False) or (kept, full) == (True, False)
    assert size <= 64 * 2**20


@pytest.mark.row(
    "D5", "database and spool cannot be written",
    "the answer is given, says that it is not saved, and the state says why",
)  # fmt: skip
def test_an_answer_is_given_although_nothing_can_keep_it(
    sample_home: Path, tmp_path: Path, seen: Seen
) -> None:
    (tmp_path / "spool").write_text("a file, no folder")
    with (
        faulty_url(tmp_path) as (url, way),
        desk(
            sample_home, DATABASE_URL=url, CONVERSATIONS_SPOOL=str(tmp_path / "spool")
        ) as served,
    ):
        begun = served.begin().json()["id"]

        def cut_and_say(_: object) -> Reply:
            way.cut()
            return written(ANSWER)

        served.upstream.then(cut_and_say)
        reply = served.ask(rag={"conversation_id": begun})
        served.until(lambda: served.part("conversations")[0] == "degraded")
        why = served.part("conversations")[1]
        lost = served.metric('frontdesk_turns_total{kept="dropped"}')
        way.mend()
        served.until(lambda: served.part("conversations")[0] == "up")
    saved = reply.headers["x-conversation-saved"]
    seen(f"{told(reply)}, saved: {saved}; {why}; {lost:.0f} lost")
    assert (told(reply), saved, lost) == ("200", "false", 1)
    assert "lost" in why


ODD = {
    "NUL": "a\0b",
    "half a character": "a\ud800b",
    "1 MB": "x" * 1_000_000,
    "controls": "\x01\x1b[31m\u202e\u2028",
    "beyond the BMP": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
}


@pytest.mark.parametrize("kind", KINDS)
@each_row("D6", "said", ODD, "kept, cleaned or 400; never 5xx")
def test_text_that_a_database_cannot_hold_is_no_fault_of_the_service(
    odd: dict[str, Desk], kind: str, said: str, seen: Seen
) -> None:
    served = odd[kind]
    lost_before, turns_before = lost(served), turns_of(served)
    bodies = [
        ("/v1/conversations", {"title": said}),
        ("/v1/conversations", {"user": said}),
        ("/v1/conversations", {"metadata": {said[:60]: said}}),
        ("/v1/chat/completions", {"model": "frontdesk", "user": said,
            "messages": [{"role": "user", "content": said}]}),
        ("/v1/chat/completions", {"model": said,
            "messages": [{"role": "user", "name": said, "content": "Hi"}]}),
        ("/v1/chat/completions", {"model": "frontdesk",
            "messages": [{"role": "user", "content": said}]}),
        ("/v1/feedback", {"message_id": said, "rating": "up", "comment": said}),
    ]  # fmt: skip
    codes = []
    for path, body in bodies:
        reply = served.http.post(
            path, content=json.dumps(body),
            headers={"content-type": "application/json", "idempotency-key": secrets.token_hex(127)},
        )  # fmt: skip
        codes.append(reply.status_code)
    asked = {"user": said[:2000].encode(errors="replace")}
    listed = served.http.get("/v1/conversations", params=asked)
    answered = codes[3:6].count(200)
    served.until(lambda: turns_of(served) >= turns_before + answered)
    seen(f"{kind}: {codes}, listed: {listed.status_code}")
    assert max(codes) < 500
    assert lost(served) == lost_before
    assert listed.status_code < 500


def lost(served: Desk) -> float:
    return served.metric('frontdesk_turns_total{kept="dropped"}')


def turns_of(served: Desk) -> float:
    return lost(served) + served.metric('frontdesk_turns_total{kept="database"}')


@pytest.fixture(scope="module")
def odd(
    sample_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Desk]]:
    home = tmp_path_factory.mktemp("odd")
    with (
        database_url("postgresql", home) as url,
        desk(sample_home, DATABASE_URL=url) as server,
        desk(sample_home, DATABASE_URL=f"sqlite:///{home / 'x.db'}") as file,
    ):
        yield {"postgresql": server, "sqlite": file}


@pytest.mark.row("D4", "deadlock", "the loser is tried again; both are done")
@pytest.mark.row("D4", "serialization failure", "tried up to three times")
def test_a_transaction_that_loses_is_tried_again(tmp_path: Path, seen: Seen) -> None:
    async def meet(url: str) -> int:
        async with open_database(DatabaseSettings(url=url)) as database:
            await Recorder(database, None)._write([write("a"), write("b")])
            met = asyncio.Barrier(2)
            tries: list[int] = []

            @tried_again
            async def both(first: str, then: str, who: int) -> None:
                tries.append(who)
                async with database.writing() as connection:
                    for n, name in enumerate((first, then)):
                        change = text(
                            "UPDATE turns SET seconds = 1 WHERE question = :q"
                        )
                        await connection.execute(change, {"q": name})
                        if n == 0 and tries.count(who) == 1:
                            await met.wait()

            await asyncio.gather(both("a", "b", 1), both("b", "a", 2))
        return len(tries)

    with database_url("postgresql", tmp_path) as url:
        tries = asyncio.run(meet(url))
    seen(f"{tries} tries for two that lock each other")
    assert tries == 3


async def test_who_loses_three_times_is_told(tmp_path: Path) -> None:
    tries: list[int] = []

    @tried_again
    async def lose() -> None:
        tries.append(1)
        raise DatabaseConflict("again")

    with pytest.raises(DatabaseConflict):
        await lose()
    assert len(tries) == 3
