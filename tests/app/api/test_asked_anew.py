"""Editing a question, asking it again, and finding a conversation, over the service."""

from typing import Any

import openai
import pytest

from tests.app.api.talking import Talks
from tests.app.api.whole import Whole
from tests.scripted_upstream import either


def ask(whole: Whole, question: str, rag: dict[str, Any]) -> Any:
    return whole.ask(question, extra_body={"rag": rag})


def test_a_question_is_edited_in_place_of_what_was_said(whole: Whole) -> None:
    with Talks(whole.address) as talks:
        rag = {"conversation_id": talks.begin()}
        whole.says(either("First."), either("Second."), either("Third."))
        ask(whole, "What does error E-207 mean?", rag)
        second = ask(whole, "What does error E-212 mean?", rag)
        asked = [
            m for m in talks.messages(rag["conversation_id"]) if m["role"] == "user"
        ]

        ask(whole, "How do I reset the hub?", rag | {"replaces": second.id})

        said = talks.said(rag["conversation_id"])
        assert [text for _, text, _ in said] == [
            "What does error E-207 mean?", "First.", "How do I reset the hub?", "Third.",
        ]  # fmt: skip
        assert "What does error E-212 mean?" not in str(whole.asked[-1])

        # A question's own id names its turn as well.
        whole.says(either("Anew."))
        ask(whole, "What do the plans cost?", rag | {"replaces": asked[0]["id"]})
        assert [text for _, text, _ in talks.said(rag["conversation_id"])] == [
            "What do the plans cost?",
            "Anew.",
        ]


def test_what_cannot_be_replaced_is_refused_and_nobody_is_asked(whole: Whole) -> None:
    with Talks(whole.address) as talks:
        conversation = talks.begin()
    unknown = "chatcmpl-" + "a" * 24

    with pytest.raises(openai.NotFoundError) as caught:
        ask(whole, "Why?", {"conversation_id": conversation, "replaces": unknown})
    assert caught.value.code == "not_found"
    with pytest.raises(openai.BadRequestError) as refused:
        ask(whole, "Why?", {"replaces": unknown})
    assert refused.value.param == "rag.replaces"
    assert whole.asked == []


def test_conversations_are_found_by_their_words(whole: Whole) -> None:
    with Talks(whole.address) as talks:
        talks.begin(title="Quokka feeding")
        found = talks.send("GET", params={"q": "quokka"}).json()
        none = talks.send("GET", params={"q": "quokka wombat"}).json()
        long = talks.send("GET", params={"q": "x" * 201})

    assert [c["title"] for c in found["data"]] == ["Quokka feeding"]
    assert none["data"] == []
    assert long.status_code == 400
