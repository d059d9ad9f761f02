"""The nouns of a printed page: words, lines, ruling lines and tables. Pure.

Coordinates are points (1/72 inch) from the lower left corner of the page as a
person sees it, so a larger y is higher up.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property

from msgspec import Struct

_LEADER = re.compile(r"(?:[.·…_] ?){5,}")


class Word(Struct, frozen=True):
    """Characters without a space between them, in one place.

    Attributes:
        text: The characters.
        left: Left edge, in points.
        bottom: Lower edge of the font's box, in points.
        right: Right edge, in points.
        top: Upper edge of the font's box, in points.
        size: Font size, in points.
        bold: The font is a bold one.
        mono: Every character of the font is equally wide.
    """

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    bold: bool = False
    mono: bool = False


class Line(Struct, frozen=True, dict=True):
    """Words on one line, left to right, at least one."""

    words: tuple[Word, ...]

    @cached_property
    def text(self) -> str:
        """The words with one space between them."""
        return spaced(self.words)

    @property
    def left(self) -> float:
        """Left edge of the first word, in points."""
        return self.words[0].left

    @cached_property
    def right(self) -> float:
        """Right edge of the rightmost word, in points."""
        return max(word.right for word in self.words)

    @cached_property
    def top(self) -> float:
        """Upper edge of the highest word, in points."""
        return max(word.top for word in self.words)

    @property
    def bottom(self) -> float:
        """Lower edge of the first word, in points; stands for the baseline."""
        return self.words[0].bottom

    @cached_property
    def size(self) -> float:
        """Size of the most characters, in points, to the nearest quarter."""
        sizes: Counter[float] = Counter()
        for word in self.words:
            sizes[round(word.size * 4) / 4] += len(word.text)
        return sizes.most_common(1)[0][0]

    @cached_property
    def bold(self) -> bool:
        """Every word is bold."""
        return all(word.bold for word in self.words)

    @cached_property
    def mono(self) -> bool:
        """Every word has characters of one width."""
        return all(word.mono for word in self.words)


class Ruling(Struct, frozen=True):
    """A straight line across or down the page, in points.

    Attributes:
        upright: It runs down, not across.
        at: Its x if upright, else its y.
        start: Its lower or left end.
        end: Its upper or right end.
    """

    upright: bool
    at: float
    start: float
    end: float


class Page(Struct, frozen=True, kw_only=True):
    """What is drawn on one page.

    Attributes:
        number: From 1.
        height: Height of the page, in points.
        lines: Its lines in reading order.
        rulings: Its straight lines, in any order.
    """

    number: int
    height: float
    lines: tuple[Line, ...]
    rulings: tuple[Ruling, ...] = ()


class Table(Struct, frozen=True):
    """Rows of cells, at least two rows and two columns.

    Attributes:
        rows: Texts of the cells; every row has the same length.
        top: Upper edge of its highest word, in points.
        bottom: Lower edge of its lowest word, in points.
    """

    rows: tuple[tuple[str, ...], ...]
    top: float
    bottom: float

    @property
    def text(self) -> str:
        """A line for each row, cells apart by ``|``."""
        return "\n".join(" | ".join(row).rstrip() for row in self.rows)


def lines(rows: Iterable[Sequence[Word]]) -> list[Line]:
    """Make lines of rows of words, splitting a row where it jumps up or down."""
    found = []
    for row in rows:
        words: list[Word] = []
        for word in row:
            if words and not _same_line(words[-1], word):
                found.append(Line(tuple(words)))
                words = []
            words.append(word)
        if words:
            found.append(Line(tuple(words)))
    return found


def spaced(words: Iterable[Word]) -> str:
    """Return words with one space between them, whole if a line end cut them.

    Dots that lead the eye across the page become one sign.
    """
    text = _LEADER.sub("… ", " ".join(word.text for word in words))
    return re.sub("\u00ad (\\w)", lambda cut: healed("", cut[1]), text)


def healed(above: str, below: str) -> str:
    """Return the parts of a word that was cut at a hyphen as the word."""
    # In "Wi-" and "Fi" the hyphen is the word's own.
    return above + below if below[:1].islower() else f"{above}-{below}"


def _same_line(one: Word, other: Word) -> bool:
    overlap = min(one.top, other.top) - max(one.bottom, other.bottom)
    smaller = min(one.top - one.bottom, other.top - other.bottom)
    # A step back of a little is kerning; a larger one is another column or line.
    return overlap > 0.3 * smaller and other.left > one.left - smaller
