"""How citations and sources travel with an answer. Pure.

Three carriers at once, because no client reads all of them: annotations of the
message, a list ``sources`` beside the choices, and, if wanted, a list in the text.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from app.api.answering import Answer
from app.budgets import BILLION
from app.conversations.turns import KeptHit, Rag, kept_hit, kept_hits
from app.messages import JSON, Citation, Question, Usage

_NEAREST = 3
"""Documents that are told where there is no answer."""

_MARKUP = str.maketrans(dict.fromkeys("[]<>*_`|\\#", " "))


class Source(Struct, frozen=True, kw_only=True):
    """One hit that was offered to the model.

    Attributes:
        id: Id of the chunk that was found.
        number: The number that markers in the answer give it, from 1.
        title: Title of its document.
        heading_path: Titles above the chunk, outermost first.
        page: Page, slide or sheet, from 1; None where there is none.
        score: Fused score, or the reranker's, in [0, 1].
        snippet: The text that was found, or its beginning.
        url: Our own address of the place; it opens the whole source.
    """

    id: str
    number: int
    title: str
    heading_path: tuple[str, ...]
    page: int | None
    score: float
    snippet: str
    url: str


class Nearest(Struct, frozen=True, kw_only=True):
    """A document that comes nearest to a question that has no answer.

    Attributes as `Source` has them.
    """

    id: str
    title: str
    heading_path: tuple[str, ...]
    page: int | None
    url: str
    snippet: str


def url_of(hit: KeptHit, address: str) -> str:
    """Return our own address of a hit; `address` is the service's.

    It names the chunk that was found, and the span if neighbours were joined to it.
    """
    span = "" if hit.span is None else f"?start={hit.span[0]}&end={hit.span[1]}"
    page = "" if hit.page is None else f"#page={hit.page}"
    return f"{address}/v1/sources/{hit.id}{span}{page}"


def sources(hits: Sequence[KeptHit], address: str) -> list[Source]:
    """Return the sources of an answer, in the order of their numbers."""
    return [
        Source(
            id=hit.id,
            number=hit.number,
            title=hit.title,
            heading_path=hit.heading_path,
            page=hit.page,
            score=hit.score,
            snippet=hit.snippet,
            url=url_of(hit, address),
        )
        for hit in hits
    ]


def annotations(citations: Sequence[Citation], address: str) -> list[JSON]:
    """Return citations as the chat API writes them; places count code points."""
    return [
        annotation(kept_hit(c.hit, c.number), (c.start, c.end), address)
        for c in citations
    ]


def annotation(hit: KeptHit, place: tuple[int, int], address: str) -> JSON:
    """Return one citation: its hit, and where its marker begins and ends."""
    return {
        "type": "url_citation",
        "url_citation": {
            "url": url_of(hit, address),
            "title": hit.title,
            "start_index": place[0],
            "end_index": place[1],
        },
    }


def listed(question: Question, citations: Sequence[Citation], address: str) -> str:
    """Return what is appended to the text: the cited sources, if the caller asked.

    Numbers are those of the markers, so they may have gaps.
    """
    if question.rag.include_sources != "markdown" or question.wants_json:
        return ""
    cited = {c.number: kept_hit(c.hit, c.number) for c in citations}
    lines = [
        f"- [{number}] {_place(hit)}: {url_of(hit, address)}"
        for number, hit in sorted(cited.items())
    ]
    return "\n\nSources:\n\n" + "\n".join(lines) if lines else ""


def extras(question: Question, answer: Answer, address: str) -> dict[str, Any]:
    """Return what an answer carries beside its choices: sources, and how it came."""
    told = _conversation(answer)
    if not question.rag.enabled:
        return {"rag": told} if told else {}
    findings = answer.findings
    rag = rag_json(
        answered=answer.answered,
        confidence=round(findings.confidence, 4) if findings else None,
        how=Rag(
            edition=findings.edition if findings else "",
            queries=findings.queries if findings else (),
            degraded=answer.degraded,
            usage=answer.usage,
            follow_ups=answer.follow_ups,
        ),
    )
    hits = kept_hits(answer.hits)
    near = nearest(hits, address, answered=answer.answered)
    return {"sources": sources(hits, address), "rag": rag | near | told}


def rag_json(*, answered: bool | None, confidence: float | None, how: Rag) -> JSON:
    """Return how an answer came, as its object ``rag``."""
    rag: JSON = {
        "answered": answered,
        "confidence": confidence,
        "edition": how.edition or None,
        "queries": list(how.queries),
        "usage": _rag_usage(how.usage),
    }
    return (
        rag
        | ({"degraded": how.degraded} if how.degraded else {})
        | ({"follow_ups": list(how.follow_ups)} if how.follow_ups else {})
    )


def nearest(hits: Sequence[KeptHit], address: str, *, answered: bool | None) -> JSON:
    """Return the nearest documents, where there is no answer, as part of ``rag``."""
    if answered is not False or not hits:
        return {}
    best: dict[str, KeptHit] = {}
    for hit in sorted(hits, key=lambda hit: -hit.score):
        best.setdefault(hit.title or hit.id, hit)
    near = [
        Nearest(
            id=hit.id,
            title=hit.title,
            heading_path=hit.heading_path,
            page=hit.page,
            url=url_of(hit, address),
            snippet=hit.snippet,
        )
        for hit in list(best.values())[:_NEAREST]
    ]
    return {"nearest": near}


def _conversation(answer: Answer) -> JSON:
    """Return which conversation has an answer, and whether it does already."""
    if not answer.conversation_id:
        return {}
    unsaved = {} if answer.saved else {"saved": False}
    return {"conversation_id": answer.conversation_id, **unsaved}


def usage_json(usage: Usage) -> JSON:
    """Return tokens as the chat API writes them."""
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.prompt + usage.completion,
        "prompt_tokens_details": {"cached_tokens": usage.cached},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
    }


def _rag_usage(usage: Usage) -> JSON:
    saved = 1 - usage.prompt / usage.stuffed if usage.stuffed else 0.0
    told: JSON = {
        "sources_tokens": usage.sources,
        "stuffed_tokens": usage.stuffed,
        "saved": round(max(saved, 0.0), 4),
    }
    if usage.rewrite:
        told["rewrite_tokens"] = usage.rewrite
    if usage.cost is not None:
        told["cost"] = usage.cost / BILLION
    return told


def _place(chunk: KeptHit) -> str:
    # A title is a document's own text: it must not become markup.
    title = " ".join(chunk.title.translate(_MARKUP).split())
    return title if chunk.page is None else f"{title}, page {chunk.page}"
