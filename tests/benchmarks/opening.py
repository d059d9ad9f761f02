"""What it takes to open a call of the upstream, beside a bare post in the same process.

Answers of one piece, one after the other on a warm connection: what is left is the
request and the head of the answer.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import aiohttp
import msgspec

from app.settings import ChatSettings, UpstreamSettings
from app.upstream.client import Upstream, open_upstream
from tests.benchmarks import serving
from tests.benchmarks.figures import Figure, in_turn, paired

_CALLS = 300
_PROMPT = ({"role": "user", "content": "How do I reset the hub?"},)
_WHAT = "CPU of one upstream call, whole answer", "CPU of one upstream call, streamed"


def measure_opening(*, quick: bool) -> tuple[Figure, ...]:
    """Measure whole answers and streams of one piece; nothing is asked of them."""
    with (
        serving.upstream(first_byte=0, gap=0, pieces=1) as address,
        asyncio.Runner() as runner,
    ):
        settings = UpstreamSettings(base_url=address, api_key="none")
        upstream = runner.run(_opened(settings))
        session = runner.run(_session())

        def way(call: Callable[[], Awaitable[object]]) -> Callable[[], float]:
            return lambda: runner.run(_taken(call))

        ways = [
            way(lambda: _whole(upstream)),
            way(lambda: _bare(session, address, stream=False)),
            way(lambda: _streamed(upstream)),
            way(lambda: _bare(session, address, stream=True)),
        ]
        for one in ways:  # the first calls connect
            one()
        told = in_turn(ways, rounds=1 if quick else 3)
        runner.run(upstream.aclose())
        runner.run(session.close())
    return tuple(
        Figure(
            what=what, unit="µs", ours=middle, baseline="a bare aiohttp post",
            theirs=beside, low=low, high=high,
        )
        for what, (middle, beside, low, high) in zip(
            _WHAT, (paired(told[0], told[1]), paired(told[2], told[3])), strict=True
        )
    )  # fmt: skip


async def _opened(settings: UpstreamSettings) -> Upstream:
    return open_upstream(settings, ChatSettings())


async def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession()


async def _taken(call: Callable[[], Awaitable[object]]) -> float:
    """Return the microseconds of this process's time that one call takes."""
    before = time.process_time()
    for _ in range(_CALLS):
        await call()
    return (time.process_time() - before) / _CALLS * 1e6


async def _whole(upstream: Upstream) -> None:
    await upstream.complete(_PROMPT, {}, model=serving.MODEL)


async def _streamed(upstream: Upstream) -> None:
    stream = await upstream.stream(_PROMPT, {}, model=serving.MODEL)
    try:
        async for _ in stream:
            pass
    finally:
        await stream.aclose()


async def _bare(session: aiohttp.ClientSession, url: str, *, stream: bool) -> None:
    body = {"model": serving.MODEL, "messages": _PROMPT, "stream": stream}
    headers = {"content-type": "application/json"}
    async with session.post(
        f"{url}/chat/completions", data=msgspec.json.encode(body), headers=headers
    ) as answer:
        await answer.read()
