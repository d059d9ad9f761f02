"""A stream of the upstream on a real socket: how it ends, breaks off, is left."""

import asyncio
import time
from typing import Any

import pytest

from app.errors import (
    AnswerTooLong,
    UpstreamBroken,
    UpstreamFailed,
    UpstreamInterrupted,
    UpstreamStalled,
)
from tests.app.upstream.asking import PROMPT, ask, opened
from tests.scripted_upstream import (
    DONE,
    Cut,
    Hold,
    Reply,
    ScriptedUpstream,
    Wait,
    chunk,
    either,
    event,
    spoken,
    written,
)

both = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])

HELLO = event(chunk({"content": "Hello"}))


@pytest.mark.parametrize(
    ("steps", "error"),
    [
        ((HELLO, Cut()), UpstreamInterrupted),
        ((HELLO, Wait(0.2), Cut(reset=True)), UpstreamInterrupted),
        ((HELLO,), UpstreamInterrupted),
        ((HELLO, Hold()), UpstreamStalled),
        ((HELLO, b"data: nonsense\n\n", Hold()), UpstreamBroken),
        ((HELLO, event(chunk({"content": "x" * 2000})), Hold()), AnswerTooLong),
        ((HELLO, event({"error": {"message": "no"}}), Hold()), UpstreamBroken),
    ],
    ids=lambda value: repr(value)[-40:],
)
async def test_a_stream_that_breaks_off_says_how(
    steps: tuple[Any, ...], error: type[Exception]
) -> None:
    with ScriptedUpstream(Reply(steps)) as server:
        async with opened(
            server.url, gap_timeout=0.3, max_answer_bytes=1024
        ) as upstream:
            with pytest.raises(UpstreamFailed) as caught:
                await ask(upstream, stream=True)

        assert type(caught.value) is error
        assert server.wait_until(lambda s: s.answering == 0)


async def test_comments_keep_a_slow_upstream_alive() -> None:
    slow = Reply((b": thinking\n\n", HELLO, event(chunk(finish="stop")), DONE))
    with ScriptedUpstream(slow) as server:
        async with opened(server.url) as upstream:
            assert await ask(upstream, stream=True) == "Hello"


async def test_json_for_a_stream_becomes_a_stream() -> None:
    with ScriptedUpstream(written("Hello")) as server:
        async with opened(server.url) as upstream:
            assert await ask(upstream, stream=True) == "Hello"


async def test_a_stream_for_json_is_refused() -> None:
    with ScriptedUpstream(spoken("Hello")) as server:
        async with opened(server.url) as upstream:
            with pytest.raises(UpstreamBroken):
                await ask(upstream, stream=False)


async def test_usage_and_rest_are_there_after_the_end() -> None:
    with ScriptedUpstream(spoken("Hello")) as server:
        async with opened(server.url) as upstream:
            stream = await upstream.stream(PROMPT, {}, model="m")
            assert [p.finish_reason async for burst in stream for p in burst] == [
                None,
                "stop",
            ]

    assert stream.usage is not None
    assert (stream.usage.prompt, stream.usage.completion) == (10, 5)


@both
async def test_ten_answers_one_after_the_other_take_one_connection(
    stream: bool,
) -> None:
    with ScriptedUpstream(either("Hello")) as server:
        async with opened(server.url) as upstream:
            answers = [await ask(upstream, stream=stream) for _ in range(10)]

        assert answers == ["Hello"] * 10
        assert server.connections == 1


async def test_a_body_that_ends_a_moment_after_done_gives_its_connection_back() -> None:
    late = Reply((*spoken("Hello").steps, Wait(0.01)))
    with ScriptedUpstream(late) as server:
        async with opened(server.url) as upstream:
            answers = [await ask(upstream, stream=True) for _ in range(10)]

        assert answers == ["Hello"] * 10
        assert server.connections == 1


async def test_a_body_that_does_not_end_after_done_holds_nobody_up() -> None:
    endless = Reply((*spoken("Hello").steps, Hold()))
    with ScriptedUpstream(endless) as server:
        async with opened(server.url) as upstream:
            assert await ask(upstream, stream=True) == "Hello"
            left = await asyncio.to_thread(
                server.wait_until, lambda s: s.cancelled == 1
            )

    assert left


@both
async def test_leaving_reaches_the_upstream(stream: bool) -> None:
    steps = (HELLO, Hold()) if stream else ()
    reply = Reply(steps) if stream else Reply(before=(Hold(),))
    with ScriptedUpstream(reply) as server:
        async with opened(server.url) as upstream:
            asking = asyncio.ensure_future(ask(upstream, stream=stream))
            arrived = await asyncio.to_thread(
                server.wait_until, lambda s: s.answering == 1
            )
            start = time.monotonic()
            asking.cancel()
            left = await asyncio.to_thread(
                server.wait_until, lambda s: s.cancelled == 1
            )

    assert arrived
    assert left
    assert time.monotonic() - start < 1
