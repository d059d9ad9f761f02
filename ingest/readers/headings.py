"""Finds the headings among the lines of a PDF. Pure functions."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct

from ingest.readers.layout import BULLET
from ingest.readers.page import Line, Table

Items = Sequence[Line | Table]
"""What stands on one page, in reading order."""

_MOST_LINES = 3
_LONGEST = 200


class Entry(Struct, frozen=True):
    """One line of a document's outline.

    Attributes:
        level: Depth, from 0.
        title: What it says.
        page: The page it points at, from 1.
        top: Height on the page it points at, in points; None for the page.
    """

    level: int
    title: str
    page: int
    top: float | None


class Heading(Struct, frozen=True):
    """A heading in its place.

    Attributes:
        level: Depth, from 0.
        title: What it says.
        lines: Lines of the page it takes; 0 if the page does not show it.
    """

    level: int
    title: str
    lines: int


Headings = Mapping[tuple[int, int], Sequence[Heading]]
"""Headings by (page from 1, number of the item they stand at or before, from 0)."""


def by_outline(entries: Sequence[Entry], pages: Mapping[int, Items]) -> Headings:
    """Place each entry of an outline at the lines that say the same.

    An entry that its page does not show is placed by its height, else at the head
    of its page.
    """
    found: dict[tuple[int, int], list[Heading]] = {}
    after: dict[int, int] = {}
    for entry in entries:
        items = pages.get(entry.page, ())
        position, count = _said(entry, items, after.get(entry.page, 0))
        if count:
            after[entry.page] = position + count
            shown = " ".join(
                item.text
                for item in items[position : position + count]
                if isinstance(item, Line)
            )
        else:
            shown = entry.title
        heading = Heading(entry.level, shown, count)
        found.setdefault((entry.page, position), []).append(heading)
    return found


def by_size(pages: Mapping[int, Items]) -> Headings:
    """Take short lines that are larger or bolder than the body for headings."""
    lines = [i for items in pages.values() for i in items if isinstance(i, Line)]
    if not lines:
        return {}
    body = _body_size(lines)
    plain = not all(line.bold for line in lines)
    ranks = [
        rank for rank in (_rank(line, body, plain=plain) for line in lines) if rank
    ]
    many = Counter(ranks)
    usual = {rank for rank, count in many.items() if count <= 0.3 * len(lines)}
    levels = {rank: level for level, rank in enumerate(sorted(usual, reverse=True))}
    found: dict[tuple[int, int], list[Heading]] = {}
    for number, items in pages.items():
        position = 0
        while position < len(items):
            group = _alike(items, position, body, plain=plain)
            rank = group and _rank(group[0], body, plain=plain)
            if group and rank in levels:
                title = " ".join(line.text for line in group)
                heading = Heading(levels[rank], title, len(group))
                found[number, position] = [heading]
            position += len(group) or 1
    return found


def cover(items: Items) -> str:
    """Return the largest words of a page, if they are larger than most, or ""."""
    lines = [item for item in items if isinstance(item, Line)]
    largest = max((line.size for line in lines), default=0.0)
    if not lines or largest < 1.3 * _body_size(lines):
        return ""
    text = " ".join(line.text for line in lines if line.size == largest)
    return text if len(text) <= _LONGEST else ""


def _said(entry: Entry, items: Items, after: int) -> tuple[int, int]:
    """Return where `items` say the entry's title, and in how many lines."""
    wanted = _letters(entry.title)
    for position in range(after, len(items)):
        text = ""
        for count, item in enumerate(items[position : position + _MOST_LINES], 1):
            if isinstance(item, Table):
                break
            text += " " + item.text
            if wanted and _letters(text) == wanted:
                return position, count
    if entry.top is None:
        return after, 0
    at = entry.top
    lower = (n for n, item in enumerate(items) if n >= after and item.top <= at + 2)
    return next(lower, len(items)), 0


def _letters(title: str) -> str:
    """Return what is left of a title without its number, spaces and signs."""
    bare = re.sub(r"^\W*(?:(?:\d+|[A-Z])(?:\.\d+)*[.):]?\s+)", "", title.strip())
    return re.sub(r"[\W_]+", "", bare or title).casefold()


def _body_size(lines: Sequence[Line]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0]


def _rank(line: Line, body: float, *, plain: bool) -> tuple[float, bool] | None:
    """Return how much of a heading a line is, larger first, or None for none."""
    text = line.text
    if len(text) > _LONGEST or line.mono or BULLET.match(text):
        return None
    if not any(character.isalpha() for character in text):
        return None
    if line.size >= 1.12 * body:
        return line.size, line.bold
    stands_out = plain and line.bold and line.size >= 0.95 * body
    short = len(line.words) <= 12 and not text.endswith((".", ",", ";"))
    return (body, True) if stands_out and short else None


def _alike(items: Items, position: int, body: float, *, plain: bool) -> list[Line]:
    """Return the lines from `position` on that make one heading with the first."""
    group: list[Line] = []
    for item in items[position : position + _MOST_LINES]:
        if isinstance(item, Table):
            break
        rank = _rank(item, body, plain=plain)
        if rank is None or (
            group
            and (
                rank != _rank(group[0], body, plain=plain)
                or not 0 < group[-1].bottom - item.bottom < 1.6 * item.size
            )
        ):
            break
        group.append(item)
    return group
