"""Ledgers for tests, in this process and in a real Redis, whose time a test moves.

REDIS_URL names another server. What is counted there has a prefix of its own, which
goes with the block.
"""

import os
import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Protocol

import msgspec
import pytest
import redis
from redis.asyncio import Redis

from app.access.books import Books
from app.access.limits import Amount, Kind, Limits, Subject, Verdict
from app.access.redis_ledger import RedisLedger, open_redis_ledger
from app.budgets import RedisSettings

REDIS = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")

KINDS = ("process", "redis")

LEASE = 60.0
NOON = 20_000 * 86_400.0 + 43_200.0


class Timed(Protocol):
    """A ledger whose time passes when a test says so."""

    async def reserve(
        self, subjects: Sequence[Subject], amount: Amount, holder: str
    ) -> Verdict: ...

    async def settle(
        self, subjects: Sequence[Subject], holder: str, taken: Amount
    ) -> None: ...

    async def renew(
        self, subjects: Sequence[Subject], holder: str, held: Amount
    ) -> None: ...

    async def passes(self, seconds: float) -> None: ...


class _Process:
    def __init__(self) -> None:
        self._books = Books(LEASE)
        self._now = NOON

    async def reserve(
        self, subjects: Sequence[Subject], amount: Amount, holder: str
    ) -> Verdict:
        return self._books.reserve(subjects, amount, holder, self._now)

    async def settle(
        self, subjects: Sequence[Subject], holder: str, taken: Amount
    ) -> None:
        self._books.settle(subjects, holder, taken, self._now)

    async def renew(
        self, subjects: Sequence[Subject], holder: str, held: Amount
    ) -> None:
        self._books.renew(subjects, holder, held, self._now)

    async def passes(self, seconds: float) -> None:
        self._now += seconds


class _Shared:
    """Time passes in Redis when all that it noted lies further back."""

    def __init__(self, ledger: RedisLedger, client: "Redis", prefix: str) -> None:
        self.reserve = ledger.reserve
        self.settle = ledger.settle
        self.renew = ledger.renew
        self._redis = client
        self._prefix = prefix

    async def passes(self, seconds: float) -> None:
        async for key in self._redis.scan_iter(f"{self._prefix}:*"):
            if key.endswith(b":leases"):
                for member in await self._redis.zrange(key, 0, -1):
                    await self._redis.zincrby(key, -seconds * 1000, member)  # type: ignore[arg-type]
                continue
            for field in ("r0", "t0"):
                if await self._redis.hexists(key, field):
                    await self._redis.hincrby(key, field, -int(seconds * 1000))
            if await self._redis.hexists(key, "d"):
                await self._redis.hincrby(key, "d", -int(seconds // 86_400))


@contextmanager
def redis_settings() -> Iterator[RedisSettings]:
    """Yield settings of a prefix of its own; what was written under it goes."""
    prefix = f"test-{secrets.token_hex(6)}"
    with redis.Redis.from_url(REDIS) as client:
        try:
            client.ping()
        except redis.RedisError as error:
            pytest.skip(f"no Redis at {REDIS}: {error}")
        # A machine that is shared with other tests may take its time.
        try:
            yield RedisSettings(url=REDIS, prefix=prefix, timeout=20)
        finally:
            for key in client.scan_iter(f"{prefix}:*"):
                client.delete(key)


@asynccontextmanager
async def ledger(kind: str) -> AsyncIterator[Timed]:
    """Open an empty ledger of a kind."""
    if kind == "process":
        yield _Process()
        return
    with redis_settings() as settings:
        async with (
            Redis.from_url(REDIS) as client,
            open_redis_ledger(settings, LEASE) as opened,
        ):
            yield _Shared(opened, client, settings.prefix)


def subject(name: str = "k1", kind: Kind = "key", **limits: float) -> Subject:
    """Return somebody with limits."""
    return Subject(
        kind=kind,
        place=f"{{group}}:{kind}:{name}",
        limits=msgspec.convert(limits, Limits),
    )
