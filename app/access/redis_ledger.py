"""Keeps count in Redis, for several services together; the redis door."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.access.ledger import LedgerUnavailable
from app.access.limits import (
    Amount,
    Refusal,
    Standing,
    Subject,
    Verdict,
)
from app.access.scripts import RENEW, RESERVE, SETTLE
from app.budgets import RedisSettings
from ingest.errors import SettingsError

_CONNECTIONS = 8
"""Connections of one process; a count takes a tenth of a millisecond."""


class RedisLedger:
    """Counts in one script for each call; opened by `open_redis_ledger`."""

    def __init__(self, redis: "Redis", settings: RedisSettings, lease: float) -> None:
        self._redis = redis
        self._timeout = settings.timeout
        self._prefix = settings.prefix
        self._lease = int(lease * 1000)
        self._turns = asyncio.Semaphore(_CONNECTIONS)
        self._reserve = redis.register_script(RESERVE)
        self._settle = redis.register_script(SETTLE)
        self._renew = redis.register_script(RENEW)

    async def reserve(
        self, subjects: Sequence[Subject], amount: Amount, holder: str
    ) -> Verdict:
        """See `app.access.ledger.Ledger.reserve`.

        Raises:
            LedgerUnavailable: Redis does not answer, or not in time.
        """
        given: list[str | int] = [
            holder, self._lease,
            amount.requests, amount.tokens, amount.money, amount.streams,
        ]  # fmt: skip
        for subject in subjects:
            limits = subject.limits
            given += [
                limits.requests_per_minute, limits.tokens_per_minute,
                limits.tokens_per_day, subject.money, limits.streams,
            ]  # fmt: skip
        name, whose, wait, *standing = await self._run(self._reserve, subjects, given)
        refusal = None
        if name:
            refusal = Refusal(
                limit=name.decode(), subject=subjects[whose], wait=wait / 1000
            )
        return Verdict(
            refusal=refusal,
            requests=_standing(*standing[:3]),
            tokens=_standing(*standing[3:]),
        )

    async def settle(
        self, subjects: Sequence[Subject], holder: str, taken: Amount
    ) -> None:
        """See `app.access.ledger.Ledger.settle`.

        Raises:
            LedgerUnavailable: Redis does not answer, or not in time.
        """
        await self._run(self._settle, subjects, (holder, taken.tokens, taken.money))

    async def renew(
        self, subjects: Sequence[Subject], holder: str, held: Amount
    ) -> None:
        """See `app.access.ledger.Ledger.renew`.

        Raises:
            LedgerUnavailable: Redis does not answer, or not in time.
        """
        given = (holder, self._lease, held.tokens, held.money, held.streams)
        await self._run(self._renew, subjects, given)

    async def probe(self) -> None:
        """Write something, to see whether counting is possible.

        Raises:
            LedgerUnavailable: It is not.
        """
        # As counting does: a copy that only reads, or has no room, is no help.
        keys = [f"{self._prefix}:probe", f"{self._prefix}:probe:leases"]
        async with self._in_time():
            await self._renew(keys=keys, args=("probe", 1, 0, 0, 0))

    async def _run(
        self,
        script: Any,  # noqa: ANN401 — the library gives its scripts no public name
        subjects: Iterable[Subject],
        given: Sequence[str | int],
    ) -> Any:  # noqa: ANN401
        keys = []
        for subject in subjects:
            book = f"{self._prefix}:{subject.place}"
            keys += [book, f"{book}:leases"]
        # Waiting for a turn is no sign of a slow Redis, so it does not count.
        async with self._turns, self._in_time():
            return await script(keys=keys, args=given)

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        """Bound what runs inside by the time in which the event loop could run.

        A loop that stood still comes back with its time over and the reply unread:
        the second half begins only when it runs again.
        """
        loop, half = asyncio.get_running_loop(), self._timeout / 2
        try:
            async with asyncio.timeout(None) as patience:
                waiting = loop.call_later(
                    half, lambda: patience.reschedule(loop.time() + half)
                )
                try:
                    yield
                finally:
                    waiting.cancel()
        except TimeoutError as error:
            raise LedgerUnavailable(f"no answer in {self._timeout:g} s") from error
        except (RedisError, OSError) as error:
            raise LedgerUnavailable(str(error) or type(error).__name__) from error
        except (RuntimeError, ValueError) as error:
            # A socket that is closed already, or bytes that are no answer: with the
            # client's own connections left as they are, the next try fails as well.
            await self._drop_idle()
            raise LedgerUnavailable(type(error).__name__) from error

    async def _drop_idle(self) -> None:
        with suppress(RuntimeError, OSError):
            await self._redis.connection_pool.disconnect(inuse_connections=False)


@asynccontextmanager
async def open_redis_ledger(
    settings: RedisSettings, lease: float
) -> AsyncIterator[RedisLedger]:
    """Prepare connections to the Redis that `settings` name; none is made yet.

    Raises:
        SettingsError: The URL is none.
    """
    try:
        pool = BlockingConnectionPool.from_url(
            settings.url,
            max_connections=_CONNECTIONS,
            # Tried again by whoever counts here meanwhile, and told once.
            retry=Retry(NoBackoff(), 0),
            socket_timeout=None,
            socket_connect_timeout=None,
        )
    except ValueError as error:
        raise SettingsError(f"REDIS_URL: {error}") from error
    redis = Redis(connection_pool=pool)
    try:
        yield RedisLedger(redis, settings, lease)
    finally:
        await redis.aclose()
        await pool.disconnect()


def _standing(limit: int, remaining: int, reset: int) -> Standing | None:
    if not limit:
        return None
    return Standing(limit=limit, remaining=remaining, reset=reset / 1000)
