"""How long an answer is waited for, by the true defaults, on a clock that jumps."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from app.errors import (
    AnswerTooLong,
    UpstreamFailed,
    UpstreamStalled,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from app.settings import ChatSettings
from tests.app.upstream.asking import ask, opened
from tests.reliability.clock import run
from tests.reliability.recording import Seen
from tests.reliability.upstreams import END, HELLO
from tests.scripted_socket import Reply, Wait, read_request, send
from tests.scripted_upstream import DONE, refused, written

DEFAULT = ChatSettings()

Answer = Callable[[int], Reply]
"""Returns the reply to the request of a number, from 0."""


@asynccontextmanager
async def upstream_in_this_loop(
    answer: Answer,
) -> AsyncIterator[tuple[str, list[float]]]:
    """Serve an upstream on the loop whose clock jumps; yields address and calls."""
    loop, calls = asyncio.get_running_loop(), list[float]()

    async def connected(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            while True:
                await read_request(reader)
                calls.append(loop.time())
                if not await send(answer(len(calls) - 1), writer):
                    break
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", calls
    finally:
        server.close()


def after(answer: Answer, *, stream: bool) -> tuple[str, float, list[float]]:
    """Ask; return the answer or the error's class, and after how many seconds."""

    async def main() -> tuple[str, float, list[float]]:
        async with (
            upstream_in_this_loop(answer) as (url, calls),
            opened(url) as upstream,
        ):
            loop = asyncio.get_running_loop()
            start = loop.time()
            try:
                said = await ask(upstream, stream=stream)
            except UpstreamFailed as error:
                said = type(error).__name__
            return said, loop.time() - start, [call - start for call in calls]

    return run(main())


def late(seconds: float) -> Reply:
    return Reply((HELLO, END, DONE), before=(Wait(seconds),))


@pytest.mark.row("U10", "first byte after 70 s, the defaults", "504 after 60 s, 1 try")
def test_no_first_byte_is_told_after_a_minute(seen: Seen) -> None:
    said, took, calls = after(lambda _: late(70), stream=True)

    seen(f"{said} after {took:.0f} s, {len(calls)} try")
    assert said == UpstreamTimeout.__name__
    assert took == pytest.approx(DEFAULT.first_byte_timeout, abs=1)
    assert len(calls) == 1


def test_a_first_byte_after_50_seconds_is_waited_for() -> None:
    said, took, _ = after(lambda _: late(50), stream=True)

    assert said == "Hello"
    assert took == pytest.approx(50, abs=1)


@pytest.mark.row("U11", "silence of 40 s, the defaults", "UpstreamStalled after 30 s")
def test_silence_in_mid_answer_is_told_after_half_a_minute(seen: Seen) -> None:
    said, took, _ = after(lambda _: Reply((HELLO, Wait(40), END, DONE)), stream=True)

    seen(f"{said} after {took:.0f} s")
    assert said == UpstreamStalled.__name__
    assert took == pytest.approx(DEFAULT.gap_timeout, abs=1)


def test_the_whole_of_a_stream_counts_from_when_it_was_asked_for() -> None:
    steps = (HELLO, *[step for _ in range(40) for step in (Wait(20), HELLO)])

    said, took, _ = after(lambda _: Reply(steps, before=(Wait(50),)), stream=True)

    assert said == AnswerTooLong.__name__
    assert took == pytest.approx(DEFAULT.total_timeout, abs=1)


def test_a_whole_answer_has_ten_minutes() -> None:
    slow, slower = written("Hello"), written("Hello")
    quick = after(
        lambda _: Reply(slow.steps, 200, slow.headers, (Wait(500),)), stream=False
    )
    late = after(
        lambda _: Reply(slower.steps, 200, slower.headers, (Wait(700),)), stream=False
    )

    assert quick[0] == "Hello"
    assert late[0] == UpstreamTimeout.__name__
    assert late[1] == pytest.approx(DEFAULT.total_timeout, abs=1)


def test_a_whole_answer_that_trickles_has_ten_minutes_as_well() -> None:
    steps = tuple(step for _ in range(100) for step in (b" ", Wait(20)))
    json = {"content-type": "application/json"}

    said, took, calls = after(lambda _: Reply(steps, 200, json), stream=False)

    assert said == UpstreamTimeout.__name__
    assert took == pytest.approx(DEFAULT.total_timeout, abs=1)
    assert len(calls) == 1


def test_retries_do_not_move_the_deadline() -> None:
    def answer(number: int) -> Reply:
        # Refused after a second, twice, then silent.
        if number < 2:
            return Reply((), 503, before=(Wait(1),))
        return late(100)

    said, took, calls = after(answer, stream=True)

    assert said == UpstreamTimeout.__name__
    assert took == pytest.approx(DEFAULT.first_byte_timeout, abs=1)
    assert len(calls) == 3


@pytest.mark.parametrize(
    ("stream", "wait", "obeyed"),
    [(True, 5, True), (True, 7, False), (False, 9, True), (False, 11, False)],
)
def test_what_an_upstream_asks_to_wait_is_obeyed_up_to_a_limit(
    stream: bool, wait: int, obeyed: bool
) -> None:
    def answer(number: int) -> Reply:
        busy = refused(429, "x", retry_after=str(wait))
        return busy if number == 0 else (late(0) if stream else written("Hello"))

    said, took, calls = after(answer, stream=stream)

    assert (said == "Hello") is obeyed
    assert len(calls) == 1 + obeyed
    # Never sooner than asked, and a tenth later at most.
    assert wait <= took <= wait * 1.1 + 1 if obeyed else took < 1


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_waits_that_nobody_asked_for_are_short_and_random(stream: bool) -> None:
    waits: list[list[float]] = []
    for _ in range(10):
        said, _, calls = after(lambda _: refused(503, "x"), stream=stream)
        assert said == UpstreamUnavailable.__name__
        waits.append([b - a for a, b in pairwise(calls)])

    first, second = zip(*waits, strict=True)
    # Of ten at random, all near the longest are as good as impossible.
    assert 0.19 <= min(first) < 0.9
    assert max(first) < 2
    assert 0.19 <= min(second) < 1.8
    assert max(second) < 3
