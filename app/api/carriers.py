"""How citations and sources travel with an answer. Pure.

Three carriers at once, because no client reads all of them: annotations of the
message, a list ``sources`` beside the choices, and, if wanted, a list in the text.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from app.api.answering import Answer
from app.messages import JSON, Citation, Question, Usage
from ingest.documents import Chunk, Hit

_LONGEST = 600
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


def url_of(hit: Hit, address: str) -> str:
    """Return our own address of a hit; `address` is the service's.

    It names the chunk that was found, and the span if neighbours were joined to it.
    """
    chunk = hit.chunk
    span = "" if hit.found is None else f"?start={chunk.start}&end={chunk.end}"
    page = "" if chunk.page is None else f"#page={chunk.page}"
    return f"{address}/v1/sources/{chunk.id}{span}{page}"


def sources(hits: Sequence[Hit], address: str) -> list[Source]:
    """Return the sources of an answer, in the order of their numbers."""
    return [
        Source(
            id=hit.chunk.id,
            number=number,
            title=hit.chunk.title,
            heading_path=hit.chunk.heading_path,
            page=hit.chunk.page,
            score=round(hit.score, 4),
            snippet=(hit.found or hit.chunk).text[:_LONGEST],
            url=url_of(hit, address),
        )
        for number, hit in enumerate(hits, start=1)
    ]


def annotations(citations: Sequence[Citation], address: str) -> list[JSON]:
    """Return citations as the chat API writes them; places count code points."""
    return [
        {
            "type": "url_citation",
            "url_citation": {
                "url": url_of(citation.hit, address),
                "title": citation.hit.chunk.title,
                "start_index": citation.start,
                "end_index": citation.end,
            },
        }
        for citation in citations
    ]


def listed(question: Question, citations: Sequence[Citation], address: str) -> str:
    """Return what is appended to the text: the cited sources, if the caller asked.

    Numbers are those of the markers, so they may have gaps.
    """
    if question.rag.include_sources != "markdown" or question.wants_json:
        return ""
    cited = {citation.number: citation.hit for citation in citations}
    lines = [
        f"- [{number}] {_place(hit.chunk)}: {url_of(hit, address)}"
        for number, hit in sorted(cited.items())
    ]
    return "\n\nSources:\n\n" + "\n".join(lines) if lines else ""


def extras(question: Question, answer: Answer, address: str) -> dict[str, Any]:
    """Return what an answer carries beside its choices: sources, and how it came."""
    if not question.rag.enabled:
        return {}
    findings = answer.findings
    rag: JSON = {
        "answered": answer.answered,
        "confidence": round(findings.confidence, 4) if findings else None,
        "edition": findings.edition if findings else None,
        "queries": list(findings.queries) if findings else [],
        "usage": _rag_usage(answer.usage),
    }
    if answer.degraded:
        rag["degraded"] = answer.degraded
    return {"sources": sources(answer.hits, address), "rag": rag}


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
    return told | ({"rewrite_tokens": usage.rewrite} if usage.rewrite else {})


def _place(chunk: Chunk) -> str:
    # A title is a document's own text: it must not become markup.
    title = " ".join(chunk.title.translate(_MARKUP).split())
    return title if chunk.page is None else f"{title}, page {chunk.page}"
