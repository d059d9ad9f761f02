"""Cuts a reading into drafts of chunks, none of them too long. Pure."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

import msgspec
from msgspec import Struct

from ingest.chunking.packing import Block, Part, halves, pack, weigh
from ingest.chunking.places import Section, joined, sections, shortened
from ingest.cleaning import visible, without_encoded
from ingest.documents import Element, Reading, blanked, embedded_text

Offsets = Callable[[Sequence[str]], list[list[tuple[int, int]]]]
"""Finds the start and end of every word piece of each text."""

_GAP = re.compile(r"(?:\s|</?[A-Za-z][\w.-]{0,40}/?>)*+")
"""What may stand between two blocks of a chunk that is a slice of its document:
blanks and bare tags. Anything else was left out by the reader, for a reason."""


_PLACE = 5
"""Title and headings take at most this part of a chunk: one in five. A sentence that
serves as a title would else take the room of what people ask for."""


class Draft(Struct, frozen=True, kw_only=True):
    """A chunk without what is the same for the whole document.

    Attributes:
        parts: What it holds, in reading order, by number of the element.
        title: The document's title, shortened if it takes too much room.
        path: Titles above the chunk, shortened likewise.
        start: First character in the reading's text.
        end: One past the last.
        text: What a person reads there.
    """

    parts: tuple[Part, ...]
    title: str
    path: tuple[str, ...]
    start: int
    end: int
    text: str


class Drafts:
    """One document being cut."""

    def __init__(
        self, reading: Reading, *, offsets: Offsets, size: int, overlap: int
    ) -> None:
        self._reading = reading
        self._offsets = offsets
        self._size = size
        self._overlap = overlap
        texts = [self._text(number) for number in range(len(reading.elements))]
        self._blocks = [
            self._block(element, text, pieces)
            for element, text, pieces in zip(
                reading.elements,
                texts,
                offsets([blanked(text) for text in texts]),
                strict=True,
            )
        ]

    def all(self, title: str) -> list[Draft]:
        """Return the drafts in reading order, each with a letter or a digit."""
        elements = self._reading.elements
        weights = [weigh(block, 0, block.end) for block in self._blocks]
        apart = sections(elements, weights)
        together = joined(
            apart, elements, small=self._size // 4, most=self._size * 3 // 5
        )
        drafts = [draft for s in together for draft in self._cut(s, title)]
        return self._fitting(drafts)

    def _block(
        self, element: Element, text: str, pieces: Sequence[tuple[int, int]]
    ) -> Block:
        """Return an element as a text to be packed."""
        header = 0
        for _ in range(element.header_rows):
            header = text.find("\n", header) + 1 or len(text)
        end = element.end - element.start if self._reading.verbatim else len(text)
        block = Block(kind=element.kind, text=text, pieces=pieces, end=end)
        # A header that takes a third of the chunk is not worth repeating.
        if header < end and weigh(block, 0, header) * 3 <= self._size:
            block = msgspec.structs.replace(block, header=header)
        return block

    def _cut(self, section: Section, title: str) -> Iterator[Draft]:
        """Cut a section, wherever its blocks must not stand in one chunk too."""
        title, path, room = self._place(title, section.path)
        first = section.first
        for last in range(section.first + 1, section.last + 1):
            if last < section.last and not self._parted(last):
                continue
            blocks = self._blocks[first:last]
            for chunk in pack(blocks, room=room, overlap=self._overlap):
                parts = tuple(_moved(part, first) for part in chunk)
                if draft := self._draft(parts, title, path):
                    yield draft
            first = last

    def _fitting(self, drafts: Sequence[Draft]) -> list[Draft]:
        """Halve what is too long after all, until nothing is.

        Tokens were counted block by block; cutting inside a word, cleaning, and
        tokenizers that look across blanks change their number a little.
        """
        found: list[Draft] = []
        texts = [embedded_text(d.path, d.title, d.text) for d in drafts]
        for draft, pieces in zip(drafts, self._offsets(texts), strict=True):
            characters = sum(part.end - part.start for part in draft.parts)
            if len(pieces) <= self._size or characters < 2:
                found.append(draft)
                continue
            smaller = (
                self._draft(half, draft.title, draft.path)
                for half in halves(self._blocks, draft.parts)
            )
            found += self._fitting([half for half in smaller if half])
        return found

    def _place(
        self, title: str, path: tuple[str, ...]
    ) -> tuple[str, tuple[str, ...], int]:
        """Return title and path as they are embedded, and the tokens they leave."""
        most = self._size // _PLACE
        taken = self._count(embedded_text(path, title, ""))
        if taken > most:
            within = not title or path[:1] == (title,)
            names = path if within else (title, *path)
            names = shortened(names, most=most, count=self._count)
            title = names[0] if title else ""
            path = names if within else names[1:]
            taken = self._count(embedded_text(path, title, ""))
        return title, path, max(self._size - taken, 1)

    def _count(self, text: str) -> int:
        return len(self._offsets([text])[0])

    def _parted(self, number: int) -> bool:
        """Tell whether an element must not share a chunk with the one before."""
        before, after = self._reading.elements[number - 1 : number + 1]
        if before.page != after.page and "table" in (before.kind, after.kind):
            return True
        if not self._reading.verbatim:
            return False
        return not _GAP.fullmatch(self._reading.text, before.end, after.start)

    def _text(self, number: int) -> str:
        """Return the text of an element, up to the next one where it is a slice."""
        elements = self._reading.elements
        element = elements[number]
        if not self._reading.verbatim:
            return element.text
        end = element.end
        if number + 1 < len(elements) and not self._parted(number + 1):
            end = elements[number + 1].start
        return self._reading.text[element.start : end]

    def _draft(
        self, parts: Sequence[Part], title: str, path: tuple[str, ...]
    ) -> Draft | None:
        """Write a chunk out; None if there is nothing to read in it."""
        runs = [run for run in map(self._trimmed, _merged(parts)) if run]
        if not runs:
            return None
        start = self._at(runs[0].block, runs[0].start)
        end = self._at(runs[-1].block, runs[-1].end - 1) + 1
        if self._reading.verbatim:
            text = self._reading.text[start:end]
        else:
            text = "\n\n".join(
                self._blocks[run.block].text[run.start : run.end] for run in runs
            )
        table = self._blocks[runs[0].block]
        if 0 < table.header <= runs[0].start:
            text = f"{table.text[: table.header].rstrip()}\n{text}"
        clean = without_encoded if self._reading.keeps_hidden else visible
        text = clean(text)
        if not any(map(str.isalnum, text)):
            return None
        return Draft(
            parts=tuple(parts), title=title, path=path, start=start, end=end, text=text
        )

    def _trimmed(self, part: Part) -> Part | None:
        """Take the blanks off both ends of a part; None if nothing is left."""
        block = self._blocks[part.block]
        text = block.text[part.start : min(part.end, block.end)]
        # The first line of code keeps what it is indented by.
        blanks = "\r\n" if block.kind == "code" else None
        start = part.start + len(text) - len(text.lstrip(blanks))
        end = part.start + len(text.rstrip())
        return Part(part.block, start, end, part.weight) if start < end else None

    def _at(self, number: int, offset: int) -> int:
        """Return where in the reading's text a character of an element stands."""
        element = self._reading.elements[number]
        place = element.start + offset
        if element.offsets and not self._reading.verbatim:
            pair = bisect_right(element.offsets, offset, key=lambda pair: pair[0]) - 1
            if pair >= 0:
                own, there = element.offsets[pair]
                place = there + offset - own
        return max(element.start, min(place, element.end - 1))


def _moved(part: Part, by: int) -> Part:
    """Return a part of the block that is `by` blocks further on."""
    return Part(part.block + by, part.start, part.end, part.weight, part.level)


def _merged(parts: Sequence[Part]) -> list[Part]:
    """Join neighbouring parts of the same block."""
    found: list[Part] = []
    for part in parts:
        if found and found[-1].block == part.block and found[-1].end == part.start:
            before = found.pop()
            weight = before.weight + part.weight
            found.append(Part(part.block, before.start, part.end, weight))
        else:
            found.append(part)
    return found
