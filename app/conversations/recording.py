"""Writes turns that have ended: many in one transaction, and nobody waits unless asked.

put, save --> queue --> one transaction --> database
                               └─ down ──> spool ──> replayed when it is back
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import and_, bindparam, update
from sqlalchemy.exc import SQLAlchemyError

from app import metrics
from app.conversations.history import LEASE_SECONDS
from app.conversations.spool import Spool, Write
from app.database.engine import Database
from app.database.inserting import insert_of
from app.database.retrying import tried_again
from app.database.tables import turns
from app.errors import DatabaseUnavailable

_WAITING = 10_000
"""Most turns that wait to be written."""

_TOGETHER = 200
"""Most turns in one transaction."""

REST_SECONDS = 0.2
"""Seconds after a transaction in which turns that nobody waits for gather.

A transaction takes about a millisecond of a processor, however many turns are in it:
under load one for each would cost a third of what their answers cost.
"""

_PATIENCE = 2.0
"""Seconds that an answer waits for its turn to be written."""

_GOODBYE = 2.0
"""Seconds that the last turns have to be written when the service ends."""

_ENDED = [
    "status",
    "answer",
    "said",
    "citations",
    "rag",
    "error",
    "answered",
    "confidence",
    "documents",
    "prompt_tokens",
    "completion_tokens",
    "cost",
    "seconds",
    "model",
]
"""Columns that a turn gets when it ends."""

log = logging.getLogger(__name__)


class _Item(Struct, frozen=True):
    write: Write
    kept: "asyncio.Future[bool] | None" = None


class Recorder:
    """Writes what has ended, and says of what runs that it still does."""

    def __init__(self, database: Database, spool: Spool | None) -> None:
        self._database = database
        self._spool = spool
        self._queue: asyncio.Queue[_Item] = asyncio.Queue(_WAITING)
        self._batch: list[_Item] = []
        self._hurry = asyncio.Event()
        self._running: set[str] = set()
        self._away = ""
        self._lost = ""

    def state(self) -> tuple[str, str]:
        """Return "up", or "degraded" and why turns are not where they belong."""
        if self._lost:
            return "degraded", f"turns are lost: {self._lost}"
        if self._away:
            return "degraded", f"turns are kept aside: {self._away}"
        return "up", "turns are written to the database"

    def hold(self, turn_id: str) -> None:
        """Say from time to time that this turn runs, until it is written."""
        self._running.add(turn_id)

    def put(self, write: Write) -> None:
        """Write it soon; where too many wait already, it is lost and counted."""
        self._put(_Item(write))

    async def save(self, write: Write) -> bool:
        """Write it, and return whether the database has it; waits some seconds at most.

        False says not yet: it is kept aside, or still on its way.
        """
        kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if not self._put(_Item(write, kept)):
            return False
        self._hurry.set()
        done, _ = await asyncio.wait({kept}, timeout=_PATIENCE)
        return bool(done) and kept.result()

    async def flush(self) -> None:
        """Return when what was put is written or kept aside, or after some seconds."""
        self._hurry.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE):
                await self._queue.join()

    async def set_rest_aside(self) -> None:
        """Keep aside what is not written; `run` must have ended."""
        rest = [*self._batch, *self._waiting(_WAITING)]
        if rest:
            await self._set_aside([item.write for item in rest])

    async def run(self) -> None:
        """Write what comes, until cancelled."""
        while True:
            self._batch = [await self._queue.get()]
            self._batch += self._waiting(_TOGETHER - 1)
            if self._queue.empty():
                self._hurry.clear()
            kept = await self._keep([item.write for item in self._batch])
            for item in self._batch:
                self._running.discard(item.write.row["id"])
                if item.kept is not None and not item.kept.done():
                    item.kept.set_result(kept)
                self._queue.task_done()
            self._batch = []
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REST_SECONDS):
                    await self._hurry.wait()

    async def replay(self) -> None:
        """Write what was kept aside, if the database is back.

        Raises:
            DatabaseUnavailable: It is not.
            OSError: What was kept aside cannot be read.
        """
        if self._away and self._database.state()[0] != "up":
            raise DatabaseUnavailable(self._away)
        if self._spool is not None:
            async with self._spool.taking() as writes:
                for start in range(0, len(writes), _TOGETHER):
                    await self._write(writes[start : start + _TOGETHER])
            if writes:
                log.info("%d turns that were kept aside are written", len(writes))
                metrics.TURNS.labels("database").inc(len(writes))
        self._away = self._lost = ""

    @tried_again
    async def renew(self) -> None:
        """Say of every turn that runs here that it still does.

        Raises:
            DatabaseUnavailable: Nothing can be written now.
        """
        if not self._running:
            return
        until = time.time() + LEASE_SECONDS
        running = and_(turns.c.id.in_(self._running), turns.c.status == "running")
        async with self._database.writing() as connection:
            await connection.execute(update(turns).where(running).values(lease=until))

    def _waiting(self, most: int) -> list[_Item]:
        there = min(self._queue.qsize(), most)
        return [self._queue.get_nowait() for _ in range(there)]

    def _put(self, item: _Item) -> bool:
        try:
            self._queue.put_nowait(item)
        except asyncio.QueueFull:
            self._running.discard(item.write.row["id"])
            metrics.TURNS.labels("dropped").inc()
            self._lost = f"{_WAITING:,} wait to be written"
            return False
        return True

    async def _keep(self, writes: Sequence[Write]) -> bool:
        """Write to the database, or aside; return whether the database has it."""
        if not self._away:
            try:
                await self._write(writes)
            except DatabaseUnavailable as error:
                self._away = str(error)
            else:
                metrics.TURNS.labels("database").inc(len(writes))
                self._lost = ""
                return True
        await self._set_aside(writes)
        return False

    async def _set_aside(self, writes: Sequence[Write]) -> None:
        kept, why = False, "CONVERSATIONS_SPOOL names no folder"
        if self._spool is not None:
            try:
                kept, why = await self._spool.add(writes), "the spool is full"
            except OSError as error:
                why = f"the spool cannot be written: {error.strerror}"
        # Told once, as a state; how many is a metric.
        self._lost = "" if kept else why
        metrics.TURNS.labels("spool" if kept else "dropped").inc(len(writes))

    async def _write(self, writes: Sequence[Write]) -> None:
        try:
            await self._write_together(writes)
        except (SQLAlchemyError, ValueError) as error:
            if len(writes) > 1:
                for write in writes:
                    await self._write([write])
                return
            # Its values stand in the error's text, and not in the log.
            log.error("a turn cannot be written: %s", type(error).__name__)  # noqa: TRY400
            metrics.TURNS.labels("dropped").inc()

    @tried_again
    async def _write_together(self, writes: Sequence[Write]) -> None:
        whole = [write.row for write in writes if write.whole]
        ended = [_bound(write.row) for write in writes if not write.whole]
        async with self._database.writing() as connection:
            if whole:
                await connection.execute(self._insert(), whole)
            if ended:
                await connection.execute(_END, ended)

    def _insert(self) -> Any:  # noqa: ANN401 — two dialects' classes
        """Return the statement that adds turns, those that are there left alone."""
        insert = insert_of(self._database.dialect, turns)
        return insert.on_conflict_do_nothing(index_elements=["id"])


def _bound(row: dict[str, Any]) -> dict[str, Any]:
    values = {f"new_{name}": row[name] for name in _ENDED}
    return values | {"its_id": row["id"], "its_tenant": row["tenant"]}


_END = (
    update(turns)
    .where(
        turns.c.id == bindparam("its_id"),
        turns.c.tenant == bindparam("its_tenant"),
        # Another process may have taken it for dead meanwhile.
        turns.c.status.in_(("running", "incomplete")),
    )
    .values({name: bindparam(f"new_{name}") for name in _ENDED})
    .values(lease=None)
)
"""Ends a turn; one that was deleted, or took another's place, is left alone."""
