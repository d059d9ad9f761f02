"""What the whole service sends upstream: messages in their order, and nothing of ours."""

import re
from typing import Any

import httpx
import pytest

from tests.app.api.whole import ANSWER, KEY, MODEL, SURE, UNSURE, Whole

FENCE = re.compile(
    r"^<<<SOURCE-(?P<mark>\w{16,}) (?P<n>\d+)>>>\n"
    r"number: (?P<number>\d+)\ntitle: (?P<title>[^\n]+)\nplace: (?P<place>[^\n]+)\n\n"
    r"(?P<text>.+?)\n<<<END-(?P=mark) (?P=n)>>>$",
    re.MULTILINE | re.DOTALL,
)


def sources_in(messages: list[dict[str, Any]]) -> list[re.Match[str]]:
    """Return the sources of the one message that holds any."""
    (block,) = [m for m in messages if "<<<SOURCE-" in str(m["content"])]
    assert block["role"] == "user"
    return list(FENCE.finditer(block["content"]))


def test_instructions_then_the_callers_then_sources_then_the_question(
    whole: Whole,
) -> None:
    said = [
        {"role": "system", "content": "Speak like a pirate."},
        {"role": "user", "content": SURE},
    ]

    completion = whole.ask(messages=said)

    ours, theirs, block, question = whole.asked[0]["messages"]
    sources = sources_in([ours, theirs, block, question])
    assert ours["role"] == "system"
    assert "Answer only from the sources" in ours["content"]
    assert theirs == said[0]
    assert "<<<SOURCE-" in block["content"]
    assert question == said[1]
    assert [int(s["number"]) for s in sources] == list(range(1, len(sources) + 1))
    assert [s["title"] for s in sources] == [s["title"] for s in completion.sources]
    for source, told in zip(sources, completion.sources, strict=True):
        assert source["place"]
        assert told["snippet"].strip()[:200] in source["text"]


@pytest.mark.parametrize(
    "question",
    [SURE, "How do I fit the probe?", "How often does a Frost need service?"],
)
def test_each_source_opens_with_the_text_that_was_sent(
    whole: Whole, question: str
) -> None:
    completion = whole.ask(question)

    sent = sources_in(whole.asked[0]["messages"])
    opened = [httpx.get(source["url"]).json() for source in completion.sources]
    assert len(sent) == len(opened) <= 6
    assert [s["text"] for s in sent] == [o["text"] for o in opened]
    # At least one of them was put together from several chunks.
    cited = [[part for part in o["context"] if part["cited"]] for o in opened]
    assert max(map(len, cited)) > 1
    for source, parts in zip(opened, cited, strict=True):
        lines = {line for part in parts for line in part["text"].splitlines()}
        assert set(source["text"].splitlines()) <= lines


def test_each_request_has_fences_of_its_own(whole: Whole) -> None:
    whole.ask()
    whole.ask()

    marks = [{s["mark"] for s in sources_in(body["messages"])} for body in whole.asked]
    assert [len(found) for found in marks] == [1, 1]
    assert marks[0] != marks[1]


def test_parameters_pass_through_untouched_and_ours_stay_here(whole: Whole) -> None:
    sent: dict[str, Any] = {
        "temperature": 0.25,
        "top_p": 0.5,
        "frequency_penalty": -1,
        "presence_penalty": 1,
        "max_completion_tokens": 77,
        "seed": 2**62,
        "stop": ["END", "###"],
        "logit_bias": {"50256": -100},
        "logprobs": True,
        "top_logprobs": 3,
        "reasoning_effort": "low",
        "tool_choice": "auto",
        "tools": [
            {"type": "function", "function": {"name": "f", "strict": True}},
        ],
    }

    whole.ask(
        **sent,
        user="jane@example.com",
        metadata={"ticket": "7"},
        store=True,
        extra_body={"rag": {"top_k": 2}, "chat_id": "unknown here"},
    )

    body = whole.asked[0]
    user = body.pop("user")
    assert len(sources_in(body.pop("messages"))) == 2
    assert body == sent | {"model": MODEL}
    assert "jane" not in user
    assert whole.upstream.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_follow_up_is_searched_for_in_context_and_sent_whole(whole: Whole) -> None:
    said = [
        {"role": "user", "content": "How long does the hub H1 buffer offline?"},
        {"role": "assistant", "content": "The H1 keeps 48 hours of readings [1]."},
        {"role": "user", "content": "And when does its support end?"},
    ]

    completion = whole.ask(messages=said)

    messages = whole.asked[0]["messages"]
    assert messages[-3:] == said
    assert any("2027" in source["text"] for source in sources_in(messages))
    assert completion.choices[0].message.content == ANSWER
    assert len(completion.rag["queries"]) > 1


def test_an_image_and_a_developers_message_arrive(whole: Whole) -> None:
    parts = [
        {"type": "text", "text": "Which error is this?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
    ]

    whole.ask(
        messages=[
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": parts},
        ]
    )

    messages = whole.asked[0]["messages"]
    # A model that is no reasoning model knows the role "system" only.
    assert {"role": "system", "content": "Be brief."} in messages
    assert messages[-1] == {"role": "user", "content": parts}


def test_a_conversation_with_a_tools_result_arrives_and_is_not_refused(
    whole: Whole,
) -> None:
    call = {
        "id": "call_1",
        "type": "function",
        "function": {"name": "oven", "arguments": "{}"},
    }
    said = [
        {"role": "user", "content": UNSURE},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "230 degrees"},
    ]

    completion = whole.ask(messages=said)

    assert whole.asked[0]["messages"][-3:] == said
    assert completion.choices[0].message.content == ANSWER


def test_without_retrieval_the_conversation_goes_as_it_is(whole: Whole) -> None:
    completion = whole.ask(UNSURE, extra_body={"rag": {"enabled": False}})

    assert whole.asked[0]["messages"] == [{"role": "user", "content": UNSURE}]
    assert completion.choices[0].message.content == ANSWER
    assert not hasattr(completion, "rag")


def test_a_stream_asks_for_a_stream_with_usage(whole: Whole) -> None:
    list(whole.ask(stream=True))

    body = whole.asked[0]
    assert body["stream"] is True
    assert body["stream_options"] == {"include_usage": True}
