"""Hits and their neighbours to sources that can be read alone.

    hits --wanted--> ids to read --joined (with what was read)--> hits, fewer and longer

A chunk ends where its tokens end, which may be in the midst of a list. Whatever was
cut in two is put together again where all of it fits; hits that follow each other
become one; what two chunks share, the repeated head of a table too, is said once.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from app import metrics
from app.chat.answer import Retrieve
from app.messages import Filter, Findings, Queries
from app.retrieval.duplicates import once
from app.retrieval.sentences import units
from ingest.documents import Chunk, Hit, Principal, chunk_id

MOST = 4
"""Chunks in one source, at most: what is cited must still be found by reading it."""

_SPARE = 6
"""Hits asked for beyond those wanted, for what stands in a better one."""

_FENCE = re.compile(r"^[^\S\n]*(?:`{3,}|~{3,})", re.MULTILINE)
_FIRST_STEP = re.compile(r"\(?(?:0?[01]|a)[.)]")
_LISTED = ("item", "step")

ReadChunks = Callable[[Principal, Sequence[str]], Awaitable[list[Chunk]]]
"""Returns the chunks with some ids that are there for a principal."""

Shelf = Mapping[tuple[str, int], Chunk]
"""Chunks at hand by document and position."""


class _Run(Struct, kw_only=True):
    """Chunks that follow each other, found by one hit or several.

    Attributes:
        rank: Rank of its best hit, from 0.
        hit: That hit.
        first: Position of its first chunk.
        last: Position of its last.
    """

    rank: int
    hit: Hit
    first: int
    last: int


def joining(retrieve: Retrieve, read: ReadChunks) -> Retrieve:
    """Return `retrieve` with hits that say nothing twice, joined with what is theirs.

    What is around all hits is read at once.

    Args:
        retrieve: Finds hits.
        read: Reads chunks; fails as `retrieve` does.
    """

    async def retrieve_joined(
        principal: Principal,
        queries: Queries,
        *,
        limit: int,
        filter: Filter,  # noqa: A002
        least: float | None = None,
    ) -> Findings:
        found = await retrieve(
            principal, queries, limit=limit + _SPARE, filter=filter, least=least
        )
        with metrics.stage("context"):
            hits = once(found.hits)[:limit]
            if not hits:
                return replace(found, hits=())
            near = await read(principal, wanted(hits))
            return replace(found, hits=joined(hits, near))

    return retrieve_joined


def wanted(hits: Iterable[Hit]) -> list[str]:
    """Return the ids of the chunks around `hits` that `joined` may need."""
    own = {hit.chunk.id for hit in hits}
    around = (
        chunk_id(hit.chunk.document_id, position)
        for hit in hits
        for position in range(
            max(hit.chunk.position - MOST, 0), hit.chunk.position + MOST + 1
        )
    )
    return [id_ for id_ in dict.fromkeys(around) if id_ not in own]


def joined(hits: Sequence[Hit], near: Iterable[Chunk]) -> tuple[Hit, ...]:
    """Return `hits` with what belongs together in one of them.

    Args:
        hits: Chunks found, best first.
        near: Chunks around them; those of other documents or of another state of
            the same document are left aside.

    Returns:
        Best first, no more than there were, and no chunk in two of them. A hit
        that was joined has the text and the span of all its chunks, `MOST` at
        most, the id and page of the best one, and that one as `found`.
    """
    digests = {hit.chunk.document_id: hit.chunk.document_digest for hit in hits}
    found = [hit.chunk for hit in hits]
    shelf = {
        (chunk.document_id, chunk.position): chunk
        for chunk in (*near, *found)
        if digests.get(chunk.document_id) == chunk.document_digest
    }
    runs = sorted(_merged(_runs(hits, shelf), shelf), key=lambda run: run.rank)
    return tuple(_as_hit(run, shelf) for run in runs)


def joined_text(chunks: Sequence[Chunk]) -> str:
    """Return the text of chunks that follow each other, nothing of it twice.

    Where they overlap or touch it is the document's own text, save hidden
    characters. Between two that do not, of blanks only their kind is kept.
    """
    text = chunks[0].text
    for before, after in pairwise(chunks):
        shared = _shared(before, after)
        if shared:
            text += after.text[shared:]
        else:
            text += _between(before, after) + after.text[_head(before, after) :]
    return text


def _runs(hits: Sequence[Hit], shelf: Shelf) -> list[_Run]:
    """Return each hit with the rest of what it was cut from, no chunk in two."""
    taken: set[tuple[str, int]] = set()
    runs = []
    for rank, hit in enumerate(hits):
        document, first = hit.chunk.document_id, hit.chunk.position
        if (document, first) in taken:
            continue
        last = first
        lowest, highest = _unit(hit.chunk, shelf)
        while first > lowest and (document, first - 1) not in taken:
            first -= 1
        while last < highest and (document, last + 1) not in taken:
            last += 1
        taken.update((document, position) for position in range(first, last + 1))
        runs.append(_Run(rank=rank, hit=hit, first=first, last=last))
    return runs


def _unit(chunk: Chunk, shelf: Shelf) -> tuple[int, int]:
    """Return the first and last position of what `chunk` was cut from.

    That is the chunk alone if all of it is more than `MOST` chunks: with a longer
    part of a list or table the reader would still have a part.
    """
    document = chunk.document_id
    first = last = chunk.position
    while last - first < MOST and _is_cut(shelf, document, first - 1):
        first -= 1
    while last - first < MOST and _is_cut(shelf, document, last):
        last += 1
    if last - first < MOST:
        return first, last
    return chunk.position, chunk.position


def _is_cut(shelf: Shelf, document: str, position: int) -> bool:
    """Return whether something was cut in two after the chunk at `position`."""
    before, after = (shelf.get((document, p)) for p in (position, position + 1))
    if before is None or after is None or before.heading_path != after.heading_path:
        return False
    return (
        _in_table(before, after)
        or len(_FENCE.findall(before.text)) % 2 == 1
        or _in_list(before, after)
    )


def _in_table(before: Chunk, after: Chunk) -> bool:
    if before.kind == after.kind == "table" and 0 <= after.start - before.end <= 1:
        return True
    return _head(before, after) > 0


def _in_list(before: Chunk, after: Chunk) -> bool:
    above, below = units(before), units(after)
    if not above or not below or below[0].kind not in _LISTED:
        return False
    if above[-1].kind == below[0].kind:
        return True
    # A step may hold paragraphs: what goes on counting was one list.
    return below[0].kind == "step" and not _FIRST_STEP.match(after.text, below[0].start)


def _merged(runs: Iterable[_Run], shelf: Shelf) -> list[_Run]:
    """Put runs of one section together that follow each other."""
    merged: list[_Run] = []
    for run in sorted(runs, key=lambda r: (r.hit.chunk.document_id, r.first)):
        if merged and _is_next(merged[-1], run, shelf):
            before = merged.pop()
            best = min(before, run, key=lambda r: r.rank)
            merged.append(replace(best, first=before.first, last=run.last))
        else:
            merged.append(run)
    return merged


def _is_next(before: _Run, run: _Run, shelf: Shelf) -> bool:
    document = run.hit.chunk.document_id
    return (
        before.hit.chunk.document_id == document
        and before.last + 1 == run.first
        and run.last - before.first < MOST
        and shelf[document, before.last].heading_path
        == shelf[document, run.first].heading_path
    )


def _as_hit(run: _Run, shelf: Shelf) -> Hit:
    if run.first == run.last:
        return run.hit
    found = run.hit.chunk
    chunks = [shelf[found.document_id, p] for p in range(run.first, run.last + 1)]
    kinds = {chunk.kind for chunk in chunks}
    whole = replace(
        found,
        position=run.first,
        start=min(chunk.start for chunk in chunks),
        end=max(chunk.end for chunk in chunks),
        text=joined_text(chunks),
        kind=kinds.pop() if len(kinds) == 1 else "text",
    )
    return replace(run.hit, chunk=whole, found=found)


def _shared(before: Chunk, after: Chunk) -> int:
    """Return how many characters at the start of `after` end `before`."""
    most = before.end - after.start
    if most <= 0:
        return 0
    if before.text.endswith(after.text[:most]):
        return most
    # Hidden characters and markup count in spans, and are not in the texts.
    lengths = range(min(len(before.text), len(after.text)), 0, -1)
    return next((n for n in lengths if before.text.endswith(after.text[:n])), 0)


def _head(before: Chunk, after: Chunk) -> int:
    """Return the characters of a table's head that `after` repeats of `before`."""
    if after.kind != "table" and "|" not in after.text.partition("\n")[0]:
        return 0
    above = before.text.splitlines(keepends=True)
    below = after.text.splitlines(keepends=True)
    if not below or below[0] not in above:
        return 0
    start = above.index(below[0])
    if start and before.kind != "table" and "|" in above[start - 1]:
        return 0
    same = 0
    while above[start + same : start + same + 1] == below[same : same + 1] != []:
        same += 1
    return sum(map(len, below[:same]))


def _between(before: Chunk, after: Chunk) -> str:
    """Return what stands between two chunks that do not overlap."""
    gap = after.start - before.end
    if gap == 0 and not _head(before, after):
        return ""
    if _in_table(before, after) or _in_list(before, after):
        return "\n"
    if gap == 1:
        return "\n" if "code" in (before.kind, after.kind) else " "
    return "\n\n"
