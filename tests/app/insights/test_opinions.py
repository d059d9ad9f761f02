"""A thumb and a comment: one of each author, on answers that are theirs to judge."""

import asyncio

import pytest
from sqlalchemy import select

from app.conversations.personal import Personal
from app.database.engine import Database
from app.database.tables import feedback
from app.errors import NotFound
from app.insights.opinions import Opinion, Rating, keep, take_back
from ingest.documents import Principal
from tests.app.insights.conftest import Opened
from tests.app.insights.made_turns import keep_turns, turn

KEY = Principal(tenant="acme", labels=(), key_id="k1")
OTHER_KEY = Principal(tenant="acme", labels=(), key_id="k2")
VISITOR = Principal(tenant="acme", labels=(), key_id="w", session="s1")
STRANGER = Principal(tenant="other", labels=(), key_id="k1")


async def rate(
    database: Database,
    who: Principal,
    id_: str,
    rating: Rating = "down",
    *,
    comment: str = "",
    user: str = "",
) -> Opinion:
    return await keep(database, who, id_, rating=rating, comment=comment, user=user)


async def kept(database: Database) -> list[tuple[str, int, str]]:
    columns = (feedback.c.author, feedback.c.rating, feedback.c.comment)
    async with database.reading() as connection:
        rows = await connection.execute(select(*columns).order_by(feedback.c.author))
        return [tuple(row) for row in rows]


async def test_what_an_author_says_last_stands(opened: Opened) -> None:
    async with opened() as database:
        row = turn()
        await keep_turns(database, row)

        first = await rate(database, KEY, row["id"], "up")
        last = await rate(database, KEY, row["id"], "down", comment="It's “wrong” 🙈")

        assert await kept(database) == [("key:k1", -1, "It's “wrong” 🙈")]
        assert (last.rating, last.created) == ("down", first.created)
        assert last.message_id == row["id"]


async def test_each_author_has_an_opinion_of_their_own(opened: Opened) -> None:
    async with opened() as database:
        row = turn(session="s1")
        await keep_turns(database, row)

        await rate(database, KEY, row["id"])
        await rate(database, OTHER_KEY, row["id"])
        await rate(database, KEY, row["id"], user="ann")
        await rate(database, OTHER_KEY, row["id"], "up", user="ann")
        await rate(database, VISITOR, row["id"], user="ann")

        authors = [author for author, _, _ in await kept(database)]
        assert authors == ["key:k1", "key:k2", "session:s1", "user:ann"]


@pytest.mark.parametrize("session", ["", "s2"])
async def test_answers_of_others_are_as_if_there_were_none(
    opened: Opened, session: str
) -> None:
    async with opened() as database:
        row = turn(session=session)
        await keep_turns(database, row)

        refusals = []
        for who, id_ in (
            (STRANGER, row["id"]),
            (VISITOR, row["id"]),
            (KEY, "chatcmpl-none"),
            (KEY, "\0"),
            (KEY, "x" * 10_000),
            (KEY, "' OR 1=1 --"),
        ):
            with pytest.raises(NotFound) as rating:
                await rate(database, who, id_)
            with pytest.raises(NotFound) as taking_back:
                await take_back(database, who, id_, user="")
            refusals += [str(rating.value), str(taking_back.value)]

        assert len(set(refusals)) == 1
        assert await kept(database) == []


async def test_what_is_taken_back_is_gone_and_nobody_elses_is(opened: Opened) -> None:
    async with opened() as database:
        row = turn(session="s1")
        await keep_turns(database, row)
        for who, user in ((KEY, ""), (KEY, "ann"), (VISITOR, "")):
            await rate(database, who, row["id"], user=user)

        await take_back(database, KEY, row["id"], user="ann")

        assert [a for a, _, _ in await kept(database)] == ["key:k1", "session:s1"]
        with pytest.raises(NotFound):
            await take_back(database, KEY, row["id"], user="ann")
        with pytest.raises(NotFound):
            await take_back(database, OTHER_KEY, row["id"], user="")


async def test_what_a_user_said_of_others_answers_is_erased_with_the_rest(
    opened: Opened,
) -> None:
    async with opened() as database:
        row = turn(user="bob")
        await keep_turns(database, row)
        for user in ("", "ann", "key:k1"):
            await rate(database, KEY, row["id"], user=user)

        erased = await Personal(database, None).erase(KEY, "ann")

        assert erased.feedback == 1
        assert [a for a, _, _ in await kept(database)] == ["key:k1", "user:key:k1"]


async def test_who_says_much_at_once_says_it_once(opened: Opened) -> None:
    async with opened() as database:
        row = turn()
        await keep_turns(database, row)

        await asyncio.gather(
            *(rate(database, KEY, row["id"], comment=str(n)) for n in range(20))
        )

        assert len(await kept(database)) == 1
