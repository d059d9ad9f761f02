"""What people think of answers: a thumb and a comment, one of each author."""

import time
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, delete, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningDelete, ReturningInsert

from app.database.engine import Database
from app.database.inserting import insert_of
from app.database.tables import feedback, turns
from app.errors import NotFound
from ingest.documents import Principal

Rating = Literal["up", "down"]

RATINGS: dict[Rating, int] = {"up": 1, "down": -1}

_LONGEST_ID = 128
_RENEWED = ("rating", "comment", "updated")


class Opinion(Struct, frozen=True, kw_only=True):
    """What somebody thinks of an answer.

    Attributes:
        message_id: Id of the completion.
        object: Always "feedback".
        rating: A thumb.
        comment: Why, in their words, or "".
        created: When it was given first, in seconds since the epoch.
        updated: When it was given last.
    """

    message_id: str
    object: str
    rating: Rating
    comment: str
    created: int
    updated: int


class OpinionDeleted(Struct, frozen=True, kw_only=True):
    """That an opinion was taken back."""

    message_id: str
    object: str = "feedback.deleted"
    deleted: bool = True


def author_of(principal: Principal, user: str) -> str:
    """Return whose opinion it is: a session speaks for itself, a key for its users."""
    if principal.session:
        return f"session:{principal.session}"
    return f"user:{user}" if user else f"key:{principal.key_id}"


async def keep(
    database: Database,
    principal: Principal,
    message_id: str,
    *,
    rating: Rating,
    comment: str,
    user: str,
) -> Opinion:
    """Keep an opinion in place of an earlier one of its author.

    Raises:
        NotFound: There is no such answer, or it is not this principal's.
        DatabaseUnavailable: It cannot be written now.
    """
    now = time.time()
    given = {
        "author": author_of(principal, user),
        "rating": RATINGS[rating],
        "comment": comment,
        "created": now,
        "updated": now,
    }
    # Whose the answer is, is looked at in the statement that writes: no moment
    # between the two.
    source = select(turns.c.id, turns.c.tenant, *map(literal, given.values())).where(
        _own(principal, message_id)
    )
    async with database.writing() as connection:
        insert = insert_of(connection.dialect.name, feedback)
        upsert = insert.from_select(["turn_id", "tenant", *given], source)
        renewed = {name: upsert.excluded[name] for name in _RENEWED}
        statement = upsert.on_conflict_do_update(
            index_elements=["turn_id", "author"], set_=renewed
        ).returning(feedback.c.created)
        created = await _one(connection, statement, message_id)
    return Opinion(
        message_id=message_id,
        object="feedback",
        rating=rating,
        comment=comment,
        created=int(created),
        updated=int(now),
    )


async def take_back(
    database: Database, principal: Principal, message_id: str, *, user: str
) -> OpinionDeleted:
    """Forget what an author thought of an answer.

    Raises:
        NotFound: They gave none, or the answer is not this principal's.
        DatabaseUnavailable: It cannot be written now.
    """
    own = select(turns.c.id).where(_own(principal, message_id))
    statement = (
        delete(feedback)
        .where(feedback.c.turn_id.in_(own))
        .where(feedback.c.author == author_of(principal, user))
        .returning(feedback.c.created)
    )
    async with database.writing() as connection:
        await _one(connection, statement, message_id)
    return OpinionDeleted(message_id=message_id)


async def _one(
    connection: AsyncConnection,
    statement: ReturningInsert[Any] | ReturningDelete[Any],
    message_id: str,
) -> float:
    """Run what returns a row if the answer is there; return its only column."""
    found = None
    # What no answer is called, a database might not even be able to hold.
    if len(message_id) <= _LONGEST_ID and message_id.isprintable():
        found = (await connection.execute(statement)).scalar_one_or_none()
    if found is None:
        # The same words whether there is none or it is somebody else's.
        raise NotFound("There is no such answer, or no feedback of yours on it.")
    return float(found)


def _own(principal: Principal, message_id: str) -> ColumnElement[bool]:
    """Return the condition that a turn is this one, and the principal's to judge."""
    this = and_(turns.c.id == message_id, turns.c.tenant == principal.tenant)
    if not principal.session:
        return this
    return and_(this, turns.c.session == principal.session)
