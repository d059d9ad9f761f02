"""Answers without a model: an extract, a greeting, or that the answer is not known."""

from collections.abc import Awaitable, Callable, Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from app.chat.extract import Extract, candidates, extract
from app.chat.phrases import phrase
from app.messages import Citation, Findings, Queries
from ingest.documents import Hit, Principal, Vectors
from ingest.keywords import terms

EmbedTexts = Callable[[Principal, Sequence[str]], Awaitable[Vectors]]
"""Embeds n texts for a principal, n at least 1, shape (n, dim), each of unit length."""

_NEAREST = 3
"""Documents that are named where there is no answer."""


class Quote(Struct, frozen=True, kw_only=True):
    """What the service says itself.

    Attributes:
        text: The answer.
        hits: The hits it cites; number 1 is the first.
        citations: Its markers.
        answered: False where it says that the answer is not known.
    """

    text: str
    hits: tuple[Hit, ...] = ()
    citations: tuple[Citation, ...] = ()
    answered: bool = True


async def quote(
    principal: Principal, queries: Queries, findings: Findings, embed: EmbedTexts
) -> Quote:
    """Return the sentences of the hits that answer best, or that there are none."""
    asked = queries.words
    found = candidates(findings.hits, terms, asked[0]) if asked else []
    if not found:
        return unknown(queries, findings)
    vectors = await embed(principal, [*asked, *(one.text for one in found)])
    shares = np.array([share for _, share in queries.texts], np.float32)
    best = extract(
        found,
        findings.hits,
        vectors=vectors[len(asked) :],
        question=(asked[0], shares @ vectors[: len(asked)]),
        terms=terms,
    )
    return _quoted(best)


def unknown(queries: Queries, findings: Findings) -> Quote:
    """Return that the answer is not known, and which documents are nearest."""
    text = phrase("unknown", queries.language)
    nearest = {hit.chunk.document_id: hit for hit in reversed(findings.hits)}
    hits = tuple(hit for hit in findings.hits if hit in nearest.values())[:_NEAREST]
    if not hits:
        return Quote(text=text, answered=False)
    text += f"\n\n{phrase('nearest', queries.language)}\n"
    citations = []
    for number, hit in enumerate(hits, start=1):
        text += f"\n- {hit.chunk.title or hit.chunk.path} "
        start = len(text)
        text += f"[{number}]"
        citations.append(Citation(number=number, hit=hit, start=start, end=len(text)))
    return Quote(text=text, hits=hits, citations=tuple(citations), answered=False)


def greeting(queries: Queries) -> Quote:
    """Return a reply to a message that asks nothing."""
    return Quote(text=phrase("greeting", queries.language))


def in_place_of_model(said: Quote, language: str) -> Quote:
    """Return `said` with the reason in front: the model cannot be reached."""
    quoted = bool(said.citations) and said.answered
    reason = phrase("quoted" if quoted else "down", language) + "\n\n"
    moved = tuple(
        replace(c, start=c.start + len(reason), end=c.end + len(reason))
        for c in said.citations
    )
    return replace(said, text=reason + said.text, citations=moved)


def _quoted(found: Extract) -> Quote:
    return Quote(text=found.text, hits=found.hits, citations=found.citations)
