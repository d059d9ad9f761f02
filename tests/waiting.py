"""Waits for what nothing tells of."""

import asyncio
from collections.abc import Callable


async def until(holds: Callable[[], bool], *, seconds: float = 20) -> None:
    """Wait until something holds.

    Raises:
        TimeoutError: It does not come about.
    """
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.005)
