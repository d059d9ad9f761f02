"""How large a request may be, whatever it is made of."""

from typing import Any

import pytest

from app.api.body import MAX_DEPTH, read_json
from app.api.content import MAX_IMAGES, MAX_TEXT
from app.api.request import RequestRules, question_of
from app.errors import ContextTooLong, InvalidRequest
from app.messages import JSON
from tests.app.api.relaying import QUESTION

RULES = RequestRules(max_n=4, pseudonym_key=b"k")
IMAGE = {"type": "image_url", "image_url": {"url": "https://x/y.png"}}


def asked(*messages: JSON, **fields: Any) -> JSON:
    return {"model": "m", "messages": [*messages, *QUESTION], **fields}


def in_content(text: str) -> JSON:
    return {"role": "user", "content": text}


def in_parts(text: str) -> JSON:
    half = len(text) // 2
    parts = [{"type": "text", "text": t} for t in (text[:half], text[half:])]
    return {"role": "user", "content": parts}


def in_refusal(text: str) -> JSON:
    return {"role": "assistant", "content": [{"type": "refusal", "refusal": text}]}


def in_arguments(text: str) -> JSON:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": text}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def in_input(text: str) -> JSON:
    call = {"id": "c", "type": "custom", "custom": {"name": "f", "input": text}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


@pytest.mark.parametrize(
    "place", [in_content, in_parts, in_refusal, in_arguments, in_input]
)
def test_a_conversation_has_at_most_a_million_characters(place: Any) -> None:
    question = sum(len(message["content"]) for message in QUESTION)
    most = "x" * (MAX_TEXT - question)

    question_of(asked(place(most)), RULES)
    with pytest.raises(ContextTooLong):
        question_of(asked(place(most + "x")), RULES)


def test_a_conversation_has_at_most_two_thousand_messages() -> None:
    turn = in_content("Hi")
    most = 2_000 - len(QUESTION)

    question_of(asked(*[turn] * most), RULES)
    with pytest.raises(InvalidRequest) as caught:
        question_of(asked(*[turn] * (most + 1)), RULES)
    assert caught.value.param == "messages"


def test_a_conversation_shows_at_most_twenty_images() -> None:
    half = {"role": "user", "content": [IMAGE] * (MAX_IMAGES // 2)}

    question_of(asked(half, half), RULES)
    with pytest.raises(InvalidRequest):
        question_of(asked(half, half, {"role": "user", "content": [IMAGE]}), RULES)


@pytest.mark.parametrize("most", [1, 4, 128])
def test_as_many_answers_may_be_asked_for_as_the_setting_says(most: int) -> None:
    rules = RequestRules(max_n=most, pseudonym_key=b"k")

    question_of(asked(n=most), rules)
    for number in (most + 1, 0, -1, 2**63):
        with pytest.raises(InvalidRequest) as caught:
            question_of(asked(n=number), rules)
        assert caught.value.param == "n"


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_json_is_nested_at_most_sixty_four_deep(opening: bytes, closing: bytes) -> None:
    def nested(depth: int) -> bytes:
        inner = opening * (depth - 1) + b"1" + closing * (depth - 1)
        return b'{"a":' + inner + b"}"

    read_json(nested(MAX_DEPTH))
    with pytest.raises(InvalidRequest) as caught:
        read_json(nested(MAX_DEPTH + 1))

    assert MAX_DEPTH == 64
    assert caught.value.code == "invalid_json"
