"""Chunks as Qdrant's points. Pure functions, shared by both variants.

A point has the chunk's id, its embedding ("dense"), its terms ("keywords") and as
payload the chunk itself, what it is filtered by, and how many chunks its document
has.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from ingest.documents import (
    Chunk,
    Document,
    Hit,
    SparseVector,
    Vector,
    Vectors,
    chunk_id,
    embedded_text,
)
from ingest.errors import IndexDamaged, IndexMismatch, VectorUnusable
from ingest.index import filters
from ingest.index.base import Fingerprint, IndexQuery, Stored
from ingest.index.fusion import fuse
from ingest.keywords import passage_keywords

DENSE = "dense"
KEYWORDS = "keywords"
STORED_FIELDS = ["document_id", "path", "document_digest", "chunks", "tenant"]
"""The payload that `stored` reads."""

BATCH = 256
"""Points that are written, and 4 times as many that are read, at once."""

_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_COMPARED = 30

Ranking = Sequence[tuple[str, float]]
"""Ids of points with their scores."""

RawChunk = dict[str, Any]
"""A point's payload with its id: what a `Chunk` is read from."""


class Found(Struct, frozen=True):
    """A `Hit` whose chunk has not been read yet; as bytes the two are the same."""

    chunk: RawChunk
    score: float
    similarity: float | None
    keyword_score: float


class Point(Struct, frozen=True):
    """A chunk as it is stored, before either library's own types.

    Attributes:
        id: The chunk's id.
        dense: Its embedding.
        keywords: Its terms; may be empty.
        payload: The rest.
    """

    id: str
    dense: Vector
    keywords: SparseVector
    payload: dict[str, Any]


def to_points(
    document: Document, chunks: Sequence[Chunk], vectors: Vectors, *, dim: int
) -> list[Point]:
    """Return a document's chunks as points.

    Args:
        document: The document.
        chunks: All of its n chunks.
        vectors: Their embeddings, shape (n, dim), in the same order.
        dim: Length of the index's vectors.

    Raises:
        ValueError: There are no chunks, or chunks of another document, or not as
            many as vectors.
        VectorUnusable: A vector is not finite or has no length.
    """
    if not chunks or vectors.shape != (len(chunks), dim):
        raise ValueError(f"{document.path}: {len(chunks)} chunks, {vectors.shape=}")
    if any(
        (chunk.document_id, chunk.document_digest) != (document.id, document.digest)
        for chunk in chunks
    ):
        raise ValueError(f"{document.path}: a chunk of another document or version")
    return [
        Point(
            chunk.id,
            usable(vector),
            passage_keywords(
                embedded_text(chunk.heading_path, chunk.title, chunk.text),
                chunk.language,
            ),
            _payload(chunk, len(chunks)),
        )
        for chunk, vector in zip(chunks, vectors, strict=True)
    ]


def usable(vector: Vector) -> Vector:
    """Return `vector` if it points anywhere.

    Raises:
        VectorUnusable: It is not finite or has no length: Qdrant would store it,
            and find nothing with it, in silence.
    """
    norm = float(np.linalg.norm(vector))
    if not np.isfinite(norm) or norm == 0:
        raise VectorUnusable("a vector must be finite and longer than 0")
    return vector


def batches(points: Sequence[Point]) -> Iterator[Sequence[Point]]:
    """Yield `points` in portions that can be written at once."""
    for start in range(0, len(points), BATCH):
        yield points[start : start + BATCH]


def to_chunk(id_: object, payload: Mapping[str, Any] | None) -> Chunk:
    """Return the chunk of a point.

    Raises:
        IndexDamaged: The payload is not one of ours.
    """
    try:
        return msgspec.convert({**(payload or {}), "id": str(id_)}, Chunk)
    except msgspec.ValidationError as error:
        raise IndexDamaged(f"point {id_} holds no chunk: {error}") from error


def in_order(chunks: Iterable[Chunk]) -> list[Chunk]:
    """Return chunks of one document as they are read."""
    return sorted(chunks, key=lambda chunk: chunk.position)


def around(chunk: Chunk, radius: int) -> list[str]:
    """Return the ids of `chunk` and of up to `radius` chunks on either side."""
    first = max(chunk.position - radius, 0)
    return [
        chunk_id(chunk.document_id, position)
        for position in range(first, chunk.position + radius + 1)
    ]


def oversampling(fetch: int) -> float:
    """Return how many times `fetch` are compared by the vectors themselves.

    Small copies put the ten nearest of 100,000 among the first ten at 94 of 100
    times, and among the first thirty nearly always.
    """
    return max(1.0, _COMPARED / fetch)


def best(dense: Ranking, keywords: Ranking, query: IndexQuery) -> dict[str, float]:
    """Return the ids worth reading with their fused scores, best first."""
    return dict(fuse(dense, keywords, weight=query.weight)[: query.keep])


def to_hits(
    chunks: Iterable[Chunk],
    scores: Mapping[str, float],
    dense: Ranking,
    keywords: Ranking,
) -> list[Hit]:
    """Return `chunks` with their scores, in the order of `scores`."""
    found = {chunk.id: chunk for chunk in chunks}
    similarities, keyword_scores = dict(dense), dict(keywords)
    return [
        Hit(
            chunk=found[id_],
            score=score,
            similarity=similarities.get(id_),
            keyword_score=keyword_scores.get(id_, 0.0),
        )
        for id_, score in scores.items()
        if id_ in found
    ]


def found(
    chunks: Mapping[str, RawChunk],
    scores: Mapping[str, float],
    dense: Ranking,
    keywords: Ranking,
) -> list[Found]:
    """Return `chunks`, by their ids, with their scores, in the order of `scores`."""
    similarities, keyword_scores = dict(dense), dict(keywords)
    return [
        Found(chunks[id_], score, similarities.get(id_), keyword_scores.get(id_, 0.0))
        for id_, score in scores.items()
        if id_ in chunks
    ]


def to_stored(payloads: Iterable[Mapping[str, Any]]) -> dict[str, Stored]:
    """Return what is known of the documents whose points have these payloads.

    A document of which a killed run left only a part has the digest "".

    Args:
        payloads: `STORED_FIELDS` of all points of some documents.
    """
    every = to_lists(payloads).values()
    return {stored.document_id: stored for listed in every for stored in listed}


def to_lists(payloads: Iterable[Mapping[str, Any]]) -> dict[str, list[Stored]]:
    """Return the same by tenant."""
    found: dict[str, _Found] = {}
    for payload in payloads:
        document_id, *told, tenant = (payload[name] for name in STORED_FIELDS)
        one = found.get(document_id)
        if one is None:
            one = found[document_id] = _Found(tenant, tuple(told))
        one.points += 1
        one.mixed = one.mixed or one.told != tuple(told)
    lists: dict[str, list[Stored]] = {}
    for document_id, one in found.items():
        path, digest, chunks = one.told
        whole = not one.mixed and chunks == one.points
        stored = Stored(
            document_id=document_id,
            path=path,
            digest=digest if whole else "",
            chunks=one.points,
        )
        lists.setdefault(one.tenant, []).append(stored)
    return lists


class _Found(Struct):
    """The points of a document, as far as they were seen.

    Attributes:
        tenant: Whose it is.
        told: Path, digest and number of chunks, as the first point tells them.
        points: How many there are.
        mixed: Another one tells something else: they are of two versions.
    """

    tenant: str
    told: tuple[Any, ...]
    points: int = 0
    mixed: bool = False


def to_listing(payloads: Iterable[Mapping[str, Any]]) -> list[Stored]:
    """Return the documents whose first points have these payloads, by path."""
    found = (msgspec.convert(_as_stored(payload), Stored) for payload in payloads)
    return sorted(found, key=lambda stored: stored.path)


def point_ids(ids: Iterable[str]) -> list[str]:
    """Return those of `ids` that can be ids of points: the UUIDs."""
    return [id_ for id_ in ids if _UUID.fullmatch(id_)]


def require_same(found: Fingerprint, expected: Fingerprint | None) -> None:
    """Compare what an index was built with to what its reader needs.

    How documents were cut makes no difference to a reader.

    Raises:
        IndexMismatch: They differ; the message names both values of each field.
    """
    if expected is None:
        return
    differing = ", ".join(
        f"{name} {getattr(found, name)} in the index and {getattr(expected, name)} here"
        for name in ("model", "dim", "schema")
        if getattr(found, name) != getattr(expected, name)
    )
    if not differing:
        return
    raise IndexMismatch(
        f"the index was built differently: {differing}; ingest again, or set what it has"
    )


def _as_stored(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {**payload, "digest": payload["document_digest"]}


def _payload(chunk: Chunk, chunks: int) -> dict[str, Any]:
    payload: dict[str, Any] = msgspec.to_builtins(chunk)
    del payload["id"]
    return {**payload, **filters.filterable(chunk), "chunks": chunks}
