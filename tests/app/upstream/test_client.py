"""The upstream on a real socket: refusals, retries, endpoints, limits, leaving."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.errors import (
    AnswerTooLong,
    UpstreamBroken,
    UpstreamBusy,
    UpstreamFailed,
    UpstreamInterrupted,
    UpstreamRefused,
    UpstreamRejected,
    UpstreamStalled,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from app.messages import JSON
from app.settings import ChatSettings, UpstreamSettings
from app.upstream.client import Upstream, open_upstream
from tests.scripted_upstream import (
    DONE,
    Cut,
    Hold,
    Reply,
    Script,
    ScriptedUpstream,
    answered,
    chunk,
    either,
    event,
    refused,
    spoken,
    written,
)

PROMPT: Sequence[JSON] = ({"role": "user", "content": "Hi"},)


@asynccontextmanager
async def opened(*urls: str, **chat: Any) -> AsyncIterator[Upstream]:
    settings = UpstreamSettings(base_url=", ".join(urls), api_key="k1")
    upstream = open_upstream(settings, ChatSettings(**chat))
    try:
        yield upstream
    finally:
        await upstream.aclose()


async def ask(upstream: Upstream, *, stream: bool, **parameters: Any) -> str:
    if not stream:
        completion = await upstream.complete(PROMPT, parameters, model="m")
        return completion.choices[0].content or ""
    pieces = await upstream.stream(PROMPT, parameters, model="m")
    try:
        return "".join([piece.content async for piece in pieces])
    finally:
        await pieces.aclose()


both = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


@both
async def test_the_request_arrives_as_it_was_meant(stream: bool) -> None:
    tools = [{"type": "function", "function": {"name": "f", "strict": True}}]
    with ScriptedUpstream(either("Hello")) as server:
        async with opened(server.url) as upstream:
            said = await ask(upstream, stream=stream, tools=tools, seed=7)

    request = server.requests[0]
    assert said == "Hello"
    assert request.path == "/v1/chat/completions"
    assert request.body["messages"] == list(PROMPT)
    assert (request.body["tools"], request.body["seed"]) == (tools, 7)
    assert request.body.get("stream", False) is stream
    assert request.headers["authorization"] == "Bearer k1"
    assert request.headers["accept-encoding"] == "identity"


@both
@pytest.mark.parametrize(
    ("reply", "error", "requests"),
    [
        (refused(401, "invalid_api_key"), UpstreamRefused, 1),
        (refused(403, "forbidden"), UpstreamRefused, 1),
        (refused(404, "model_not_found"), UpstreamFailed, 1),
        (refused(400, "invalid_value"), UpstreamRejected, 1),
        (answered({"detail": "no"}, 422), UpstreamRejected, 1),
        (refused(429, "slow_down", retry_after="120"), UpstreamBusy, 1),
        (refused(429, "slow_down", retry_after_ms="1"), UpstreamBusy, 3),
        (refused(429, "insufficient_quota"), UpstreamUnavailable, 1),
        (refused(500, "x", retry_after="0"), UpstreamFailed, 3),
        (refused(503, "x", retry_after="0"), UpstreamUnavailable, 3),
        (answered("<html>", 529, retry_after="0"), UpstreamUnavailable, 3),
        (refused(302, "x", location="http://127.0.0.1:9/v1"), UpstreamFailed, 1),
        (answered({}, 200, content_encoding="gzip"), UpstreamBroken, 1),
        (answered({"error": {"message": "no"}}), UpstreamBroken, 1),
        (answered({"detail": "no"}), UpstreamBroken, 1),
        (Reply((b"<html>",), 200, {"content-type": "text/html"}), UpstreamBroken, 1),
        (Reply((event({"error": {"message": "no"}}), DONE)), UpstreamBroken, 1),
        (Reply(before=(Cut(),)), UpstreamUnavailable, 3),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_a_refusal_has_its_own_error_and_number_of_tries(
    reply: Script, error: type[Exception], requests: int, stream: bool
) -> None:
    with ScriptedUpstream(reply) as server:
        async with opened(server.url) as upstream:
            with pytest.raises(UpstreamFailed) as caught:
                await ask(upstream, stream=stream)

    assert type(caught.value) is error
    assert len(server.requests) == requests


async def test_a_long_wait_is_passed_on() -> None:
    with ScriptedUpstream(refused(429, "slow_down", retry_after="120")) as server:
        async with opened(server.url) as upstream:
            with pytest.raises(UpstreamBusy) as caught:
                await ask(upstream, stream=True)

    assert caught.value.retry_after == 120


async def test_an_error_with_an_endless_body_is_cut_short() -> None:
    endless = Reply((b"x" * 100_000, Hold()), 500, {"retry-after": "0"})
    with ScriptedUpstream(endless, either("Hello")) as server:
        async with opened(server.url) as upstream:
            assert await ask(upstream, stream=True) == "Hello"


@both
async def test_a_failure_before_the_first_byte_is_tried_again(stream: bool) -> None:
    script = (refused(500, "x", retry_after="0"), Reply(before=(Cut(reset=True),)))
    with ScriptedUpstream(*script, either("Hello")) as server:
        async with opened(server.url) as upstream:
            assert await ask(upstream, stream=stream) == "Hello"


async def test_nobody_listening_is_unavailable() -> None:
    with ScriptedUpstream(either("x")) as server:
        url = server.url
    async with opened(url) as upstream:
        with pytest.raises(UpstreamUnavailable):
            await ask(upstream, stream=False)

        assert upstream.state()[0] == "degraded"


@both
async def test_of_two_endpoints_the_living_one_answers(stream: bool) -> None:
    with ScriptedUpstream(either("x")) as gone:
        dead = gone.url
    with ScriptedUpstream(either("Hello")) as server:
        async with opened(dead, server.url) as upstream:
            answers = [await ask(upstream, stream=stream) for _ in range(20)]

    assert answers == ["Hello"] * 20


async def test_an_endpoint_that_does_not_take_the_key_is_passed_over() -> None:
    with (
        ScriptedUpstream(refused(401, "invalid_api_key")) as first,
        ScriptedUpstream(either("Hello")) as second,
    ):
        async with opened(first.url, second.url) as upstream:
            assert await ask(upstream, stream=True) == "Hello"
            assert await ask(upstream, stream=True) == "Hello"

    assert len(first.requests) == 1


@pytest.mark.parametrize("names", [("max_tokens", "max_completion_tokens"),
                                   ("max_completion_tokens", "max_tokens")])  # fmt: skip
async def test_the_name_of_the_token_cap_is_learned_once(
    names: tuple[str, str],
) -> None:
    sent, taken = names

    def picky(request: Any) -> Reply:
        if sent in request.body:
            message = f"Unsupported parameter: '{sent}'. Use '{taken}' instead."
            return refused(400, "unsupported_parameter", message)
        return written(str(request.body[taken]))

    with ScriptedUpstream(picky) as server:
        async with opened(server.url) as upstream:
            answers = [await ask(upstream, stream=False, **{sent: 9}) for _ in range(3)]

    assert answers == ["9"] * 3
    assert len(server.requests) == 4


async def test_stream_options_are_left_out_where_they_are_not_known() -> None:
    def old(request: Any) -> Reply:
        if "stream_options" in request.body:
            return answered({"detail": [{"loc": ["body", "stream_options"]}]}, 422)
        return spoken("Hello")

    with ScriptedUpstream(old) as server:
        async with opened(server.url) as upstream:
            answers = [await ask(upstream, stream=True) for _ in range(3)]

    assert answers == ["Hello"] * 3
    assert len(server.requests) == 4


async def test_the_first_byte_has_a_time_limit() -> None:
    with ScriptedUpstream(Reply(before=(Hold(),))) as server:
        async with opened(server.url, first_byte_timeout=0.2) as upstream:
            with pytest.raises(UpstreamTimeout):
                await ask(upstream, stream=True)

        assert server.wait_until(lambda s: s.cancelled == 1)


HELLO = event(chunk({"content": "Hello"}))


@pytest.mark.parametrize(
    ("steps", "error"),
    [
        ((HELLO, Cut()), UpstreamInterrupted),
        ((HELLO, Cut(reset=True)), UpstreamInterrupted),
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
            assert [piece.finish_reason async for piece in stream] == [None, "stop"]

    assert stream.usage is not None
    assert (stream.usage.prompt, stream.usage.completion) == (10, 5)


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


@pytest.mark.parametrize(
    ("models", "window"),
    [
        ([{"id": "m", "max_model_len": 4096}], 4096),
        ([{"id": "other", "context_length": 1}, {"id": "m", "context_window": 8}], 8),
        ([{"id": "only", "meta": {"n_ctx": 512}}], 512),
        ([{"id": "m"}], None),
        ([{"id": "m", "context_length": "many"}], None),
        ([], None),
    ],
)
async def test_the_context_window_is_what_the_upstream_says(
    models: list[JSON], window: int | None
) -> None:
    with ScriptedUpstream(either("x"), models=models) as server:
        async with opened(server.url) as upstream:
            assert await upstream.context_window("m") == window
            server.models = [{"id": "m", "max_model_len": 1}]
            assert await upstream.context_window("m") == window
