"""Conversations for tests: who has them, what is said in them, where they are kept."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from app.conversations.keeping import Kept, open_kept
from app.conversations.rows import row_of
from app.conversations.spool import Write
from app.conversations.store import Draft
from app.conversations.turns import Conversation, Turn
from app.database.engine import Database, open_database
from app.ids import new_id
from app.settings import ConversationsSettings, DatabaseSettings
from ingest.documents import Principal


def principal(tenant: str = "acme", **fields: Any) -> Principal:
    """Return somebody of a tenant who may see conversations."""
    scopes = frozenset({"conversations"})
    return Principal(tenant=tenant, labels=("public",), scopes=scopes, **fields)


ACME = principal()


class Opened(Struct, frozen=True):
    """What keeps conversations, and the database under it."""

    kept: Kept
    database: Database

    async def begin(self, who: Principal = ACME, **fields: Any) -> Conversation:
        """Begin a conversation."""
        user = fields.pop("user", "")
        return await self.kept.conversations.create(who, Draft(**fields), user=user)

    async def say(
        self,
        conversation: Conversation,
        question: str,
        answer: str = "So.",
        who: Principal = ACME,
        **fields: Any,
    ) -> Turn:
        """Add a whole turn to a conversation, or an ended one of another status."""
        asked = turn(conversation_id=conversation.id, question=question)
        begun, _ = await self.kept.history.begin(who, asked)
        ended = replace(begun, **({"status": "complete", "answer": answer} | fields))
        assert await self.kept.recorder.save(end_of(ended, who))
        return ended

    async def texts(
        self, conversation: Conversation, who: Principal = ACME
    ) -> list[tuple[str, str, str]]:
        """Return question, answer and status of every turn."""
        found = await self.kept.history.page(who, conversation.id, limit=100)
        return [(t.question, t.answer, t.status) for t in found]


@asynccontextmanager
async def opened(url: str, **settings: Any) -> AsyncIterator[Opened]:
    """Open what keeps conversations in a database."""
    kept_as = ConversationsSettings(**{"spool": "", **settings})
    async with (
        open_database(DatabaseSettings(url=url)) as database,
        open_kept(database, kept_as) as kept,
    ):
        yield Opened(kept, database)


def turn(**fields: Any) -> Turn:
    """Return a turn that has just begun."""
    return Turn(**{"id": new_id("chatcmpl-"), "created": time.time(), **fields})


def end_of(ended: Turn, who: Principal = ACME) -> Write:
    """Return what is written when a turn of a conversation has ended."""
    return Write(False, row_of(replace(ended, seconds=0.1), who.tenant))


def alone(who: Principal = ACME, **fields: Any) -> Write:
    """Return what is written of a question outside of any conversation."""
    asked = turn(**{"status": "complete", "question": "Why?", **fields})
    return Write(True, row_of(asked, who.tenant))
