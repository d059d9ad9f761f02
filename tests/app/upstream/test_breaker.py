"""When an endpoint is not asked any longer, and when it is again."""

import asyncio
import logging

import pytest
from prometheus_client import REGISTRY

from app.errors import UpstreamFailed
from app.upstream import breaker as breakers
from app.upstream.breaker import Breaker
from app.upstream.failures import Failure
from tests.reliability.clock import run

BAD = Failure("5xx", UpstreamFailed("status 500"))
UNREACHED = Failure("connect", UpstreamFailed("nobody there"))
REFUSED = Failure("bad_request", UpstreamFailed("no such field"))


def calls(breaker: Breaker, *outcomes: Failure | None) -> None:
    for outcome in outcomes:
        assert breaker.wait == 0
        with breaker.call() as call:
            call.failed(outcome) if outcome else call.answered()


def opened() -> Breaker:
    breaker = Breaker("http://up", number=7)
    calls(breaker, *[UNREACHED] * 5)
    assert breaker.state == "open"
    return breaker


def gauge() -> float | None:
    return REGISTRY.get_sample_value("frontdesk_breaker_state", {"endpoint": "7"})


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        ([UNREACHED] * 4, "closed"),
        ([UNREACHED] * 5, "open"),
        ([UNREACHED] * 4 + [None] + [UNREACHED] * 4, "closed"),
        ([UNREACHED] * 4 + [REFUSED] + [UNREACHED] * 4, "closed"),
        ([BAD] * 19, "closed"),
        ([BAD] * 20, "open"),
        ([None, BAD] * 9 + [None], "closed"),
        ([None, BAD] * 10, "open"),
        ([None] * 11 + [BAD] * 10, "closed"),
        ([None] * 11 + [BAD] * 11, "open"),
        ([REFUSED] * 100, "closed"),
    ],
)
async def test_it_opens_at_half_of_twenty_calls_or_five_that_reached_nobody(
    outcomes: list[Failure | None], state: str
) -> None:
    breaker = Breaker("http://up", number=7)

    calls(breaker, *outcomes)

    assert breaker.state == state
    assert bool(breaker.wait) is (state == "open")


def test_failures_of_more_than_ten_seconds_ago_are_forgotten() -> None:
    async def main() -> None:
        breaker = Breaker("http://up", number=7)
        calls(breaker, *[BAD] * 19)
        await asyncio.sleep(11)
        calls(breaker, *[BAD] * 19)
        assert breaker.state == "closed"

    run(main())


def test_one_call_in_five_seconds_finds_out_whether_it_is_well_again() -> None:
    async def main() -> None:
        breaker = opened()
        await asyncio.sleep(breakers.PAUSE - 0.5)
        assert breaker.wait == pytest.approx(0.5, abs=0.1)
        await asyncio.sleep(1)
        with breaker.call() as probe:
            # All others wait for what the one finds.
            assert breaker.wait > 0
            probe.failed(BAD)
        assert breaker.wait == pytest.approx(breakers.PAUSE, abs=0.1)
        await asyncio.sleep(breakers.PAUSE + 0.1)
        calls(breaker, None)
        assert breaker.state == "closed"
        # What was before is forgotten: one more failure is one.
        calls(breaker, UNREACHED)
        assert breaker.state == "closed"

    run(main())


def test_a_probe_that_its_caller_left_lets_the_next_one_probe() -> None:
    async def main() -> None:
        breaker = opened()
        await asyncio.sleep(breakers.PAUSE + 0.1)
        with pytest.raises(asyncio.CancelledError), breaker.call():
            raise asyncio.CancelledError
        calls(breaker, None)
        assert breaker.state == "closed"

    run(main())


async def test_callers_who_left_count_neither_way() -> None:
    breaker = Breaker("http://up", number=7)

    for _ in range(100):
        with breaker.call():
            pass

    assert breaker.state == "closed"
    calls(breaker, *[BAD] * 19)
    assert breaker.state == "closed"


def test_each_change_of_state_is_one_line_and_the_figure_tells_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger=breakers.__name__)

    async def main() -> None:
        breaker = opened()
        assert gauge() == 2
        for _ in range(3):
            await asyncio.sleep(breakers.PAUSE + 0.1)
            with breaker.call() as probe:
                assert gauge() == 1
                probe.failed(UNREACHED)
        await asyncio.sleep(breakers.PAUSE + 0.1)
        calls(breaker, None)
        assert gauge() == 0

    run(main())

    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 2
    assert "http://up is not asked for now: 5 calls in a row reached nobody" in lines[0]
    assert "nobody there" in lines[0]
    assert lines[1] == "upstream http://up answers again"
