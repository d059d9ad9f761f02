"""Whose questions are told to whom."""

import json
from typing import Any

import pytest
from sqlalchemy import Text, insert

from app.database.engine import Database
from app.database.tables import keys
from app.insights.suggesting import MOST, MostAsked
from ingest.documents import Principal
from tests.app.insights.conftest import Opened
from tests.app.insights.made_turns import (
    DAY,
    NOON,
    keep_conversation,
    keep_thumb,
    keep_turns,
    turn,
)

VISITOR = Principal(tenant="acme", labels=("public",))
STAFF = Principal(tenant="acme", labels=("public", "staff"))
NOW = NOON + 60


async def keep_key(
    database: Database, id_: str, *labels: str, tenant: str = "acme"
) -> None:
    row = {c.name: "" if isinstance(c.type, Text) else 0.0 for c in keys.columns}
    async with database.writing() as connection:
        await connection.execute(
            insert(keys).values(
                row | {"id": id_, "tenant": tenant, "labels": json.dumps(labels)}
            )
        )


def asked(question: str, times: int = 3, **columns: Any) -> list[dict[str, Any]]:
    """Return rows of a question that as many users asked."""
    return [turn(question=question, user=f"u{n}", **columns) for n in range(times)]


async def told(
    database: Database, principal: Principal = VISITOR, now: float = NOW
) -> tuple[str, ...]:
    most = MostAsked(database, unkeyed=("public",))
    return await most.told(principal, now=now)


async def test_what_most_people_ask_comes_first(opened: Opened) -> None:
    async with opened() as database:
        await keep_turns(
            database,
            *asked("Do you ship?"),
            *asked("Where is it?", 5),
            *asked("where  is it", 2),
            *asked("Only two ask", 2),
        )

        assert await told(database) == ("Where is it?", "Do you ship?")


async def test_one_person_who_asks_often_is_one(opened: Opened) -> None:
    async with opened() as database:
        await keep_conversation(database, "conv_1", "acme")
        often = [turn(question="My order 4711?", user="ann") for _ in range(9)]
        session = [turn(question="My order 4711?", session="sess_1") for _ in range(9)]
        await keep_turns(database, *often, *session)
        assert await told(database) == ()

        talk = turn(question="My order 4711?", conversation_id="conv_1", position=0)
        await keep_turns(database, talk)
        assert await told(database) == ("My order 4711?",)


async def test_nothing_of_another_tenant_is_told(opened: Opened) -> None:
    async with opened() as database:
        await keep_turns(database, *asked("Ours?"), *asked("Theirs?", tenant="other"))

        assert await told(database) == ("Ours?",)
        other = Principal(tenant="other", labels=("public",))
        assert await told(database, other) == ("Theirs?",)


async def test_what_askers_with_more_labels_asked_is_told_to_their_like_only(
    opened: Opened,
) -> None:
    async with opened() as database:
        await keep_key(database, "shop", "public")
        await keep_key(database, "inner", "public", "staff")
        await keep_turns(
            database,
            *asked("Public?", key_id="shop"),
            *asked("Is the merger off?", key_id="inner"),
            *asked("Whose?", key_id="unknown"),
        )

        assert await told(database) == ("Public?",)
        assert set(await told(database, STAFF)) == {"Public?", "Is the merger off?"}


async def test_askers_with_more_labels_do_not_make_others_enough(
    opened: Opened,
) -> None:
    async with opened() as database:
        await keep_key(database, "inner", "staff")
        await keep_turns(database, *asked("Mixed?", 2))
        await keep_turns(database, turn(question="Mixed?", user="x", key_id="inner"))

        assert await told(database) == ()


@pytest.mark.parametrize(
    "columns",
    [
        {"answered": False},
        {"answered": None, "status": "failed"},
        {"created": NOON - 31 * DAY},
        {"question": ""},
        {"question": "x" * 201},
        {"question": "a\u202eb"},
        {"question": "?!"},
    ],
    ids=str,
)
async def test_what_is_no_good_example_is_not_told(
    opened: Opened, columns: dict[str, Any]
) -> None:
    async with opened() as database:
        rows = asked("Fine?")
        await keep_turns(database, *[row | columns for row in rows])

        assert await told(database) == ()


async def test_what_got_a_thumb_down_or_follows_another_question_is_not_told(
    opened: Opened,
) -> None:
    async with opened() as database:
        await keep_conversation(database, "conv_1", "acme")
        bad = asked("Bad?")
        after = asked("And on Business?", 2)
        third = turn(
            question="And on Business?", user="u9", conversation_id="conv_1", position=3
        )
        await keep_turns(database, *bad, *after, third)
        await keep_thumb(database, bad[0])

        assert await told(database) == ()


async def test_there_are_six_at_most_and_they_are_remembered_for_a_minute(
    opened: Opened,
) -> None:
    async with opened() as database:
        most = MostAsked(database, unkeyed=("public",))
        assert await most.told(VISITOR, now=NOW) == ()
        for n in range(9):
            await keep_turns(database, *asked(f"Question {n}?"))

        assert await most.told(VISITOR, now=NOW + 59) == ()
        assert len(await most.told(STAFF, now=NOW + 59)) == MOST
        assert len(await most.told(VISITOR, now=NOW + 61)) == MOST
