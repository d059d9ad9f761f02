"""Hits and chunks for tests: name what the test is about, the rest is made up."""

from ingest.documents import Chunk, Hit, chunk_id, document_id


def chunk(
    text: str,
    *,
    path: str = "guide.md",
    title: str = "Guide",
    headings: tuple[str, ...] = (),
    position: int = 0,
    kind: str = "text",
    page: int | None = None,
    language: str = "en",
    start: int = 0,
) -> Chunk:
    document = document_id("default", path)
    return Chunk(
        id=chunk_id(document, position),
        document_id=document,
        document_digest=path,
        path=path,
        title=title,
        url="",
        heading_path=headings,
        page=page,
        position=position,
        start=start,
        end=start + len(text),
        text=text,
        kind=kind,  # type: ignore[arg-type]  # tests write kinds as plain text
        language=language,
        tenant="default",
        labels=("public",),
        digest=f"{path} {position} {text}",
    )


def hit(
    text: str = "Press the button.",
    *,
    score: float = 0.5,
    similarity: float | None = 0.5,
    keyword_score: float = 1.0,
    **rest: object,
) -> Hit:
    return Hit(
        chunk=chunk(text, **rest),  # type: ignore[arg-type]  # passed on as given
        score=score,
        similarity=similarity,
        keyword_score=keyword_score,
    )
