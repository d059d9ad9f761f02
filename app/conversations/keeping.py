"""Opens what keeps conversations, and lets it work in the background."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from msgspec import Struct
from sqlalchemy.exc import SQLAlchemyError

from app.conversations.history import LEASE_SECONDS, History
from app.conversations.personal import Personal
from app.conversations.recording import Recorder
from app.conversations.spool import Spool
from app.conversations.store import Conversations
from app.conversations.sweeping import sweep
from app.database.engine import Database
from app.errors import DatabaseUnavailable
from app.settings import ConversationsSettings

log = logging.getLogger(__name__)


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
    sweeping = partial(sweep, database, days=settings.retention_days)
    work = [
        asyncio.create_task(task)
        for task in (
            recorder.run(),
            _again_and_again(recorder.replay, pause=2),
            _again_and_again(recorder.renew, pause=LEASE_SECONDS / 3),
            _again_and_again(sweeping, pause=60),
        )
    ]
    for task in work:
        task.add_done_callback(_tell_end)
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


async def _again_and_again(
    work: Callable[[], Awaitable[object]], *, pause: float
) -> None:
    """Work now and then, about every `pause` seconds, until cancelled."""
    while True:
        # Not every replica at the same moment.
        await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311
        # What cannot be done now is done the next time.
        try:
            await work()
        except DatabaseUnavailable as error:
            log.debug("conversations: %s", error)
        except (SQLAlchemyError, OSError) as error:
            # Its values stand in the text of a statement's error, and not in the log.
            log.warning("conversations: %s", type(error).__name__)


def _tell_end(task: "asyncio.Task[None]") -> None:
    """Say that work in the background ended which should not."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("conversations are kept no longer", exc_info=error)
