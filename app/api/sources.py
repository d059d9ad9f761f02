"""What a citation opens: the cited text in its document, as JSON or as a page."""

from collections.abc import Collection, Sequence
from html import escape
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from app.api.pages import PAGE_HEADERS
from app.chat.context import joined_text
from app.errors import NotFound
from app.retrieval.late_index import LateIndex
from app.retrieval.results import AROUND, ResultDocument, document_of
from ingest.documents import Chunk, Principal


class ContextChunk(Struct, frozen=True, kw_only=True):
    """A chunk of the document around the cited one; overlaps are taken off.

    Attributes:
        id: Id of the chunk.
        heading_path: Titles above it, outermost first.
        page: Page, slide or sheet, from 1; None where there is none.
        text: What a person reads there.
        cited: Whether this is the cited chunk, or in the span that was cited.
    """

    id: str
    heading_path: tuple[str, ...]
    page: int | None
    text: str
    cited: bool


class Source(Struct, frozen=True, kw_only=True):
    """A cited text, whole, with what stands around it.

    Attributes:
        id: Id of the chunk that was found.
        object: Always "source".
        document: Where it stands.
        heading_path: Titles above it, outermost first.
        page: Page, slide or sheet, from 1; None where there is none.
        span: First character in the document's text, and one past the last.
        language: ISO 639-1 code, or "".
        labels: Access labels.
        text: The text in the span.
        context: The text between its neighbours, in reading order.
    """

    id: str
    object: str
    document: ResultDocument
    heading_path: tuple[str, ...]
    page: int | None
    span: tuple[int, int]
    language: str
    labels: tuple[str, ...]
    text: str
    context: tuple[ContextChunk, ...]


@get(
    "/v1/sources/{source_id:str}",
    summary="What a citation opens",
    scopes=("chat", "retrieve"),
)
async def read_source(
    source_id: FromPath[str],
    request: Request[Any, Any, Any],
    index: NamedDependency[LateIndex],
    principal: NamedDependency[Principal],
    start: FromQuery[int | None] = None,
    end: FromQuery[int | None] = None,
) -> Response[Source] | Response[str]:
    """Return the cited text between its neighbours.

    That is the chunk, or with ``start`` and ``end`` the chunks around it in that span
    of the document. A browser gets a page that is open at the cited place, everything
    else JSON.
    """
    chunk = await index.chunk(principal, source_id)
    if chunk is None:
        raise NotFound(f"there is no source {source_id!r}")
    around = await index.neighbours(principal, chunk, radius=AROUND)
    span = (chunk.start if start is None else start, chunk.end if end is None else end)
    cited = within(around, chunk, span)
    ids = {part.id for part in cited}
    if "text/html" in request.headers.get("accept", ""):
        whole = await index.document(principal, chunk.document_id)
        page = _page(chunk, without_overlaps(whole, ids))
        return Response(page, media_type=MediaType.HTML, headers=PAGE_HEADERS)
    return Response(_source(chunk, cited, without_overlaps(around, ids)))


def within(
    around: Sequence[Chunk], chunk: Chunk, span: tuple[int, int]
) -> Sequence[Chunk]:
    """Return those of the chunks `around` one that lie in `span`, `chunk` among them.

    A span without `chunk` is one of another state of the document: it cites the chunk.
    """
    inside = [c for c in around if span[0] <= c.start and c.end <= span[1]]
    return inside if chunk in inside else [chunk]


def without_overlaps(
    chunks: Sequence[Chunk], cited: Collection[str]
) -> tuple[ContextChunk, ...]:
    """Return `chunks`, which follow each other, each without what the one before said.

    Those whose id is in `cited` follow each other too. The first of them stays whole;
    the one before it gives way.
    """
    texts = [chunk.text for chunk in chunks]
    for at in range(1, len(chunks)):
        if chunks[at].start >= chunks[at - 1].end:
            continue
        shared = _shared(texts[at - 1], texts[at])
        if chunks[at].id in cited and chunks[at - 1].id not in cited:
            texts[at - 1] = texts[at - 1][: len(texts[at - 1]) - shared]
        else:
            texts[at] = texts[at][shared:]
    return tuple(
        ContextChunk(
            id=chunk.id,
            heading_path=chunk.heading_path,
            page=chunk.page,
            text=text.strip("\n"),
            cited=chunk.id in cited,
        )
        for chunk, text in zip(chunks, texts, strict=True)
        if text.strip()
    )


def _shared(before: str, after: str) -> int:
    """Return how many characters at the end of `before` begin `after`."""
    for length in range(min(len(before), len(after)), 0, -1):
        if before.endswith(after[:length]):
            return length
    return 0


def _source(
    chunk: Chunk, cited: Sequence[Chunk], context: tuple[ContextChunk, ...]
) -> Source:
    return Source(
        id=chunk.id,
        object="source",
        document=document_of(chunk),
        heading_path=chunk.heading_path,
        page=chunk.page,
        span=(min(c.start for c in cited), max(c.end for c in cited)),
        language=chunk.language,
        labels=chunk.labels,
        text=joined_text(cited),
        context=context,
    )


def _page(chunk: Chunk, context: tuple[ContextChunk, ...]) -> str:
    """Write the document as a page that opens at the cited chunk, without a script."""
    place = " › ".join(chunk.heading_path)
    origin = ""
    if chunk.url.startswith(("https://", "http://")):
        address = escape(chunk.url, quote=True)
        origin = (
            f'<p class="open"><a href="{address}" rel="noopener noreferrer nofollow">'
            f"{escape(chunk.url)}</a></p>"
        )
    return (
        f'<!doctype html><html lang="{escape(chunk.language or "en", quote=True)}">'
        '<head><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width, initial-scale=1">'
        f"<title>{escape(chunk.title)}</title>"
        '<link rel="stylesheet" href="/assets/source.css"></head>'
        f"<body><header><h1>{escape(chunk.title)}</h1>"
        f"<p>{escape(place)}</p></header><main>{origin}"
        f"{_sections(chunk, context)}</main></body></html>"
    )


def _sections(cited: Chunk, context: tuple[ContextChunk, ...]) -> str:
    written: list[str] = []
    pages: set[int | None] = {None, cited.page}
    path: tuple[str, ...] = ()
    for chunk in context:
        if chunk.heading_path not in (path, ()):
            written.append(f"<h2>{escape(chunk.heading_path[-1])}</h2>")
        path = chunk.heading_path
        # A browser goes to the fragment #page=3 if there is one, else to the focus.
        attributes = ""
        if chunk.id == cited.id:
            name = f"page={cited.page}" if cited.page else "cited"
            attributes = f' class="cited" id="{name}" tabindex="-1" autofocus'
        elif chunk.cited:
            attributes = ' class="cited"'
        elif chunk.page not in pages:
            attributes = f' id="page={chunk.page}"'
        pages.add(chunk.page)
        written.append(f"<section{attributes}>{escape(chunk.text)}</section>")
    return "".join(written)
