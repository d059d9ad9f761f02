"""Every failure as OpenAI's own client tells it: its class, its code, its message."""

from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import OpenAI

from app.errors import (
    ContextTooLong,
    RetrievalUnavailable,
    ShuttingDown,
    UpstreamTimeout,
)
from app.settings import ChatSettings
from tests.app.api.relaying import QUESTION, hit, relaying
from tests.scripted_upstream import (
    Cut,
    Hold,
    Reply,
    ScriptedUpstream,
    Wait,
    chunk,
    either,
    event,
    refused,
)


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[str, ScriptedUpstream]]:
    with relaying(either("Hold it [1]."), hits=[hit()]) as started:
        yield started


@pytest.fixture
def upstream(service: tuple[str, ScriptedUpstream]) -> ScriptedUpstream:
    service[1].then(either("Hold it [1]."))
    service[1].requests.clear()
    return service[1]


@pytest.fixture
def client(
    service: tuple[str, ScriptedUpstream], upstream: ScriptedUpstream
) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{service[0]}/v1", api_key="k", max_retries=0) as opened:
        # One that fails nearly always would not be asked any longer.
        for _ in range(2):
            ask(opened)
        service[1].requests.clear()
        yield opened


def ask(client: OpenAI, **fields: Any) -> Any:
    return client.chat.completions.create(
        **{"model": "frontdesk", "messages": QUESTION, **fields}
    )


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(
    ("reply", "error", "code"),
    [
        (refused(400, "invalid_value"), openai.BadRequestError, "invalid_value"),
        (refused(401, "x"), openai.InternalServerError, "upstream_auth_error"),
        (refused(404, "x"), openai.InternalServerError, "upstream_error"),
        (refused(429, "x", retry_after="99"), openai.RateLimitError, "rate_limit_exceeded"),
        (refused(429, "insufficient_quota"), openai.InternalServerError, "upstream_unavailable"),
        (refused(500, "x", retry_after="0"), openai.InternalServerError, "upstream_error"),
        (refused(503, "x", retry_after="0"), openai.InternalServerError, "upstream_unavailable"),
        (Reply((b"<html>",), 200, {"content-type": "text/html"}),
         openai.InternalServerError, "upstream_bad_response"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_failing_upstream_is_its_own_exception(
    client: OpenAI,
    upstream: ScriptedUpstream,
    reply: Reply,
    error: type[openai.APIStatusError],
    code: str,
    stream: bool,
) -> None:
    upstream.then(reply)

    with pytest.raises(error) as caught:
        ask(client, stream=stream)

    assert type(caught.value) is error
    assert caught.value.code == code
    assert caught.value.request_id
    assert isinstance(caught.value.body, dict)
    assert "No." not in caught.value.body["message"]


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"model": "frontdesk", "messages": []}, 400, "invalid_value"),
        ({"model": "", "messages": QUESTION}, 400, "invalid_value"),
        ({"temperature": 3}, 400, "invalid_value"),
        ({"temperature": "hot"}, 400, "invalid_type"),
    ],
)
def test_a_wrong_field_is_a_bad_request(
    client: OpenAI,
    upstream: ScriptedUpstream,
    fields: dict[str, Any],
    status: int,
    code: str,
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, **fields)

    assert (caught.value.status_code, caught.value.code) == (status, code)
    assert upstream.requests == []


@pytest.mark.parametrize(
    ("refusal", "error", "code"),
    [
        (ContextTooLong("too long"), openai.BadRequestError, "context_length_exceeded"),
        (RetrievalUnavailable("x"), openai.InternalServerError, "retrieval_unavailable"),
        (ShuttingDown("x"), openai.InternalServerError, "shutting_down"),
        (UpstreamTimeout("x"), openai.InternalServerError, "upstream_timeout"),
        (KeyError("secret"), openai.InternalServerError, "internal_error"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_refusal_is_its_own_exception(
    refusal: Exception, error: type[openai.APIStatusError], code: str
) -> None:
    with (
        relaying(either("x"), refusal=refusal) as (address, _),
        OpenAI(base_url=f"{address}/v1", api_key="k", max_retries=0) as client,
        pytest.raises(error) as caught,
    ):
        ask(client, stream=True)

    assert type(caught.value) is error
    assert caught.value.code == code
    assert "secret" not in str(caught.value)


def test_a_model_that_is_not_served_is_not_found() -> None:
    with (
        relaying(either("x"), chat=ChatSettings(model="gpt")) as (address, _),
        OpenAI(base_url=f"{address}/v1", api_key="k", max_retries=0) as client,
        pytest.raises(openai.NotFoundError) as caught,
    ):
        ask(client, model="other")

    assert caught.value.code == "model_not_found"


def test_a_body_that_is_too_large_is_its_own_exception(client: OpenAI) -> None:
    with pytest.raises(openai.APIStatusError) as caught:
        ask(client, messages=[{"role": "user", "content": "x" * 200_000}])

    assert (caught.value.status_code, caught.value.code) == (413, "request_too_large")


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ((Cut(),), "upstream_stream_interrupted"),
        # What comes with a reset is lost if nobody has read it yet.
        ((Wait(0.3), Cut(reset=True)), "upstream_stream_interrupted"),
        ((b"data: nonsense\n\n",), "upstream_bad_response"),
        ((event({"error": {"message": "No."}}),), "upstream_bad_response"),
    ],
)
def test_an_error_in_mid_stream_is_raised_after_what_was_said(
    client: OpenAI, upstream: ScriptedUpstream, steps: tuple[Any, ...], code: str
) -> None:
    upstream.then(Reply((event(chunk({"content": "Hold"})), *steps)))
    said = ""

    with pytest.raises(openai.APIError) as caught:  # noqa: PT012 — it breaks off inside
        for c in ask(client, stream=True):
            said += c.choices[0].delta.content or ""

    assert said == "Hold"
    assert caught.value.code == code
    assert "No." not in caught.value.message


def test_leaving_a_stream_stops_the_upstream(
    client: OpenAI, upstream: ScriptedUpstream
) -> None:
    before = upstream.cancelled
    upstream.then(Reply((event(chunk({"content": "Hold"})), Hold())))

    with ask(client, stream=True) as stream:
        next(iter(stream))

    assert upstream.wait_until(lambda s: s.cancelled == before + 1, seconds=1)


def test_leaving_a_plain_call_stops_the_upstream(
    client: OpenAI, upstream: ScriptedUpstream
) -> None:
    before = upstream.cancelled
    upstream.then(Reply(before=(Hold(),)))

    with pytest.raises(openai.APITimeoutError):
        ask(client, timeout=0.3)

    assert upstream.wait_until(lambda s: s.cancelled == before + 1, seconds=1)
