"""Stages that work at the same time keep order, stay near each other and end together."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from ingest.stream import ahead, side_by_side


class Source:
    """Counts to `end`, and remembers how far it came and whether it was closed."""

    def __init__(self, end: int, *, broken_at: int = -1) -> None:
        self.made = 0
        self.closed = False
        self._end, self._broken_at = end, broken_at

    async def numbers(self) -> AsyncGenerator[int]:
        try:
            for number in range(self._end):
                if number == self._broken_at:
                    raise OSError("no space")
                await asyncio.sleep(0)
                self.made += 1
                yield number
        finally:
            self.closed = True


async def settled() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def test_what_is_made_ahead_comes_in_order() -> None:
    source = Source(20)

    found = [number async for number in ahead(source.numbers(), most=3)]

    assert found == list(range(20))
    assert source.closed


async def test_a_stage_goes_on_while_the_next_works_and_no_further_than_it_may() -> (
    None
):
    source = Source(100)
    async with aclosing(ahead(source.numbers(), most=3)) as numbers:
        first = await anext(numbers)
        await settled()

        assert (first, source.made) == (0, 4)


async def test_work_side_by_side_comes_in_the_order_of_its_items() -> None:
    async def slower_the_smaller(number: int) -> int:
        await asyncio.sleep(0.02 / (number + 1))
        return number

    source = Source(10)

    stage = side_by_side(source.numbers(), slower_the_smaller, most=4)

    assert [number async for number in stage] == list(range(10))


async def test_no_more_is_worked_on_at_once_than_may_be() -> None:
    working, most = 0, 0

    async def work(number: int) -> int:
        nonlocal working, most
        working += 1
        most = max(most, working)
        await asyncio.sleep(0.001)
        working -= 1
        return number

    async for _ in side_by_side(Source(30).numbers(), work, most=4):
        pass

    assert most == 4


async def test_what_breaks_a_stage_reaches_the_last_after_what_was_made_before() -> (
    None
):
    source = Source(10, broken_at=5)
    stage = ahead(ahead(source.numbers(), most=2), most=2)

    assert [await anext(stage) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(OSError, match="no space"):
        await anext(stage)
    assert source.closed


async def test_who_leaves_the_last_stage_ends_all_of_them() -> None:
    async def work(number: int) -> int:
        await asyncio.sleep(3600 if number else 0)
        return number

    source = Source(100)
    stage = ahead(side_by_side(ahead(source.numbers(), most=1), work, most=4), most=1)
    async with asyncio.timeout(5), aclosing(stage) as numbers:
        async for _ in numbers:
            break

    assert source.closed
    assert len(asyncio.all_tasks()) == 1
