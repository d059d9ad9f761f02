"""Cuts what was read into chunks, exactly in tokens of the embedding model. Pure.

    Elements --places--> sections --packing--> parts --drafts--> Chunks

A chunk belongs to one section, or to several tiny ones of the same parent. It holds
whole blocks where they fit; else it ends at a sentence, an item, a line of code, a
row of a table (whose header is repeated), a word, and only at last inside a word.
"""

from ingest.chunking.drafts import Drafts, Offsets
from ingest.chunking.measuring import measure
from ingest.chunking.places import address
from ingest.documents import Chunk, Document, Reading, chunk_id, embedded_text
from ingest.leaning import digests

__all__ = ["Offsets", "measure", "split"]


def split(  # noqa: PLR0913 -- a document, what is known of it, and how to cut it
    document: Document,
    reading: Reading,
    *,
    title: str,
    language: str,
    offsets: Offsets,
    size: int,
    overlap: int,
) -> list[Chunk]:
    """Cut what was read of a document into chunks.

    Args:
        document: The document.
        reading: What was read of it.
        title: Its title; a very long one is shortened in the chunks.
        language: ISO 639-1 code, or "".
        offsets: What chunks are measured in: word pieces, see `measure`.
        size: Most tokens of a chunk with its title and heading path in front, at
            least 16.
        overlap: Most tokens that a chunk repeats of the one before; less than half
            of `size`.

    Returns:
        Chunks in reading order. `embedded_text` of none has more than `size`
        tokens. Each has a letter or a digit.
    """
    drafts = Drafts(reading, offsets=offsets, size=size, overlap=overlap).all(title)
    marks = digests([embedded_text(d.path, d.title, d.text) for d in drafts])
    found = []
    for position, draft in enumerate(drafts):
        numbers = sorted({part.block for part in draft.parts})
        elements = [reading.elements[number] for number in numbers]
        kinds = {element.kind for element in elements}
        chunk = Chunk(
            id=chunk_id(document.id, position),
            document_id=document.id,
            document_digest=document.digest,
            path=document.path,
            title=draft.title,
            url=address(document, reading, elements[0]),
            heading_path=draft.path,
            page=elements[0].page,
            position=position,
            start=draft.start,
            end=draft.end,
            text=draft.text,
            kind=kinds.pop() if len(kinds) == 1 else "text",
            language=language,
            tenant=document.tenant,
            labels=reading.labels or document.labels,
            digest=marks[position],
            versions=reading.versions,
            date=reading.date,
        )
        found.append(chunk)
    return found
