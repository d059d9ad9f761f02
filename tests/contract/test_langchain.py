"""LangChain's OpenAI client, which people build on, against the whole service."""

import pytest
from langchain_openai import ChatOpenAI
from pydantic import SecretStr


@pytest.fixture
def model(sample_service: str) -> ChatOpenAI:
    return ChatOpenAI(
        model="frontdesk",
        base_url=f"{sample_service}/v1",
        api_key=SecretStr("unused"),
        max_retries=0,
    )


QUESTION = "How long do I hold the pin button for a factory reset?"


def test_an_answer_arrives_with_usage(model: ChatOpenAI) -> None:
    answer = model.invoke(QUESTION)

    assert "30 seconds" in str(answer.content)
    assert answer.usage_metadata is not None
    assert answer.usage_metadata["input_tokens"] >= 0


def test_a_stream_adds_up_to_the_answer(model: ChatOpenAI) -> None:
    whole = str(model.invoke(QUESTION).content)

    pieces = [str(piece.content) for piece in model.stream(QUESTION)]

    assert "".join(pieces) == whole
    assert len(pieces) > 2


def test_a_conversation_keeps_its_subject(model: ChatOpenAI) -> None:
    answer = model.invoke(
        [
            ("human", "How many sensors can the hub H2 take?"),
            ("ai", "The H2 takes up to 64 sensors."),
            ("human", "And the H1?"),
        ]
    )

    assert "24" in str(answer.content)
