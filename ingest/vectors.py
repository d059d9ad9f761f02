"""The vectors of documents: known, or embedded, and leaning where articles lean."""

from collections.abc import Callable, Sequence

import numpy as np

from ingest.documents import Chunk, Vector, Vectors, embedded_text
from ingest.embedding import Embedder
from ingest.leaning import leaning, leans


def vectors_of(
    documents: Sequence[Sequence[Chunk]],
    known: dict[str, Vector],
    embedder: Embedder,
    *,
    check: Callable[[], None],
) -> list[Vectors]:
    """Return the vectors of each document's chunks; equal texts are embedded once.

    Args:
        documents: The chunks of each document, all of them, by position.
        known: Vectors of the editions before, by digest.
        embedder: Embeds what is not known.
        check: Called before each batch; what it raises ends the work.

    Returns:
        Vectors of each document in the order of its chunks.
    """
    unknown = [c for c in documents if any(one.digest not in known for one in c)]
    texts = {
        _embedded(chunk): None
        for chunks in unknown
        for chunk in chunks
        if leans(len(chunks)) or chunk.digest not in known
    }
    vectors = embedder.embed_passages(list(texts), check=check) if texts else ()
    own = dict(zip(texts, vectors, strict=True))
    known = dict(known)
    for chunks in unknown:
        if leans(len(chunks)):
            rows = leaning(np.stack([own[_embedded(chunk)] for chunk in chunks]))
            known |= zip((chunk.digest for chunk in chunks), rows, strict=True)
        else:
            known |= {
                c.digest: own[_embedded(c)] for c in chunks if c.digest not in known
            }
    return [np.stack([known[c.digest] for c in chunks]) for chunks in documents]


def _embedded(chunk: Chunk) -> str:
    return embedded_text(chunk.heading_path, chunk.title, chunk.text)
