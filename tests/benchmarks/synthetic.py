"""An index of any size: made-up texts with vectors that lie in clusters.

Uniform noise would say nothing: no two texts of it are alike, and an approximate search
finds nothing to hold on to. Real embeddings lie in topics, and so do these.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ingest.documents import Chunk, Document, Vectors, chunk_id, document_id
from ingest.index import IndexWriter, edit_index, fingerprint_of
from ingest.settings import IndexSettings

DIM = 384
_TOPICS = 500
_SPREAD = 0.8
_EACH = 4
_WORDS = 30_000
_LENGTH = 150
"""Words in a chunk."""

FINGERPRINT = fingerprint_of(
    model="synthetic", dim=DIM, chunk_size=220, chunk_overlap=24
)


def index_of(home: Path, count: int) -> tuple[IndexSettings, float]:
    """Return an index of `count` chunks, made if there is none, and what it took.

    Returns:
        Its settings, and the seconds that publishing took; 0 if it was there already.
    """
    settings = IndexSettings(url=f"file:{home / f'synthetic-{count}'}")
    if (home / f"synthetic-{count}" / "CURRENT").exists():
        return settings, 0.0
    return settings, asyncio.run(_write(settings, count))


def vectors_of(count: int) -> Vectors:
    """Return the vectors of `count` chunks, shape (count, DIM), each of unit length."""
    noise = np.random.default_rng(1)
    centres = noise.standard_normal((_TOPICS, DIM))
    found = np.empty((count, DIM), dtype=np.float32)
    for start in range(0, count, 10_000):
        end = min(start + 10_000, count)
        topics = centres[noise.integers(_TOPICS, size=end - start)]
        found[start:end] = topics + _SPREAD * noise.standard_normal((end - start, DIM))
    return _unit(found)


def asked(count: int) -> Vectors:
    """Return vectors of questions near the topics of the chunks, shape (count, DIM)."""
    near = vectors_of(count)
    moved = near + 0.03 * np.random.default_rng(2).standard_normal((count, DIM))
    return _unit(moved.astype(np.float32))


def documents(count: int) -> Iterator[tuple[Document, list[Chunk]]]:
    """Yield documents with their chunks, `count` in all."""
    noise = np.random.default_rng(3)
    for number in range(count // _EACH):
        path = f"{number}.md"
        id_ = document_id("default", path)
        document = Document(
            id=id_, path=path, digest=f"{number:064x}", media_type="text/markdown",
            size=1, tenant="default", labels=("public",), url="",
        )  # fmt: skip
        words = noise.zipf(1.2, size=(_EACH, _LENGTH)) % _WORDS
        yield document, [_chunk(document, p, row) for p, row in enumerate(words)]


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def _chunk(document: Document, position: int, words: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Chunk:  # fmt: skip
    text = " ".join(f"w{word}" for word in words)
    return Chunk(
        id=chunk_id(document.id, position), document_id=document.id,
        document_digest=document.digest, path=document.path, title="Title", url="",
        heading_path=("Part", "Section"), page=None, position=position, start=0,
        end=len(text), text=text, kind="text", language="en", tenant="default",
        labels=("public",), digest=f"{document.digest[:24]}{position:08x}",
    )  # fmt: skip


async def _write(settings: IndexSettings, count: int) -> float:
    writer = await edit_index(settings, FINGERPRINT)
    vectors = vectors_of(count)
    place = 0
    for document, chunks in documents(count):
        await writer.replace(document, chunks, vectors[place : place + len(chunks)])
        place += len(chunks)
    return await published(writer)


async def published(writer: IndexWriter) -> float:
    """Publish what was written; return the seconds it took."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    await writer.publish()
    return loop.time() - start
