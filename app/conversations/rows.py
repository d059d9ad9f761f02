"""Rows of the tables become nouns and the reverse; who may see which. Pure."""

from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, RowMapping, Table, and_

from app.conversations.turns import Cited, Conversation, Rag, Turn
from app.messages import JSON, Usage
from ingest.documents import Principal

T = TypeVar("T")

Row = dict[str, Any]
"""Values by column; all of them JSON."""


def owned(table: Table, principal: Principal) -> ColumnElement[bool]:
    """Return the condition that rows of `table` belong to `principal`.

    A visitor's session sees what is its own, everybody else what is their tenant's.
    """
    tenant = table.c.tenant == principal.tenant
    if not principal.session:
        return tenant
    return and_(tenant, table.c.session == principal.session)


def conversation_of(row: RowMapping) -> Conversation:
    """Return the conversation in a row of ``conversations``."""
    return Conversation(
        id=row["id"],
        title=row["title"],
        metadata=_decoded(row["metadata"], dict[str, str]),
        user=row["user"],
        session=row["session"],
        created=row["created"],
        updated=row["updated"],
    )


def row_of(turn: Turn, tenant: str) -> Row:
    """Return a turn as a row of ``turns``, without its position and its lease."""
    rag = None if turn.rag is None else _encoded(turn.rag)
    return {
        "id": turn.id,
        "tenant": tenant,
        "conversation_id": turn.conversation_id or None,
        "user": turn.user,
        "session": turn.session,
        "key_id": turn.key_id,
        "status": turn.status,
        "digest": turn.digest,
        "model": turn.model,
        "question": storable(turn.question),
        "answer": storable(turn.answer),
        "message": _encoded(turn.asked) if turn.asked else "",
        "said": _encoded(turn.said) if turn.said else "",
        "citations": "" if turn.cited is None else _encoded(turn.cited),
        "rag": rag or "",
        "error": turn.error,
        "answered": turn.answered,
        "confidence": turn.confidence,
        "documents": _encoded(turn.documents),
        "prompt_tokens": turn.usage.prompt,
        "completion_tokens": turn.usage.completion,
        "cost": turn.usage.cost,
        "seconds": turn.seconds,
        "created": turn.created,
    }


def turn_of(row: RowMapping, now: float) -> Turn:
    """Return the turn in a row of ``turns``.

    One whose lease is over at `now` belongs to a process that died: it will not end.
    """
    status = row["status"]
    dead = status == "running" and row["lease"] is not None and row["lease"] < now
    rag = _decoded(row["rag"], Rag) if row["rag"] else None
    return Turn(
        id=row["id"],
        conversation_id=row["conversation_id"] or "",
        user=row["user"],
        session=row["session"],
        key_id=row["key_id"],
        status="incomplete" if dead else status,
        digest=row["digest"],
        model=row["model"],
        question=row["question"],
        asked=tuple(_decoded(row["message"], list[JSON])) if row["message"] else (),
        answer=row["answer"],
        said=_decoded(row["said"], JSON) if row["said"] else {},
        cited=_decoded(row["citations"], Cited) if row["citations"] else None,
        rag=rag,
        error=row["error"],
        answered=row["answered"],
        confidence=row["confidence"],
        documents=tuple(_decoded(row["documents"], list[str])),
        usage=_usage(row, rag),
        seconds=row["seconds"],
        created=row["created"],
        replaced=row["replaced"],
    )


def storable(text: str) -> str:
    """Return `text` as every database can hold it.

    PostgreSQL's text has no NUL, and a model may say one.
    """
    return text.replace("\0", "")


def _usage(row: RowMapping, rag: Rag | None) -> Usage:
    if rag is not None:
        return rag.usage
    return Usage(
        prompt=row["prompt_tokens"],
        completion=row["completion_tokens"],
        cost=row["cost"],
    )


def _encoded(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _decoded(text: str, cls: type[T]) -> T:
    return msgspec.json.decode(text, type=cls)
