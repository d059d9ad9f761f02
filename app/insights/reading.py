"""Reads what a tenant was asked and told. Every statement names the tenant."""

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
    tuple_,
)

from app.database.engine import Database
from app.database.tables import feedback, turns
from app.insights.counting import Counts, Told, begins
from app.insights.grouping import Asked
from ingest.documents import Principal

NEWEST = 2000
"""Unanswered and down-voted questions that are looked at."""

_TOGETHER = 2000
"""Turns that are read at a time."""

_FIGURES = tuple(turns.c[name] for name in Told.__struct_fields__)


class Unhappy(Struct, frozen=True, kw_only=True):
    """Questions that were not answered, or not well.

    Attributes:
        asked: The newest of them whose text is kept.
        unrecorded: How many of the newest have no text.
        left_out: How many there are beside the newest.
    """

    asked: tuple[Asked, ...]
    unrecorded: int
    left_out: int


async def count(
    database: Database, principal: Principal, first: dt.date, days: int
) -> Counts:
    """Count a tenant's turns and opinions of some days, from `first` on.

    Raises:
        DatabaseUnavailable: They cannot be read now.
    """
    counts = Counts(first, days)
    thumbs = (
        select(turns.c.created, feedback.c.rating)
        .join(turns, feedback.c.turn_id == turns.c.id)
        .where(feedback.c.tenant == principal.tenant, *_within(principal, first, days))
    )
    async for rows in _pages(database, _within(principal, first, days)):
        for row in rows:
            counts.turn(Told(*list(row)[1:]))
    async with database.reading(much=True) as connection:
        for asked, rating in await connection.execute(thumbs):
            counts.thumb(asked, rating)
    return counts


async def _pages(
    database: Database, within: Sequence[ColumnElement[bool]]
) -> AsyncIterator[Sequence[Row[Any]]]:
    """Yield ids and figures of turns, some at a time.

    A file has one connection to read with, and others need it: keys are looked up.
    """
    place = tuple_(turns.c.created, turns.c.id)
    page = select(turns.c.id, *_FIGURES).where(*within).order_by(*place.clauses)
    more = page
    while True:
        async with database.reading(much=True) as connection:
            rows = (await connection.execute(more.limit(_TOGETHER))).all()
        yield rows
        if len(rows) < _TOGETHER:
            return
        more = page.where(place > tuple_(rows[-1].created, rows[-1].id))


async def unhappy(
    database: Database, principal: Principal, first: dt.date, days: int
) -> Unhappy:
    """Return the questions of some days that were not answered, or not well.

    Raises:
        DatabaseUnavailable: They cannot be read now.
    """
    disliked = exists().where(
        feedback.c.turn_id == turns.c.id,
        feedback.c.tenant == principal.tenant,
        feedback.c.rating < 0,
    )
    wanted = and_(
        *_within(principal, first, days), or_(turns.c.answered.is_(False), disliked)
    )
    newest = (
        select(
            turns.c.id,
            turns.c.question,
            turns.c.created,
            turns.c.answered,
            disliked.label("disliked"),
        )
        .where(wanted)
        .order_by(turns.c.created.desc(), turns.c.id)
        .limit(NEWEST)
    )
    async with database.reading(much=True) as connection:
        rows = (await connection.execute(newest)).all()
        total = (
            await connection.execute(
                select(func.count()).select_from(turns).where(wanted)
            )
        ).scalar_one()
        said = await connection.execute(_comments(principal, first, days))
        comments: dict[str, str] = {row.turn_id: row.comment for row in said}
    asked = tuple(
        Asked(
            id=row.id,
            question=row.question,
            asked=row.created,
            unanswered=row.answered is False,
            down_voted=bool(row.disliked),
            comment=comments.get(row.id, ""),
        )
        for row in rows
        if row.question.strip()
    )
    return Unhappy(
        asked=asked,
        unrecorded=len(rows) - len(asked),
        left_out=max(total - len(rows), 0),
    )


def _comments(principal: Principal, first: dt.date, days: int) -> Select[Any]:
    """Return the newest comment beside a thumb down, of each answer, the oldest first."""
    newest = (
        select(feedback.c.turn_id, feedback.c.comment, feedback.c.updated)
        .join(turns, feedback.c.turn_id == turns.c.id)
        .where(feedback.c.tenant == principal.tenant, *_within(principal, first, days))
        .where(feedback.c.rating < 0, feedback.c.comment != "")
        .order_by(feedback.c.updated.desc())
        .limit(NEWEST)
        .subquery()
    )
    return select(newest.c.turn_id, newest.c.comment).order_by(newest.c.updated)


def _within(
    principal: Principal, first: dt.date, days: int
) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a turn is this tenant's and of these days."""
    return (
        turns.c.tenant == principal.tenant,
        turns.c.created >= begins(first),
        turns.c.created < begins(first + dt.timedelta(days=days)),
    )
