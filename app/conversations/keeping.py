"""Opens what keeps conversations, and lets it work in the background."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct

from app.conversations.history import History
from app.conversations.personal import Personal
from app.conversations.recording import Recorder
from app.conversations.spool import Spool
from app.conversations.store import Conversations
from app.conversations.sweeping import sweep_for_ever
from app.database.engine import Database
from app.settings import ConversationsSettings


class Kept(Struct, frozen=True, kw_only=True):
    """What keeps conversations and turns.

    Attributes:
        conversations: Makes, shows and deletes conversations.
        history: Begins and shows turns.
        recorder: Writes turns that have ended.
        personal: Shows and erases what is kept of people.
        settings: What is kept.
    """

    conversations: Conversations
    history: History
    recorder: Recorder
    personal: Personal
    settings: ConversationsSettings


@asynccontextmanager
async def open_kept(
    database: Database, settings: ConversationsSettings
) -> AsyncIterator[Kept]:
    """Keep conversations in `database`; what has ended is written when this ends."""
    spool = open_spool(settings)
    recorder = Recorder(database, spool)
    sweeping = sweep_for_ever(database, days=settings.retention_days)
    work = [
        asyncio.create_task(task)
        for task in (recorder.run(), recorder.replay(), recorder.renew(), sweeping)
    ]
    try:
        yield Kept(
            conversations=Conversations(database),
            history=History(database),
            recorder=recorder,
            personal=Personal(database, spool, recorder),
            settings=settings,
        )
        await recorder.flush()
    finally:
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        await recorder.set_rest_aside()


def open_spool(settings: ConversationsSettings) -> Spool | None:
    """Return the spool that `settings` name, if any; its file is made when needed."""
    return Spool(Path(settings.spool)) if settings.spool else None
