"""The nouns: what a file becomes on its way into the index and out of it.

    Document --read--> Element --split--> Chunk --search--> Hit

This module imports next to nothing of ours, so every other one may import it.
"""

import re
import uuid
from typing import Literal

import numpy as np
import numpy.typing as npt
from msgspec import Struct, field

from ingest.hidden import HiddenKind, HiddenText

Vector = npt.NDArray[np.float32]
"""An embedding, shape (dim,), unit length."""

Vectors = npt.NDArray[np.float32]
"""Embeddings, shape (n, dim), each of unit length."""

Sight = tuple[str, ...]
"""What decides which chunks somebody sees; see `Principal.sight`."""

ElementKind = Literal["title", "text", "list", "code", "table"]

_NAMESPACE = uuid.UUID("6f0f5c1e-6b8e-5d0b-9a55-5a6c9a1f3d10")


def document_id(tenant: str, path: str) -> str:
    """Return the id of the document at `path`: the same for ever, per tenant."""
    return str(uuid.uuid5(_NAMESPACE, f"{tenant}\n{path}"))


def chunk_id(document: str, position: int) -> str:
    """Return the id of the chunk at `position` (from 0) of a document's id."""
    return str(uuid.uuid5(_NAMESPACE, f"{document}\n{position}"))


class Document(Struct, frozen=True, kw_only=True):
    """One file of the corpus, before it is read.

    `id` follows the path and `digest` follows the bytes: an edited file keeps its
    id and changes its digest.

    Attributes:
        id: UUIDv5 of tenant and path, as text.
        path: Path relative to the scanned folder, with forward slashes.
        digest: SHA-256 of the file's bytes and of what else decides about its
            chunks (labels, url base), as 64 hex digits.
        media_type: IANA media type, such as ``application/pdf``, by content first.
        size: Bytes in the file.
        tenant: Whose document it is.
        labels: Access labels given from outside (the command line, a folder).
        url: Address people know the document by, or "".
        hidden_text: What is done about hidden text in it.
    """

    id: str
    path: str
    digest: str
    media_type: str
    size: int
    tenant: str
    labels: tuple[str, ...]
    url: str = ""
    hidden_text: HiddenText = "strip"


class Element(Struct, frozen=True, kw_only=True):
    """One block of a document.

    Attributes:
        kind: What the block is. A title's `heading_path` ends with itself.
        text: What a person reads there. Rows of a table are lines.
        heading_path: Titles above the block, outermost first.
        page: Page, slide or sheet, from 1; None where there is none.
        anchor: Fragment of the nearest heading's address, or "".
        start: First character of the block in the reading's text.
        end: One past the last.
        offsets: Pairs of (offset in `text`, offset in the reading's text), rising
            in both, where the two do not run in step; between two pairs they do.
            Empty: `text` runs in step from `start` on.
        header_rows: Lines at the head of a table that name its columns.
    """

    kind: ElementKind
    text: str
    heading_path: tuple[str, ...] = ()
    page: int | None = None
    anchor: str = ""
    start: int = 0
    end: int = 0
    offsets: tuple[tuple[int, int], ...] = ()
    header_rows: int = 0


class Reading(Struct, frozen=True, kw_only=True):
    """What a reader found in one document.

    Attributes:
        text: The document's text: the decoded file for text formats, else the
            elements' texts joined by blank lines. Spans count its characters.
        elements: Blocks in reading order; spans do not overlap.
        verbatim: Every element is a slice of `text`, and so is what lies between.
        title: What the document calls itself, or "".
        url: Its own address of itself, or "".
        language: ISO 639-1 code it declares, or "".
        labels: Access labels it declares.
        versions: Product versions it declares to be about, as it writes them.
        date: Day of its last change by its own account, such as ``2026-09-02``,
            or "". What the file system says is no such account.
        warnings: Sentences about what was left out or repaired.
        hidden: How much hidden text there was, in characters or parts, by kind.
        keeps_hidden: Characters that nobody sees stay in the chunks.
    """

    text: str
    elements: tuple[Element, ...]
    verbatim: bool = False
    title: str = ""
    url: str = ""
    language: str = ""
    labels: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    date: str = ""
    warnings: tuple[str, ...] = ()
    hidden: dict[HiddenKind, int] = field(default_factory=dict)
    keeps_hidden: bool = False


class Chunk(Struct, frozen=True, kw_only=True):
    """A span of a document, short enough to embed; what the index stores.

    Attributes:
        id: UUIDv5 of document id and position, as text.
        document_id: Id of its document.
        document_digest: Digest of the document it was cut from.
        path: The document's path.
        title: The document's title.
        url: Address of the place: the document's, with anchor or page, or "".
        heading_path: Titles above the chunk, outermost first.
        page: Page, slide or sheet, from 1; None where there is none.
        position: Number in the document, from 0.
        start: First character in the document's text.
        end: One past the last.
        text: What a person reads there.
        kind: The kind of its elements; "text" when they differ.
        language: ISO 639-1 code, or "" when unknown.
        tenant: Whose it is.
        labels: Access labels; never empty.
        digest: SHA-256 of all that its vector is made from, as 32 hex digits.
        versions: Product versions that the document declares to be about.
        date: Day of the document's last change by its own account, such as
            ``2026-09-02``, or "".
    """

    id: str
    document_id: str
    document_digest: str
    path: str
    title: str
    url: str
    heading_path: tuple[str, ...]
    page: int | None
    position: int
    start: int
    end: int
    text: str
    kind: ElementKind
    language: str
    tenant: str
    labels: tuple[str, ...]
    digest: str
    versions: tuple[str, ...] = ()
    date: str = ""


def embedded_text(heading_path: tuple[str, ...], title: str, text: str) -> str:
    """Return what is embedded and indexed for a chunk: its place, then its text.

    What of the text is only markup is blanked, see `blanked`.
    """
    path = (
        heading_path
        if not title or heading_path[:1] == (title,)
        else (title, *heading_path)
    )
    return f"{' > '.join(path)}\n{blanked(text)}" if path else blanked(text)


def blanked(text: str) -> str:
    """Return `text` with blanks, as many, where there is only markup.

    That is what says nothing: the addresses of links and pictures, HTML tags and
    comments, signs of emphasis. Since the length stays, so does every place.
    """
    return _MARKUP.sub(_blanks, text)


_TAGS = (
    "a|abbr|article|aside|b|blockquote|br|code|dd|del|details|div|dl|dt|em|figure|"
    "figcaption|footer|h[1-6]|header|hr|i|iframe|img|kbd|li|main|nav|ol|p|picture|"
    "pre|s|section|small|source|span|strong|sub|summary|sup|table|tbody|td|tfoot|th|"
    "thead|tr|u|ul|video"
)

# Lengths are bounded so that no text makes this slow.
_MARKUP = re.compile(
    r"!?\[(?P<label>[^\[\]\n]{0,300})\]\([^()\n]{0,2000}\)"
    rf"|</?(?:{_TAGS})(?:\s[^<>]{{0,2000}})?/?>"
    r"|<!--.{0,4000}?-->|\*\*|__|`",
    re.DOTALL | re.IGNORECASE,
)


def _blanks(found: re.Match[str]) -> str:
    label = found["label"]
    if label is None:
        return " " * len(found[0])
    start = found.start("label") - found.start()
    return " " * start + label + " " * (len(found[0]) - start - len(label))


class SparseVector(Struct, frozen=True):
    """A text as weighted terms.

    Attributes:
        indices: Hashes of terms, rising, below 2**32.
        values: Weight of each term, positive.
    """

    indices: tuple[int, ...]
    values: tuple[float, ...]


class Principal(Struct, frozen=True, kw_only=True):
    """Who is asking.

    Attributes:
        tenant: The tenant whose documents may be seen.
        labels: Access labels held; a chunk is seen if it carries one of them.
        scopes: What they may do, in the words of `app.access.scopes`.
        key_id: Id of the key they showed; "" for none.
        session: Id of the visitor's session they are in; "" for none. In one, they
            see of conversations only their own.
    """

    tenant: str
    labels: tuple[str, ...]
    scopes: frozenset[str] = frozenset()
    key_id: str = ""
    session: str = ""

    @property
    def sight(self) -> Sight:
        """The tenant, then the labels: equal for all who see the same chunks.

        What is remembered of a question or of documents is remembered by this, so
        that nobody learns, not even by the time it takes, what others with another
        sight were asked or told.
        """
        return (self.tenant, *sorted(set(self.labels)))


class Hit(Struct, frozen=True, kw_only=True):
    """A chunk that answered a query.

    Attributes:
        chunk: What was found; where neighbours were joined to it, with their text
            and span too.
        score: Fused score in [0, 1]; the larger, the better.
        similarity: Cosine to the query in [-1, 1]; None if the dense ranking did
            not reach the chunk.
        keyword_score: Keyword score, at least 0; 0 if the keyword ranking did not
            reach the chunk.
        found: The chunk as it was found, where neighbours were joined to it.
    """

    chunk: Chunk
    score: float
    similarity: float | None = None
    keyword_score: float = 0.0
    found: Chunk | None = None
