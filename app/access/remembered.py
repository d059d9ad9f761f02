"""What was read a moment ago, so that not every request reads it again."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """Answers by name, each read once in a while, and once for all who wait for it.

    That there is nothing of a name is not remembered: strangers could fill the
    memory with names of their own.
    """

    def __init__(
        self, read: Callable[[str], Awaitable[T | None]], *, seconds: float, most: int
    ) -> None:
        """Remember up to `most` answers of `read` for `seconds`."""
        self._read = read
        self._seconds = seconds
        self._most = most
        self._answers: OrderedDict[str, tuple[float, T]] = OrderedDict()
        self._reading: dict[str, asyncio.Task[T | None]] = {}

    async def get(self, name: str) -> T | None:
        """Return the answer, at most so many seconds old; None if there is none."""
        until, answer = self._answers.get(name, (0.0, None))
        if until > time.monotonic():
            self._answers.move_to_end(name)
            return answer
        reading = self._reading.get(name)
        if reading is None:
            reading = asyncio.create_task(self._read_anew(name))
            self._reading[name] = reading
            reading.add_done_callback(lambda task: self._end(name, task))
        # Whoever leaves does not take the answer from those who wait as well.
        return await asyncio.shield(reading)

    def recall(self, name: str) -> T | None:
        """Return the last answer, however old; None if it was forgotten."""
        return self._answers.get(name, (0.0, None))[1]

    def forget(self, name: str) -> None:
        """Read anew when this is asked for next."""
        self._answers.pop(name, None)

    async def _read_anew(self, name: str) -> T | None:
        # From before the reading on: what changes meanwhile may not be in the answer.
        until = time.monotonic() + self._seconds
        answer = await self._read(name)
        if answer is None:
            self.forget(name)
            return None
        self._answers[name] = (until, answer)
        self._answers.move_to_end(name)
        while len(self._answers) > self._most:
            self._answers.popitem(last=False)
        return answer

    def _end(self, name: str, task: "asyncio.Task[T | None]") -> None:
        self._reading.pop(name, None)
        if not task.cancelled():
            # Looked at here, for everybody who waited may have left.
            task.exception()
