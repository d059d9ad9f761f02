"""Says what holds the event loop: nobody is answered while it stands still.

A thread looks at when the loop was last alive. Where it was not for too long, the
thread writes down what the loop's thread is at, and how long its processor worked:
much of it means that something computes, little that the machine has no time for us.
"""

import asyncio
import contextlib
import logging
import sys
import threading
import time
import traceback
from collections.abc import AsyncIterator

from app import metrics

STALL_SECONDS = 0.2

_BEAT = 0.05
_REST = 10.0
"""Seconds between two lines in the log about one place; every stall is counted."""

_FRAMES = 12

log = logging.getLogger(__name__)


class Watchdog:
    """Watches the loop that it was made in."""

    def __init__(self, *, stall: float = STALL_SECONDS, rest: float = _REST) -> None:
        """Watch.

        Args:
            stall: Seconds that the loop may stand still.
            rest: Seconds between two lines in the log about one place.
        """
        self._stall = stall
        self._rest = rest
        self._thread_id = threading.get_ident()
        self._clock = time.pthread_getcpuclockid(self._thread_id)
        self._alive = (time.monotonic(), time.clock_gettime(self._clock))
        self._told: dict[str, float] = {}
        self._stopped = threading.Event()

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Watch in this block."""
        beating = asyncio.create_task(self._beat())
        thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stopped.set()
            beating.cancel()
            await asyncio.wait({beating})
            thread.join()

    async def _beat(self) -> None:
        while True:
            due = time.monotonic() + _BEAT
            self._alive = (time.monotonic(), time.clock_gettime(self._clock))
            await asyncio.sleep(_BEAT)
            metrics.LOOP_LAG_SECONDS.observe(max(time.monotonic() - due, 0.0))
            metrics.TASKS.set(len(asyncio.all_tasks()))

    def _watch(self) -> None:
        seen = 0.0
        while not self._stopped.wait(_BEAT):
            alive, cpu = self._alive
            late = time.monotonic() - alive - _BEAT
            # One stall is one stall, however long it is.
            if late >= self._stall and alive != seen:
                seen = alive
                self._tell(late, time.clock_gettime(self._clock) - cpu)

    def _tell(self, late: float, cpu: float) -> None:
        metrics.LOOP_STALLS.inc()
        frame = sys._current_frames().get(self._thread_id)  # noqa: SLF001 - the only way to see another thread's
        frames = traceback.extract_stack(frame)[-_FRAMES:] if frame else []
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        now = time.monotonic()
        if now - self._told.get(place, -self._rest) < self._rest:
            return
        self._told[place] = now
        # Places alone: what is in their variables may be a question.
        fields = {
            "seconds": round(late, 3),
            "cpu": round(cpu, 3),
            "frames": [f"{f.filename}:{f.lineno} {f.name}" for f in frames],
        }
        log.warning("the event loop stands still", extra={"fields": fields})
