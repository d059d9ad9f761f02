"""More than the service can do: the most is served, the rest is refused early."""

import asyncio
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


@pytest.fixture
def service(sample_home: Path) -> Iterator[Running]:
    upstream = fake_upstream(sample_home, first_byte=5, gap=0, pieces=10)
    with upstream as url, running(
        sample_home, OPENAI_BASE_URL=url, OPENAI_API_KEY="k", SERVER_CONCURRENCY="4"
    ) as service:  # fmt: skip
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
    await callers.aclose()

    served = sum(e.status == 200 and e.ended <= end for e in flood) / seconds / capacity
    refusals = [e.seconds for e in flood if e.status == 503]
    answers = [e.seconds for e in flood if e.status == 200]
    assert codes(flood).keys() <= {200, 503}
    assert served > 0.3
    assert percentile(answers, 0.99) < 10
    seen(f"{served:.0%} of {capacity:.0f}/s served, {codes(flood)}")
    figure(
        "served at 3 times the capacity",
        f"{served:.0%} of {capacity:.0f} a second",
        "90 % or more",
    )
    figure(
        "refusals in overload, p50 and p95",
        f"{percentile(refusals, 0.5) * 1000:.0f} and {percentile(refusals, 0.95) * 1000:.0f} ms (callers and service share the processor)",
        "50 ms",
    )
    figure(
        "answers in overload, p95",
        f"{percentile(answers, 0.95) * 1000:.0f} ms, {percentile([e.seconds for e in alone], 0.95) * 1000:.0f} ms before",
        "no slower",
    )
    figure("recovery from overload", f"{recovery:.1f} s", "5 s")  # fmt: skip
    assert recovery < 30


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
