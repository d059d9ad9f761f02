"""What an answer suggests, and what is told where there is none, over the service."""

from typing import Any

import httpx
import pytest

from tests.app.api.talking import Talks, within
from tests.app.api.whole import SURE, UNSURE, Whole
from tests.scripted_upstream import either

PLACE = {"id", "title", "heading_path", "page", "url", "snippet"}


def rag_of(whole: Whole, question: str, *, stream: bool, **fields: Any) -> Any:
    if not stream:
        return whole.ask(question, **fields).model_extra["rag"]
    chunks = list(whole.ask(question, stream=True, **fields))
    told = [c.model_extra["rag"] for c in chunks if "rag" in (c.model_extra or {})]
    assert len(told) == 1
    return told[0]


@pytest.mark.parametrize("model", ["frontdesk", "frontdesk-extract"])
@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_suggests_what_stands_near_it(
    whole: Whole, model: str, stream: bool
) -> None:
    rag = rag_of(whole, SURE, stream=stream, model=model)

    assert rag["answered"] is True
    assert "nearest" not in rag
    assert 1 <= len(rag["follow_ups"]) <= 3
    assert not any("E-207" in one for one in rag["follow_ups"])


@pytest.mark.parametrize("stream", [False, True])
def test_where_there_is_no_answer_the_nearest_documents_are_told(
    whole: Whole, stream: bool
) -> None:
    rag = rag_of(whole, UNSURE, stream=stream)

    assert rag["answered"] is False
    assert "follow_ups" not in rag
    assert 1 <= len(rag["nearest"]) <= 3
    for near in rag["nearest"]:
        assert near.keys() == PLACE
        assert httpx.get(near["url"]).status_code == 200


def test_a_greeting_suggests_nothing(whole: Whole) -> None:
    whole.says(either("Hello!"))

    assert "follow_ups" not in rag_of(whole, "Hello!", stream=False)


def test_a_kept_conversation_shows_them_again_and_repeats_none(whole: Whole) -> None:
    with Talks(whole.address) as talks:
        conversation = talks.begin()
        first = rag_of(whole, SURE, stream=False, **within(conversation))
        second = rag_of(
            whole, first["follow_ups"][0], stream=False, **within(conversation)
        )
        rag_of(whole, UNSURE, stream=False, **within(conversation))
        kept = [m["rag"] for m in talks.messages(conversation, limit=100) if "rag" in m]

    assert kept[0]["follow_ups"] == first["follow_ups"]
    assert first["follow_ups"][0] not in second.get("follow_ups", [])
    assert kept[2]["answered"] is not False or len(kept[2]["nearest"]) <= 3
