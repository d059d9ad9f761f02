"""The two interfaces of the index: what a reader may ask, what a writer may do.

Every implementation passes tests/contract/test_index.py.
"""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from ingest.documents import (
    Chunk,
    Document,
    Hit,
    Principal,
    SparseVector,
    Vector,
    Vectors,
)
from ingest.errors import IngestError


class IndexQuery(Struct, frozen=True, kw_only=True):
    """What to search for.

    Attributes:
        vector: Embedding of the question, shape (dim,), unit length.
        keywords: The question's terms.
        fetch: How deep each of the two rankings is read.
        keep: Most hits to return.
        weight: Share of the dense score in the fused score, in [0, 1].
        paths: Only documents whose path starts with one of these; empty for all.
        languages: Only chunks in one of these; empty for all.
        documents: Only these document ids; empty for all.
        labels: Only chunks with one of these labels; empty for all. One that the
            principal does not hold finds nothing.
        versions: Only documents that declare one of these versions, or a narrower
            one: "4" is declared by "4.2"; empty for all.
        since: Only documents of this ISO day or later; "" for all.
        until: Only documents of this ISO day or earlier; "" for all. A document
            without a date is in no span of days.
    """

    vector: Vector
    keywords: SparseVector
    fetch: int = 100
    keep: int = 20
    weight: float = 0.5
    paths: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    since: str = ""
    until: str = ""


class Fingerprint(Struct, frozen=True, kw_only=True):
    """What an index was built with; a reader needs the same model, dim and schema.

    Attributes:
        model: Name and content hash of the embedding model.
        dim: Length of every vector.
        chunk_size: Longest chunk, in tokens.
        chunk_overlap: Tokens that neighbours share.
        schema: Version of payload, keyword vectors and chunking code.
    """

    model: str
    dim: int
    chunk_size: int
    chunk_overlap: int
    schema: int


SCHEMA = 2
"""Version of payload, keyword vectors and chunking: raised when an index must be
built anew because of a change of the code."""


def fingerprint_of(
    *, model: str, dim: int, chunk_size: int, chunk_overlap: int
) -> Fingerprint:
    """Return the fingerprint of an index that is built, or read, by this code."""
    return Fingerprint(
        model=model,
        dim=dim,
        chunk_size=chunk_size,
        chunk_overlap=chunk_overlap,
        schema=SCHEMA,
    )


class Edition(Struct, frozen=True, kw_only=True):
    """A finished, immutable state of the index that readers see as a whole.

    Attributes:
        name: Unique in its index. In a folder it sorts by age; on a server it is
            the collection's name, "@" and how often that was published.
        created: When it was published, in seconds since the epoch.
        documents: Documents in it.
        chunks: Chunks in it.
        fingerprint: What it was built with.
        current: Readers see this one.
    """

    name: str
    created: float
    documents: int
    chunks: int
    fingerprint: Fingerprint
    current: bool = False


class Stored(Struct, frozen=True, kw_only=True):
    """What the index knows about a document it holds.

    Attributes:
        document_id: Its id.
        path: Its path.
        digest: Digest of the document that was stored; "" if only a part of it is
            there, because a run was killed.
        chunks: How many chunks of it are there.
    """

    document_id: str
    path: str
    digest: str
    chunks: int


class Holding(Stored, frozen=True, kw_only=True):
    """The same for those who look after a tenant's documents.

    Attributes:
        title: What people call it.
        language: ISO 639-1 code of its first chunk, or "".
        labels: Access labels of its first chunk.
    """

    title: str
    language: str
    labels: tuple[str, ...]


class Extent(Struct, frozen=True, kw_only=True):
    """How much of an index a principal may see.

    Attributes:
        documents: Documents of which at least the first chunk is visible.
        chunks: Visible chunks.
    """

    documents: int
    chunks: int


class IndexReader(Protocol):
    """A published index, searchable on behalf of a principal.

    A chunk is visible if its tenant is the principal's and it carries at least
    one of the principal's labels. What is not visible is as if it did not exist.
    """

    @property
    def edition(self) -> Edition:
        """The edition that answers now."""
        ...

    @property
    def trouble(self) -> IngestError | None:
        """What keeps it from showing what is published; None if nothing does.

        After IndexUnreachable and IndexMissing it cannot answer either; after
        anything else it answers with what it has.
        """
        ...

    async def search(self, principal: Principal, query: IndexQuery) -> list[Hit]:
        """Return the best `query.keep` hits of both rankings, fused, best first.

        Raises:
            IndexDamaged: The index answered with what this principal may not see.
            IndexUnreachable: The server does not answer, or not in time.
            VectorUnusable: The vector is not finite or has no length.
        """
        ...

    async def chunk(self, principal: Principal, chunk_id: str) -> Chunk | None:
        """Return one chunk, or None if there is none for this principal."""
        ...

    async def chunks(self, principal: Principal, ids: Sequence[str]) -> list[Chunk]:
        """Return those of some chunks that are there and visible, by position."""
        ...

    async def document(self, principal: Principal, document_id: str) -> list[Chunk]:
        """Return a document's visible chunks by position; empty if there is none."""
        ...

    async def neighbours(
        self, principal: Principal, chunk: Chunk, *, radius: int
    ) -> list[Chunk]:
        """Return `chunk` and up to `radius` chunks before and after it, by position."""
        ...

    async def documents(self, principal: Principal) -> list[Stored]:
        """Return every document the principal may see, by path."""
        ...

    async def holdings(self, principal: Principal) -> list[Holding]:
        """Return every document of the principal's tenant, by path, whatever its labels.

        Not to be shown as it is: whose labels do not fit must not learn of them.
        """
        ...

    async def extent(self, principal: Principal) -> Extent:
        """Count what the principal may see."""
        ...

    async def close(self) -> None:
        """Release what is held. Searches under way are finished first."""
        ...


class IndexWriter(Protocol):
    """The next edition of an index, being written by one process.

    In a folder, readers see nothing of it before `publish`. On a server they see
    each document as it is replaced, unless the whole index is built anew. What a
    killed writer had done is found again by the next one.
    """

    async def stored(self, tenant: str) -> dict[str, Stored]:
        """Return what the coming edition holds of `tenant`, by document id."""
        ...

    async def begin(self) -> bool:
        """Open what is written to, which the first writing does otherwise.

        Returns:
            False if it holds something else than `stored` told before, because the
            published edition is damaged: ask again.

        Raises:
            DiskFull: Less space is left than this needs.
        """
        ...

    async def vectors(self, document_id: str) -> dict[str, Vector]:
        """Return a stored document's vectors by chunk digest; empty if unknown."""
        ...

    async def replace(
        self, document: Document, chunks: Sequence[Chunk], vectors: Vectors
    ) -> None:
        """Store a document, all of it or nothing, replacing what it had before.

        Args:
            document: The document; `document.digest` is remembered for `stored`.
            chunks: Its n chunks, n at least 1, by position.
            vectors: Their embeddings, shape (n, dim), in the same order.

        Raises:
            VectorUnusable: A vector is not finite or has no length.
            ValueError: There are no chunks, or not as many as vectors.
            DiskFull: Less space is left than this needs.
        """
        ...

    async def remove(self, document_id: str) -> None:
        """Forget a document; nothing happens if it is not there."""
        ...

    async def publish(self) -> Edition:
        """Make what was written visible to readers, all at once.

        Returns the current edition, without writing a new one, if nothing was
        written since it. The writer is closed afterwards.

        Raises:
            DiskFull: Less space is left than this needs; what was written is kept.
            IndexDamaged: What was stored is not what was written.
        """
        ...

    async def close(self) -> None:
        """Let go without publishing; the next writer goes on from here."""
        ...
