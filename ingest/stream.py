"""Stages of a stream that work at the same time, a bounded number of items apart."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


async def ahead(source: AsyncGenerator[T], *, most: int) -> AsyncGenerator[T]:
    """Yield what `source` yields, which goes on meanwhile.

    Args:
        source: The stage before; closed when this one is.
        most: Items that are being made, or made and not yet taken, at least 1.
    """
    room = asyncio.Semaphore(most)
    made: asyncio.Queue[list[T]] = asyncio.Queue()

    async def fill() -> None:
        try:
            await room.acquire()
            async for item in source:
                made.put_nowait([item])
                await room.acquire()
        finally:
            made.put_nowait([])

    filling = asyncio.create_task(fill())
    try:
        while item := await made.get():
            room.release()
            yield item[0]
        await filling
    finally:
        filling.cancel()
        await asyncio.gather(filling, return_exceptions=True)
        await source.aclose()


async def side_by_side(
    source: AsyncGenerator[T], work: Callable[[T], Awaitable[R]], *, most: int
) -> AsyncGenerator[R]:
    """Yield what `work` makes of each item, in order, of several at the same time.

    Args:
        source: The stage before; closed when this one is.
        work: What is done with an item.
        most: Items that are worked on, or done and not yet taken, at least 1.
    """
    started: deque[asyncio.Future[R]] = deque()
    try:
        async with aclosing(source):
            async for item in source:
                started.append(asyncio.ensure_future(work(item)))
                if len(started) == most:
                    yield await started.popleft()
        while started:
            yield await started.popleft()
    finally:
        for one in started:
            one.cancel()
        await asyncio.gather(*started, return_exceptions=True)
