"""OpenAI's own client is the judge of "compatible"; each case is one of its calls."""

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
from tests.app.api.relaying import QUESTION, hit, relaying
from tests.scripted_upstream import (
    DONE,
    Cut,
    Hold,
    Reply,
    ScriptedUpstream,
    chunk,
    either,
    event,
    refused,
    written,
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
def client(service: tuple[str, ScriptedUpstream]) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{service[0]}/v1", api_key="k", max_retries=0) as opened:
        yield opened


def ask(client: OpenAI, **fields: Any) -> Any:
    return client.chat.completions.create(
        **{"model": "frontdesk", "messages": QUESTION, **fields}
    )


def test_it_lists_and_shows_the_models(client: OpenAI) -> None:
    listed = client.models.list()

    assert [model.id for model in listed] == ["frontdesk"]
    assert client.models.retrieve("frontdesk").object == "model"
    with pytest.raises(openai.NotFoundError) as caught:
        client.models.retrieve("some/other:model")
    assert caught.value.code == "model_not_found"


def test_it_reads_a_whole_answer(client: OpenAI, upstream: ScriptedUpstream) -> None:
    completion = ask(client)

    choice = completion.choices[0]
    assert completion.id.startswith("chatcmpl-")
    assert completion.object == "chat.completion"
    assert completion.model == "frontdesk"
    assert choice.message.content == "Hold it [1]."
    assert choice.message.refusal is None
    assert choice.finish_reason == "stop"
    assert completion.usage.total_tokens == 15
    cited = choice.message.annotations[0].url_citation
    assert choice.message.content[cited.start_index : cited.end_index] == "[1]"
    assert cited.title == "Hub [H2]"
    assert completion.sources[0]["url"] == cited.url
    assert completion.rag["answered"] is True
    assert completion._request_id.startswith("req_")


def test_it_reads_a_stream(client: OpenAI, upstream: ScriptedUpstream) -> None:
    chunks = list(ask(client, stream=True))

    text = "".join(c.choices[0].delta.content or "" for c in chunks)
    assert text == "Hold it [1]."
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert chunks[-1].sources[0]["number"] == 1
    annotated = [c for c in chunks if getattr(c.choices[0].delta, "annotations", None)]
    assert len(annotated) == 1
    assert all(c.usage is None for c in chunks)


def test_it_reads_a_stream_with_usage(
    client: OpenAI, upstream: ScriptedUpstream
) -> None:
    options = {"include_usage": True}

    chunks = list(ask(client, stream=True, stream_options=options))

    assert chunks[-1].choices == []
    assert chunks[-1].usage.total_tokens == 15
    assert upstream.requests[0].body["stream_options"] == {"include_usage": True}


def test_its_stream_helper_reads_the_whole_answer(
    client: OpenAI, upstream: ScriptedUpstream
) -> None:
    with client.chat.completions.stream(
        model="frontdesk",
        messages=QUESTION,  # type: ignore[arg-type]  # a plain dict is what people send
    ) as stream:
        final = stream.get_final_completion()

    assert final.choices[0].message.content == "Hold it [1]."


TOOL = {
    "type": "function",
    "function": {"name": "look_up", "parameters": {"type": "object"}},
}
CALLS = [
    {"id": f"call_{n}", "type": "function",
     "function": {"name": "look_up", "arguments": f'{{"n":{n}}}'}}
    for n in (1, 2)
]  # fmt: skip


def test_two_parallel_tool_calls_come_back(
    client: OpenAI, upstream: ScriptedUpstream
) -> None:
    upstream.then(written(None, tool_calls=CALLS))

    choice = ask(client, tools=[TOOL], parallel_tool_calls=True).choices[0]

    assert choice.finish_reason == "tool_calls"
    assert choice.message.content is None
    assert [(c.id, c.function.arguments) for c in choice.message.tool_calls] == [
        ("call_1", '{"n":1}'),
        ("call_2", '{"n":2}'),
    ]
    assert upstream.requests[0].body["tools"] == [TOOL]


def test_two_parallel_tool_calls_stream_even_if_their_index_is_wrong(
    client: OpenAI, upstream: ScriptedUpstream
) -> None:
    frames = [event(chunk({"tool_calls": [{"index": 0, **call}]})) for call in CALLS]
    upstream.then(Reply((*frames, event(chunk(finish="tool_calls")), DONE)))

    with client.chat.completions.stream(
        model="frontdesk",
        messages=QUESTION,  # type: ignore[arg-type]  # a plain dict is what people send
        tools=[TOOL],  # type: ignore[list-item]  # likewise
    ) as stream:
        message = stream.get_final_completion().choices[0].message

    assert [(c.id, c.function.arguments) for c in message.tool_calls or ()] == [
        ("call_1", '{"n":1}'),
        ("call_2", '{"n":2}'),
    ]


def test_tool_results_go_to_the_upstream_unchanged(
    client: OpenAI, upstream: ScriptedUpstream
) -> None:
    messages = [
        *QUESTION,
        {"role": "assistant", "content": None, "tool_calls": CALLS},
        {"role": "tool", "tool_call_id": "call_1", "content": "30 seconds"},
        {"role": "tool", "tool_call_id": "call_2", "content": "12 seconds"},
    ]

    ask(client, messages=messages, tools=[TOOL], tool_choice="auto")

    assert upstream.requests[0].body["messages"] == messages


def test_a_json_schema_goes_through_and_its_answer_is_not_touched(
    client: OpenAI, upstream: ScriptedUpstream
) -> None:
    upstream.then(either('{"seconds": 30, "see": "[1]"}'))
    shape = {"type": "json_schema", "json_schema": {"name": "reset", "schema": {}}}

    completion = ask(
        client,
        response_format=shape,
        extra_body={"rag": {"include_sources": "markdown"}},
    )

    assert completion.choices[0].message.content == '{"seconds": 30, "see": "[1]"}'
    assert upstream.requests[0].body["response_format"] == shape


def test_an_image_part_and_a_developer_message_go_through(
    client: OpenAI, upstream: ScriptedUpstream
) -> None:
    messages = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
        ]},
    ]  # fmt: skip

    ask(client, messages=messages)

    assert upstream.requests[0].body["messages"] == messages


def test_two_answers_come_as_two_choices(
    client: OpenAI, upstream: ScriptedUpstream
) -> None:
    frames = [
        event(chunk({"content": f"answer {index}"}, index=index, finish="stop"))
        for index in (0, 1)
    ]
    upstream.then(Reply((*frames, DONE)))

    chunks = list(ask(client, n=2, stream=True))

    texts = {0: "", 1: ""}
    for c in chunks:
        texts[c.choices[0].index] += c.choices[0].delta.content or ""
    assert texts == {0: "answer 0", 1: "answer 1"}
    assert upstream.requests[0].body["n"] == 2


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
        ({"metadata": {"conversation_id": "c"}}, 400, "unsupported_parameter"),
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
    from app.settings import ChatSettings

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
        ((Cut(reset=True),), "upstream_stream_interrupted"),
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
