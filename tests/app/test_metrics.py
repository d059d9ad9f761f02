"""What is counted and timed."""

import asyncio
import time

from app import metrics


def lag() -> float:
    text, _ = metrics.exposition()
    name = b"frontdesk_loop_lag_seconds_sum "
    return float(next(r for r in text.splitlines() if r.startswith(name)).split()[1])


async def test_a_loop_that_stood_still_is_told() -> None:
    before = lag()
    watching = asyncio.create_task(metrics.watch_loop())
    await asyncio.sleep(0)

    time.sleep(0.2)  # noqa: ASYNC251 -- stopping the loop is what this is about
    await asyncio.sleep(0.1)

    watching.cancel()
    assert lag() - before > 0.1
