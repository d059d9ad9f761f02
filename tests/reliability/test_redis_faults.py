"""What comes of a Redis that is away, slow, broken, emptied or full: R1 to R3."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import redis as redis_client
from msgspec import Struct

from app.access.scripts import RENEW, RESERVE, SETTLE
from tests.redis_server import OwnRedis, own_redis
from tests.reliability.desks import Desk, desk, told
from tests.reliability.faultproxy import Fault, FaultProxy, faulty
from tests.reliability.recording import Seen, each_row

LIMIT, REPLICAS = 60, 3
TIMEOUT = 0.2

SHARED = {
    "LIMITS_REPLICAS": str(REPLICAS),
    "REDIS_TIMEOUT": str(TIMEOUT),
    "TENANT_LIMIT_REQUESTS_PER_MINUTE": str(LIMIT),
}


class Counting(Struct, frozen=True):
    """A service, its Redis, and the way there."""

    desk: Desk
    redis: OwnRedis
    way: FaultProxy

    def mend(self) -> float:
        """Mend everything, forget what was counted; return the seconds it took."""
        self.way.mend()
        seconds = self.desk.until(lambda: self.desk.part("limits")[0] == "up")
        with closing(redis_client.Redis.from_url(self.redis.url)) as own:
            own.config_set("maxmemory", "0")
            own.flushdb()
        return seconds

    def burst(self) -> tuple[int, set[int], float]:
        """Ask more than is allowed; return what passed, the statuses, the slowest."""
        statuses, slowest = [], 0.0
        for _ in range(LIMIT // REPLICAS + 15):
            started = time.monotonic()
            statuses.append(self.desk.http.get("/v1/models").status_code)
            slowest = max(slowest, time.monotonic() - started)
        return statuses.count(200), set(statuses), slowest


@pytest.fixture(scope="module")
def opened(
    sample_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Counting]:
    home = tmp_path_factory.mktemp("redis")
    with own_redis() as redis:
        port = int(redis.url.rsplit(":", 1)[1].split("/")[0])
        with (
            faulty("127.0.0.1", port) as way,
            desk(
                sample_home,
                REDIS_URL=f"redis://127.0.0.1:{way.port}/0",
                DATABASE_URL=f"sqlite:///{home / 'frontdesk.db'}",
                **SHARED,
            ) as served,
        ):
            yield Counting(served, redis, way)


@pytest.fixture
def counting(opened: Counting) -> Counting:
    opened.mend()
    return opened


BROKEN = {
    "down": Fault(refuse=True),
    "reset": Fault(refuse=True, reset=True),
    "slow: 0.5 s": Fault(delay=0.5),
    "silent: bytes vanish": Fault(blackhole=True),
    "ends in mid-answer, RST": Fault(cut_after=3, reset=True),
    "answers garbage": Fault(garbage=True),
}


@each_row(
    "R1", "fault", BROKEN,
    "its part of the limit passes, the rest is 429, no 5xx, nobody waits; degraded; "
    "back by itself",
)  # fmt: skip
def test_without_redis_limits_are_kept_to_a_part(
    counting: Counting, fault: Fault, seen: Seen
) -> None:
    # Where another fault was tried in the same minute, its part is used up already.
    counting.way.become(fault)
    passed, statuses, slowest = counting.burst()
    state = counting.desk.part("limits")[0]
    back = counting.mend()

    seen(
        f"{passed} of {LIMIT} passed, statuses {sorted(statuses)}, slowest {slowest:.2f} s, "
        f"back in {back:.1f} s"
    )
    assert statuses <= {200, 429}
    assert passed <= LIMIT // REPLICAS + 1
    assert slowest < 2
    assert state == "degraded"
    assert back < 10


def repeated(served: Desk) -> str:
    reply = served.http.post(
        "/v1/chat/completions",
        json={"model": "frontdesk", "messages": [{"role": "user", "content": "Hi"}]},
        headers={"idempotency-key": "once"},
    )
    return str(reply.json().get("id", reply.status_code))


@pytest.mark.row("R1", "down", "a repeated request gets its first answer all the same")
@pytest.mark.row(
    "R1", "down at the start", "the service starts, degraded, and finds it"
)
@pytest.mark.row("R1", "an outage", "two lines in the log, whatever is asked")
def test_a_service_starts_without_redis(
    sample_home: Path, tmp_path: Path, seen: Seen
) -> None:
    with own_redis() as redis:
        redis.kill()
        url = f"sqlite:///{tmp_path / 'frontdesk.db'}"
        with desk(
            sample_home, REDIS_URL=redis.url, DATABASE_URL=url, **SHARED
        ) as served:
            early = served.part("limits")[0]
            asked, first = told(served.ask()), repeated(served)
            for _ in range(10):
                served.listed()
            redis.start()
            back = served.until(lambda: served.part("limits")[0] == "up")
            served.until(lambda: served.changes("limits")[-1:] == ["up"])
            again = repeated(served)
            changes = served.changes("limits")
    seen(f"{early}; asked {asked}; back in {back:.1f} s; lines: {', '.join(changes)}")
    assert (early, asked, changes) == ("degraded", "200", ["degraded", "up"])
    assert first == again
    assert first.startswith("chatcmpl-")


@pytest.mark.row(
    "R2", "flushed", "limits begin anew; a repeated request gets its answer"
)
def test_a_flushed_redis_begins_anew_and_a_repeated_request_is_known(
    counting: Counting, seen: Seen
) -> None:
    with closing(redis_client.Redis.from_url(counting.redis.url)) as own:
        first = repeated(counting.desk)
        before = len(own.keys("*"))
        own.flushdb()
        flushed = repeated(counting.desk)
        passed = counting.burst()[0]
        own.flushdb()
        again = counting.burst()[0]
    seen(f"same answer: {first == flushed}; {passed} and {again} passed")
    assert first == flushed
    assert first.startswith("chatcmpl-")
    assert before > 0
    assert passed == again


@pytest.mark.row("R2", "full, evicting nothing", "never more than the limit, no 5xx")
def test_a_redis_without_room_lets_nobody_over_a_limit(
    counting: Counting, seen: Seen
) -> None:
    with closing(redis_client.Redis.from_url(counting.redis.url)) as own:
        own.config_set("maxmemory-policy", "noeviction")
        own.config_set("maxmemory", "1")
        bursts = [counting.burst() for _ in range(3)]
    passed = sum(burst[0] for burst in bursts)
    statuses = {status for burst in bursts for status in burst[1]}
    seen(f"{passed} of {LIMIT} passed, statuses {sorted(statuses)}")
    assert statuses <= {200, 429}
    assert passed <= LIMIT


@pytest.mark.row("R2", "full, evicting all", "limits may begin anew, no 5xx")
def test_a_redis_that_evicts_is_no_fault_of_a_request(
    counting: Counting, seen: Seen
) -> None:
    with closing(redis_client.Redis.from_url(counting.redis.url)) as own:
        own.config_set("maxmemory-policy", "allkeys-random")
        own.config_set("maxmemory", "1")
        passed, statuses, _ = counting.burst()
    seen(f"{passed} passed, statuses {sorted(statuses)}")
    assert statuses <= {200, 429}


@pytest.mark.row("R3", "clocks differ", "only the clock of Redis is read")
def test_no_clock_but_that_of_redis_enters_a_count(seen: Seen) -> None:
    # What a service tells are names, amounts and a lease's length; no moment.
    for script in (RESERVE, SETTLE, RENEW):
        assert "redis.call('TIME')" in script
    source = Path("app/access/redis_ledger.py").read_text(encoding="utf-8")
    seen("three scripts read TIME; what calls them reads no clock")
    assert "import time" not in source
    assert "datetime" not in source
