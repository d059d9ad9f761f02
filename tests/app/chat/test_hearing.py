"""Pieces of a stream become the message that a whole answer would have been."""

from hypothesis import given
from hypothesis import strategies as st

from app.chat.hearing import Heard, kept_fields
from app.messages import Piece


@given(st.lists(st.text(max_size=5)))
def test_the_text_is_that_of_all_pieces(texts: list[str]) -> None:
    heard = Heard()
    for text in texts:
        heard.take(Piece(content=text))

    assert (heard.text, heard.fields) == ("".join(texts), {})


def test_calls_are_put_together_from_their_pieces() -> None:
    heard = Heard()
    for call in (
        {"index": 1, "id": "b", "type": "function", "function": {"name": "g"}},
        {
            "index": 0,
            "id": "a",
            "type": "function",
            "function": {"name": "f", "arguments": ""},
        },
        {"index": 0, "function": {"arguments": '{"x":'}},
        {"index": 1, "function": {"arguments": "{}"}},
        {"index": 0, "function": {"arguments": " 1}"}},
    ):
        heard.take(Piece(rest={"tool_calls": [call]}))

    assert heard.fields == {
        "tool_calls": [
            {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}},
            {"id": "b", "type": "function", "function": {"name": "g", "arguments": "{}"}},
        ]
    }  # fmt: skip


def test_a_refusal_is_kept_and_what_was_thought_is_not() -> None:
    heard = Heard()
    heard.take(Piece(rest={"refusal": "I can", "reasoning_content": "Hm."}))
    heard.take(Piece(rest={"refusal": "not."}))

    assert heard.fields == {"refusal": "I cannot."}
    assert kept_fields({"refusal": None, "audio": {}, "tool_calls": [1]}) == {
        "tool_calls": [1]
    }
