"""A turn that was kept becomes messages as they are shown. Pure.

An answer's id is its completion's, ``chatcmpl-…``; what was asked has the same digits.
"""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from app.api.carriers import Source, annotation, nearest, rag_json, sources
from app.conversations.turns import KeptCitation, KeptHit, Status, Turn
from app.messages import JSON

_ANSWER = "chatcmpl-"
_ASKED = "msg_"


class KeptMessage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message of a conversation.

    Attributes:
        id: Its id; an answer's is the completion's.
        object: Always "conversation.message".
        role: Who said it.
        content: Text, or parts as they were sent, or None beside tool calls.
        created: Seconds since the epoch.
        status: How its turn stands: running, complete, incomplete, failed, cancelled.
        error: Code of the error that an answer ended with, or None.
        annotations: An answer's citations, as the chat has them.
        sources: What an answer was offered.
        rag: How an answer came.
        message: Further fields, such as ``tool_calls``.
    """

    id: str
    object: str
    role: str
    content: Any
    created: int
    status: Status
    error: str | None = None
    annotations: list[JSON] = []
    sources: list[Source] = []
    rag: JSON = {}
    message: JSON = {}


def turn_id_of(message_id: str) -> str:
    """Return the id of the turn that has a message; one without form has none."""
    digits = message_id.removeprefix(_ASKED).partition("-")[0]
    return f"{_ANSWER}{digits}" if message_id.startswith(_ASKED) else message_id


def messages_of(turn: Turn, address: str) -> Iterator[KeptMessage]:
    """Yield what was asked in a turn, and its answer as far as it came.

    Args:
        turn: The turn.
        address: Address of this service, for links.
    """
    asked = turn.asked or ({"role": "user", "content": turn.question},)
    for number, message in enumerate(asked):
        digits = turn.id.removeprefix(_ANSWER)
        yield KeptMessage(
            id=f"{_ASKED}{digits}-{number}" if number else f"{_ASKED}{digits}",
            object="conversation.message",
            role=message["role"],
            content=message["content"],
            created=int(turn.created),
            status=turn.status,
            message={k: v for k, v in message.items() if k not in ("role", "content")},
        )
    yield _answer(turn, address)


def _answer(turn: Turn, address: str) -> KeptMessage:
    cited = turn.cited
    hits = cited.hits if cited else ()
    return KeptMessage(
        id=turn.id,
        object="conversation.message",
        role="assistant",
        content=turn.answer or (None if turn.said else ""),
        created=int(turn.created + (turn.seconds or 0)),
        status=turn.status,
        error=turn.error or None,
        annotations=_annotations(cited.citations if cited else (), hits, address),
        sources=sources(hits, address),
        rag=_rag(turn, address),
        message=turn.said,
    )


def _annotations(
    citations: tuple[KeptCitation, ...], hits: tuple[KeptHit, ...], address: str
) -> list[JSON]:
    by_number = {hit.number: hit for hit in hits}
    return [
        annotation(by_number[c.number], (c.start, c.end), address)
        for c in citations
        if c.number in by_number
    ]


def _rag(turn: Turn, address: str) -> JSON:
    told: JSON = {"conversation_id": turn.conversation_id}
    if turn.rag is None:
        return told
    how = rag_json(answered=turn.answered, confidence=turn.confidence, how=turn.rag)
    hits = turn.cited.hits if turn.cited else ()
    return how | nearest(hits, address, answered=turn.answered) | told
