"""Which stored conversation a chat request continues, and whether it came before. Pure.

The id stands in one of three places, whichever a client can fill.
"""

import hashlib
from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from app.api.kept_messages import turn_id_of
from app.errors import InvalidRequest
from app.messages import JSON, Question

HEADER = "x-conversation-id"

_RETRIES = "x-stainless-retry-count"
"""In what OpenAI's clients say how often they have sent this before."""


def addressed(question: Question, body: JSON, headers: Mapping[str, str]) -> Question:
    """Return `question` with the conversation that its request names.

    Raises:
        InvalidRequest: It names two, or none of which a turn could be replaced.
    """
    found = {
        place: named
        for place, named in (
            ("rag.conversation_id", (body.get("rag") or {}).get("conversation_id")),
            (
                "metadata.conversation_id",
                (body.get("metadata") or {}).get("conversation_id"),
            ),
            (HEADER, headers.get(HEADER)),
        )
        if named
    }
    replaces = (body.get("rag") or {}).get("replaces") or ""
    if not found:
        if replaces:
            raise InvalidRequest(
                "`rag.replaces` needs the conversation: send `rag.conversation_id` too.",
                param="rag.replaces",
            )
        return question
    if len(set(found.values())) > 1:
        raise InvalidRequest(
            f"{' and '.join(found)} name different conversations; send one of them.",
            param=next(iter(found)),
        )
    return replace(
        question,
        conversation_id=next(iter(found.values())),
        replaces=turn_id_of(replaces),
        digest=digest_of(body),
        retried=_is_retried(headers.get(_RETRIES, "")),
    )


def digest_of(body: JSON) -> str:
    """Return SHA-256 of a request's body, whatever the order of its fields."""
    return hashlib.sha256(msgspec.json.encode(body, order="sorted")).hexdigest()


def _is_retried(count: str) -> bool:
    return count.isascii() and count.isdigit() and int(count[:9]) > 0
