"""The whole service when its upstream fails, is away, or has a small model."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.app.api.whole import ANSWER, SURE, Whole, text_of, whole_service
from tests.scripted_upstream import (
    Cut,
    Hold,
    Reply,
    Wait,
    chunk,
    event,
    refused,
)

BEGUN = event(chunk({"role": "assistant", "content": "Open"}))


@pytest.fixture
def whole(whole: Whole) -> Whole:
    """The service, whose upstream has answered well before what goes wrong."""
    # One that fails nearly always would not be asked any longer.
    for _ in range(2):
        whole.ask()
    return whole


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(
    ("reply", "error", "status", "code"),
    [
        (refused(400, "invalid_value"), openai.BadRequestError, 400, "invalid_value"),
        (refused(401, "x"), openai.InternalServerError, 502, "upstream_auth_error"),
        (refused(403, "x"), openai.InternalServerError, 502, "upstream_auth_error"),
        (refused(404, "x"), openai.InternalServerError, 502, "upstream_error"),
        (refused(429, "x", retry_after="99"), openai.RateLimitError, 429, "rate_limit_exceeded"),
        (refused(429, "insufficient_quota"), openai.InternalServerError, 503, "upstream_unavailable"),
        (refused(500, "x", retry_after="0"), openai.InternalServerError, 502, "upstream_error"),
        (refused(503, "x", retry_after="0"), openai.InternalServerError, 503, "upstream_unavailable"),
        (Reply((b"<html>",), 200, {"content-type": "text/html"}),
         openai.InternalServerError, 502, "upstream_bad_response"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_each_refusal_of_the_upstream_is_its_own_error(
    whole: Whole,
    reply: Reply,
    error: type[openai.APIStatusError],
    status: int,
    code: str,
    stream: bool,
) -> None:
    whole.says(reply)

    with pytest.raises(error) as caught:
        whole.ask(stream=stream)

    assert (caught.value.status_code, caught.value.code) == (status, code)
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["message"]
    assert "No." not in caught.value.body["message"]
    assert caught.value.request_id


def test_an_upstream_that_does_not_begin_in_time_is_a_504(whole: Whole) -> None:
    whole.says(Reply(before=(Hold(),)))

    with pytest.raises(openai.InternalServerError) as caught:
        whole.ask(stream=True)

    assert (caught.value.status_code, caught.value.code) == (504, "upstream_timeout")


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ((Cut(),), "upstream_stream_interrupted"),
        # What comes with a reset is lost if nobody has read it yet.
        ((Wait(0.3), Cut(reset=True)), "upstream_stream_interrupted"),
        ((b"data: nonsense\n\n",), "upstream_bad_response"),
        ((event({"error": {"message": "No."}}),), "upstream_bad_response"),
        ((Hold(),), "upstream_stream_timeout"),
    ],
    ids=["cut", "reset", "nonsense", "error", "silence"],
)
def test_an_error_in_mid_stream_is_raised_after_what_was_said(
    whole: Whole, steps: tuple[Any, ...], code: str
) -> None:
    whole.says(Reply((BEGUN, *steps)))
    chunks: list[Any] = []

    with pytest.raises(openai.APIError) as caught:
        chunks.extend(whole.ask(stream=True))

    assert caught.value.code == code
    assert "No." not in caught.value.message
    assert text_of(chunks) == "Open"
    assert all(c.choices[0].finish_reason is None for c in chunks)


def test_what_waits_to_be_judged_leaves_before_the_error(whole: Whole) -> None:
    """A word that may begin a link is held back for a moment; a cut is quicker."""
    said = event(chunk({"content": "Hold the pin button, see [the manual"}))
    whole.says(Reply((said, Cut())))
    chunks: list[Any] = []

    with pytest.raises(openai.APIError):
        chunks.extend(whole.ask(stream=True))

    assert text_of(chunks) == "Hold the pin button, see [the manual"


def test_leaving_a_stream_stops_the_upstream(whole: Whole) -> None:
    before = whole.upstream.cancelled
    whole.says(Reply((BEGUN, Hold())))

    with whole.ask(stream=True) as stream:
        next(iter(stream))

    stopped = whole.upstream.wait_until(lambda u: u.cancelled > before, seconds=1)
    assert stopped


def test_leaving_a_plain_call_stops_the_upstream(whole: Whole) -> None:
    before = whole.upstream.cancelled
    whole.says(Reply(before=(Hold(),)))

    with pytest.raises(openai.APITimeoutError):
        whole.ask(timeout=0.5)

    stopped = whole.upstream.wait_until(lambda u: u.cancelled > before, seconds=1)
    assert stopped


@pytest.fixture(scope="module")
def closed_port() -> Iterator[str]:
    """The address of a port that refuses connections, and that nobody else gets."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}/v1"


@pytest.fixture(scope="module")
def alone(sample_home: Path, closed_port: str) -> Iterator[Whole]:
    with whole_service(sample_home, OPENAI_BASE_URL=closed_port) as whole:
        yield whole


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_an_unreachable_upstream_is_a_503(
    alone: Whole, closed_port: str, stream: bool
) -> None:
    with pytest.raises(openai.InternalServerError) as caught:
        alone.ask(stream=stream)

    assert (caught.value.status_code, caught.value.code) == (
        503,
        "upstream_unavailable",
    )
    assert caught.value.response.headers["retry-after"]
    assert closed_port not in caught.value.message


def test_extracts_stand_in_for_an_unreachable_upstream_if_wanted(
    sample_home: Path, closed_port: str
) -> None:
    with whole_service(
        sample_home, OPENAI_BASE_URL=closed_port, ON_UPSTREAM_DOWN="extract"
    ) as whole:
        completion = whole.ask()
        chunks = list(whole.ask(stream=True))

    message = completion.choices[0].message
    assert "E-207" in message.content
    assert completion.rag["degraded"] == "upstream_unavailable"
    for annotation in message.annotations:
        cited = annotation.url_citation
        assert message.content[cited.start_index : cited.end_index].startswith("[")
    assert text_of(chunks) == message.content
    assert chunks[-1].rag["degraded"] == "upstream_unavailable"


@pytest.fixture(scope="module")
def small(sample_home: Path) -> Iterator[Whole]:
    with whole_service(
        sample_home, CHAT_CONTEXT_WINDOW="1500", CHAT_ANSWER_TOKENS="300"
    ) as whole:
        yield whole


def test_a_conversation_too_long_for_the_model_is_refused_before_it_is_asked(
    small: Whole,
) -> None:
    small.says()
    said = [
        {"role": "system", "content": "Be kind to every caller. " * 400},
        {"role": "user", "content": SURE},
    ]

    for stream in (False, True):
        with pytest.raises(openai.BadRequestError) as caught:
            small.ask(messages=said, stream=stream)

        assert caught.value.code == "context_length_exceeded"
        assert caught.value.param == "messages"
    assert small.asked == []


def test_old_turns_and_weak_sources_are_left_out_of_a_small_model(small: Whole) -> None:
    small.says()
    turns = [
        {"role": role, "content": f"Turn {n}: " + "the hub blinks and blinks. " * 20}
        for n in range(10)
        for role in ("user", "assistant")
    ]

    completion = small.ask(messages=[*turns, {"role": "user", "content": SURE}])

    sent = json.dumps(small.asked[0]["messages"])
    assert SURE in sent
    assert "Turn 0" not in sent
    assert completion.choices[0].message.content == ANSWER
    assert completion.sources
