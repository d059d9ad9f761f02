"""What the two roads of an evaluation have in common: in this process, or by HTTP."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from msgspec import Struct, field

from app.evaluation.citing import Cited, Place
from app.evaluation.golden import Golden
from app.evaluation.outcomes import CONSIDERED
from app.messages import Message

HITS = 50
"""Hits asked for: as many as the search API gives, so that ten documents are there."""


class Reply(Struct, frozen=True, kw_only=True):
    """An answer, as both roads tell it.

    Attributes:
        text: What was answered.
        answered: Whether the service says that it knows.
        confidence: In [0, 1].
        edition: Edition of the index that answered.
        citations: Markers in `text`, in their order.
        sent: Tokens sent to a model; 0 where none was asked.
        stuffed: Tokens that sending whole documents would have taken.
        stages: Milliseconds by stage, in their order.
        milliseconds: Milliseconds until the whole answer was there.
    """

    text: str
    answered: bool
    confidence: float
    edition: str
    citations: tuple[Cited, ...] = ()
    sent: int = 0
    stuffed: int = 0
    stages: dict[str, float] = field(default_factory=dict)
    milliseconds: float = 0.0


class Road(Protocol):
    """Asks a frontdesk.

    Every method raises `AppError` when there is no answer.
    """

    @property
    def name(self) -> str:
        """The word "embedded", or the address of the service."""
        ...

    @property
    def sends_labels(self) -> bool:
        """Whether a question is asked with its own labels."""
        ...

    @property
    def settings(self) -> dict[str, str | int | float]:
        """Settings that shape an answer, by variable; empty if not known."""
        ...

    async def held(self, paths: Iterable[str], labels: Sequence[str]) -> set[str]:
        """Return those of `paths` whose document is in the index.

        Args:
            paths: Paths of documents.
            labels: Access labels that some question is asked with.

        Raises:
            EvaluationImpossible: There is nothing to ask.
        """
        ...

    async def answer(self, golden: Golden) -> Reply:
        """Return the answer to a golden question."""
        ...

    async def ranking(
        self, messages: Sequence[Message], labels: Sequence[str]
    ) -> tuple[str, ...]:
        """Return the distinct paths found for a conversation, see `distinct`."""
        ...

    async def place(self, source: str, labels: Sequence[str]) -> Place | None:
        """Return what a citation of `source` opens, or None if nothing."""
        ...


def distinct(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the first `CONSIDERED` different ones of `paths`, in their order."""
    return tuple(dict.fromkeys(paths))[:CONSIDERED]
