"""Stops asking an endpoint that fails, and finds out when it is well again.

    closed --fails too often--> open --5 seconds--> probing --answers--> closed
                                 ^                     |
                                 +--------fails--------+

While it is open nobody waits for an endpoint that will not answer, and an endpoint in
trouble is left in peace.
"""

import asyncio
import logging
from types import TracebackType
from typing import Literal, Self

from app import metrics
from app.upstream.failures import Failure
from app.upstream.recent import Recent

CALLS = 20
"""Calls in ten seconds below which their share of failures says nothing."""

SHARE = 0.5
"""Share of them that fail from which on no more are made."""

UNREACHED = 5
"""Calls in a row that reached nobody, after which no more are made."""

PAUSE = 5.0
"""Seconds until one call finds out whether the endpoint is well again."""

State = Literal["closed", "probing", "open"]

_FIGURE: dict[State, int] = {"closed": 0, "probing": 1, "open": 2}

log = logging.getLogger(__name__)


class Breaker:
    """Lets calls of one endpoint through, or not.

    Attributes:
        state: Open lets none through, probing has let one.
    """

    def __init__(self, url: str, *, number: int) -> None:
        """Start closed.

        Args:
            url: The endpoint as people are told it.
            number: Which one it is, from 1; its label in the figures.
        """
        self.state: State = "closed"
        self._url = url
        self._calls = Recent()
        self._failures = Recent()
        self._unreached = 0
        self._again = 0.0
        self._gauge = metrics.BREAKER_STATE.labels(str(number))
        self._gauge.set(0)

    @property
    def wait(self) -> float:
        """Seconds until a call may be made; 0 if one may be made now."""
        if self.state == "closed":
            return 0.0
        if self.state == "probing":
            return PAUSE
        return max(self._again - _now(), 0.0)

    def call(self) -> "Call":
        """Begin a call; `wait` must be 0."""
        if self.state == "open":
            self._become("probing")
            return Call(self, probe=True)
        return Call(self, probe=False)

    def failed(self, failure: Failure) -> None:
        """Count that a call failed, or that an answer that had begun broke off."""
        if not failure.is_theirs:
            self.answered()
            return
        now = _now()
        self._count(now)
        self._failures.add(now)
        self._unreached = self._unreached + 1 if failure.is_unreached else 0
        if self.state == "closed" and (why := self._too_many(now)):
            self._open(f"{why}, the last one: {failure.error}")

    def answered(self) -> None:
        """Count that a call was answered, be it with a refusal of the request."""
        self._count(_now())
        self._unreached = 0

    def ended(self, *, well: bool | None) -> None:
        """Say how the probe ended; None where nobody knows."""
        if well:
            self._calls.clear()
            self._failures.clear()
            self._unreached = 0
            self._become("closed")
            log.warning("upstream %s answers again", self._url)
            return
        if well is False:
            self._again = _now() + PAUSE
        self._become("open")

    def _count(self, now: float) -> None:
        self._calls.add(now)

    def _too_many(self, now: float) -> str:
        if self._unreached >= UNREACHED:
            return f"{self._unreached} calls in a row reached nobody"
        calls, failures = self._calls.count(now), self._failures.count(now)
        if calls >= CALLS and failures >= SHARE * calls:
            return f"{failures} of {calls} calls failed"
        return ""

    def _open(self, why: str) -> None:
        self._again = _now() + PAUSE
        self._become("open")
        log.warning(
            "upstream %s is not asked for now: %s; one call finds out every %d s"
            " whether it is well again",
            self._url,
            why,
            PAUSE,
        )

    def _become(self, state: State) -> None:
        self.state = state
        self._gauge.set(_FIGURE[state])


class Call:
    """One call that was let through; enter it, and say how it ended.

    A call that ends without a word was given up by its caller: it tells nothing.
    """

    def __init__(self, breaker: Breaker, *, probe: bool) -> None:
        self._breaker = breaker
        self._probe = probe
        self._well: bool | None = None

    def answered(self) -> None:
        """Say that it was answered."""
        self._well = True
        self._breaker.answered()

    def failed(self, failure: Failure) -> None:
        """Say that it failed; one that blames the request is an answer."""
        self._well = not failure.is_theirs
        self._breaker.failed(failure)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the next one probe, if this one did."""
        if self._probe:
            self._breaker.ended(well=self._well)


def _now() -> float:
    return asyncio.get_running_loop().time()
