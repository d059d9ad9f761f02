"""Everything that is kept of a tenant's people: shown, and erased.

Documents are not among it: they belong to the folder they were read from.
"""

import time
from collections.abc import AsyncIterator, Sequence

import msgspec
from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Table,
    and_,
    delete,
    not_,
    or_,
    select,
    tuple_,
)

from app.conversations.recording import Recorder
from app.conversations.rows import Row, conversation_of, storable, turn_of
from app.conversations.spool import Spool
from app.database.engine import Database
from app.database.tables import conversations, feedback, replies, turns
from app.messages import JSON
from ingest.documents import Principal

_TOGETHER = 100
"""Rows at a time: others want to read and write too."""


class Erased(Struct, frozen=True, kw_only=True):
    """What was erased, in rows.

    Attributes:
        conversations: Conversations.
        turns: Turns, in conversations and outside of any.
        feedback: What was thought of them.
        replies: Answers kept for requests that are sent again. They name nobody, so
            all of the tenant's go.
        spooled: Turns that the database had not taken yet.
        scrubbed: Nothing is left in the database's files either. False where they
            are a server's, while another process reads them, or as long as a copy from
            before a change of the tables lies beside them.
    """

    conversations: int
    turns: int
    feedback: int
    replies: int
    spooled: int
    scrubbed: bool


class Personal:
    """What is kept of one user, or of all users, of a principal's tenant."""

    def __init__(
        self, database: Database, spool: Spool | None, recorder: Recorder | None = None
    ) -> None:
        self._database = database
        self._spool = spool
        self._recorder = recorder

    async def export(
        self, principal: Principal, user: str | None
    ) -> AsyncIterator[JSON]:
        """Yield everything kept of `user`, or of everybody where that is None.

        Conversations with their turns come first, then turns outside of any, then
        feedback; the last object says how many of each there were.
        """
        if self._recorder is not None:
            await self._recorder.flush()
        mine = _Of(principal, user)
        counts = {"conversations": 0, "turns": 0, "feedback": 0}
        async for rows in self._pages(conversations, mine.conversations):
            said = await self._turns_in([row["id"] for row in rows])
            for row in rows:
                counts["conversations"] += 1
                counts["turns"] += len(said.get(row["id"], ()))
                told = msgspec.to_builtins(conversation_of(row))
                inside = said.get(row["id"], [])
                yield {"object": "conversation", **told, "turns": inside}
        async for rows in self._pages(turns, mine.other_turns):
            counts["turns"] += len(rows)
            for row in rows:
                yield {"object": "turn", **_told(row)}
        async for rows in self._pages(feedback, mine.feedback):
            counts["feedback"] += len(rows)
            for row in rows:
                yield {"object": "feedback", **row}
        yield {"object": "end", **counts}

    async def erase(self, principal: Principal, user: str | None) -> Erased:
        """Erase everything kept of `user`, or of everybody where that is None.

        What was erased when this fails in between stays erased.

        Raises:
            DatabaseUnavailable: The database cannot be written now.
        """
        mine = _Of(principal, user)
        if self._recorder is not None:
            await self._recorder.flush()
        spooled = await self._spool.erase(mine.owns) if self._spool else 0
        thought = await self._delete(feedback, mine.feedback)
        said = await self._delete(turns, mine.turns)
        begun = await self._delete(conversations, mine.conversations)
        kept = await self._delete(replies, replies.c.tenant == principal.tenant)
        return Erased(
            conversations=begun,
            turns=said,
            feedback=thought,
            replies=kept,
            spooled=spooled,
            scrubbed=await self._database.scrub(),
        )

    async def _pages(
        self, table: Table, wanted: ColumnElement[bool]
    ) -> AsyncIterator[Sequence[RowMapping]]:
        """Yield the rows of `table` that are `wanted`, some at a time."""
        names = tuple_(*table.primary_key.columns)
        more = wanted
        while True:
            page = select(table).where(more).order_by(*names.clauses).limit(_TOGETHER)
            async with self._database.reading(much=True) as connection:
                rows = (await connection.execute(page)).mappings().all()
            if rows:
                yield rows
            if len(rows) < _TOGETHER:
                return
            last = tuple_(*(rows[-1][c] for c in table.primary_key.columns))
            more = and_(wanted, names > last)

    async def _turns_in(self, ids: Sequence[str]) -> dict[str, list[JSON]]:
        """Return the turns of some conversations, oldest first, by conversation."""
        wanted = (
            select(turns)
            .where(turns.c.conversation_id.in_(ids))
            .order_by(turns.c.conversation_id, turns.c.position)
        )
        said: dict[str, list[JSON]] = {}
        async with self._database.reading(much=True) as connection:
            for row in (await connection.execute(wanted)).mappings():
                said.setdefault(row["conversation_id"], []).append(_told(row))
        return said

    async def _delete(self, table: Table, doomed: ColumnElement[bool]) -> int:
        """Delete rows, some at a time; return how many that were."""
        names = tuple_(*table.primary_key.columns)
        some = select(*names.clauses).where(doomed).limit(_TOGETHER)
        gone = 0
        while True:
            async with self._database.writing() as connection:
                done = await connection.execute(
                    delete(table).where(names.in_(some), doomed)
                )
            gone += done.rowcount
            if done.rowcount < _TOGETHER:
                return gone


class _Of:
    """What is a user's, or everybody's of a tenant where that is None: conditions."""

    def __init__(self, principal: Principal, user: str | None) -> None:
        self._tenant = principal.tenant
        self._user = None if user is None else storable(user)
        self.conversations = self._owned(conversations, conversations.c.user)
        inside = turns.c.conversation_id.in_(
            select(conversations.c.id).where(self.conversations)
        )
        self.turns = self._owned(turns, turns.c.user, inside)
        self.other_turns = and_(
            self.turns, or_(turns.c.conversation_id.is_(None), not_(inside))
        )
        about = feedback.c.turn_id.in_(select(turns.c.id).where(self.turns))
        self.feedback = self._owned(feedback, feedback.c.author, about, kind="user:")

    def owns(self, row: Row) -> bool:
        """Return whether a row that waits to be written is theirs."""
        mine = self._user is None or row["user"] == self._user
        return bool(mine and row["tenant"] == self._tenant)

    def _owned(
        self,
        table: Table,
        user: ColumnElement[str],
        *more: ColumnElement[bool],
        kind: str = "",
    ) -> ColumnElement[bool]:
        """Return what is theirs of `table`; `kind` stands before a user's name there."""
        of_tenant = table.c.tenant == self._tenant
        if self._user is None:
            return of_tenant
        return and_(of_tenant, or_(user == kind + self._user, *more))


def _told(row: RowMapping) -> JSON:
    told: JSON = msgspec.to_builtins(turn_of(row, time.time()))
    return told
