"""Waits for what nothing tells of."""

import asyncio
import subprocess
import time
from collections.abc import Callable


async def until(holds: Callable[[], bool], *, seconds: float = 20) -> None:
    """Wait until something holds.

    Raises:
        TimeoutError: It does not come about.
    """
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.005)


def until_or_over(
    holds: Callable[[], bool], process: "subprocess.Popen[str]", *, seconds: float = 60
) -> None:
    """Wait until something holds or the process is over; both come soon."""
    deadline = time.monotonic() + seconds
    while not holds() and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.0005)
