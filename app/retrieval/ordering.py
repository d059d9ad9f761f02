"""The order of hits, beyond what each of them scores alone. Pure functions."""

import math
from collections import Counter
from collections.abc import Sequence

import msgspec

from ingest.documents import Chunk, Hit

_FOLLOWED = 0.1
"""Share that the hits before and after it have in a hit's score, in long documents."""

_NEARLY = 0.7
"""Part of a hit's score that another document's hit must have to go before it."""

_SHORT, _LONG = 10, 100
"""Chunks in a usual document of a help centre, and in one of a shelf of manuals."""


def length_of_documents(*, documents: int, chunks: int) -> float:
    """Return 0 where documents are articles, 1 where they are books, or between.

    Books call for other habits: their chunks have so much in common that the exact
    words count more, and what is asked for often lies across two chunks.

    Args:
        documents: Documents in the index.
        chunks: Chunks in it.
    """
    usual = max(chunks, 1) / max(documents, 1)
    share = math.log(usual / _SHORT) / math.log(_LONG / _SHORT)
    return min(max(share, 0.0), 1.0)


def supported(hits: Sequence[Hit], *, books: float) -> list[Hit]:
    """Return `hits` by a score in which their neighbours in one section have a share.

    Args:
        hits: Best first.
        books: How much of that share counts, in [0, 1]; see `length_of_documents`.
    """
    share = _FOLLOWED * books
    if not share:
        return list(hits)
    scores = {_place(hit.chunk): hit.score for hit in hits}
    found = []
    for hit in hits:
        beside = sum(scores.get(_place(hit.chunk, by), 0.0) for by in (-1, 1)) / 2
        score = (hit.score + share * beside) / (1 + share)
        found.append(msgspec.structs.replace(hit, score=score))
    return sorted(found, key=lambda hit: -hit.score)


def in_turns(hits: Sequence[Hit], *, most: int) -> list[Hit]:
    """Return `hits` with at most `most` of a document before others get their turn.

    Others must be nearly as good: where one long document holds the answer, chunks
    that have nothing to say do not go before it. What goes ahead of a better hit
    keeps its score, and what steps back takes the score of the one it now follows.
    """
    left, ordered = list(hits), []
    shown: Counter[str] = Counter()
    least = math.inf
    while left:
        place = _next(left, shown, most)
        hit = left.pop(place)
        shown[hit.chunk.document_id] += 1
        least = min(least, hit.score)
        ordered.append(msgspec.structs.replace(hit, score=least))
    return ordered


def _next(left: Sequence[Hit], shown: Counter[str], most: int) -> int:
    """Return which of `left` is shown next."""
    if shown[left[0].chunk.document_id] < most:
        return 0
    enough = _NEARLY * left[0].score
    others = (
        place
        for place, hit in enumerate(left)
        if hit.score >= enough and shown[hit.chunk.document_id] < most
    )
    return next(others, 0)


def _place(chunk: Chunk, by: int = 0) -> tuple[str, tuple[str, ...], int]:
    """Return where the chunk stands that is `by` chunks further on in its section."""
    return chunk.document_id, chunk.heading_path, chunk.position + by
