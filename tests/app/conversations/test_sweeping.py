"""What is too old goes; what is not stays."""

import time
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from app.conversations.sweeping import sweep
from app.database.tables import conversations, replies, turns
from app.errors import ConversationNotFound
from tests.app.conversations.made import ACME, Opened, alone, opened

DAY = 86_400


async def age(here: Opened, table: Any, column: str, days: float) -> None:
    async with here.database.writing() as connection:
        values = {column: time.time() - days * DAY}
        await connection.execute(update(table).values(values))


async def reply(here: Opened, key: str, expires: float) -> None:
    row = {"tenant": "acme", "digest": "", "author": "", "headers": "[]"}
    async with here.database.writing() as connection:
        await connection.execute(
            insert(replies).values(key=key, expires=expires, **row)
        )


async def test_a_conversation_goes_when_nobody_continued_it_for_long(url: str) -> None:
    async with opened(url) as here:
        old = await here.begin()
        await here.say(old, "Why?")
        await age(here, conversations, "updated", 31)
        new = await here.begin()
        await here.say(new, "How?")
        await age(here, turns, "created", 31)

        assert await sweep(here.database, days=30) == 1

        with pytest.raises(ConversationNotFound):
            await here.texts(old)
        assert len(await here.texts(new)) == 1


async def test_many_questions_outside_of_conversations_go_when_old(url: str) -> None:
    async with opened(url) as here:
        for _ in range(450):
            here.kept.recorder.put(alone())
        await here.kept.recorder.flush()
        await age(here, turns, "created", 31)
        await here.kept.recorder.save(alone(question="new"))

        assert await sweep(here.database, days=30) == 450

        told = [t async for t in here.kept.personal.export(ACME, None)]
        assert [t["question"] for t in told[:-1]] == ["new"]


async def test_nothing_goes_where_everything_is_kept(url: str) -> None:
    async with opened(url) as here:
        begun = await here.begin()
        await age(here, conversations, "updated", 36_000)

        assert await sweep(here.database, days=0) == 0
        assert await here.texts(begun) == []


async def test_replies_go_when_they_expire(url: str) -> None:
    async with opened(url) as here:
        await reply(here, "old", time.time() - 1)
        await reply(here, "new", time.time() + 100)

        await sweep(here.database, days=0)

        async with here.database.reading() as connection:
            left = await connection.execute(select(replies.c.key))
            assert left.scalars().all() == ["new"]
