"""More than the service can do: the most is served, the rest is refused early.

Where the machine has two cores or more, the service has the first, and its upstream and
its callers have the others: a caller that waits for the processor would count its own
wait as the service's. A refusal is timed from when the question was due until its last
byte was read, so what the caller's core takes of it is in there.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.load.fakes import fake_upstream
from tests.reliability.load import (
    Callers,
    Exchange,
    closed_loop,
    open_loop,
    percentile,
    question,
)
from tests.reliability.recording import Figure, Seen
from tests.reliability.sizes import size
from tests.service import Running, running

CORES = sorted(os.sched_getaffinity(0))


@contextlib.contextmanager
def on_cores(cores: list[int]) -> Iterator[None]:
    """Keep this thread, and the processes it starts, to some cores, if there are any."""
    os.sched_setaffinity(0, cores or CORES)
    try:
        yield
    finally:
        os.sched_setaffinity(0, CORES)


@pytest.fixture
def service(sample_home: Path) -> Iterator[Running]:
    with contextlib.ExitStack() as stack:
        stack.enter_context(on_cores(CORES[1:]))
        upstream = fake_upstream(sample_home, first_byte=5, gap=0, pieces=10)
        url = stack.enter_context(upstream)
        with on_cores(CORES[:1]):
            service = stack.enter_context(
                running(
                    sample_home,
                    OPENAI_BASE_URL=url,
                    OPENAI_API_KEY="k",
                    SERVER_CONCURRENCY="4",
                )
            )
        os.sched_setaffinity(0, CORES[1:] or CORES)
        yield service


def codes(exchanges: list[Exchange]) -> dict[int, int]:
    found: dict[int, int] = {}
    for exchange in exchanges:
        found[exchange.status] = found.get(exchange.status, 0) + 1
    return found


@pytest.mark.row(
    "P4",
    "a rush of 150 questions at once",
    "200 or 503 overloaded with Retry-After, nothing else; then all are served",
)
async def test_a_rush_is_served_or_refused_and_leaves_nothing_behind(
    service: Running, seen: Seen
) -> None:  # fmt: skip
    callers = Callers(service.address)

    rush = await asyncio.gather(*(callers.ask(question()) for _ in range(150)))
    live = await callers.ask(method="GET", path="/health/live")
    after = [await callers.ask(question()) for _ in range(5)]
    figures = (await callers.ask(method="GET", path="/metrics")).body.decode()
    await callers.aclose()

    assert codes(rush).keys() == {200, 503}
    assert all(b'"overloaded"' in e.body for e in rush if e.status == 503)
    assert live.status == 200
    assert codes(after) == {200: 5}
    for gauge in ("answers", "searching", "waiting"):
        assert f"frontdesk_{gauge} 0.0" in figures
    refused = sum(
        float(line.rsplit(" ", 1)[1])
        for line in figures.splitlines()
        if line.startswith("frontdesk_overload_refusals_total{")
    )
    assert refused == codes(rush)[503]
    seen(codes(rush))


@pytest.mark.row(
    "P4",
    "3 times what the service can do",
    "nothing but 200 and 503; most of what it can do is served",
)
async def test_three_times_the_capacity_leaves_most_of_it(
    service: Running, seen: Seen, figure: Figure
) -> None:  # fmt: skip
    callers = Callers(service.address)
    seconds = size(4, 20)
    await closed_loop(callers, count=8, seconds=2)
    alone = await closed_loop(callers, count=8, seconds=seconds)
    capacity = codes(alone)[200] / seconds

    start = time.monotonic()
    flood = await open_loop(callers, rate=3 * capacity, seconds=seconds)
    end = start + seconds
    recovery = await recovered(
        callers, usual=percentile([e.seconds for e in alone], 0.5)
    )

    # What came of the first second is left out: until then the queue fills.
    settled = [e for e in flood if e.status == 200 and start + 1 <= e.ended <= end]
    served = len(settled) / (seconds - 1) / capacity
    refusals = [e.seconds for e in flood if e.status == 503]
    answers = [e.seconds for e in flood if e.status == 200]
    late = await refusals_after_waiting(callers)
    await callers.aclose()
    assert codes(flood).keys() <= {200, 503}
    assert served > 0.3
    assert late == 0
    assert percentile(answers, 0.99) < 10
    seen(f"{served:.0%} of {capacity:.0f}/s served, {codes(flood)}")
    apart = "on cores of their own" if len(CORES) > 1 else "on the service's only core"
    figure(
        "served at 3 times the capacity",
        f"{served:.0%} of {capacity:.0f} a second",
        "90 % or more",
    )
    figure(
        "refusals in overload, p50, p95 and p99",
        f"{_milliseconds(refusals, 0.5, 0.95, 0.99)} ms, callers {apart}",
        "50 ms",
    )
    figure(
        "answers in overload, p50 and p95",
        f"{_milliseconds(answers, 0.5, 0.95)} ms, "
        f"{_milliseconds([e.seconds for e in alone], 0.5, 0.95)} ms before",
        "no slower",
    )
    figure("recovery from overload", f"{recovery:.1f} s", "5 s")
    assert recovery < 30


@pytest.mark.row(
    "P4",
    "400 streams at once",
    "each is whole or refused with 503 overloaded; none is 504",
)
async def test_of_400_streams_at_once_each_is_whole_or_refused(
    service: Running, seen: Seen, figure: Figure
) -> None:
    callers = Callers(service.address)
    await closed_loop(callers, count=8, seconds=2)

    rush = await asyncio.gather(
        *(callers.ask(question(stream=True)) for _ in range(400))
    )
    await callers.aclose()

    assert codes(rush).keys() <= {200, 503}
    assert all(b"[DONE]" in e.body for e in rush if e.status == 200)
    assert all(b'"overloaded"' in e.body for e in rush if e.status == 503)
    seen(codes(rush))
    refusals = [e.seconds for e in rush if e.status == 503]
    figure(
        "refusals of 400 streams at once, p50 and p95",
        f"{_milliseconds(refusals, 0.5, 0.95)} ms, 400 connections made meanwhile",
        "-",
    )


def _milliseconds(seconds: list[float], *shares: float) -> str:
    return " / ".join(f"{percentile(seconds, share) * 1000:.0f}" for share in shares)


async def refusals_after_waiting(callers: Callers) -> float:
    """Return how many questions were refused which had been let wait."""
    figures = (await callers.ask(method="GET", path="/metrics")).body.decode()
    name = 'frontdesk_overload_refusals_total{reason="wait"} '
    lines = [line for line in figures.splitlines() if line.startswith(name)]
    return sum(float(line.removeprefix(name)) for line in lines)


async def recovered(callers: Callers, *, usual: float) -> float:
    """Return how long it takes until answers take what they usually do, twice at most."""
    start = time.monotonic()
    good = 0
    while good < 3:
        one = await callers.ask(question())
        good = (
            good + 1 if one.status == 200 and one.seconds < max(2 * usual, 0.1) else 0
        )
        if time.monotonic() - start > 30:
            break
        if not good:
            await asyncio.sleep(0.1)
    return time.monotonic() - start
