"""What an upstream's refusal teaches about the form it wants, and what does not."""

from typing import Any

import msgspec
import pytest
from prometheus_client import REGISTRY

from app.errors import UpstreamRejected
from app.upstream.forms import Form
from tests.app.upstream.asking import ask, opened
from tests.scripted_upstream import Reply, ScriptedUpstream, answered, spoken

BODY: dict[str, Any] = {
    "model": "m",
    "max_tokens": 9,
    "stream_options": {"include_usage": True},
}


def error(message: str, **fields: Any) -> bytes:
    return msgspec.json.encode({"error": {"message": message, **fields}})


def invalid(*loc: str, **fields: Any) -> bytes:
    return msgspec.json.encode({"detail": [{"loc": ["body", *loc], **fields}]})


@pytest.mark.parametrize(
    "complaint",
    [
        error("Unrecognized request argument supplied: stream_options"),
        error("Unknown parameter: 'stream_options'.", param="stream_options"),
        error("property 'stream_options' is unsupported", type="invalid_request_error"),
        error(
            "Unsupported value", param="stream_options", code="unsupported_parameter"
        ),
        error('json: unknown field "stream_options"'),
        error(
            "Additional properties are not allowed ('stream_options' was unexpected)"
        ),
        error("chat() got an unexpected keyword argument 'stream_options'"),
        invalid("stream_options", type="extra_forbidden", msg="Extra inputs"),
        invalid("stream_options", msg="Extra fields not permitted"),
        msgspec.json.encode({"error": "stream_options is not supported"}),
        b"stream_options is not supported by this model",
    ],
)
def test_stream_options_that_are_not_known_are_left_out(complaint: bytes) -> None:
    assert Form().after(complaint, BODY) == Form(stream_options=False)


@pytest.mark.parametrize(
    "complaint",
    [
        error("Unsupported parameter: 'max_tokens' is not supported with this model. Use"
              " 'max_completion_tokens' instead.", param="max_tokens"),
        error("Unrecognized request argument supplied: max_tokens"),
        error("max_tokens: Extra inputs are not permitted"),
        error("This model does not support `max_tokens`."),
        invalid("max_tokens", type="extra_forbidden", msg="Extra inputs"),
    ],
)  # fmt: skip
def test_a_cap_of_another_name_is_renamed(complaint: bytes) -> None:
    body = {name: BODY[name] for name in ("model", "max_tokens")}

    form = Form().after(complaint, body)

    assert form == Form(tokens="max_completion_tokens")
    assert form.fitted(body) == {"model": "m", "max_completion_tokens": 9}


QUOTED = '{"stream_options":{"include_usage":true},"max_tokens":9}'


@pytest.mark.parametrize(
    "complaint",
    [
        error("max_tokens is too large: 999999. At most 4096 are possible."),
        error("max_tokens must be at least 1", param="max_tokens", code="invalid_value"),
        invalid("max_tokens", type="greater_than", msg="should be greater than 0"),
        error("Unsupported value: 'temperature' is not supported."),
        error(f"temperature is not supported. Your request: {QUOTED}"),
        error("Unknown role in messages", input={"stream_options": {}, "max_tokens": 9}),
        error("Unsupported content: 'how is stream_options used, and max_tokens, in the"
              " API of OpenAI?'"),
        invalid("messages", msg="unknown role", input=QUOTED),
        error("The model is unknown", **BODY),
        error("x" * 400 + " stream_options is unknown"),
        b"<html>" + b"x" * 400 + b"unknown stream_options",
        b"\xff{", b"[[[", b"{" * 60_000, b"null", b"",
    ],
)  # fmt: skip
def test_what_is_said_of_a_value_or_quoted_teaches_nothing(complaint: bytes) -> None:
    assert Form().after(complaint, BODY) == Form()


def counted(field: str) -> float:
    labels = {"field": field}
    return REGISTRY.get_sample_value("frontdesk_repairs_total", labels) or 0


@pytest.mark.parametrize("status", [400, 422])
async def test_a_form_is_learned_once_for_each_endpoint_and_counted(
    status: int,
) -> None:
    def old(request: Any) -> Reply:
        if "stream_options" in request.body:
            message = "Unrecognized request argument supplied: stream_options"
            return answered({"error": {"message": message}}, status)
        return spoken("Hello")

    before = counted("stream_options")
    with ScriptedUpstream(old) as first, ScriptedUpstream(old) as second:
        async with opened(first.url, second.url) as upstream:
            answers = [await ask(upstream, stream=True) for _ in range(3)]

    assert answers == ["Hello"] * 3
    assert (len(first.requests), len(second.requests)) == (4, 0)
    assert counted("stream_options") == before + 1


async def test_a_form_that_does_not_help_is_not_kept() -> None:
    def stubborn(request: Any) -> Reply:
        if request.body.get("temperature") == 2:
            message = "Unknown: stream_options"
            return answered({"error": {"message": message}}, 400)
        return spoken("Hello")

    with ScriptedUpstream(stubborn) as server:
        async with opened(server.url) as upstream:
            with pytest.raises(UpstreamRejected):
                await ask(upstream, stream=True, temperature=2)
            assert await ask(upstream, stream=True) == "Hello"

    assert len(server.requests) == 3
    assert "stream_options" in server.requests[-1].body
