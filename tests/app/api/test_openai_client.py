"""OpenAI's own client is the judge of "compatible"; each case is one of its calls."""

from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import OpenAI

from tests.app.api.relaying import QUESTION, hit, relaying
from tests.scripted_upstream import (
    DONE,
    Reply,
    ScriptedUpstream,
    chunk,
    either,
    event,
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
