"""Two services on one Redis hold one limit; and each one alone while it is gone."""

import asyncio
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.access.ledgers import redis_settings
from tests.app.api.test_limits import ASKED, CHAT, PRICES, statuses, thousand
from tests.app.api.whole import MODEL
from tests.redis_server import OwnRedis, own_redis
from tests.scripted_upstream import (
    Hold,
    Reply,
    ScriptedUpstream,
    chunk,
    either,
    event,
)
from tests.service import Running, running


@pytest.fixture
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream(either("It is open [1].")) as started:
        yield started


@pytest.fixture
def shared() -> Iterator[dict[str, str]]:
    """What two services need to count together in the Redis of the machine."""
    with redis_settings() as settings:
        yield {
            "REDIS_URL": settings.url,
            "REDIS_PREFIX": settings.prefix,
            # The machine is shared with other tests, and two services at their limit.
            "REDIS_TIMEOUT": "20",
        }


@contextmanager
def replica(
    home: Path, upstream: ScriptedUpstream, **variables: str
) -> Iterator[Running]:
    given = {
        "OPENAI_BASE_URL": upstream.url,
        "OPENAI_API_KEY": "k",
        "CHAT_MODEL": MODEL,
        "CHAT_GAP_TIMEOUT": "60",
    }
    with running(home, **given, **variables) as started:
        yield started


def test_a_budget_for_ten_is_one_budget_for_two_services(
    sample_home: Path, upstream: ScriptedUpstream, shared: dict[str, str]
) -> None:
    upstream.then(thousand)
    money = {"PRICE_TABLE": PRICES, "TENANT_LIMIT_MONEY_PER_DAY": "0.01", **shared}
    money["SERVER_CONCURRENCY"] = "100"
    with (
        replica(sample_home, upstream, **money) as one,
        replica(sample_home, upstream, **money) as other,
    ):
        asking = statuses(one.address, other.address, times=100, max_tokens=1000)
        found = asyncio.run(asking)

    assert len(upstream.requests) == found.count(200) == 10
    assert found.count(429) == 190


def test_two_services_accept_exactly_the_limit_of_a_thousand_requests(
    sample_home: Path, upstream: ScriptedUpstream, shared: dict[str, str]
) -> None:
    limit = {"TENANT_LIMIT_REQUESTS_PER_MINUTE": "437", **shared}

    async def listed(*addresses: str) -> list[int]:
        # All must come within the minute, so none waits for a connection of its own.
        kept = httpx.Limits(max_connections=20, max_keepalive_connections=20)
        async with httpx.AsyncClient(timeout=60, limits=kept) as http:
            gets = [
                http.get(f"{address}/v1/models")
                for _ in range(500)
                for address in addresses
            ]
            return [reply.status_code for reply in await asyncio.gather(*gets)]

    with (
        replica(sample_home, upstream, **limit) as one,
        replica(sample_home, upstream, **limit) as other,
    ):
        begun = time.monotonic()
        found = asyncio.run(listed(one.address, other.address))
        took = time.monotonic() - begun

    assert took < 60, "the machine was too slow: more than a minute was counted"
    assert found.count(200) == 437
    assert found.count(429) == 563


def test_what_a_killed_service_had_reserved_is_free_after_its_lease(
    sample_home: Path, upstream: ScriptedUpstream, shared: dict[str, str]
) -> None:
    upstream.then(Reply((event(chunk({"content": "It is open."})), Hold())))
    limits = {
        "TENANT_LIMIT_STREAMS": "1",
        "TENANT_LIMIT_TOKENS_PER_DAY": "5000",
        "LIMITS_LEASE": "3",
        **shared,
    }
    with (
        replica(sample_home, upstream, **limits) as one,
        replica(sample_home, upstream, **limits) as other,
        httpx.Client(timeout=60) as http,
    ):
        body = ASKED | {"stream": True, "max_tokens": 2500}
        with http.stream("POST", f"{one.address}{CHAT}", json=body) as reply:
            coming = reply.iter_bytes()
            assert next(coming)
            # Longer than the lease: it is renewed while the service lives.
            time.sleep(4)
            held = http.post(f"{other.address}{CHAT}", json=body)
            one.process.send_signal(signal.SIGKILL)
            one.process.wait(30)
            with pytest.raises(httpx.RemoteProtocolError):
                list(coming)
        upstream.then(either("It is open [1]."))
        later = wait_for(
            lambda: http.post(f"{other.address}{CHAT}", json=body),
            lambda found: found.status_code == 200,
        )

    assert held.status_code == 429
    # Stream and tokens are free: half of the day's tokens would not do for another.
    assert later.status_code == 200


def test_a_service_that_is_told_to_stop_gives_back_at_once(
    sample_home: Path, upstream: ScriptedUpstream, shared: dict[str, str]
) -> None:
    upstream.then(Reply((event(chunk({"content": "It is open."})), Hold())))
    limits = {"TENANT_LIMIT_STREAMS": "1", "LIMITS_LEASE": "3600", **shared}
    with (
        replica(sample_home, upstream, SERVER_DRAIN="0.2", **limits) as one,
        replica(sample_home, upstream, **limits) as other,
        httpx.Client(timeout=60) as http,
    ):
        body = ASKED | {"stream": True}
        with http.stream("POST", f"{one.address}{CHAT}", json=body) as reply:
            coming = reply.iter_bytes()
            assert next(coming)
            held = http.post(f"{other.address}{CHAT}", json=body)
            one.process.terminate()
            told = b"".join(coming)
        one.process.wait(30)
        upstream.then(either("It is open [1]."))
        free = http.post(f"{other.address}{CHAT}", json=body)

    assert held.status_code == 429
    assert b"shutting_down" in told
    assert free.status_code == 200


@pytest.fixture
def redis() -> Iterator[OwnRedis]:
    with own_redis() as started:
        yield started


def test_redis_gone_and_back_is_no_error_and_no_free_ride(
    sample_home: Path, upstream: ScriptedUpstream, redis: OwnRedis
) -> None:
    limits = {
        "REDIS_URL": redis.url,
        "REDIS_TIMEOUT": "2",
        "LIMITS_REPLICAS": "2",
        "TENANT_LIMIT_REQUESTS_PER_MINUTE": "20",
    }
    with (
        replica(sample_home, upstream, **limits) as service,
        httpx.Client(base_url=service.address, timeout=60) as http,
    ):
        together = http.get("/v1/models")
        redis.kill()
        alone = [http.post(CHAT, json=ASKED).status_code for _ in range(15)]
        ready = http.get("/health/ready")
        redis.start()
        back = wait_for(
            lambda: http.get("/health/ready"),
            lambda found: found.json()["parts"]["limits"]["state"] == "up",
        )
        again = http.get("/v1/models")

    assert together.headers["x-ratelimit-limit-requests"] == "20"
    assert alone == [200] * 10 + [429] * 5
    assert ready.status_code == 200
    part = ready.json()["parts"]["limits"]
    assert part["state"] == "degraded"
    assert "1/2 of each" in part["detail"]
    assert back.json()["ready"] is True
    assert again.headers["x-ratelimit-remaining-requests"] == "19"


def wait_for(
    ask: Callable[[], httpx.Response], holds: Callable[[httpx.Response], Any]
) -> httpx.Response:
    deadline = time.monotonic() + 30
    reply = ask()
    while not holds(reply) and time.monotonic() < deadline:
        time.sleep(0.2)
        reply = ask()
    return reply
