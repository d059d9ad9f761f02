"""What was said in a stored conversation, and what a caller adds to it. Pure.

What is stored wins: of what a caller sends, only their system messages count, and
what they say last.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import takewhile

from msgspec import Struct

from app.chat.question import asked
from app.conversations.turns import Turn
from app.errors import InvalidRequest
from app.messages import JSON, Message

_RESULTS = ("tool", "function")
_INSTRUCTIONS = ("system", "developer")


class Added(Struct, frozen=True, kw_only=True):
    """What a caller adds to a conversation.

    Attributes:
        instructions: Their system messages.
        said: Their question; or results of tools, in its place.
    """

    instructions: tuple[Message, ...]
    said: tuple[Message, ...]


def added(messages: Sequence[Message]) -> Added:
    """Return what a caller adds: the last question, or results at the end.

    Answers that they say were given are ignored.

    Raises:
        InvalidRequest: There is neither.
    """
    last = asked(messages)
    before = (m.role for m in reversed(messages))
    results = len(list(takewhile(_RESULTS.__contains__, before)))
    said = tuple(messages[len(messages) - results :])
    if not said and last is not None:
        said = (messages[last],)
    if not said:
        raise InvalidRequest("No user message asks anything.", param="messages")
    return Added(
        instructions=tuple(m for m in messages if m.role in _INSTRUCTIONS),
        said=said,
    )


def continued(turns: Sequence[Turn], new: Added) -> tuple[Message, ...]:
    """Return the conversation as it goes on.

    A result of a tool stands behind the call it answers, or not at all: no upstream
    takes it otherwise.

    Args:
        turns: What was said before, whole turns, oldest first.
        new: What the caller adds.

    Raises:
        InvalidRequest: It holds results that the last answer did not call for.
    """
    history: list[Message] = []
    calls: Collection[str] = ()
    following = [*(_asked(turn) for turn in turns[1:]), new.said]
    for turn, after in zip(turns, following, strict=False):
        said = _fitting(_asked(turn), calls)
        calls = _calls(turn) if said and _answering(after, _calls(turn)) else ()
        if said:
            history += [*said, *_answer(turn, called=bool(calls))]
    said = _fitting(new.said, calls)
    if not said:
        raise InvalidRequest(
            "These results answer no call of this conversation's last answer.",
            param="messages",
        )
    return (*new.instructions, *history, *said)


def question_text(said: Sequence[Message]) -> str:
    """Return what was asked in words; "" for results of tools."""
    return next((m.text for m in said if m.role == "user"), "")


def beyond_text(said: Sequence[Message]) -> tuple[JSON, ...]:
    """Return what was asked, where it is more than one text of a user."""
    only = said[0]
    plain = len(said) == 1 and only.role == "user" and isinstance(only.content, str)
    return () if plain and not only.rest else tuple(m.as_json() for m in said)


def _asked(turn: Turn) -> tuple[Message, ...]:
    if not turn.asked:
        return (Message(role="user", content=turn.question),)
    return tuple(_message(given) for given in turn.asked)


def _answer(turn: Turn, *, called: bool) -> Iterator[Message]:
    """Yield what was answered; calls only where their results follow."""
    rest = {k: v for k, v in turn.said.items() if k in ("tool_calls", "function_call")}
    if called:
        yield Message(role="assistant", content=turn.answer or None, rest=rest)
    elif turn.answer:
        yield Message(role="assistant", content=turn.answer)


def _calls(turn: Turn) -> Collection[str]:
    """Return ids of the tools that an answer calls, and the name of its function."""
    calls = {call["id"] for call in turn.said.get("tool_calls") or () if "id" in call}
    function = turn.said.get("function_call") or {}
    return calls | ({function["name"]} if "name" in function else set())


def _fitting(said: Sequence[Message], calls: Collection[str]) -> tuple[Message, ...]:
    """Return what was said, of results only those that answer one of `calls`."""
    return _answering(said, calls) if said[0].role in _RESULTS else tuple(said)


def _answering(said: Sequence[Message], calls: Collection[str]) -> tuple[Message, ...]:
    """Return the results in `said` that answer one of `calls`."""
    return tuple(
        message
        for message in said
        if message.role in _RESULTS
        and message.rest.get("tool_call_id" if message.role == "tool" else "name")
        in calls
    )


def _message(given: JSON) -> Message:
    content = given["content"]
    rest = {k: v for k, v in given.items() if k not in ("role", "content")}
    if isinstance(content, list):
        content = tuple(content)
    return Message(role=given["role"], content=content, rest=rest)
