"""Keeps count in Redis while it answers, and in this process while it does not.

count ──▶ Redis ──in time──▶ verdict
             └──down, slow──▶ this process, with its part of each limit ──▶ verdict
                              (tried again every second)
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from app.access.ledger import Ledger, LedgerUnavailable, LocalLedger
from app.access.limits import Amount, Subject, Verdict, divided
from app.budgets import LimitsSettings, RedisSettings

if TYPE_CHECKING:
    from app.access.redis_ledger import RedisLedger

T = TypeVar("T")

_PAUSE = 1.0
"""Seconds between two looks whether Redis is there again."""


class SharedLedger:
    """Keeps count with others, or its part alone; opened by `open_ledger`."""

    def __init__(
        self, redis: "RedisLedger", local: LocalLedger, *, replicas: int
    ) -> None:
        """Count in `redis`, or in `local` one of `replicas` parts."""
        self._redis = redis
        self._local = local
        self._replicas = replicas
        self._why = ""
        self._retrying: asyncio.Task[None] | None = None
        self._alone: set[str] = set()
        self._last: dict[str, asyncio.Task[Any]] = {}

    async def start(self) -> None:
        """See whether Redis answers; a service without it begins alone."""
        try:
            await self._redis.probe()
        except LedgerUnavailable as error:
            self._fall_back(error)

    async def reserve(
        self, subjects: Sequence[Subject], amount: Amount, holder: str
    ) -> Verdict:
        """See `Ledger.reserve`."""
        if not amount.lasts:
            return await self._reserve(subjects, amount, holder)
        return await self._whole(holder, self._reserve(subjects, amount, holder))

    async def settle(
        self, subjects: Sequence[Subject], holder: str, taken: Amount
    ) -> None:
        """See `Ledger.settle`."""
        await self._whole(holder, self._settle(subjects, holder, taken))

    async def renew(
        self, subjects: Sequence[Subject], holder: str, held: Amount
    ) -> None:
        """See `Ledger.renew`."""
        await self._whole(holder, self._renew(subjects, holder, held))

    def state(self) -> tuple[str, str] | None:
        """Return "up", or "degraded" and why."""
        if not self._why:
            return "up", "limits are counted in Redis"
        share = f"1/{self._replicas} of each" if self._replicas > 1 else "each whole"
        return (
            "degraded",
            f"Redis: {self._why}; limits are counted in this process, {share}",
        )

    async def aclose(self) -> None:
        """Wait for what is being counted, and stop looking for Redis."""
        await asyncio.gather(*self._last.values(), return_exceptions=True)
        if self._retrying is not None:
            self._retrying.cancel()
            await asyncio.wait({self._retrying})

    async def _whole(self, holder: str, counting: Coroutine[Any, Any, T]) -> T:
        """Count in order with all of `holder`, to the end, whoever is cancelled.

        What was reserved for somebody who left must be given back after it was
        reserved, not before.
        """
        before = self._last.get(holder)

        async def in_order() -> T:
            if before is not None:
                await asyncio.wait({before})
            return await counting

        task = asyncio.create_task(in_order())
        self._last[holder] = task
        task.add_done_callback(lambda done: self._forget(holder, done))
        return await asyncio.shield(task)

    def _forget(self, holder: str, done: "asyncio.Task[Any]") -> None:
        if self._last.get(holder) is done:
            del self._last[holder]

    async def _reserve(
        self, subjects: Sequence[Subject], amount: Amount, holder: str
    ) -> Verdict:
        if not self._why and holder not in self._alone:
            try:
                return await self._redis.reserve(subjects, amount, holder)
            except LedgerUnavailable as error:
                self._fall_back(error)
        if amount.lasts:
            self._alone.add(holder)
        return await self._local.reserve(self._part(subjects), amount, holder)

    async def _settle(
        self, subjects: Sequence[Subject], holder: str, taken: Amount
    ) -> None:
        if not self._why:
            # Also what was held here: all that was taken belongs to all.
            try:
                await self._redis.settle(subjects, holder, taken)
            except LedgerUnavailable as error:
                self._fall_back(error)
        if self._why or holder in self._alone:
            self._alone.discard(holder)
            await self._local.settle(self._part(subjects), holder, taken)

    async def _renew(
        self, subjects: Sequence[Subject], holder: str, held: Amount
    ) -> None:
        if not self._why:
            # One that was held here alone is held by all from now on.
            try:
                await self._redis.renew(subjects, holder, held)
            except LedgerUnavailable as error:
                self._fall_back(error)
        if self._why or holder in self._alone:
            self._alone.add(holder)
            await self._local.renew(self._part(subjects), holder, held)

    def _part(self, subjects: Sequence[Subject]) -> list[Subject]:
        return [
            replace(subject, limits=divided(subject.limits, self._replicas))
            for subject in subjects
        ]

    def _fall_back(self, error: LedgerUnavailable) -> None:
        if self._why:
            return
        self._why = str(error)
        self._retrying = asyncio.create_task(self._keep_trying())

    async def _keep_trying(self) -> None:
        while self._why:
            await asyncio.sleep(_PAUSE)
            try:
                await self._redis.probe()
            except LedgerUnavailable as error:
                self._why = str(error)
            else:
                self._why = ""


@asynccontextmanager
async def open_ledger(
    redis: RedisSettings, limits: LimitsSettings
) -> AsyncIterator[Ledger]:
    """Open what keeps count: Redis if one is named, this process otherwise.

    Raises:
        SettingsError: The address of Redis is none.
    """
    local = LocalLedger(limits.lease)
    if not redis.url:
        yield local
        return
    # Takes a tenth of a second; a service that counts alone does without.
    from app.access.redis_ledger import open_redis_ledger  # noqa: PLC0415

    async with open_redis_ledger(redis, limits.lease) as shared:
        ledger = SharedLedger(shared, local, replicas=limits.replicas)
        await ledger.start()
        try:
            yield ledger
        finally:
            await ledger.aclose()
