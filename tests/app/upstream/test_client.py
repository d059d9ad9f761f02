"""The upstream on a real socket: refusals, retries, endpoints, limits, leaving."""

from pathlib import Path
from typing import Any

import pytest

from app.errors import (
    UpstreamBroken,
    UpstreamBusy,
    UpstreamFailed,
    UpstreamRefused,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnavailable,
    UpstreamUnknownModel,
)
from app.messages import JSON
from tests.app.upstream.asking import PROMPT, ask, opened
from tests.scripted_upstream import (
    DONE,
    Cut,
    Hold,
    Reply,
    Script,
    ScriptedUpstream,
    answered,
    either,
    event,
    refused,
    spoken,
    written,
)

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


async def test_a_password_of_somebody_s_netrc_is_not_shown_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login somebody password theirs\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with ScriptedUpstream(either("Hello")) as server:
        async with opened(server.url) as upstream:
            assert await ask(upstream, stream=True) == "Hello"

    assert server.requests[0].headers["authorization"] == "Bearer k1"


async def test_it_is_asked_through_the_proxy_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ScriptedUpstream(either("Hello")) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/v1"))
        async with opened("http://model.example/v1") as upstream:
            assert await ask(upstream, stream=True) == "Hello"

    sent = proxy.requests[0]
    assert sent.path == "http://model.example/v1/chat/completions"


@both
@pytest.mark.parametrize(
    ("reply", "error", "requests"),
    [
        (refused(401, "invalid_api_key"), UpstreamRefused, 1),
        (refused(403, "forbidden"), UpstreamRefused, 1),
        (refused(404, "model_not_found"), UpstreamUnknownModel, 1),
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


@pytest.mark.parametrize(("seconds", "stream"), [(7, True), (11, False), (120, True)])
async def test_a_long_wait_is_passed_on(seconds: int, stream: bool) -> None:
    busy = refused(429, "slow_down", retry_after=str(seconds))
    with ScriptedUpstream(busy) as server:
        async with opened(server.url) as upstream:
            with pytest.raises(UpstreamBusy) as caught:
                await ask(upstream, stream=stream)

    assert caught.value.retry_after == seconds
    assert len(server.requests) == 1


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
            complaint = {"type": "extra_forbidden", "loc": ["body", "stream_options"]}
            return answered({"detail": [complaint]}, 422)
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


async def test_the_first_model_is_the_first_that_is_listed() -> None:
    with ScriptedUpstream(either("x"), models=[{"id": "a"}, {"id": "b"}]) as server:
        async with opened(server.url) as upstream:
            assert await upstream.first_model() == "a"


async def test_an_upstream_without_a_list_of_models_needs_one_to_be_named() -> None:
    with ScriptedUpstream(either("x"), models=[]) as server:
        async with opened(server.url) as upstream:
            with pytest.raises(UpstreamBroken, match="CHAT_MODEL"):
                await upstream.first_model()


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
