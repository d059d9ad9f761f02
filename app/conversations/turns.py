"""The nouns: a conversation, its turns, and what is kept of an answer.

    Conversation --< Turn --< KeptHit, KeptCitation

A turn is one question and its answer. Its id is the completion's.
"""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from app.messages import JSON, Usage
from ingest.documents import Hit

Status = Literal["running", "complete", "incomplete", "failed", "cancelled"]
"""How a turn stands.

``incomplete``: the answer broke off, or the process that wrote it died.
``failed``: nothing was said. ``cancelled``: the caller left.
"""


class Conversation(Struct, frozen=True, kw_only=True):
    """Turns under one id and one owner.

    Attributes:
        id: ``conv_`` and 24 base62 digits.
        title: What its owner calls it, or "".
        metadata: What its owner notes beside it.
        user: Whom it is with, as the tenant calls them, or "".
        session: Id of the visitor's session it belongs to, or "".
        created: Seconds since the epoch.
        updated: When it was changed or last continued.
    """

    id: str
    title: str = ""
    metadata: dict[str, str] = {}
    user: str = ""
    session: str = ""
    created: float
    updated: float


class KeptHit(Struct, frozen=True, kw_only=True):
    """A hit that an answer was offered, as it is kept with the turn.

    Attributes:
        id: Id of the chunk that was found.
        number: The number that markers give it, from 1.
        title: Title of its document.
        heading_path: Titles above the chunk, outermost first.
        page: Page, slide or sheet, from 1; None where there is none.
        score: As it was, in [0, 1].
        snippet: The text that was found, or its beginning.
        span: Characters of the document where neighbours were joined to it.
    """

    id: str
    number: int
    title: str
    heading_path: tuple[str, ...]
    page: int | None
    score: float
    snippet: str
    span: tuple[int, int] | None


_LONGEST = 600
"""Characters of a snippet."""


def kept_hits(hits: Sequence[Hit]) -> tuple[KeptHit, ...]:
    """Return `hits` as they are kept, numbered from 1."""
    return tuple(kept_hit(hit, number) for number, hit in enumerate(hits, start=1))


def kept_hit(hit: Hit, number: int) -> KeptHit:
    """Return a hit as it is kept under the number that markers give it."""
    chunk = hit.chunk
    return KeptHit(
        id=chunk.id,
        number=number,
        title=chunk.title,
        heading_path=chunk.heading_path,
        page=chunk.page,
        score=round(hit.score, 4),
        snippet=(hit.found or chunk).text[:_LONGEST],
        span=None if hit.found is None else (chunk.start, chunk.end),
    )


class KeptCitation(Struct, frozen=True, kw_only=True):
    """A marker in an answer: the number of its hit, and its code points."""

    number: int
    start: int
    end: int


class Cited(Struct, frozen=True, kw_only=True):
    """What an answer stands on: hits, best first within each document, and markers."""

    hits: tuple[KeptHit, ...] = ()
    citations: tuple[KeptCitation, ...] = ()


class Rag(Struct, frozen=True, kw_only=True):
    """How an answer came.

    Attributes:
        edition: The edition that was searched, or "" where none was.
        queries: What was searched for, in words.
        degraded: Why the answer was weaker than asked for, or None.
        usage: Tokens.
        follow_ups: What may be asked next.
    """

    edition: str = ""
    queries: tuple[str, ...] = ()
    degraded: str | None = None
    usage: Usage = Usage()
    follow_ups: tuple[str, ...] = ()


class Turn(Struct, frozen=True, kw_only=True):
    """One question and its answer.

    Attributes:
        id: Id of the completion, ``chatcmpl-`` and 24 base62 digits.
        conversation_id: The conversation it is in; "" for a question outside of any.
        user: Who asked, as the tenant calls them, or "".
        session: Id of the visitor's session, or "".
        key_id: Key that asked, or "".
        status: How it stands.
        digest: SHA-256 of the request, by which a second try of it is known, or "".
        model: Name of the model that was reported.
        question: Text that was asked; "" where it is not kept.
        asked: What was asked, where that is more than one text.
        answer: Text that was said; "" where it is not kept.
        said: Fields of the answer's message beside its text, such as tool calls.
        cited: What the answer stands on; None where it is not kept.
        rag: How the answer came; None where it is not kept.
        error: Code of the error it ended with, or "".
        answered: Whether the answer says more than that it does not know; None where
            there is no whole answer.
        confidence: How likely the hits held an answer, in [0, 1], or None.
        documents: Paths of the documents offered, best first.
        usage: Tokens.
        seconds: From the request to the answer's end, or None.
        created: Seconds since the epoch.
        replaced: When another took its place in the conversation; None while it stands.
    """

    id: str
    conversation_id: str = ""
    user: str = ""
    session: str = ""
    key_id: str = ""
    status: Status = "running"
    digest: str = ""
    model: str = ""
    question: str = ""
    asked: tuple[JSON, ...] = ()
    answer: str = ""
    said: JSON = {}
    cited: Cited | None = None
    rag: Rag | None = None
    error: str = ""
    answered: bool | None = None
    confidence: float | None = None
    documents: tuple[str, ...] = ()
    usage: Usage = Usage()
    seconds: float | None = None
    created: float = 0.0
    replaced: float | None = None


class Page(Struct, frozen=True, kw_only=True):
    """Which part of a list is wanted.

    Attributes:
        limit: Most entries.
        after: Id of the entry before the first one wanted; "" begins at the start.
    """

    limit: int = 20
    after: str = ""
