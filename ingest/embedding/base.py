"""The interface of an embedding model: texts in, vectors and word pieces out.

Every implementation passes tests/ingest/embedding/test_embedders.py.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import Struct

from ingest.documents import Principal, Vector, Vectors
from ingest.embedding.languages import Languages


def nothing() -> None:
    """Do nothing: the check of those who wait for the end."""


class Outline(Struct, frozen=True, kw_only=True):
    """What an index remembers of a model; see `Embedder`."""

    name: str
    dim: int
    max_tokens: int


class Embedder(Protocol):
    """Turns text into vectors of unit length.

    Plain methods keep a processor busy and may be called from any thread; the
    async ones are for the event loop of the service, one loop at a time, and remember
    what they embed, each for a principal.
    """

    @property
    def name(self) -> str:
        """Name and hash of the model: equal for equal vectors of documents.

        The prompt in front of documents is part of the hash. The one in front of
        questions is not: with another one, the same index is asked differently.
        """
        ...

    @property
    def dim(self) -> int:
        """Length of every vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """Longest text that is embedded whole, in word pieces of the text itself.

        What the model adds (special pieces, its prompt) is already taken off.
        """
        ...

    @property
    def languages(self) -> Languages:
        """Languages in which its vectors find what is meant."""
        ...

    def offsets(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Return the (start, end) characters of every word piece of each text.

        Nothing is cut off and nothing is added, whatever the length of a text.
        """
        ...

    def embed_passages(
        self, texts: Sequence[str], *, check: Callable[[], None] = nothing
    ) -> Vectors:
        """Embed texts of documents.

        Args:
            texts: The n texts; the end of one above `max_tokens` is not seen.
            check: Called now and then, at least before the first text; what it
                raises ends the work.

        Returns:
            Vectors in the same order, shape (n, dim), each of unit length.
        """
        ...

    async def embed_query(self, principal: Principal, text: str) -> Vector:
        """Embed a question, shape (dim,), unit length.

        Equal questions of all who see the same are embedded once; questions that arrive while others
        are embedded go together in the next batch.
        """
        ...

    async def embed_queries(
        self, principal: Principal, texts: Sequence[str]
    ) -> Vectors:
        """Embed n questions, n at least 1, shape (n, dim), each of unit length."""
        ...

    async def embed_sentences(
        self, principal: Principal, texts: Sequence[str]
    ) -> Vectors:
        """Embed n short texts of documents, n at least 1, shape (n, dim).

        What many questions are compared with: it is remembered apart from them, in
        half precision, which moves a cosine by less than 0.001. Questions go first.
        """
        ...
