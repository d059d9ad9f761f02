"""How long an answer may keep us waiting: between two pieces, and in all.

One timer for a whole stream, which looks again when it is due. A timeout of its own
for each read would cost more than reading.
"""

import asyncio
import math
from types import TracebackType

from app.errors import AnswerTooLong, UpstreamStalled


class Patience:
    """Ends a wait that takes too long; enter it around each wait of one stream."""

    def __init__(self, *, until: float) -> None:
        """Start to count.

        Args:
            until: The loop's time by which all waits together must be over.
        """
        self._loop = asyncio.get_running_loop()
        self._deadline = until
        self._gap = math.inf
        self._since = 0.0
        self._cancelling = 0
        self._waiting: asyncio.Task[object] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._over = False

    def limit_gap(self, seconds: float) -> None:
        """Let a single wait take `seconds` at most, from the next one on."""
        self.stop()
        self._gap = seconds

    def stop(self) -> None:
        """Count no longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def __enter__(self) -> None:
        """Begin a wait of this task."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only a task can wait")
        self._since = self._loop.time()
        self._waiting, self._cancelling = task, task.cancelling()
        if self._timer is None:
            self._timer = self._loop.call_at(self._due, self._look)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End a wait.

        Raises:
            UpstreamStalled: It took too long.
            AnswerTooLong: All of them did.
        """
        task, self._waiting = self._waiting, None
        if kind is not asyncio.CancelledError or not self._over or task is None:
            return
        # Somebody else may have cancelled the task as well: that stands.
        if task.uncancel() > self._cancelling:
            return
        if self._due == self._deadline:
            raise AnswerTooLong("the answer took too long") from error
        raise UpstreamStalled("the upstream fell silent") from error

    @property
    def _due(self) -> float:
        return min(self._since + self._gap, self._deadline)

    def _look(self) -> None:
        self._timer = None
        if self._waiting is None:
            return
        if self._loop.time() < self._due:
            self._timer = self._loop.call_at(self._due, self._look)
            return
        self._over = True
        self._waiting.cancel()
