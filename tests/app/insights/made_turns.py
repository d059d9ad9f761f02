"""Turns as the service writes them; a test names what it is about."""

import datetime as dt
import itertools
import json
from typing import Any

from sqlalchemy import Text, insert

from app.database.engine import Database
from app.database.tables import conversations, feedback, turns
from app.insights.opinions import RATINGS

TODAY = dt.date(2026, 11, 30)
NOON = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC).timestamp()
DAY = 86_400.0

_numbers = itertools.count()


def turn(tenant: str = "acme", **columns: Any) -> dict[str, Any]:
    """Return a row of ``turns``: answered at noon of `TODAY` unless it says otherwise."""
    columns["documents"] = json.dumps(columns.get("documents", []))
    empty = {
        column.name: "" if isinstance(column.type, Text) else 0
        for column in turns.columns
        if not column.nullable
    }
    usual = {
        "id": f"chatcmpl-{next(_numbers)}",
        "tenant": tenant,
        "status": "complete",
        "question": "How do I reset the hub?",
        "answered": True,
        "seconds": 1.0,
        "created": NOON,
    }
    nullable = {"conversation_id": None, "position": None, "cost": None}
    return {**empty, **nullable, **usual, **columns}


async def keep_turns(database: Database, *rows: dict[str, Any]) -> None:
    # A statement for each of thousands would take longer than a change may.
    for first in range(0, len(rows), 500):
        async with database.writing() as connection:
            await connection.execute(insert(turns), list(rows[first : first + 500]))


async def keep_thumb(
    database: Database, of: dict[str, Any], rating: str = "down", **columns: Any
) -> None:
    usual = {
        "turn_id": of["id"],
        "author": "key:k",
        "tenant": of["tenant"],
        "rating": RATINGS[rating],  # type: ignore[index]
        "comment": "",
        "created": of["created"] + 60,
        "updated": of["created"] + 60,
    }
    async with database.writing() as connection:
        await connection.execute(insert(feedback).values(usual | columns))


async def keep_conversation(database: Database, id_: str, tenant: str) -> None:
    row = {
        column.name: "" if isinstance(column.type, Text) else 0.0
        for column in conversations.columns
    }
    async with database.writing() as connection:
        await connection.execute(
            insert(conversations).values(row | {"id": id_, "tenant": tenant})
        )
