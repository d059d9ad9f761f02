"""Makes readings out of a few words, and cuts them."""

import re
from collections.abc import Sequence

import msgspec

from ingest.chunking import split
from ingest.documents import (
    Chunk,
    Document,
    Element,
    ElementKind,
    Reading,
    embedded_text,
)

DOCUMENT = Document(
    id="6d3f", path="a.md", digest="0" * 64, media_type="text/markdown", size=1,
    tenant="acme", labels=("public",), url="https://help.example/a",
)  # fmt: skip
PIECES = re.compile(r"\w{1,4}|[^\w\s]")
SENTENCE = "The hub keeps its data. "  # 7 pieces


def pieces(texts: Sequence[str]) -> list[list[tuple[int, int]]]:
    """Cut every word into pieces of at most four letters."""
    return [[match.span() for match in PIECES.finditer(text)] for text in texts]


def element(
    text: str,
    *path: str,
    kind: ElementKind = "text",
    page: int | None = None,
    anchor: str = "",
    header_rows: int = 0,
) -> Element:
    """Make a block that is not placed yet."""
    return Element(
        kind=kind,
        text=text,
        heading_path=path,
        page=page,
        anchor=anchor,
        header_rows=header_rows,
    )


def title(*path: str) -> Element:
    """Make the title that ends `path`."""
    return element(path[-1], *path, kind="title", anchor=path[-1].lower())


def joined(*elements: Element, verbatim: bool = False) -> Reading:
    """Place blocks one after the other."""
    text, placed = "", []
    for one in elements:
        text += "\n\n" if text else ""
        end = len(text) + len(one.text)
        placed.append(msgspec.structs.replace(one, start=len(text), end=end))
        text += one.text
    return Reading(text=text, elements=tuple(placed), verbatim=verbatim)


def cut(
    reading: Reading,
    *,
    size: int = 40,
    overlap: int = 0,
    name: str = "",
    document: Document = DOCUMENT,
) -> list[Chunk]:
    """Split `reading` with small limits."""
    return split(
        document,
        reading,
        title=name,
        language="en",
        offsets=pieces,
        size=size,
        overlap=overlap,
    )


def tokens(chunk: Chunk) -> int:
    """Return the tokens of what is embedded."""
    whole = embedded_text(chunk.heading_path, chunk.title, chunk.text)
    return len(pieces([whole])[0])
