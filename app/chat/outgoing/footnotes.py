"""Keeps a footnote from being the definition of a link. Pure.

``[^1]: Words.`` is a footnote for some renderers. For others it defines where ``[^1]``
leads, if one word stands there and nothing behind it but a title.
"""

from app.chat.outgoing.page import Page
from app.chat.outgoing.runs import CUT

_LEAD, _WORD, _GAP = 1, 2, 3


class Footnote:
    """The first word of a footnote, and what follows it."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._at = 0
        self._lines = 0

    @property
    def open(self) -> bool:
        """Whether it is being read."""
        return self._at > 0

    def begin(self) -> None:
        """Begin behind the colon."""
        self._at, self._lines = _LEAD, 0

    def take(self, char: str) -> None:
        """Look at the next sign, before it is written; "" is an escaped one."""
        char = char or "\\"
        if self._at == _LEAD:
            self._lead(char)
        elif self._at == _WORD and char in " \t\n":
            self._at = _GAP
            if char == "\n":
                self.end()
        elif self._at == _GAP and char not in " \t":
            if char in "\n\"'(":
                self._page.put(f"{CUT} ", " ")
            self._at = 0

    def end(self) -> None:
        """Take the end of the text, or of the line behind the word."""
        tail = self._page.tail
        done = tail[-2:] == f" {CUT}" and tail[-3:-2] not in (":", " ", "\n")
        if self._at in (_WORD, _GAP) and not done:
            self._page.put(f" {CUT}", CUT)
        self._at = 0

    def _lead(self, char: str) -> None:
        self._lines += char == "\n"
        if char == "<" or self._lines > 1:
            if char == "<":
                self._page.put(f"{CUT} ", " ")
            self._at = 0
        elif char not in " \t\n":
            self._at = _WORD
