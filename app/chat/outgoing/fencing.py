"""Follows blocks of code in an answer, and believes in one only where all would. Pure.

What stands in code is shown as it is and may hold anything. So where two renderers
could differ about whether something is code, it is taken for text, to the end.
"""

import re

from msgspec import Struct

_DRAWN = frozenset(
    [
        "mermaid",
        "svg",
        "html",
        "xhtml",
        "dot",
        "graphviz",
        "plantuml",
        "vega",
        "vega-lite",
        "geojson",
    ]
)
"""Kinds of code that some clients do not show but draw, and load what it names."""

_FORMULAS = frozenset(("math", "katex", "latex", "tex"))
"""The same, where a backslash is not a slash that is written badly."""

_FENCE = 3
_LINE_END = re.compile(r"[\n\r]")


class Opening(Struct, frozen=True):
    """The run of signs that begins a block of code.

    Attributes:
        sign: Backtick or tilde.
        length: How many.
        column: Blanks in front of them.
    """

    sign: str
    length: int
    column: int


def may_open(length: int) -> bool:
    """Return whether so many signs at the start of a line may begin a block."""
    return length >= _FENCE


class Fence:
    """A block of code that is open.

    Attributes:
        drawn: Some clients draw what stands in it.
        slashes: In what they draw, a backslash is as good as a slash.
    """

    def __init__(self, opening: Opening, info: str) -> None:
        """Begin on the line after `opening` and its `info`."""
        kind = (info.split() or [""])[0].strip("{.}").lower()
        self.drawn = kind in _DRAWN or kind in _FORMULAS
        self.slashes = kind in _DRAWN
        self._opening = opening
        self._column: int | None = 0
        self._begun = False
        self._run = 0
        self._end = False

    def take(self, char: str) -> bool | None:
        """Take the next character.

        Returns:
            True while the block goes on, False once it has ended with this newline,
            and None where it cannot be told any more what is code: this character
            is the first of which that is so.
        """
        if char == "\n":
            return self._end_line()
        if not self._begun and char in " \t":
            self._indent(char)
            return True
        if not self._begun:
            self._begun = True
            if self._column is None or self._column < self._opening.column:
                return None
            self._end = char == self._opening.sign
        self._read(char)
        return True

    def passed(self, text: str, at: int) -> int:
        """Return up to where of `text` nothing but code can stand, from `at` on."""
        if not self._begun or self._end:
            return at
        found = _LINE_END.search(text, at)
        return found.start() if found else len(text)

    def _indent(self, char: str) -> None:
        if self._column is not None:
            self._column = self._column + 1 if char == " " else self._column + 4
        if char == "\t" and self._opening.column:
            self._column = None

    def _read(self, char: str) -> None:
        if not self._end:
            return
        if char == self._opening.sign and self._run >= 0:
            self._run += 1
        elif char in " \t" and abs(self._run) >= self._opening.length:
            self._run = -abs(self._run)
        else:
            self._end = False

    def _end_line(self) -> bool | None:
        ends = self._end and abs(self._run) >= self._opening.length
        column, own = self._column, self._opening.column
        self._column, self._begun, self._run, self._end = 0, False, 0, False
        if not ends or column is None:
            return True
        if column == own or (own == 0 and column <= 3):
            return False
        # Deeper than where it began, it ends the block in some lists, in others not.
        return None if own else True
