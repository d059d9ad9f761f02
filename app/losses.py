"""Counts the log lines that were not written, and keeps bursts of one message small."""

import collections
import threading
import time

from app import metrics

_MOST = 100
"""Lines of one message that are written in a second."""

_MESSAGES = 1000
"""Messages that are told apart; more are not in the code."""

_RECENT = 60.0
"""Seconds for which a loss counts as a state of the log."""


class Losses:
    """Lines that were lost: why, how many, and when last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._untold: collections.Counter[str] = collections.Counter()
        self._last = -_RECENT

    def lose(self, why: str, count: int = 1) -> None:
        """Note lines that are not written.

        Args:
            why: "sampled" where one message came too often, "queue" where too many
                waited, "target" where they could not be written, "malformed" where
                they were no lines.
            count: How many.
        """
        metrics.LOG_LINES_DROPPED.labels(why).inc(count)
        with self._lock:
            self._untold[why] += count
            # That a message comes often is no fault of the log.
            if why != "sampled":
                self._last = time.monotonic()

    def take(self) -> dict[str, int]:
        """Return how many were lost and not told of yet, by why; they are told now."""
        with self._lock:
            found = dict(self._untold)
            self._untold.clear()
        return found

    def untell(self, lost: dict[str, int]) -> None:
        """Note that what `take` returned could not be told after all."""
        with self._lock:
            self._untold.update(lost)

    def state(self) -> tuple[str, str]:
        """Return "up", or "degraded" if lines were lost in the last minute."""
        if time.monotonic() - self._last < _RECENT:
            return (
                "degraded",
                "lines are lost: what reads the log is full or stands still",
            )
        return "up", "no line was lost in the last minute"


class Sampler:
    """Lets so many lines of one message through in a second."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], list[float]] = {}

    def takes(self, logger: str, message: str, now: float) -> bool:
        """Return whether one more line of this message is written at `now`, in seconds."""
        if len(self._seen) > _MESSAGES:
            self._seen.clear()
        since = self._seen.setdefault((logger, message), [now, 0])
        if now - since[0] >= 1:
            since[:] = [now, 0]
        since[1] += 1
        return since[1] <= _MOST
