"""Redis gone, frozen and back: limits are kept all the time, alone or together."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
import uvloop
from redis.asyncio import Redis

from app.access.ledger import Ledger
from app.access.limits import Amount, Verdict, divided
from app.access.shared_ledger import open_ledger
from app.budgets import Limits, LimitsSettings, RedisSettings
from tests.app.access.ledgers import subject
from tests.redis_server import OwnRedis, own_redis
from tests.waiting import until

REQUEST = Amount(requests=1)


@pytest.fixture
def redis() -> Iterator[OwnRedis]:
    with own_redis() as started:
        yield started


@asynccontextmanager
async def opened(
    redis: OwnRedis, *, replicas: int = 1, patience: float = 5.0
) -> AsyncIterator[Ledger]:
    settings = RedisSettings(url=redis.url, timeout=patience)
    async with open_ledger(settings, LimitsSettings(replicas=replicas)) as ledger:
        yield ledger


async def granted(ledger: Ledger, times: int, **limits: float) -> int:
    who = [subject("k", "key", **limits)]
    verdicts: list[Verdict] = [
        await ledger.reserve(who, REQUEST, "") for _ in range(times)
    ]
    return sum(verdict.refusal is None for verdict in verdicts)


def is_up(ledger: Ledger) -> bool:
    state = ledger.state()
    return state is not None and state[0] == "up"


async def test_two_services_share_one_count(redis: OwnRedis) -> None:
    async with opened(redis) as one, opened(redis) as other:
        first, second = await asyncio.gather(
            granted(one, 60, requests_per_minute=70),
            granted(other, 60, requests_per_minute=70),
        )

    assert first + second == 70


async def test_without_redis_each_keeps_to_its_part(redis: OwnRedis) -> None:
    async with opened(redis, replicas=3) as ledger:
        redis.kill()
        count = await granted(ledger, 20, requests_per_minute=10)
        state = ledger.state()

        assert count == 4
        assert state is not None
        assert state[0] == "degraded"


async def test_a_service_begins_without_redis_and_finds_it_later(
    redis: OwnRedis,
) -> None:
    redis.kill()
    async with opened(redis) as ledger:
        early = is_up(ledger)
        redis.start()
        await until(lambda: is_up(ledger))

        assert not early
        assert await granted(ledger, 3, requests_per_minute=2) == 2


async def test_after_redis_came_back_all_count_together_again(redis: OwnRedis) -> None:
    async with opened(redis) as one, opened(redis) as other:
        redis.kill()
        await granted(one, 1, requests_per_minute=5)
        await granted(other, 1, requests_per_minute=5)
        redis.start()
        await until(lambda: is_up(one) and is_up(other))

        together = await granted(one, 4, requests_per_minute=5)
        together += await granted(other, 4, requests_per_minute=5)

    assert together == 5


async def test_a_redis_that_answers_too_late_is_done_without(redis: OwnRedis) -> None:
    async with opened(redis, patience=0.2) as ledger:
        assert await granted(ledger, 1, requests_per_minute=4) == 1
        redis.freeze()
        start = time.monotonic()
        try:
            count = await granted(ledger, 10, requests_per_minute=4)
        finally:
            redis.thaw()
        took = time.monotonic() - start

        # The first one waited, the others knew.
        assert count == 4
        assert took < 5
        await until(lambda: is_up(ledger))


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_loop_that_stood_still_is_no_slow_redis(
    redis: OwnRedis, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def stand_still() -> bool:
        async with opened(redis, patience=2) as ledger:
            asking = asyncio.create_task(granted(ledger, 1, requests_per_minute=4))
            # Until it waits for the reply.
            for _ in range(8):
                await asyncio.sleep(0)
            time.sleep(2.2)  # noqa: ASYNC251 — this is what is tried
            assert await asking == 1
            return is_up(ledger)

    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(stand_still())


async def test_a_redis_that_cannot_be_written_is_done_without(redis: OwnRedis) -> None:
    async with Redis.from_url(redis.url) as client:
        await client.replicaof("127.0.0.1", "1")
        async with opened(redis) as ledger:
            early = is_up(ledger)
            count = await granted(ledger, 5, requests_per_minute=4)
            await client.replicaof("NO", "ONE")
            await until(lambda: is_up(ledger))

    assert not early
    assert count == 4


async def test_what_was_reserved_together_is_settled_alone_and_the_reverse(
    redis: OwnRedis,
) -> None:
    who = [subject("k", "key", streams=1, tokens_per_day=100)]
    amount = Amount(streams=1, tokens=60)
    async with opened(redis) as ledger:
        await ledger.reserve(who, amount, "a")
        redis.kill()
        # What the dead Redis holds cannot be known: the count here is empty.
        alone = await ledger.reserve(who, amount, "b")
        await ledger.settle(who, "a", Amount(tokens=30))
        over = await ledger.reserve(who, Amount(tokens=20), "c")
        redis.start()
        await until(lambda: is_up(ledger))
        await ledger.settle(who, "b", Amount(tokens=60))
        again = await ledger.reserve(who, Amount(streams=1, tokens=40), "d")
        too_much = await ledger.reserve(who, Amount(tokens=1), "e")

    assert alone.refusal is None
    assert over.refusal is not None
    assert over.refusal.limit == "tokens_per_day"
    assert again.refusal is None
    assert too_much.refusal is not None


async def test_a_flushed_redis_learns_again_what_is_held(redis: OwnRedis) -> None:
    who = [subject("k", "key", streams=1)]
    async with opened(redis) as ledger:
        await ledger.reserve(who, Amount(streams=1), "a")
        redis.kill()
        redis.start()
        await until(lambda: is_up(ledger))
        await ledger.renew(who, "a", Amount(streams=1))
        refused = await ledger.reserve(who, Amount(streams=1), "b")

    assert refused.refusal is not None


async def test_whoever_is_cancelled_while_reserving_leaves_nothing_behind(
    redis: OwnRedis,
) -> None:
    who = [subject("k", "key", streams=1)]
    async with opened(redis) as ledger:
        for number in range(50):
            holder = f"h{number}"
            asking = asyncio.create_task(ledger.reserve(who, Amount(streams=1), holder))
            for _ in range(number % 12):
                await asyncio.sleep(0)
            asking.cancel()
            await asyncio.wait({asking})
            await ledger.settle(who, holder, Amount())
        free = await ledger.reserve(who, Amount(streams=1), "last")

    assert free.refusal is None


async def test_what_is_given_back_is_given_back_after_it_was_reserved(
    redis: OwnRedis,
) -> None:
    who = [subject("k", "key", streams=1, requests_per_minute=1000)]
    for number in range(30):
        async with opened(redis) as ledger:
            # One connection is there, and in use; the next has to be made.
            await ledger.reserve(who, REQUEST, "")
            counting = asyncio.create_task(ledger.reserve(who, REQUEST, ""))
            asking = asyncio.create_task(
                ledger.reserve(who, Amount(streams=1), f"h{number}")
            )
            await counting
            asking.cancel()
            await ledger.settle(who, f"h{number}", Amount())
    async with opened(redis) as ledger:
        free = await ledger.reserve(who, Amount(streams=1), "last")

    assert free.refusal is None


def test_a_part_of_a_limit_is_never_none_at_all() -> None:
    whole = Limits(
        requests_per_minute=2,
        tokens_per_minute=0,
        tokens_per_day=7,
        money_per_day=1e-9,
        streams=1,
    )

    part = divided(whole, 5)

    assert (part.requests_per_minute, part.tokens_per_day, part.streams) == (1, 2, 1)
    assert part.tokens_per_minute == 0
    assert part.money_per_day > 0
    assert subject("k", "key", money_per_day=part.money_per_day).money == 1


def test_the_address_of_redis_may_hold_a_secret_that_no_state_tells(
    redis: OwnRedis,
) -> None:
    async def states() -> list[str]:
        secret = redis.url.replace("redis://", "redis://:hunter2@")
        settings = RedisSettings(url=secret, timeout=5)
        async with open_ledger(settings, LimitsSettings()) as ledger:
            redis.kill()
            await granted(ledger, 1, requests_per_minute=1)
            return list(ledger.state() or ())

    assert not any("hunter2" in told for told in asyncio.run(states()))
