"""Which endpoint is asked next for one answer, after what wait, until when."""

import asyncio
import math
import random
from collections.abc import Sequence

from msgspec import Struct

from app import metrics
from app.upstream.endpoint import Endpoint
from app.upstream.failures import Failure

RETRIES = 2
"""Calls made again for one answer, at most; other endpoints are asked besides."""

LONGEST_WAIT = 10.0
"""Seconds an upstream may ask to wait; more is passed on to the caller."""

STREAM_WAIT = 6.0
"""The same for a stream, all waits and tries before them together.

Its status is held back for eight seconds: after them a refusal could only be a frame of
a stream that looks begun, which clients do not try again.
"""

_SHORTEST, _FIRST, _LONGEST = 0.2, 1.0, 2.0
"""Seconds of a wait that nobody asked for: at least, and at most before each retry."""


class Limits(Struct, frozen=True):
    """Until when one answer is waited for, all in the loop's time.

    Attributes:
        first: The first byte must have come.
        whole: The last byte must have come.
        waits: No wait between two tries may end later.
    """

    first: float
    whole: float
    waits: float


class Tries:
    """The calls for one answer: one endpoint after the other, then a few again."""

    def __init__(self, endpoints: Sequence[Endpoint], limits: Limits) -> None:
        """Begin.

        Args:
            endpoints: Those that may be asked, in the order to ask them in.
            limits: Until when.
        """
        self._untried = list(endpoints)
        self._failed: dict[Endpoint, Failure] = {}
        self._limits = limits
        self._again: Endpoint | None = None
        self._made_again = 0

    def next(self) -> Endpoint | None:
        """Return the endpoint to ask now, or None if there is none left."""
        while self._untried:
            endpoint = self._untried.pop(0)
            if not endpoint.breaker.wait:
                endpoint.budget.asked()
                return endpoint
        if self._again is None or self._again.breaker.wait:
            return None
        return self._again

    def share(self) -> float:
        """Return until when the endpoint just chosen has to begin to answer.

        What is left is shared with those that were not asked yet: one that hangs
        leaves time for the others.
        """
        now = asyncio.get_running_loop().time()
        return now + (self._limits.first - now) / (len(self._untried) + 1)

    def wait_after(self, endpoint: Endpoint, failure: Failure) -> float | None:
        """Return the seconds to wait before the next try, or None to give up."""
        self._failed[endpoint] = failure
        if not failure.elsewhere:
            return None
        if any(not other.breaker.wait for other in self._untried):
            return 0.0
        waits = {e: self._wait(f) for e, f in self._failed.items() if self._may(e)}
        if not waits:
            return None
        again = min(waits, key=waits.__getitem__)
        wait = waits[again]
        late = asyncio.get_running_loop().time() + wait > min(
            self._limits.first, self._limits.waits
        )
        outcome = "no_time" if late else "made" if again.budget.take() else "no_budget"
        metrics.UPSTREAM_RETRIES.labels(outcome).inc()
        if outcome != "made":
            return None
        self._again = again
        self._made_again += 1
        return wait

    def _may(self, endpoint: Endpoint) -> bool:
        """Return whether an endpoint that failed may be asked again."""
        retries = min(self._failed[endpoint].retries, RETRIES)
        return self._made_again < retries and not endpoint.breaker.wait

    def _wait(self, failure: Failure) -> float:
        asked = failure.error.retry_after
        if asked is None:
            most = _FIRST if self._made_again == 0 else _LONGEST
            return random.uniform(_SHORTEST, most)  # noqa: S311 — no secret
        # Those that were sent away together should not come back together.
        spread = random.uniform(1.0, 1.1)  # noqa: S311
        return asked * spread if asked <= LONGEST_WAIT else math.inf
