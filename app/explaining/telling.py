"""Notes of a question become its explanation: which chunk got how far, and why. Pure."""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from app.explaining.notes import Look
from app.messages import Findings
from app.metrics import Stage
from app.retrieval.duplicates import once
from ingest.documents import Chunk, Hit

Why = Literal[
    "",
    "below the cut",
    "others first",
    "duplicate",
    "joined",
    "no room",
    "unsure",
    "not quoted",
    "not asked",
]
"""Why a candidate was not offered to whatever answered; "" where it was.

``below the cut``: others scored higher. ``others first``: its document had its share.
``duplicate``: a better hit says all of it. ``joined``: it stands in another source.
``no room``: the prompt was full. ``unsure``: the confidence was too low, so that
nothing was answered from. ``not quoted``: an extract took its sentences elsewhere.
``not asked``: no answer was wanted.
"""

_LONGEST = 300
"""Characters of a snippet."""


class Place(Struct, frozen=True, kw_only=True):
    """Where a candidate stood in one ranking.

    Attributes:
        rank: From 1.
        score: Cosine, keyword score, fused score or the reranker's.
    """

    rank: int
    score: float


class Candidate(Struct, frozen=True, kw_only=True):
    """A chunk that one of the two searches found.

    Attributes:
        id: Id of the chunk; ``/v1/sources/{id}`` opens it.
        title: Title of its document.
        path: Path of its document.
        heading_path: Titles above it, outermost first.
        page: Page, slide or sheet, from 1; None where there is none.
        snippet: Its text, or the beginning.
        dense: Its place by meaning; None if that search did not reach it.
        keyword: Its place by words; None if that search did not reach it.
        fused: Its place in both together.
        rerank: Its place by the reranker; None if it was not rescored.
        offered: Its number in the prompt or in an extract; None if it is in neither.
        why: Why it is not; see the documentation.
    """

    id: str
    title: str
    path: str
    heading_path: tuple[str, ...]
    page: int | None
    snippet: str
    dense: Place | None
    keyword: Place | None
    fused: Place
    rerank: Place | None
    offered: int | None
    why: Why


class TimedStage(Struct, frozen=True, kw_only=True):
    """One part of the work.

    Attributes:
        name: What was done.
        start: Milliseconds after the question came.
        duration: Milliseconds it took.
    """

    name: str
    start: float
    duration: float


def candidates(
    look: Look,
    findings: Findings,
    offered: Sequence[Hit],
    *,
    left: Why,
    rescored: int,
) -> tuple[Candidate, ...]:
    """Return every candidate of a search, best first by the fused score.

    Args:
        look: What was noted of it.
        findings: What came of it, joined.
        offered: What was answered from, in the order of their numbers.
        left: Why something that was found was not offered.
        rescored: First hits that a reranker rescored.
    """
    pool = look.pool
    dense = _ranked(
        {h.chunk.id: h.similarity for h in pool if h.similarity is not None}
    )
    words = _ranked({h.chunk.id: h.keyword_score for h in pool if h.keyword_score > 0})
    again = {
        hit.chunk.id: Place(rank=rank, score=round(hit.score, 6))
        for rank, hit in enumerate(look.ranked.hits[:rescored], start=1)
    }
    numbers = {_id(hit): number for number, hit in enumerate(offered, start=1)}
    whys = _whys(look, findings, offered, left)
    return tuple(
        Candidate(
            id=hit.chunk.id,
            title=hit.chunk.title,
            path=hit.chunk.path,
            heading_path=hit.chunk.heading_path,
            page=hit.chunk.page,
            snippet=hit.chunk.text[:_LONGEST],
            dense=dense.get(hit.chunk.id),
            keyword=words.get(hit.chunk.id),
            fused=Place(rank=rank, score=round(hit.score, 6)),
            rerank=again.get(hit.chunk.id),
            offered=numbers.get(hit.chunk.id),
            why=whys.get(hit.chunk.id, "below the cut"),
        )
        for rank, hit in enumerate(pool, start=1)
    )


def waterfall(stages: Sequence[Stage], began: float) -> tuple[TimedStage, ...]:
    """Return stages in the order they began, with times since `began`."""
    return tuple(
        TimedStage(
            name=stage.name,
            start=round((stage.start - began) * 1000, 2),
            duration=round(stage.seconds * 1000, 2),
        )
        for stage in sorted(stages, key=lambda stage: stage.start)
    )


def _ranked(scores: Mapping[str, float]) -> dict[str, Place]:
    order = sorted(scores, key=lambda id_: (-scores[id_], id_))
    return {
        id_: Place(rank=rank, score=round(scores[id_], 6))
        for rank, id_ in enumerate(order, start=1)
    }


def _whys(
    look: Look, findings: Findings, offered: Sequence[Hit], left: Why
) -> dict[str, Why]:
    """Return why each chunk is where it is, for those that got anywhere."""
    whys: dict[str, Why] = {}
    # As many as were shown were good enough by their scores alone.
    for hit in look.ranked.hits[: len(look.shown)]:
        whys[hit.chunk.id] = "others first"
    single = {hit.chunk.id for hit in once(look.shown)}
    for hit in look.shown:
        alone = hit.chunk.id in single
        whys[hit.chunk.id] = "below the cut" if alone else "duplicate"
    for hit in look.pool:
        if any(_holds(source, hit.chunk) for source in findings.hits):
            whys[hit.chunk.id] = "joined"
    for hit in findings.hits:
        whys[_id(hit)] = left
    for hit in offered:
        whys[_id(hit)] = ""
    return whys


def _holds(source: Hit, chunk: Chunk) -> bool:
    """Return whether a source that was joined holds a chunk."""
    whole = source.chunk
    return (
        source.found is not None
        and whole.document_id == chunk.document_id
        and whole.start <= chunk.start
        and chunk.end <= whole.end
    )


def _id(hit: Hit) -> str:
    return (hit.found or hit.chunk).id
