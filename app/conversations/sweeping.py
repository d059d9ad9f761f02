"""Deletes what is too old, and ends what nobody works on any more."""

import time
from collections.abc import Sequence

from sqlalchemy import Column, ColumnElement, Table, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.database.engine import Database
from app.database.tables import conversations, replies, turns

_TOGETHER = 200
"""Most rows that go in one transaction: others want to write too."""

_DAY = 86_400.0


async def sweep(database: Database, *, days: int) -> int:
    """Delete what is too old; return how many rows that were.

    Args:
        database: Where.
        days: Days after which a conversation that nobody continued, and a question
            outside of any, are deleted; 0 keeps them.

    Raises:
        DatabaseUnavailable: Nothing can be written now.
    """
    now = time.time()
    await _end_dead(database, now)
    gone = await _delete(database, replies, replies.c.key, replies.c.expires < now)
    if days:
        before = now - days * _DAY
        c, t = conversations.c, turns.c
        gone += await _delete(database, conversations, c.id, c.updated < before)
        lone = and_(t.conversation_id.is_(None), t.created < before)
        gone += await _delete(database, turns, t.id, lone)
    return gone


async def _end_dead(database: Database, now: float) -> None:
    dead = and_(turns.c.status == "running", turns.c.lease < now)
    async with database.reading() as connection:
        if not await _found(connection, turns.c.id, dead):
            return
    async with database.writing() as connection:
        await connection.execute(
            update(turns).where(dead).values(status="incomplete", lease=None)
        )


async def _delete(
    database: Database, table: Table, name: Column[str], old: ColumnElement[bool]
) -> int:
    """Delete the rows that are `old`, a few at a time; look without locking."""
    gone = 0
    while True:
        async with database.reading() as connection:
            names = await _found(connection, name, old)
        if names:
            async with database.writing() as connection:
                # Asked again: it may have been continued meanwhile.
                doomed = and_(name.in_(names), old)
                done = await connection.execute(delete(table).where(doomed))
                gone += done.rowcount
        if len(names) < _TOGETHER:
            return gone


async def _found(
    connection: AsyncConnection, name: Column[str], old: ColumnElement[bool]
) -> Sequence[str]:
    rows = await connection.execute(select(name).where(old).limit(_TOGETHER))
    return rows.scalars().all()
