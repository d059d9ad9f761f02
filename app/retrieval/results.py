"""Hits as everybody outside sees them: the search API and ``frontdesk search --json``."""

from msgspec import Struct

from app.messages import Findings
from ingest.documents import Chunk, Hit

AROUND = 12
"""Chunks that a citation opens before and after the cited one: enough to read on,
little to send."""


class ResultDocument(Struct, frozen=True, kw_only=True):
    """The document in which a chunk stands.

    Attributes:
        id: Id of the document.
        path: Path relative to the ingested folder.
        title: What people call it.
        url: Its address at the place that was found, or "".
        versions: Product versions it declares to be about.
        date: Day of its last change by its own account; None if it tells none.
    """

    id: str
    path: str
    title: str
    url: str
    versions: tuple[str, ...]
    date: str | None


class Result(Struct, frozen=True, kw_only=True):
    """A chunk that answered a query.

    Attributes:
        id: Id of the chunk; ``/v1/sources/{id}`` opens it.
        score: Fused score, or the reranker's, in [0, 1].
        text: What a person reads there.
        document: Where it stands.
        heading_path: Titles above it, outermost first.
        page: Page, slide or sheet, from 1; None where there is none.
        span: First character in the document's text, and one past the last. For
            text formats these count characters of the decoded file.
        language: ISO 639-1 code, or "".
        labels: Access labels.
    """

    id: str
    score: float
    text: str
    document: ResultDocument
    heading_path: tuple[str, ...]
    page: int | None
    span: tuple[int, int]
    language: str
    labels: tuple[str, ...]


class SearchResults(Struct, frozen=True, kw_only=True):
    """What a search found.

    Attributes:
        object: Always "search.results".
        queries: What was searched for, in words.
        confidence: How likely the hits hold an answer, in [0, 1].
        edition: Edition of the index that answered.
        data: Hits, best first.
        degraded: "rerank_timeout" or "rerank_unavailable" where the fused order
            stands in place of the reranker's; else None.
    """

    object: str
    queries: tuple[str, ...]
    confidence: float
    edition: str
    data: tuple[Result, ...]
    degraded: str | None = None


def search_results(findings: Findings) -> SearchResults:
    """Write `findings` in the words of the search API."""
    return SearchResults(
        object="search.results",
        queries=findings.queries,
        confidence=round(findings.confidence, 4),
        edition=findings.edition,
        data=tuple(_result(hit) for hit in findings.hits),
        degraded=findings.degraded,
    )


def document_of(chunk: Chunk) -> ResultDocument:
    """Return the document in which `chunk` stands."""
    return ResultDocument(
        id=chunk.document_id,
        path=chunk.path,
        title=chunk.title,
        url=chunk.url,
        versions=chunk.versions,
        date=chunk.date or None,
    )


def _result(hit: Hit) -> Result:
    chunk = hit.chunk
    return Result(
        id=chunk.id,
        score=round(hit.score, 6),
        text=chunk.text,
        document=document_of(chunk),
        heading_path=chunk.heading_path,
        page=chunk.page,
        span=(chunk.start, chunk.end),
        language=chunk.language,
        labels=chunk.labels,
    )
