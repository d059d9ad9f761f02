"""The whole service as OpenAI's own client sees it."""

from typing import Any

import httpx
import openai
import pytest

from tests.app.api.whole import ANSWER, MODEL, SURE, UNSURE, Whole, text_of
from tests.scripted_upstream import (
    DONE,
    Reply,
    chunk,
    either,
    event,
    spoken,
    written,
)

LIST = {"rag": {"include_sources": "markdown"}}


def test_it_lists_its_models_and_shows_each(whole: Whole) -> None:
    names = [model.id for model in whole.client.models.list()]

    assert names == [MODEL, "frontdesk", "frontdesk-extract"]
    assert [whole.client.models.retrieve(name).id for name in names] == names


def test_an_answer_has_citations_in_three_carriers(whole: Whole) -> None:
    completion = whole.ask(extra_body=LIST)

    content = completion.choices[0].message.content
    (annotation,) = completion.choices[0].message.annotations
    cited = annotation.url_citation
    source = completion.sources[0]
    assert content.startswith(ANSWER)
    assert content[cited.start_index : cited.end_index] == "[1]"
    assert (source["number"], source["title"]) == (1, cited.title)
    assert source["url"] == cited.url
    assert "E-207" in source["snippet"]
    assert content.endswith(f"Sources:\n\n- [1] {cited.title}: {cited.url}")


def test_a_stream_has_citations_in_three_carriers(whole: Whole) -> None:
    chunks = list(whole.ask(stream=True, extra_body=LIST))

    content = text_of(chunks)
    deltas = [c.choices[0].delta for c in chunks]
    (noted,) = [d.annotations for d in deltas if getattr(d, "annotations", None)]
    cited = noted[0]["url_citation"]
    (last,) = [c for c in chunks if c.choices[0].finish_reason]
    assert content[cited["start_index"] : cited["end_index"]] == "[1]"
    assert last is chunks[-1]
    assert last.sources[0]["url"] == cited["url"]
    assert last.rag["answered"] is True
    assert content.endswith(f"- [1] {cited['title']}: {cited['url']}")


def test_a_citation_leads_to_its_place(whole: Whole) -> None:
    annotation = whole.ask().choices[0].message.annotations[0]

    reply = httpx.get(annotation.url_citation.url)

    assert reply.status_code == 200
    assert "E-207" in reply.text


def test_rag_says_how_the_answer_came_about(whole: Whole) -> None:
    completion = whole.ask()

    rag = completion.rag
    assert rag.keys() == {
        "answered",
        "confidence",
        "edition",
        "follow_ups",
        "queries",
        "usage",
    }
    assert rag["answered"] is True
    assert 0.5 <= rag["confidence"] <= 1
    assert rag["edition"]
    assert rag["queries"][0] == SURE
    assert rag["usage"].keys() == {"sources_tokens", "stuffed_tokens", "saved"}
    assert 0 < rag["usage"]["sources_tokens"] < rag["usage"]["stuffed_tokens"]
    assert completion.usage.total_tokens == 15


def test_a_stream_with_usage_ends_with_it(whole: Whole) -> None:
    chunks = list(whole.ask(stream=True, stream_options={"include_usage": True}))

    assert text_of(chunks) == ANSWER
    assert chunks[-1].choices == []
    assert chunks[-1].usage.total_tokens == 15
    assert len({c.id for c in chunks}) == 1


@pytest.mark.parametrize(
    "pieces",
    [("Open [1]. See [9].",), ("Open [", "1]. S", "ee ", "[", "9", "]", "."),
     tuple("Open [1]. See [9].")],
    ids=["one piece", "some pieces", "letters"],
)  # fmt: skip
def test_a_marker_that_names_no_source_is_taken_out(
    whole: Whole, pieces: tuple[str, ...]
) -> None:
    whole.says(spoken(*pieces))

    chunks = list(whole.ask(stream=True))

    assert text_of(chunks) == "Open [1]. See."


def test_a_marker_that_names_no_source_is_taken_out_of_a_whole_answer(
    whole: Whole,
) -> None:
    whole.says(written("Open [1]. See [9] and [1, 9]."))

    message = whole.ask().choices[0].message

    assert message.content == "Open [1]. See and [1]."
    assert len(message.annotations) == 2


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_what_the_documents_do_not_hold_is_refused_without_the_upstream(
    whole: Whole, stream: bool
) -> None:
    reply = whole.ask(UNSURE, stream=stream)

    chunks = list(reply) if stream else []
    text = text_of(chunks) if stream else reply.choices[0].message.content
    rag = chunks[-1].rag if stream else reply.rag
    assert text.startswith("I do not know")
    assert rag["answered"] is False
    assert rag["confidence"] < 0.5
    assert whole.asked == []


TOOL = {
    "type": "function",
    "function": {"name": "look_up", "parameters": {"type": "object"}},
}
CALLS = [
    {"id": f"call_{n}", "type": "function",
     "function": {"name": "look_up", "arguments": f'{{"n":{n}}}'}}
    for n in (1, 2)
]  # fmt: skip


def calls_in(message: Any) -> list[tuple[str, str]]:
    return [(call.id, call.function.arguments) for call in message.tool_calls]


def test_two_parallel_tool_calls_come_back(whole: Whole) -> None:
    whole.says(written(None, tool_calls=CALLS))

    choice = whole.ask(tools=[TOOL], parallel_tool_calls=True).choices[0]

    assert choice.finish_reason == "tool_calls"
    assert choice.message.content is None
    assert calls_in(choice.message) == [("call_1", '{"n":1}'), ("call_2", '{"n":2}')]


def test_two_parallel_tool_calls_come_back_in_a_stream(whole: Whole) -> None:
    begun = [
        {"index": n, **call, "function": {"name": "look_up", "arguments": ""}}
        for n, call in enumerate(CALLS)
    ]
    argued = [
        {"index": n, "function": {"arguments": piece}}
        for n, call in enumerate(CALLS)
        for piece in ('{"n":', f"{n + 1}}}")
    ]
    frames = [event(chunk({"tool_calls": [call]})) for call in begun + argued]
    whole.says(Reply((*frames, event(chunk(finish="tool_calls")), DONE)))

    with whole.client.chat.completions.stream(
        model="frontdesk",
        messages=[{"role": "user", "content": SURE}],
        tools=[TOOL],  # type: ignore[list-item]  # a plain dict is what people send
    ) as stream:
        choice = stream.get_final_completion().choices[0]

    assert choice.finish_reason == "tool_calls"
    assert calls_in(choice.message) == [("call_1", '{"n":1}'), ("call_2", '{"n":2}')]


def test_a_question_with_tools_is_not_refused(whole: Whole) -> None:
    completion = whole.ask(UNSURE, tools=[TOOL])

    assert completion.choices[0].message.content == ANSWER
    assert len(whole.asked) == 1


def test_a_json_answer_is_left_as_it_is(whole: Whole) -> None:
    whole.says(either('{"meaning": "open", "see": "[9]"}'))
    shape = {"type": "json_schema", "json_schema": {"name": "error", "schema": {}}}

    completion = whole.ask(response_format=shape, extra_body=LIST)
    chunks = list(whole.ask(response_format=shape, extra_body=LIST, stream=True))

    assert completion.choices[0].message.content == '{"meaning": "open", "see": "[9]"}'
    assert text_of(chunks) == '{"meaning": "open", "see": "[9]"}'
    assert completion.sources


def test_two_answers_each_have_their_citations(whole: Whole) -> None:
    frames = [
        event(chunk({"content": f"{index}: open [1]."}, index=index, finish="stop"))
        for index in (0, 1)
    ]
    whole.says(Reply((*frames, DONE)))

    chunks = list(whole.ask(n=2, stream=True))

    noted = [
        c.choices[0].index
        for c in chunks
        if getattr(c.choices[0].delta, "annotations", None)
    ]
    assert [text_of(chunks, index) for index in (0, 1)] == [
        "0: open [1].",
        "1: open [1].",
    ]
    assert sorted(noted) == [0, 1]
    assert whole.asked[0]["n"] == 2


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_headers_name_the_request_and_where_the_time_went(
    whole: Whole, stream: bool
) -> None:
    raw = whole.client.chat.completions.with_raw_response.create(
        model="frontdesk",
        messages=[{"role": "user", "content": SURE}],
        stream=stream,
    )

    timing = raw.headers["server-timing"]
    stages = {part.split(";")[0].strip() for part in timing.split(",")}
    assert raw.headers["x-request-id"].startswith("req_")
    assert {"embed", "search", "prompt", "upstream_ttfb"} <= stages


def test_a_model_nobody_serves_is_not_found(whole: Whole) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        whole.ask(model="gpt-of-tomorrow")

    assert caught.value.code == "model_not_found"
    assert whole.asked == []


def test_an_extract_can_be_asked_for_by_name(whole: Whole) -> None:
    completion = whole.ask(model="frontdesk-extract")

    message = completion.choices[0].message
    assert completion.model == "frontdesk-extract"
    assert "E-207" in message.content
    assert message.annotations
    assert whole.asked == []
