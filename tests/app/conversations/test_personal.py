"""What is kept of people is shown whole, and erased for good."""

import time
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from app.conversations.personal import Erased
from app.conversations.spool import Spool
from app.database.tables import feedback, replies
from app.messages import JSON
from tests.app.conversations.made import ACME, Opened, alone, opened, principal

OTHER = principal("other")
CANARY = "canary-7Qd2vX0pL"


async def think(here: Opened, turn_id: str, author: str, comment: str = "") -> None:
    row = {"tenant": "acme", "rating": 1, "created": 0.0, "updated": 0.0}
    async with here.database.writing() as connection:
        await connection.execute(
            insert(feedback).values(
                turn_id=turn_id, author=author, comment=comment, **row
            )
        )


async def reply(here: Opened, tenant: str, text: str) -> None:
    row: dict[str, Any] = {"digest": "", "author": "", "headers": "[]"}
    async with here.database.writing() as connection:
        await connection.execute(
            insert(replies).values(
                tenant=tenant, key="k", body=text.encode(), expires=time.time() + 99,
                **row,
            )
        )  # fmt: skip


async def exported(here: Opened, user: str | None, who: Any = ACME) -> list[JSON]:
    return [told async for told in here.kept.personal.export(who, user)]


async def full(here: Opened) -> None:
    """Keep something of two users and of another tenant."""
    for user in ("ann", "bob"):
        begun = await here.begin(user=user, title=f"{CANARY} {user}")
        said = await here.say(begun, f"{CANARY} asks {user}", f"{CANARY} says")
        await think(here, said.id, "key", f"{CANARY} is good")
        await here.kept.recorder.save(alone(user=user, question=f"{CANARY} alone"))
    theirs = await here.begin(OTHER, user="ann", title="theirs")
    await here.say(theirs, "Theirs?", who=OTHER)
    await reply(here, "acme", CANARY)
    await reply(here, "other", "theirs")


async def test_an_export_holds_everything_of_a_user_and_nothing_else(
    url: str,
) -> None:
    async with opened(url) as here:
        await full(here)
        told = await exported(here, "ann")

        kinds = Counter(t["object"] for t in told)
        assert kinds == {"conversation": 1, "turn": 1, "feedback": 1, "end": 1}
        conversation, alone_, thought, end = told
        assert conversation["title"] == f"{CANARY} ann"
        assert [t["answer"] for t in conversation["turns"]] == [f"{CANARY} says"]
        assert alone_["question"] == f"{CANARY} alone"
        assert thought["comment"] == f"{CANARY} is good"
        assert end == {"object": "end", "conversations": 1, "turns": 2, "feedback": 1}


async def test_an_export_of_everybody_is_whole_however_much_it_is(url: str) -> None:
    async with opened(url) as here:
        await full(here)
        for number in range(250):
            here.kept.recorder.put(alone(question=str(number)))
        await here.kept.recorder.flush()
        told = await exported(here, None)

        ids = [t["id"] for t in told if t["object"] == "turn"]
        assert len(ids) == len(set(ids)) == 252
        assert told[-1] == {
            "object": "end", "conversations": 2, "turns": 254, "feedback": 2,
        }  # fmt: skip


async def test_erasing_a_user_leaves_everybody_else(url: str) -> None:
    async with opened(url) as here:
        await full(here)
        erased = await here.kept.personal.erase(ACME, "ann")

        assert erased == Erased(
            conversations=1, turns=2, feedback=1, replies=1, spooled=0,
            scrubbed=url.startswith("sqlite"),
        )  # fmt: skip
        assert len(await exported(here, "ann")) == 1
        assert len(await exported(here, "bob")) == 4
        assert len(await exported(here, "ann", OTHER)) == 2


async def test_erasing_everybody_of_a_tenant_leaves_the_others(url: str) -> None:
    async with opened(url) as here:
        await full(here)
        for number in range(250):
            here.kept.recorder.put(alone(question=str(number)))
        erased = await here.kept.personal.erase(ACME, None)

        assert (erased.conversations, erased.turns, erased.feedback) == (2, 254, 2)
        assert len(await exported(here, None)) == 1
        assert len(await exported(here, None, OTHER)) == 2


async def test_what_was_erased_is_in_no_file(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    async with opened(
        f"sqlite:///{tmp_path / 'frontdesk.db'}", spool=str(spool)
    ) as here:
        await full(here)
        long = await here.begin(title="long", user="ann")
        await here.say(long, f"{CANARY} " * 5000, answer=f"{CANARY} " * 5000)
        assert CANARY in everything(tmp_path)
        erased = await here.kept.personal.erase(ACME, None)

        assert erased.scrubbed
        assert CANARY not in everything(tmp_path)
        assert "theirs" in everything(tmp_path)
    assert CANARY not in everything(tmp_path)


async def test_what_waits_to_be_written_is_erased_too(url: str, tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    await spool.add(
        [alone(user="ann", question=CANARY), alone(user="bob", question="stays")]
    )
    await spool.add([alone(OTHER, user="ann", question="stays")])
    async with opened(url) as here:
        personal = type(here.kept.personal)(here.database, spool)
        erased = await personal.erase(ACME, "ann")

    assert erased.spooled == 1
    assert CANARY not in (tmp_path / "turns.jsonl").read_text()
    async with spool.taking() as left:
        assert [w.row["question"] for w in left] == ["stays", "stays"]


def everything(folder: Path) -> str:
    """Return every byte in a folder, read as Latin-1."""
    files = [p for p in folder.rglob("*") if p.is_file()]
    return "".join(p.read_bytes().decode("latin-1") for p in files)
