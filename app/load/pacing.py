"""Begins requests: by callers that wait for their answer, or at a rate that does not.

Callers are a closed loop: a service that stands still is asked less. A rate is an
open one: requests are due whatever becomes of the earlier ones.
"""

import asyncio
import itertools
import math
import time
from collections.abc import Awaitable, Callable

from app.load.runs import Exchange, Plan

Ask = Callable[[int, float], Awaitable[Exchange]]
"""Asks the request of a number, due at a moment of `time.perf_counter`."""

Keep = Callable[[Exchange], None]
"""Takes an exchange that has ended."""

_APART, _RAMP = 0.001, 1.0
"""Seconds between the starts of two callers, and most for all of them."""

_REST = 0.1
"""Seconds a caller rests after an error: a service that is down is not hammered."""


async def pace(plan: Plan, ask: Ask, keep: Keep) -> int:
    """Ask as `plan` says until its bounds are reached and all answers have ended.

    Being cancelled ends all requests that are live.

    Returns:
        Requests that were due and never sent.
    """
    if plan.rate is None:
        await _callers(plan, ask, keep)
        return 0
    return await _at_rate(plan, plan.rate, ask, keep)


async def _callers(plan: Plan, ask: Ask, keep: Keep) -> None:
    numbers = itertools.count()
    most = math.inf if plan.requests is None else plan.requests
    end = _end(plan, time.perf_counter())

    async def caller(after: float) -> None:
        # One after the other: a rush of connections would measure the rush.
        await asyncio.sleep(after)
        while time.perf_counter() < end and (number := next(numbers)) < most:
            exchange = await ask(number, time.perf_counter())
            keep(exchange)
            if exchange.error:
                await asyncio.sleep(_REST)

    count = int(min(plan.concurrency, most))
    apart = min(_APART, _RAMP / count)
    async with asyncio.TaskGroup() as group:
        for place in range(count):
            group.create_task(caller(place * apart))


async def _at_rate(plan: Plan, rate: float, ask: Ask, keep: Keep) -> int:
    live = asyncio.Semaphore(plan.concurrency)
    start = time.perf_counter()
    end = _end(plan, start)
    unsent = 0

    async def request(number: int, due: float) -> None:
        nonlocal unsent
        async with live:
            if time.perf_counter() < end:
                keep(await ask(number, due))
            else:
                unsent += 1

    async with asyncio.TaskGroup() as group:
        for number in itertools.count():
            due = start + number / rate
            if due >= end or (plan.requests is not None and number >= plan.requests):
                break
            await _until(due)
            group.create_task(request(number, due))
    return unsent


def _end(plan: Plan, start: float) -> float:
    return math.inf if plan.seconds is None else start + plan.seconds


async def _until(due: float) -> None:
    # The loop's timers know whole milliseconds only, and may be early.
    while (left := due - time.perf_counter()) > 0:  # noqa: ASYNC110 - time is no event
        await asyncio.sleep(max(left, 0.001))
