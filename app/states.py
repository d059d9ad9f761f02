"""Notices when a part of the service gets worse or better; says so once.

    states() ──every second, and whenever asked──▶ gauge, and a line if it changed

A request that fails because a part is down adds no line of its own: an outage is one
line when it begins and one when it ends, whatever the load.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from app import metrics

States = Mapping[str, tuple[str, str]]
"""State ("up", "degraded" or "down") and detail of each part, by its name."""

_BEAT = 1.0
"""Seconds between two looks."""

_RANK = {"up": 0, "degraded": 1, "down": 2}
_LEVEL = {"up": logging.INFO, "degraded": logging.WARNING, "down": logging.WARNING}

log = logging.getLogger(__name__)


class Watch:
    """Compares states with those before."""

    def __init__(self, states: Callable[[], States]) -> None:
        """Watch what `states` returns."""
        self._states = states
        self._before: dict[str, str] = {}

    def look(self) -> States:
        """Return the states now; what changed is written to the log."""
        found = self._states()
        for part, (state, detail) in found.items():
            metrics.PART_STATE.labels(part).set(_RANK[state])
            before = self._before.get(part, "up")
            self._before[part] = state
            if state != before:
                fields = {"part": part, "state": state, "before": before}
                said = {"fields": {**fields, "detail": detail}}
                log.log(_LEVEL[state], "a part changed", extra=said)
        return found

    async def keep_looking(self) -> None:
        """Look every second, until cancelled: nobody else may ask."""
        while True:
            self.look()
            await asyncio.sleep(_BEAT)


@asynccontextmanager
async def watching(watch: Watch) -> AsyncIterator[None]:
    """Look every second while this is open."""
    task = asyncio.create_task(watch.keep_looking())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
