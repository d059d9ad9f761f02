"""An index that twenty tenants share: the same texts, but for a canary in each.

A canary is a word that nobody could guess and that must not surface elsewhere.
"""

import asyncio
import secrets
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from ingest.building import built_with
from ingest.documents import Chunk, Document, chunk_id, document_id
from ingest.embedding import open_embedder
from ingest.index import edit_index
from ingest.settings import ChunkSettings, EmbeddingSettings, IndexSettings
from tests.command import ROOT

PAGES = {
    "reset.md": "To reset the hub, hold its pin button for 30 seconds. Service code: {}.",
    "probe.md": "Error E-207 means that the circuit of the probe is open; part {}.",
    "plan.md": "The small plan allows twelve sensors. Contract number {}.",
}
"""What every customer of a tenant may read."""

STAFF = "staff/prices.md"
STAFF_TEXT = "Staff may give a discount of 40 percent with the code {}."
"""What only its staff may."""


class Shelf(Struct, frozen=True, kw_only=True):
    """What a tenant has in the index.

    Attributes:
        tenant: Its name.
        canaries: A word in each document that every customer may see.
        staff: A word in the document that only its staff may see.
        sources: Ids of the chunks of the documents, those of the staff last.
        documents: Ids of the documents, in the same order.
    """

    tenant: str
    canaries: tuple[str, ...]
    staff: str
    sources: tuple[str, ...]
    documents: tuple[str, ...]


def canary() -> str:
    """Return a word that nothing else holds."""
    return f"canary{secrets.token_hex(8)}"


def fill(index: Path, tenants: Sequence[str]) -> list[Shelf]:
    """Build the index at `index`, once, with the real model, and return what is in it."""
    return asyncio.run(_fill(index, tenants))


async def _fill(index: Path, tenants: Sequence[str]) -> list[Shelf]:
    embedder = open_embedder(EmbeddingSettings(cache=str(ROOT / "data" / "models")))
    settings = IndexSettings(url=f"file:{index}", disk_floor=0)
    writer = await edit_index(settings, built_with(embedder, ChunkSettings()))
    shelves = []
    for tenant in tenants:
        texts = {path: text.format(canary()) for path, text in PAGES.items()}
        texts[STAFF] = STAFF_TEXT.format(canary())
        chunks = [chunk_of(tenant, path, text) for path, text in texts.items()]
        vectors = embedder.embed_passages([chunk.text for chunk in chunks])
        for chunk, vector in zip(chunks, vectors, strict=True):
            await writer.replace(document_of(chunk), [chunk], vector[None])
        words = [text.split()[-1].rstrip(".") for text in texts.values()]
        shelves.append(
            Shelf(
                tenant=tenant,
                canaries=tuple(words[:-1]),
                staff=words[-1],
                sources=tuple(chunk.id for chunk in chunks),
                documents=tuple(chunk.document_id for chunk in chunks),
            )
        )
    await writer.publish()
    return shelves


def chunk_of(tenant: str, path: str, text: str) -> Chunk:
    """Return the only chunk of a document; those in a folder "staff" are for it."""
    id_ = document_id(tenant, path)
    return Chunk(
        id=chunk_id(id_, 0),
        document_id=id_,
        document_digest=f"digest of {text}",
        path=path,
        title=path.removesuffix(".md"),
        url="",
        heading_path=(),
        page=None,
        position=0,
        start=0,
        end=len(text),
        text=text,
        kind="text",
        language="en",
        tenant=tenant,
        labels=("staff",) if path.startswith("staff/") else ("public",),
        digest=f"digest of {text}",
    )


def document_of(chunk: Chunk) -> Document:
    """Return the document that a chunk is all of."""
    return Document(
        id=chunk.document_id,
        path=chunk.path,
        digest=chunk.document_digest,
        media_type="text/markdown",
        size=len(chunk.text),
        tenant=chunk.tenant,
        labels=chunk.labels,
    )
