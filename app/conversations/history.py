"""Keeps the turns of conversations: begun before they are answered, and read again.

A turn that ends is written by `app.conversations.recording`, with others.
"""

import re
import time
from collections.abc import Sequence

from msgspec.structs import replace
from sqlalchemy import Select, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.conversations.rows import owned, row_of, turn_of
from app.conversations.store import one
from app.conversations.turns import Turn
from app.database.engine import Database
from app.database.retrying import tried_again
from app.database.tables import conversations, turns
from app.errors import ConversationNotFound, NotFound
from ingest.documents import Principal

LEASE_SECONDS = 60.0
"""How long a turn counts as running that nobody says is."""

RETRY_SECONDS = 60.0
"""How long after its end a turn is taken for the same when it is sent again."""

_MOST = 50
"""Newest turns that are recalled; a prompt seldom has room for more."""

_LONGEST = 1_000_000
"""Characters that are recalled at most; more no model reads."""

_STANDS = turns.c.replaced.is_(None)

_ID = re.compile(r"chatcmpl-[A-Za-z0-9]{24}")


class History:
    """The turns of conversations, each shown to the conversation's owner only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @tried_again
    async def begin(
        self,
        principal: Principal,
        turn: Turn,
        *,
        retried: bool = False,
        replaces: str = "",
    ) -> tuple[Turn, tuple[Turn, ...]]:
        """Add a turn to a conversation, before it is answered.

        Args:
            principal: Who asks.
            turn: What is asked, in which conversation.
            retried: It may have been sent before; if so, it takes that one's place.
            replaces: Id of the turn that it is said in place of: that one and all
                after it stand no longer. "" goes on behind the last.

        Returns:
            The turn as it was written, and the whole turns before it, oldest first.

        Raises:
            ConversationNotFound: There is no such conversation for `principal`.
            NotFound: No turn of the id `replaces` stands in it.
            DatabaseUnavailable: Nothing can be written now.
        """
        now = time.time()
        # Whoever touches the conversation first goes first: positions never collide.
        touch = (
            update(conversations)
            .where(one(principal, turn.conversation_id))
            .values(updated=now)
            .returning(conversations.c.user, conversations.c.session)
        )
        async with self._database.writing() as connection:
            owner = (await connection.execute(touch)).first()
            if owner is None:
                raise ConversationNotFound
            begun = replace(turn, user=turn.user or owner.user, session=owner.session)
            place = await _give_way(connection, begun, now) if retried else None
            if place is None:
                if replaces:
                    await _set_aside(connection, begun, replaces, now)
                place = await _next_place(connection, begun)
            row = row_of(begun, principal.tenant)
            row |= {"position": place, "lease": now + LEASE_SECONDS}
            await connection.execute(insert(turns).values(row))
            before = await connection.execute(_whole_before(begun, place))
            found = [turn_of(row, now) for row in before.mappings()]
        return begun, tuple(reversed(found))

    async def page(
        self, principal: Principal, conversation_id: str, *, limit: int, after: str = ""
    ) -> Sequence[Turn]:
        """Return turns of a conversation, oldest first.

        Args:
            principal: Who asks.
            conversation_id: Which conversation.
            limit: Most turns.
            after: Id of the first turn wanted; "" for the first there is.

        Raises:
            ConversationNotFound: There is no such conversation for `principal`.
            NotFound: It has no turn of the id `after`.
        """
        there = select(conversations.c.id).where(one(principal, conversation_id))
        owner = turns.join(conversations)
        wanted = and_(one(principal, conversation_id), owned(turns, principal), _STANDS)
        async with self._database.reading() as connection:
            if (await connection.execute(there)).first() is None:
                raise ConversationNotFound
            if after:
                place = select(turns.c.position).select_from(owner)
                place = place.where(wanted, turns.c.id == _known(after))
                first = (await connection.execute(place)).scalar()
                if first is None:
                    raise _no_message()
                wanted = and_(wanted, turns.c.position >= first)
            statement = (
                select(turns)
                .select_from(owner)
                .where(wanted)
                .order_by(turns.c.position)
                .limit(limit)
            )
            rows = (await connection.execute(statement)).mappings().all()
        return [turn_of(row, time.time()) for row in rows]


async def _give_way(connection: AsyncConnection, turn: Turn, now: float) -> int | None:
    """Delete the turn that `turn` is a second try of; return its position, if any."""
    ended = turns.c.created + func.coalesce(turns.c.seconds, 0.0)
    earlier = (
        select(turns.c.id, turns.c.position)
        .where(
            turns.c.conversation_id == turn.conversation_id,
            turns.c.digest == turn.digest,
            turns.c.key_id == turn.key_id,
            or_(turns.c.status == "running", ended > now - RETRY_SECONDS),
        )
        .order_by(turns.c.position.desc())
        .limit(1)
    )
    found = (await connection.execute(earlier)).first()
    if found is None:
        return None
    await connection.execute(delete(turns).where(turns.c.id == found.id))
    return int(found.position)


async def _set_aside(
    connection: AsyncConnection, turn: Turn, replaced: str, now: float
) -> None:
    """Let a turn, and all that were said after it, stand no longer."""
    inside = and_(turns.c.conversation_id == turn.conversation_id, _STANDS)
    place = select(turns.c.position).where(inside, turns.c.id == _known(replaced))
    first = (await connection.execute(place)).scalar()
    if first is None:
        raise _no_message()
    later = update(turns).where(inside, turns.c.position >= first)
    await connection.execute(later.values(replaced=now))


async def _next_place(connection: AsyncConnection, turn: Turn) -> int:
    last = select(func.max(turns.c.position)).where(
        turns.c.conversation_id == turn.conversation_id
    )
    found = (await connection.execute(last)).scalar()
    return 0 if found is None else int(found) + 1


def _whole_before(turn: Turn, place: int) -> "Select[tuple[object, ...]]":
    """Return what selects the newest whole turns before `place`, the newest first."""
    sizes = [func.length(turns.c[n]) for n in ("question", "answer", "message", "said")]
    so_far = func.sum(sum(sizes[1:], sizes[0])).over(
        order_by=turns.c.position.desc(), rows=(None, 0)
    )
    newest = (
        select(turns, so_far.label("so_far"))
        .where(
            turns.c.conversation_id == turn.conversation_id,
            turns.c.position < place,
            _STANDS,
            turns.c.status == "complete",
        )
        .order_by(turns.c.position.desc())
        .limit(_MOST)
        .subquery()
    )
    return (
        select(newest)
        .where(newest.c.so_far <= _LONGEST)
        .order_by(newest.c.position.desc())
    )


def _known(turn_id: str) -> str:
    if not _ID.fullmatch(turn_id):
        raise _no_message()
    return turn_id


def _no_message() -> NotFound:
    return NotFound("There is no such message in this conversation.")
