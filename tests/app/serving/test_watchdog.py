"""A loop that stands still is measured, counted and told with what holds it."""

import asyncio
import io
import time

import msgspec

from app import logs, metrics
from app.serving.watchdog import Watchdog


def figure_of(name: str) -> float:
    text, _ = metrics.exposition()
    line = next(r for r in text.splitlines() if r.startswith(name.encode() + b" "))
    return float(line.split()[1])


def held_by_a_computation(seconds: float) -> None:
    until = time.thread_time() + seconds
    while time.thread_time() < until: pass  # fmt: skip # noqa: E701 - one place


async def told(*stalls: float, rest: float) -> list[dict[str, object]]:
    """Return the lines of the log about a loop that stood still for `stalls`."""
    written = io.StringIO()
    with logs.logging_to(written, "warning"):
        async with Watchdog(stall=0.2, rest=rest).watching():
            for seconds in stalls:
                await asyncio.sleep(0.15)
                held_by_a_computation(seconds)
            await asyncio.sleep(0.15)
    lines = written.getvalue().splitlines()
    return [msgspec.json.decode(line) for line in lines]


async def test_a_loop_that_stood_still_is_told_with_what_held_it() -> None:
    lag = figure_of("frontdesk_loop_lag_seconds_sum")
    stalls = figure_of("frontdesk_loop_stalls_total")

    (line,) = await told(0.6, rest=60)

    assert figure_of("frontdesk_loop_lag_seconds_sum") - lag > 0.4
    assert figure_of("frontdesk_loop_stalls_total") - stalls >= 1
    assert "held_by_a_computation" in str(line["frames"])
    assert 0.05 < float(str(line["cpu"])) < 0.7


async def test_every_stall_is_counted_and_not_every_one_told() -> None:
    stalls = figure_of("frontdesk_loop_stalls_total")

    lines = await told(0.5, 0.5, 0.5, rest=60)

    assert len(lines) == 1
    assert figure_of("frontdesk_loop_stalls_total") - stalls >= 3


async def test_a_loop_that_runs_is_not_told() -> None:
    tries = 0
    while await told(0.0, 0.0, rest=0):
        # The machine itself may stand still now and then.
        tries += 1
        assert tries < 20, "a loop that runs is told of as standing still"
