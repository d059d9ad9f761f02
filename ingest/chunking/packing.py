"""Packs the blocks of a section into chunks. Pure.

blocks --whole if they fit, else cut ever finer--> parts --filled up--> chunks
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct

from ingest.chunking.cuts import LEVELS, between, cuts
from ingest.documents import ElementKind

_WIDEST = 8
"""Characters that count as a token at least: a word piece can be very long (a word
that the model does not know at all is one), and a chunk must stay readable."""

_MOST_LAPS = 8
"""Sentences that a chunk repeats at most."""


class Block(Struct, frozen=True, kw_only=True):
    """A text that is kept in one piece if it fits.

    Attributes:
        kind: What it is, which decides where it may be cut.
        text: The text, and what stands between it and the next block.
        pieces: Start and end of its word pieces, rising.
        end: One past the last character of the text itself.
        header: Characters of the rows that every part of a table repeats.
    """

    kind: ElementKind
    text: str
    pieces: Sequence[tuple[int, int]]
    end: int
    header: int = 0


class Part(Struct, frozen=True):
    """A stretch of a block.

    Attributes:
        block: Number of the block.
        start: First character in the block's text.
        end: One past the last.
        weight: Its tokens.
        level: How often the block was cut for it; 0 for the whole block.
    """

    block: int
    start: int
    end: int
    weight: int
    level: int = 0


def pack(blocks: Sequence[Block], *, room: int, overlap: int) -> list[list[Part]]:
    """Cut and join blocks so that they fill chunks well.

    A block that fits is not cut, unless it would leave a chunk half empty. The last
    two chunks share what they hold, so that none is left with a few words.

    Args:
        blocks: Texts in reading order.
        room: Most tokens in a chunk, at least 1.
        overlap: Most tokens of whole sentences that a chunk repeats from the end
            of the one before; none from tables and code.

    Returns:
        The parts of each chunk in reading order. Together they cover the blocks.
    """
    return _Packer(blocks, room=room, overlap=overlap).packed()


def whole(blocks: Sequence[Block], number: int) -> Part:
    """Return a block as one part."""
    block = blocks[number]
    return Part(number, 0, len(block.text), weigh(block, 0, len(block.text)))


def weigh(block: Block, start: int, end: int) -> int:
    """Return the tokens between two characters, at least one for every 8."""
    first = bisect_left(block.pieces, (start,))
    last = bisect_left(block.pieces, (end,))
    return max(last - first, -(-(end - start) // _WIDEST))


def halves(blocks: Sequence[Block], parts: Sequence[Part]) -> list[list[Part]]:
    """Cut a chunk in two that turned out to be too long; in one if it cannot be."""
    if len(parts) > 1:
        middle = len(parts) // 2
        return [list(parts[:middle]), list(parts[middle:])]
    part = parts[0]
    block = blocks[part.block]
    middle = (part.start + part.end) // 2
    places = cuts(block.text, "words", block.pieces)
    inside = between(places, part.start, part.end) or [middle]
    nearest = min(inside, key=lambda place: abs(place - middle))
    bounds = ((part.start, nearest), (nearest, part.end))
    return [
        [Part(part.block, start, end, weigh(block, start, end), part.level)]
        for start, end in bounds
        if start < end
    ]


class _Packer:
    """One call of `pack`; remembers where blocks may be cut."""

    def __init__(self, blocks: Sequence[Block], *, room: int, overlap: int) -> None:
        self._blocks = blocks
        self._room = room
        self._overlap = overlap
        self._places: dict[tuple[int, str], list[int]] = {}

    def packed(self) -> list[list[Part]]:
        chunks = self._fill()
        if len(chunks) > 1:
            chunks[-2:] = self._balanced(chunks[-2], chunks[-1])
        before: list[list[Part]] = [[], *chunks[:-1]]
        return [self._lapped(a, b) for a, b in zip(before, chunks, strict=True)]

    def _fill(self) -> list[list[Part]]:
        """Fill chunks from the first block to the last."""
        left = deque(whole(self._blocks, n) for n in range(len(self._blocks)))
        chunks: list[list[Part]] = []
        current: list[Part] = []
        used = 0
        while left:
            part = left.popleft()
            cost = part.weight if current else part.weight + self._lead(part)
            if not current and used + cost > self._room:
                used = 0  # the sentences to be repeated are given up
            atom = not current and part.end - part.start == 1
            if atom or used + cost <= self._room:
                current.append(part)
                used += cost
            elif self._is_cut(part, used if current else 0):
                left.extendleft(reversed(self._finer(part)))
            else:
                chunks.append(current)
                lap = self._tail(current)
                used = lap.weight if lap else 0
                current = []
                left.appendleft(part)
        if current:
            chunks.append(current)
        return chunks

    def _is_cut(self, part: Part, used: int) -> bool:
        """Tell whether a part that does not fit is cut, rather than put off."""
        kind = self._blocks[part.block].kind
        if used == 0:
            return True
        if part.weight > self._room:
            return used < self._room * 3 // 4
        prose = kind in ("text", "list") and part.level == 0
        return used < (self._room // 2 if prose else self._room // 6)

    def _finer(self, part: Part) -> list[Part]:
        """Cut a part at the next level at which it can be cut."""
        block = self._blocks[part.block]
        levels = LEVELS[block.kind]
        level = min(part.level, len(levels) - 1)
        inside = between(self._cuts(part.block, levels[level]), part.start, part.end)
        if level == part.level and not inside:
            return [Part(part.block, part.start, part.end, part.weight, part.level + 1)]
        bounds = [part.start, *(inside or [(part.start + part.end) // 2]), part.end]
        return [
            Part(part.block, start, end, weigh(block, start, end), level + 1)
            for start, end in pairwise(bounds)
            if start < end
        ]

    def _balanced(self, first: list[Part], last: list[Part]) -> list[list[Part]]:
        """Share the parts of the last two chunks if the last one is nearly empty."""
        if self._cost(last) * 3 >= self._room:
            return [first, last]
        if self._cost([*first, *last]) <= self._room:
            return [[*first, *last]]
        parts = self._prose_cut([*first, *last])
        shares = ([parts[:place], parts[place:]] for place in range(1, len(parts)))
        fitting = [s for s in shares if max(map(self._cost, s)) <= self._room]
        return min(
            fitting, key=lambda s: max(map(self._cost, s)), default=[first, last]
        )

    def _prose_cut(self, parts: list[Part]) -> list[Part]:
        """Cut the whole paragraphs and lists among `parts` at their first level."""
        return [
            finer
            for part in parts
            for finer in (
                self._finer(part)
                if part.level == 0
                and part.weight * 4 > self._room
                and self._blocks[part.block].kind in ("text", "list")
                else [part]
            )
        ]

    def _lapped(self, before: list[Part], chunk: list[Part]) -> list[Part]:
        """Put the last sentences of the chunk before in front, if they fit."""
        lap = self._tail(before) if before else None
        if lap and self._cost([lap, *chunk]) <= self._room:
            return [lap, *chunk]
        return chunk

    def _tail(self, chunk: list[Part]) -> Part | None:
        """Return the last whole sentences of a chunk, or None if they are too long."""
        last = chunk[-1]
        block = self._blocks[last.block]
        if self._overlap == 0 or block.kind not in ("text", "list"):
            return None
        level = LEVELS[block.kind][0]
        if last.level > LEVELS[block.kind].index("sentences") + 1:
            return None
        start = min(part.start for part in chunk if part.block == last.block)
        inside = between(self._cuts(last.block, level), start, last.end)[-_MOST_LAPS:]
        if start == 0 and chunk[0].block != last.block:
            inside.insert(0, 0)
        for place in inside:
            weight = weigh(block, place, last.end)
            if weight <= self._overlap:
                return Part(last.block, place, last.end, weight, 1)
        return None

    def _cost(self, chunk: Sequence[Part]) -> int:
        """Return the tokens of a chunk, repeated header rows included."""
        return self._lead(chunk[0]) + sum(part.weight for part in chunk)

    def _lead(self, part: Part) -> int:
        """Return the tokens of the header rows that a chunk from `part` on repeats."""
        block = self._blocks[part.block]
        if part.start < block.header or not block.header:
            return 0
        return weigh(block, 0, block.header)

    def _cuts(self, number: int, level: str) -> list[int]:
        """Return where a block may be cut at a level."""
        key = (number, level)
        if key not in self._places:
            block = self._blocks[number]
            places = cuts(block.text, level, block.pieces)
            # The header of a table is not parted from the first row.
            if level == "lines" and block.header:
                places = [place for place in places if place > block.header]
            self._places[key] = places
        return self._places[key]
