"""Retries are few beside what is asked."""

import asyncio

import pytest

from app.upstream.budget import FLOOR, RetryBudget
from app.upstream.recent import SPAN, Recent
from tests.reliability.clock import run


@pytest.mark.parametrize(
    ("requests", "retries"), [(0, FLOOR), (50, FLOOR), (200, 20), (1000, 100)]
)
async def test_a_tenth_of_the_requests_may_be_retried_and_a_few_in_any_case(
    requests: int, retries: int
) -> None:
    budget = RetryBudget()
    for _ in range(requests):
        budget.asked()

    taken = [budget.take() for _ in range(retries + 5)]

    assert taken == [True] * retries + [False] * 5


def test_what_was_taken_comes_back_after_ten_seconds() -> None:
    async def main() -> None:
        budget = RetryBudget()
        assert [budget.take() for _ in range(FLOOR + 1)][-1] is False
        await asyncio.sleep(SPAN / 2)
        assert not budget.take()
        await asyncio.sleep(SPAN / 2 + 1)
        assert budget.take()

    run(main())


def test_recent_counts_what_was_in_the_span() -> None:
    recent = Recent()
    for second in range(100):
        for _ in range(3):
            recent.add(second + 0.5)

    assert recent.count(99.9) == 3 * SPAN
    assert recent.count(104.0) == 3 * (SPAN - 5)
    assert recent.count(1000.0) == 0
