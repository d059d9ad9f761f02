"""How many retries an upstream may be sent: few beside what it is asked anyway.

Callers try again as well. If each of their three tries were three of ours, a service
in trouble would get nine times what it could not take once.
"""

import asyncio

from app.upstream.recent import Recent

SHARE = 0.1
"""Retries for each request of the last ten seconds."""

FLOOR = 10
"""Retries in ten seconds that a quiet service may make in any case."""


class RetryBudget:
    """Counts the requests of one endpoint, and allows retries in proportion."""

    def __init__(self) -> None:
        self._requests = Recent()
        self._retries = Recent()

    def asked(self) -> None:
        """Count a request that is no retry."""
        self._requests.add(asyncio.get_running_loop().time())

    def take(self) -> bool:
        """Take one retry; return whether there was one left."""
        now = asyncio.get_running_loop().time()
        most = max(SHARE * self._requests.count(now), FLOOR)
        if self._retries.count(now) >= most:
            return False
        self._retries.add(now)
        return True
