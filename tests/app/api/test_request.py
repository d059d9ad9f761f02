"""Each field of a chat request: what is refused, what is passed on, what is ours."""

import hashlib
import hmac
from typing import Any

import pytest

from app.api.request import RequestRules, question_of
from app.errors import InvalidRequest
from tests.app.api.relaying import QUESTION

BODY: dict[str, Any] = {"model": "frontdesk", "messages": QUESTION}
RULES = RequestRules(max_n=4, pseudonym_key=b"k")


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({"model": None}, "model", "missing_required_parameter"),
        ({"messages": None}, "messages", "missing_required_parameter"),
        ({"messages": []}, "messages", "invalid_value"),
        ({"messages": "Hi"}, "messages", "invalid_type"),
        ({"messages": QUESTION * 2001}, "messages", "invalid_value"),
        ({"messages": [{"content": "Hi"}]}, "messages[0].role", "missing_required_parameter"),
        ({"messages": [{"role": "robot", "content": "Hi"}]}, "messages[0].role", "invalid_value"),
        ({"messages": [*QUESTION, {"role": "user", "content": 5}]}, "messages[1].content", "invalid_type"),
        ({"messages": [{"role": "user"}]}, "messages[0].content", "missing_required_parameter"),
        ({"messages": [{"role": "user", "content": ""}]}, "messages[0].content", "invalid_value"),
        ({"messages": [{"role": "system", "content": "Hi"}]}, "messages[0].role", "invalid_value"),
        ({"messages": [*QUESTION, {"role": "assistant", "content": "Hi"}]}, "messages[1].role", "invalid_value"),
        ({"messages": [{"role": "tool", "content": "Hi"}]}, "messages[0].tool_call_id", "missing_required_parameter"),
        ({"messages": [{"role": "user", "content": [{"type": "video"}]}]}, "messages[0].content[0].type", "invalid_value"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0].text", "missing_required_parameter"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://x/y.png"}}]}]},
         "messages[0].content[0].image_url.url", "invalid_value"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x/y.png"}}] * 21}]},
         "messages", "invalid_value"),
        ({"n": 0}, "n", "invalid_value"),
        ({"n": 5}, "n", "invalid_value"),
        ({"n": 10**12}, "n", "invalid_value"),
        ({"n": True}, "n", "invalid_type"),
        ({"temperature": 2.1}, "temperature", "invalid_value"),
        ({"temperature": "1"}, "temperature", "invalid_type"),
        ({"top_p": -0.1}, "top_p", "invalid_value"),
        ({"presence_penalty": 3}, "presence_penalty", "invalid_value"),
        ({"frequency_penalty": -3}, "frequency_penalty", "invalid_value"),
        ({"logit_bias": {"5": 101}}, "logit_bias", "invalid_value"),
        ({"top_logprobs": 5}, "top_logprobs", "invalid_value"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs", "invalid_value"),
        ({"stop": ["a"] * 5}, "stop", "invalid_value"),
        ({"seed": 1.5}, "seed", "invalid_type"),
        ({"max_tokens": 0}, "max_tokens", "invalid_value"),
        ({"max_tokens": 5, "max_completion_tokens": 6}, "max_tokens", "invalid_value"),
        ({"stream": "yes"}, "stream", "invalid_type"),
        ({"stream_options": {"include_usage": True}}, "stream_options", "invalid_value"),
        ({"tools": [{"type": "function"}]}, "tools[0].function", "missing_required_parameter"),
        ({"tools": [{"type": "function", "function": {"name": "no spaces"}}]}, "tools[0].function.name", "invalid_value"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}] * 129}, "tools", "invalid_value"),
        ({"tool_choice": "maybe"}, "tool_choice", "invalid_value"),
        ({"response_format": {"type": "xml"}}, "response_format.type", "invalid_value"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema", "missing_required_parameter"),
        ({"metadata": {"a": 1}}, "metadata", "invalid_type"),
        ({"metadata": {"a" * 65: "x"}}, "metadata", "invalid_value"),
        ({"metadata": {str(i): "x" for i in range(17)}}, "metadata", "invalid_value"),
        ({"metadata": {"conversation_id": 5}}, "metadata", "invalid_type"),
        ({"rag": {"conversation_id": 5}}, "rag.conversation_id", "invalid_type"),
        ({"rag": {"top_k": 0}}, "rag.top_k", "invalid_value"),
        ({"rag": {"filter": {"path": 1}}}, "rag.filter.path", "invalid_type"),
        ({"rag": {"filter": {"paths": "x"}}}, "rag.filter.paths", "invalid_value"),
        ({"rag": {"include_sources": "html"}}, "rag.include_sources", "invalid_value"),
    ],
    ids=lambda value: repr(value)[:40],
)  # fmt: skip
def test_a_wrong_field_is_named(fields: dict[str, Any], param: str, code: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        question_of(BODY | fields, RULES)

    assert (caught.value.param, caught.value.code) == (param, code)
    assert str(caught.value).endswith(".")


def test_what_belongs_to_the_upstream_passes_unchanged() -> None:
    passed = {
        "n": 2, "temperature": 0.5, "top_p": 1, "frequency_penalty": 1,
        "presence_penalty": -1, "logit_bias": {"50256": -100}, "logprobs": True,
        "top_logprobs": 3, "stop": ["\n"], "seed": 2**62, "max_completion_tokens": 9,
        "tools": [{"type": "function", "function": {"name": "f", "strict": True}}],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
        "parallel_tool_calls": False, "response_format": {"type": "json_object"},
        "safety_identifier": "s", "prompt_cache_key": "p", "service_tier": "auto",
        "reasoning_effort": "low", "verbosity": "low", "modalities": ["text"],
        "prediction": {"type": "content", "content": "x"},
        "web_search_options": {}, "audio": {"voice": "alloy"},
    }  # fmt: skip
    ours = {"store": True, "metadata": {"a": "b"}, "rag": {"top_k": 3}}
    unknown = {"stream_response": True, "top_k": 5, "anything": {"x": None}}

    question = question_of(BODY | passed | ours | unknown | {"user": "ann"}, RULES)

    digest = hmac.new(b"k", b"ann", hashlib.sha256).hexdigest()
    assert question.parameters == passed | {"user": digest[:32]}
    assert question.rag.top_k == 3


def test_null_counts_as_not_given() -> None:
    nulls = dict.fromkeys(("temperature", "tools", "stream", "stop", "rag", "n", "x"))

    assert question_of(BODY | nulls, RULES) == question_of(BODY, RULES)


def test_both_names_of_the_token_cap_may_be_given_if_they_agree() -> None:
    both = {"max_tokens": 9, "max_completion_tokens": 9}

    assert question_of(BODY | both, RULES).parameters == {"max_completion_tokens": 9}
