"""A request names the conversation it continues in one of three places."""

from typing import Any

import pytest

from app.api.addressing import HEADER, addressed, digest_of
from app.errors import InvalidRequest
from app.messages import Message, Question

QUESTION = Question(model="m", messages=(Message(role="user", content="Why?"),))
RETRIES = "x-stainless-retry-count"


def named(body: dict[str, Any], **headers: str) -> Question:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return addressed(QUESTION, body, sent)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"rag": {"conversation_id": "c"}}, {}),
        ({"metadata": {"conversation_id": "c"}}, {}),
        ({}, {"x_conversation_id": "c"}),
        ({"rag": {"conversation_id": "c"}}, {"x_conversation_id": "c"}),
    ],
)
def test_each_place_counts(body: dict[str, Any], headers: dict[str, str]) -> None:
    assert named(body, **headers).conversation_id == "c"


@pytest.mark.parametrize(
    "body", [{}, {"rag": None}, {"rag": {}}, {"metadata": {"a": "b"}}]
)
def test_a_question_outside_of_any_stays_as_it_is(body: dict[str, Any]) -> None:
    assert named(body) is QUESTION


def test_two_different_ones_are_refused() -> None:
    body = {"rag": {"conversation_id": "c"}, "metadata": {"conversation_id": "d"}}

    with pytest.raises(InvalidRequest, match=r"rag\.conversation_id and metadata") as e:
        named(body)

    assert e.value.param == "rag.conversation_id"
    with pytest.raises(InvalidRequest, match=HEADER):
        named({"rag": {"conversation_id": "c"}}, x_conversation_id="d")


@pytest.mark.parametrize(
    ("count", "retried"),
    [("0", False), ("1", True), ("12", True), ("", False), ("-1", False), ("²", False)],
)
def test_a_second_try_is_known_by_the_clients_own_count(
    count: str, retried: bool
) -> None:
    sent = {RETRIES: count, HEADER: "c"}

    assert addressed(QUESTION, {}, sent).retried is retried


def test_the_digest_is_of_what_is_said_and_not_of_its_order() -> None:
    assert digest_of({"a": 1, "b": {"c": 2, "d": 3}}) == digest_of(
        {"b": {"d": 3, "c": 2}, "a": 1}
    )
    assert digest_of({"a": [1, 2]}) != digest_of({"a": [2, 1]})
