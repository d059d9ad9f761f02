"""A chunk's text as the sentences, steps and rows that an answer can quote. Pure.

Every unit is a slice of the text, so that what is quoted is there word for word.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct

from ingest.documents import Chunk

_HEADING = re.compile(r"\s{0,3}#{1,6}\s")
_RULE = re.compile(r"\s{0,3}([=\-~^*_\"'`#+])\1{2,}\s*$")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_ITEM = re.compile(r"\s*(?:[-*+•‣–]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+(?=\S)")
_COUNTED = re.compile(r"\s*\(?(?:\d{1,3}|[a-z])[.)]\s")
_DELIMITER = re.compile(r"[\s|:+=-]*-{2,}[\s|:+=-]*$")
_DIRECTIVE = re.compile(r"\s*(\.\. |:[\w-]+:|:::|<!--)")

_ABBREVIATIONS = (
    "approx|bzw|ca|cf|dr|e\\.g|etc|evtl|fig|i\\.e|inc|incl|inkl|max|min|mr|mrs|ms|nr|no"
    "|p|p\\.ex|pp|prof|resp|sec|sig|sr|st|usw|vgl|vs|z\\.b|z\\. b|d\\.h|u\\.a"
)
_SENTENCE_END = re.compile(
    r"(?:[.!?…]+[\"'”’)\]*_]*(?=\s+[^a-zß-ÿ\s])|[。！？]+[」』）]*)"
)
_AFTER_ABBREVIATION = re.compile(rf"\b(?:{_ABBREVIATIONS}|[A-Z])\.$", re.IGNORECASE)


_SHORT = 110
"""Characters below which a sentence is quoted with the one after it."""


class Unit(Struct, frozen=True, kw_only=True):
    """A sentence (or two short ones), a list item or a table row of a chunk.

    Attributes:
        start: First character in the chunk's text.
        end: One past the last.
        block: Number of its paragraph, list or table in the chunk, from 0.
        kind: What it is; a "step" belongs to a counted list.
        lead_start: First character of what it cannot be read without: the head
            of its table; equal to `lead_end` if there is nothing.
        lead_end: One past the last.
    """

    start: int
    end: int
    block: int
    kind: str
    lead_start: int = 0
    lead_end: int = 0


class _Line(Struct, frozen=True):
    start: int
    end: int
    text: str


# What answers one question answers others, and its neighbours are looked at too.
# A chunk is its tenant's: nobody else finds what is remembered of it.
@lru_cache(maxsize=4096)
def units(chunk: Chunk) -> tuple[Unit, ...]:
    """Return the units of `chunk` in reading order; headings are none of them."""
    return tuple(
        unit
        for number, block in enumerate(_blocks(chunk))
        for unit in _units_of(chunk, number, block)
    )


def _units_of(chunk: Chunk, number: int, block: list[_Line]) -> list[Unit]:
    if _is_table(chunk, block):
        return _rows(number, block)
    if _ITEM.match(block[0].text):
        return _items(number, block)
    start, end = block[0].start, block[-1].end
    if _FENCE.match(block[0].text):
        return [Unit(start=start, end=end, block=number, kind="code")]
    spans = _joined(sentence_spans(chunk.text[start:end]))
    return [
        Unit(start=start + s, end=start + e, block=number, kind="sentence")
        for s, e in spans
    ]


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join sentences too short to say something alone with what follows them."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and joined[-1][1] - joined[-1][0] < _SHORT:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return the sentences of a paragraph as (start, end), without outer blanks."""
    cuts = [0]
    for match in _SENTENCE_END.finditer(text):
        if not _AFTER_ABBREVIATION.search(text[cuts[-1] : match.end()]):
            cuts.append(match.end())
    cuts.append(len(text))
    spans = (_stripped(text, start, end) for start, end in pairwise(cuts))
    return [(start, end) for start, end in spans if start < end]


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), start + len(part.rstrip())


def _lines(text: str) -> Iterator[_Line]:
    start = 0
    for line in text.splitlines(keepends=True):
        bare = line.rstrip()
        yield _Line(start, start + len(bare), bare)
        start += len(line)


def _blocks(chunk: Chunk) -> Iterator[list[_Line]]:
    """Yield lines that belong together: what stands between blanks and headings."""
    block: list[_Line] = []
    fence = ""
    for line in _without_headings(chunk):
        opened = _FENCE.match(line.text)
        if fence:
            block.append(line)
            if opened and opened[1].startswith(fence):
                yield block
                block, fence = [], ""
            continue
        if opened or not line.text or _turns(block, line):
            if block:
                yield block
            block = []
        if line.text:
            block.append(line)
        fence = opened[1] if opened else ""
    if block:
        yield block


def _turns(block: list[_Line], line: _Line) -> bool:
    """Return whether `line` begins a list or a table below a paragraph."""
    if not block:
        return False
    first = block[0].text
    starts_list = bool(_ITEM.match(line.text)) and not _ITEM.match(first)
    starts_table = _is_row(line) and not _is_row(block[0]) and not _ITEM.match(first)
    ends_table = _is_row(block[-1]) and not _is_row(line)
    return starts_list or starts_table or ends_table


def _without_headings(chunk: Chunk) -> Iterator[_Line]:
    """Yield the lines of a chunk with an empty one for each heading."""
    titles = {_bare(title) for title in (*chunk.heading_path, chunk.title)}
    fenced = False
    for line in _lines(chunk.text):
        fenced ^= bool(_FENCE.match(line.text))
        heading = not fenced and (_bare(line.text) in titles or _is_mark(line.text))
        yield _Line(line.start, line.start, "") if heading else line


def _is_mark(text: str) -> bool:
    """Return whether a line is a heading, a rule or a directive, and no text."""
    rule = _RULE.match(text) and not _FENCE.match(text)
    return bool(_HEADING.match(text) or _DIRECTIVE.match(text) or rule)


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def _is_row(line: _Line) -> bool:
    return "|" in line.text and (line.text.lstrip()[0] == "|" or " | " in line.text)


def _is_table(chunk: Chunk, block: list[_Line]) -> bool:
    return chunk.kind == "table" or (len(block) > 1 and all(map(_is_row, block)))


def _rows(number: int, block: list[_Line]) -> list[Unit]:
    """Return a table's rows, each led by the lines that name the columns."""
    head = 2 if len(block) > 1 and _DELIMITER.match(block[1].text) else 1
    start, end = block[0].start, block[head - 1].end
    if len(block) <= head:
        return [Unit(start=start, end=end, block=number, kind="row")]
    return [
        Unit(
            start=line.start,
            end=line.end,
            block=number,
            kind="row",
            lead_start=start,
            lead_end=end,
        )
        for line in block[head:]
        if not _DELIMITER.match(line.text)
    ]


def _items(number: int, block: list[_Line]) -> list[Unit]:
    """Return a list's items, each with the lines that go on below it."""
    starts = [i for i, line in enumerate(block) if _ITEM.match(line.text)]
    kind = "step" if _COUNTED.match(block[0].text) else "item"
    return [
        Unit(
            start=block[first].start, end=block[after - 1].end, block=number, kind=kind
        )
        for first, after in pairwise([*starts, len(block)])
    ]
