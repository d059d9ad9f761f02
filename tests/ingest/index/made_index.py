"""Makers of what an index is filled with and asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ingest.documents import (
    Chunk,
    Document,
    Principal,
    SparseVector,
    Vector,
    Vectors,
    chunk_id,
    document_id,
)
from ingest.index import Fingerprint, IndexQuery, IndexWriter
from ingest.keywords import question_keywords

DIM = 4
EAST, NORTH, UP, PAST = np.eye(DIM, dtype=np.float32)
NO_KEYWORDS = SparseVector((), ())
FINGERPRINT = Fingerprint(
    model="first", dim=DIM, chunk_size=220, chunk_overlap=24, schema=1
)
OTHER_MODEL = Fingerprint(
    model="second", dim=DIM, chunk_size=220, chunk_overlap=24, schema=1
)


@dataclass(frozen=True)
class Page:
    """A document with its chunks and vectors, ready to be stored."""

    document: Document
    chunks: tuple[Chunk, ...]
    vectors: Vectors


def page(
    path: str,
    texts: Sequence[str],
    vectors: Sequence[Vector] | None = None,
    *,
    tenant: str = "acme",
    labels: tuple[str, ...] = ("public",),
    digest: str = "first",
    language: str = "en",
    versions: tuple[str, ...] = (),
    date: str = "",
) -> Page:
    """Make the document at `path` out of one chunk for each of `texts`."""
    id_ = document_id(tenant, path)
    document = Document(
        id=id_,
        path=path,
        digest=digest,
        media_type="text/plain",
        size=1,
        tenant=tenant,
        labels=labels,
    )
    chunks = tuple(
        Chunk(
            id=chunk_id(id_, position),
            document_id=id_,
            document_digest=digest,
            path=path,
            title=path,
            url="",
            heading_path=(),
            page=None,
            position=position,
            start=0,
            end=len(text),
            text=text,
            kind="text",
            language=language,
            tenant=tenant,
            labels=labels,
            digest=f"digest of {text}",
            versions=versions,
            date=date,
        )
        for position, text in enumerate(texts)
    )
    return Page(document, chunks, np.stack(vectors or [EAST] * len(texts)))


def principal(tenant: str = "acme", *labels: str) -> Principal:
    return Principal(tenant=tenant, labels=labels or ("public",))


def asking(
    vector: Vector = EAST,
    words: str = "",
    *,
    keep: int = 20,
    **narrowing: Any,
) -> IndexQuery:
    return IndexQuery(
        vector=vector,
        keywords=question_keywords(words, "en") if words else NO_KEYWORDS,
        keep=keep,
        **narrowing,
    )


async def put(writer: IndexWriter, *pages: Page) -> None:
    for one in pages:
        await writer.replace(one.document, one.chunks, one.vectors)
