"""Requests begin when they are due."""

import asyncio
import time
from typing import Any

import pytest

from app.load.pacing import pace
from app.load.runs import Exchange
from tests.app.load.made_runs import exchange, plan


class Asked:
    """Answers after some seconds, and remembers what it was asked."""

    def __init__(self, seconds: float, **given: Any) -> None:
        self.dues: list[float] = []
        self.begins: list[float] = []
        self.kept: list[Exchange] = []
        self.live = self.most = 0
        self._seconds = seconds
        self._given = given

    async def ask(self, number: int, due: float) -> Exchange:
        self.dues.append(due)
        self.begins.append(time.perf_counter())
        self.live += 1
        self.most = max(self.most, self.live)
        await asyncio.sleep(self._seconds)
        self.live -= 1
        return exchange(question=number, **self._given)


async def test_callers_ask_as_often_as_they_may_and_no_more_at_once() -> None:
    asked = Asked(0.01)

    unsent = await pace(plan(concurrency=3, requests=10), asked.ask, asked.kept.append)

    assert sorted(e.question for e in asked.kept) == list(range(10))
    assert (asked.most, unsent) == (3, 0)


async def test_callers_begin_nothing_after_their_time() -> None:
    asked = Asked(0.02)
    start = time.perf_counter()

    await pace(plan(concurrency=2, seconds=0.1), asked.ask, asked.kept.append)

    assert 2 < len(asked.kept) <= 12
    assert max(asked.begins) < start + 0.1


async def test_a_caller_rests_after_an_error() -> None:
    asked = Asked(0.0, error="no connection")

    await pace(plan(concurrency=1, seconds=0.25), asked.ask, asked.kept.append)

    assert len(asked.kept) <= 3


async def test_a_rate_is_kept_whatever_becomes_of_the_answers() -> None:
    asked = Asked(0.3)

    await pace(
        plan(concurrency=100, rate=100, requests=20), asked.ask, asked.kept.append
    )

    gaps = [b - a for a, b in zip(asked.dues, asked.dues[1:], strict=False)]
    assert gaps == [pytest.approx(0.01)] * 19
    assert asked.most > 10
    assert all(b >= d for b, d in zip(asked.begins, asked.dues, strict=True))


async def test_what_waits_for_its_turn_is_due_all_the_same() -> None:
    asked = Asked(0.05)

    await pace(plan(concurrency=1, rate=100, requests=5), asked.ask, asked.kept.append)

    waits = [b - d for b, d in zip(asked.begins, asked.dues, strict=True)]
    assert asked.most == 1
    assert waits[-1] > 0.1


async def test_what_never_had_its_turn_is_counted() -> None:
    asked = Asked(0.3)

    unsent = await pace(
        plan(concurrency=1, rate=100, seconds=0.1), asked.ask, asked.kept.append
    )

    assert len(asked.kept) == 1
    assert unsent == 9
