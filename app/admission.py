"""How much is searched for at once: too much is refused early, the rest is not slower.

    question --coming--> its work --work--> one of so many slots
       |                               +--> a short wait for one
       +--> refused: at once, if the wait would be long

Answers that wait for the upstream are cheap and many; searching takes the processor,
and more of it at once only takes longer. As long as the queue has not been empty for a
while, the wait is no burst's: then it may only be short.

Whoever may wait gets their turn, even if it comes a little later than was thought: a
refusal after a wait costs both what the wait cost and the answer.

Source:
    Maurer, "Fail at Scale", ACM Queue 13(8), 2015: a queue whose patience is short
    when it has not been empty lately. Little's law for the wait that is expected.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar

from app import metrics
from app.errors import Overloaded

_PATIENCE, _STANDING = 1.0, 0.1
"""Seconds that a question may have to wait, as far as can be told when it comes: in a
burst, and where the queue is never empty."""

_LONGEST = 3.0
"""Seconds after which a turn that does not come is a refusal all the same: whatever has
the slots then hangs."""

_ON_THE_WAY = 0.5
"""Seconds for which a question that was let in counts as one that waits, before it
does. One that is later than this is busy with something else."""

_BURST = 1.0
"""Seconds a queue may stand without having been empty."""

_USUAL = 0.05
"""Seconds that a question takes, as long as none has told."""

_MEMORY = 0.1
"""How much the last question counts in how long one takes."""

_place: ContextVar[object | None] = ContextVar("place", default=None)
"""Of the question that is worked on, if it was let in."""


class Admission:
    """Bounds what is searched for at once."""

    def __init__(
        self,
        slots: int,
        *,
        patience: float = _PATIENCE,
        standing: float = _STANDING,
        longest: float = _LONGEST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take on so much.

        Args:
            slots: Questions that are searched for at once.
            patience: Seconds that a question may have to wait in a burst.
            standing: Seconds that it may have to wait where the queue stands.
            longest: Seconds after which one that waits is refused all the same.
            clock: Tells seconds that never go back.
        """
        self._slots = slots
        self._patience = patience
        self._standing = standing
        self._longest = longest
        self._clock = clock
        self._free = slots
        self._taking = _USUAL
        self._empty = clock()
        self._queue: deque[asyncio.Future[None]] = deque()
        self._coming: dict[object, float] = {}

    @property
    def working(self) -> int:
        """Questions that are searched for."""
        return self._slots - self._free

    @property
    def waiting(self) -> int:
        """Questions that wait for a slot."""
        return len(self._queue)

    def refuse_if_full(self) -> None:
        """Refuse a question before anything is done for it, unless it was let in.

        Raises:
            Overloaded: It would find no room.
        """
        if _place.get() in self._coming:
            return
        self._forget_late()
        if self._free:
            self._empty = self._clock()
        # Of a rush, all are here before one of them has a slot.
        has_slot = self._free > len(self._coming)
        if not has_slot and self._expected() > self._allowed():
            raise self._refusal("queue")

    @contextmanager
    def coming(self) -> Iterator[None]:
        """Let a question in: in this block it is on its way to its turn.

        Raises:
            Overloaded: It would find no room.
        """
        self.refuse_if_full()
        place = object()
        self._coming[place] = self._clock()
        token = _place.set(place)
        try:
            yield
        finally:
            _place.reset(token)
            self._coming.pop(place, None)

    @asynccontextmanager
    async def work(self, *, again: bool = False) -> AsyncIterator[None]:
        """Search for a question in this block, as soon as its turn comes.

        Args:
            again: It had its turn already: it goes first, and is not refused.

        Raises:
            Overloaded: Its turn does not come in time, or would not.
        """
        await self._acquire(again=again)
        start = self._clock()
        try:
            yield
        finally:
            self._taking += _MEMORY * (self._clock() - start - self._taking)
            self._release()

    async def _acquire(self, *, again: bool) -> None:
        was_let_in = self._coming.pop(_place.get(), None) is not None
        if self._free:
            self._free -= 1
            self._empty = self._clock()
            self._show()
            return
        if not (again or was_let_in):
            self.refuse_if_full()
        turn = asyncio.get_running_loop().create_future()
        (self._queue.appendleft if again else self._queue.append)(turn)
        self._show()
        try:
            async with asyncio.timeout(None if again else self._longest):
                await turn
        except BaseException as error:
            # Whoever leaves with a slot in hand, passes it on.
            self._leave(turn)
            if isinstance(error, TimeoutError):
                raise self._refusal("wait") from error
            raise

    def _leave(self, turn: "asyncio.Future[None]") -> None:
        if turn.cancelled():
            self._queue.remove(turn)
            self._show()
        else:
            self._release()

    def _release(self) -> None:
        # A turn that is cancelled is about to leave by itself.
        turn = next((turn for turn in self._queue if not turn.done()), None)
        if turn is None:
            self._free += 1
            self._empty = self._clock()
        else:
            self._queue.remove(turn)
            turn.set_result(None)
        self._show()

    def _expected(self) -> float:
        """Return the seconds that a question would wait which comes now."""
        before = len(self._queue) + len(self._coming)
        return (before + 1) * self._taking / self._slots

    def _allowed(self) -> float:
        stands = self._clock() - self._empty > _BURST
        return self._standing if stands else self._patience

    def _forget_late(self) -> None:
        due = self._clock() - _ON_THE_WAY
        while self._coming and self._coming[oldest := next(iter(self._coming))] < due:
            del self._coming[oldest]

    def _refusal(self, reason: str) -> Overloaded:
        metrics.OVERLOAD_REFUSALS.labels(reason).inc()
        return Overloaded(f"no room for another question: {reason}")

    def _show(self) -> None:
        metrics.SEARCHING.set(self.working)
        metrics.WAITING.set(self.waiting)
