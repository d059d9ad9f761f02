"""Callers leave at any moment: the upstream is not kept at work for nobody."""

import asyncio
import random
import time
from typing import Any

import httpx
import pytest

from tests.app.api.relaying import QUESTION
from tests.reliability.recording import Figure, Seen
from tests.reliability.sizes import SEED, size
from tests.reliability.upstreams import HELLO, bad, desk, row
from tests.scripted_upstream import (
    Hold,
    Recorded,
    Reply,
    Script,
    ScriptedUpstream,
    Wait,
    refused,
)

MOMENTS = size(30, 200)


def slow(request: Recorded) -> Reply:
    """Answer for ever: after a while, piece by piece, as a stream or whole."""
    pace = Wait(0.02)
    if request.body.get("stream"):
        steps = tuple(step for _ in range(500) for step in (pace, HELLO))
        return Reply((*steps, Hold()), before=(Wait(0.1),))
    return Reply(
        (b" ", Hold()), 200, {"content-type": "application/json"}, (Wait(0.1),)
    )


async def leave(address: str, *, stream: bool, after: float) -> None:
    """Ask, and leave after some seconds."""
    body: dict[str, Any] = {"model": "m", "messages": QUESTION, "stream": stream}
    async with httpx.AsyncClient(timeout=30) as client:
        asking = asyncio.ensure_future(
            client.post(f"{address}/v1/chat/completions", json=body)
        )
        await asyncio.wait({asking}, timeout=after)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_leaving_at_any_moment_reaches_the_upstream_in_a_second(
    stream: bool, figure: Figure
) -> None:
    dice, reached, longest = random.Random(SEED), 0, 0.0

    with bad(slow) as (address, upstream):
        for _ in range(MOMENTS // 2):
            asyncio.run(leave(address, stream=stream, after=dice.uniform(0, 0.4)))
            start = time.monotonic()
            reached += upstream.wait_until(lambda u: u.answering == 0, seconds=1)
            longest = max(longest, time.monotonic() - start)
        # Nor does one arrive after its caller left.
        time.sleep(0.5)
        assert upstream.answering == 0

    kind = "streams" if stream else "plain calls"
    figure(
        f"callers of {kind} who left, told to the upstream within 1 s",
        f"{reached} of {MOMENTS // 2}, {longest:.2f} s at most",
        "all, 1 s",
    )
    assert reached == MOMENTS // 2


@pytest.mark.parametrize(
    ("expected", "script", "seconds", "stream"),
    [
        row("C1", "before the head, a stream", "dropped", Reply(before=(Hold(),)), 0.4, True),
        row("C1", "before the head, a plain call", "dropped", Reply(before=(Hold(),)), 0.4,
            False),
        row("C1", "before the first byte, a stream", "dropped", Reply((Hold(),)), 0.4, True),
        row("C1", "in the middle of a stream", "dropped", Reply((HELLO, Hold())), 0.4, True),
        row("C1", "in the middle of a plain call", "dropped",
            Reply((b" ", Hold()), 200, {"content-type": "application/json"}), 0.4, False),
    ],
)  # fmt: skip
def test_whoever_leaves_takes_the_upstreams_work_along(
    expected: str, script: Script, seconds: float, stream: bool, seen: Seen
) -> None:
    with bad(script) as (address, upstream):
        asyncio.run(leave(address, stream=stream, after=seconds))
        dropped = upstream.wait_until(lambda u: u.cancelled == 1, seconds=1)

    seen("dropped" if dropped else "still at work after 1 s")
    assert dropped
    assert len(upstream.requests) == 1


@pytest.mark.row("C1", "while a retry is waited for", "no second request")
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_whoever_leaves_while_a_retry_is_waited_for_is_not_asked_for(
    stream: bool, seen: Seen
) -> None:
    busy = refused(429, "x", retry_after="2")
    with bad(busy, first_byte_timeout=20.0) as (address, upstream):
        asyncio.run(leave(address, stream=stream, after=0.7))
        # Longer than the wait that was asked for.
        time.sleep(2.5)

    seen(f"{len(upstream.requests)} request")
    assert len(upstream.requests) == 1


@pytest.mark.row(
    "C1", "while another endpoint is asked", "dropped, nobody else is asked"
)
def test_whoever_leaves_during_a_failover_takes_the_work_along(seen: Seen) -> None:
    with (
        ScriptedUpstream(refused(500, "x")) as first,
        ScriptedUpstream(Reply(before=(Hold(),))) as second,
        ScriptedUpstream(Reply(before=(Hold(),))) as third,
        desk(first.url, second.url, third.url, first_byte_timeout=20.0) as address,
    ):
        asyncio.run(leave(address, stream=True, after=0.7))
        dropped = second.wait_until(lambda u: u.cancelled == 1, seconds=1)

    seen("dropped" if dropped else "still at work after 1 s")
    assert dropped
    assert (len(first.requests), len(third.requests)) == (1, 0)
