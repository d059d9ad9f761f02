"""How fast a run goes and how long it still takes. Pure."""

from collections import deque

from msgspec import Struct

_WINDOW = 30.0
"""Seconds whose pace is told: long enough for several groups of chunks to be stored."""


class Progress(Struct, frozen=True, kw_only=True):
    """How far a run has come.

    Attributes:
        documents: Documents done, of those to be read.
        of: Documents to be read.
        chunks: Chunks stored.
        path: The document just done, or "".
        labels: Its access labels, as its folder gives them.
        stage: What is done now: ``reading``, ``embedding`` or ``publishing``.
    """

    documents: int
    of: int
    chunks: int
    path: str
    labels: tuple[str, ...] = ()
    stage: str = "embedding"


class Pace:
    """The pace of the last half minute, or of all if that is shorter."""

    def __init__(self, start: float) -> None:
        """Begin at `start`, in seconds of any clock that only goes forward."""
        self._seen = deque([(start, 0, 0)])
        self._left = 0

    def note(self, at: float, progress: Progress) -> None:
        """Remember how far the run was at a time of the same clock."""
        self._seen.append((at, progress.documents, progress.chunks))
        self._left = progress.of - progress.documents
        while len(self._seen) > 2 and self._seen[1][0] <= at - _WINDOW:
            self._seen.popleft()

    @property
    def chunks_per_second(self) -> float:
        """Chunks stored in a second."""
        (start, _, before), (end, _, now) = self._seen[0], self._seen[-1]
        return (now - before) / max(end - start, 1e-3)

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the last document is done; None while nothing is."""
        (start, before, _), (end, now, _) = self._seen[0], self._seen[-1]
        return self._left * (end - start) / (now - before) if now > before else None
