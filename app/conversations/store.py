"""Keeps conversations. Whose they are is asked in the statement that reads them."""

import re
import time

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, and_, delete, exists, insert, or_, select, update

from app.conversations.rows import conversation_of, owned, storable
from app.conversations.turns import Conversation, Page
from app.database.engine import Database
from app.database.retrying import tried_again
from app.database.tables import conversations, turns
from app.errors import ConversationNotFound
from app.ids import new_id
from ingest.documents import Principal

_WORDS = 8
"""Words that are looked for, at most."""

_ID = re.compile(r"conv_[A-Za-z0-9]{24}")


class Draft(Struct, frozen=True, kw_only=True):
    """What a caller says of a conversation; None leaves it as it is.

    Attributes:
        title: What they call it.
        metadata: What they note beside it.
    """

    title: str | None = None
    metadata: dict[str, str] | None = None


class Conversations:
    """The conversations of everybody, each shown to its owner only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @tried_again
    async def create(
        self, principal: Principal, draft: Draft, *, user: str = ""
    ) -> Conversation:
        """Begin a conversation.

        Raises:
            DatabaseUnavailable: It cannot be written now.
        """
        now = time.time()
        made = Conversation(
            id=new_id("conv_"),
            title=storable(draft.title or ""),
            metadata=draft.metadata or {},
            user=storable(user),
            session=principal.session,
            created=now,
            updated=now,
        )
        row = msgspec.structs.asdict(made)
        row |= {"tenant": principal.tenant, "metadata": _json(made.metadata)}
        async with self._database.writing() as connection:
            await connection.execute(insert(conversations).values(row))
        return made

    async def read(self, principal: Principal, conversation_id: str) -> Conversation:
        """Return one conversation.

        Raises:
            ConversationNotFound: There is none of this id for `principal`.
        """
        wanted = select(conversations).where(one(principal, conversation_id))
        async with self._database.reading() as connection:
            row = (await connection.execute(wanted)).mappings().first()
        if row is None:
            raise ConversationNotFound
        return conversation_of(row)

    async def page(
        self, principal: Principal, page: Page, *, user: str = "", words: str = ""
    ) -> tuple[list[Conversation], bool]:
        """Return a page of conversations, newest first, and whether more follow.

        Args:
            principal: Who asks.
            page: Which part.
            user: Only those with this user; "" for all.
            words: Only those each of these words stands in, in the title or in a
                question, capitals or not; "" for all.

        Raises:
            ConversationNotFound: There is none to begin after.
        """
        c = conversations.c
        wanted = owned(conversations, principal)
        if user:
            wanted = and_(wanted, c.user == storable(user))
        wanted = and_(wanted, *map(_says, storable(words).split()[:_WORDS]))
        async with self._database.reading() as connection:
            if page.after:
                place = select(c.created, c.id).where(one(principal, page.after))
                found = (await connection.execute(place)).first()
                if found is None:
                    raise ConversationNotFound
                same = and_(c.created == found.created, c.id < found.id)
                wanted = and_(wanted, or_(c.created < found.created, same))
            statement = (
                select(conversations)
                .where(wanted)
                .order_by(c.created.desc(), c.id.desc())
                .limit(page.limit + 1)
            )
            rows = (await connection.execute(statement)).mappings().all()
        return [conversation_of(row) for row in rows[: page.limit]], (
            len(rows) > page.limit
        )

    @tried_again
    async def change(
        self, principal: Principal, conversation_id: str, draft: Draft
    ) -> Conversation:
        """Change what a caller says of a conversation.

        Raises:
            ConversationNotFound: There is none of this id for `principal`.
        """
        values: dict[str, object] = {"updated": time.time()}
        if draft.title is not None:
            values["title"] = storable(draft.title)
        if draft.metadata is not None:
            values["metadata"] = _json(draft.metadata)
        statement = (
            update(conversations)
            .where(one(principal, conversation_id))
            .values(values)
            .returning(conversations)
        )
        async with self._database.writing() as connection:
            row = (await connection.execute(statement)).mappings().first()
        if row is None:
            raise ConversationNotFound
        return conversation_of(row)

    @tried_again
    async def delete(self, principal: Principal, conversation_id: str) -> None:
        """Delete a conversation, its turns and what was thought of them.

        Raises:
            ConversationNotFound: There is none of this id for `principal`.
        """
        statement = delete(conversations).where(one(principal, conversation_id))
        async with self._database.writing() as connection:
            done = await connection.execute(statement)
        if not done.rowcount:
            raise ConversationNotFound


def one(principal: Principal, conversation_id: str) -> ColumnElement[bool]:
    """Return the condition for one conversation of a principal.

    Raises:
        ConversationNotFound: No conversation has an id of this form. Some of these
            not every database takes.
    """
    if not _ID.fullmatch(conversation_id):
        raise ConversationNotFound
    return and_(conversations.c.id == conversation_id, owned(conversations, principal))


def _says(word: str) -> ColumnElement[bool]:
    """Return the condition that a word stands in a conversation, as it is written."""
    asked = exists().where(
        turns.c.conversation_id == conversations.c.id,
        turns.c.replaced.is_(None),
        turns.c.question.icontains(word, autoescape=True),
    )
    return or_(conversations.c.title.icontains(word, autoescape=True), asked)


def _json(metadata: dict[str, str]) -> str:
    return msgspec.json.encode(metadata).decode()
