"""How often something happened lately."""

from collections import deque

SPAN = 10
"""Seconds that are looked back upon."""


class Recent:
    """Counts what happened in the last seconds, one number for each of them."""

    def __init__(self) -> None:
        self._seconds: deque[list[int]] = deque()
        self._total = 0

    def add(self, now: float) -> None:
        """Count once more.

        Args:
            now: The loop's time in seconds; never less than at the call before.
        """
        second = int(now)
        if not self._seconds or self._seconds[-1][0] != second:
            self._seconds.append([second, 0])
        self._seconds[-1][1] += 1
        self._total += 1

    def count(self, now: float) -> int:
        """Return how often it happened in the last `SPAN` seconds."""
        while self._seconds and self._seconds[0][0] <= int(now) - SPAN:
            self._total -= self._seconds.popleft()[1]
        return self._total

    def clear(self) -> None:
        """Forget everything."""
        self._seconds.clear()
        self._total = 0
