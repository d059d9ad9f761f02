"""Writes the text a person sees, and remembers where each part of it came from."""

import re
from bisect import bisect_left
from html import unescape

from ingest.documents import Element, ElementKind

_RUN = re.compile(
    r"(?P<gap>[ \t\n\r\f]+)"
    r"|(?P<reference>&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{0,31});?)"
    r"|(?P<word>&|[^ \t\n\r\f&]+(?: [^ \t\n\r\f&]+)*)"
)
_REFERENCE = re.compile(r"&[#A-Za-z0-9]{1,33};?|[^&]+|&")


class Flow:
    """The text of one element while it is being written.

    Args:
        source: The text that everything is taken from.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._parts: list[str] = []
        self._length = 0
        self._offsets: list[tuple[int, int]] = []
        self._step: int | None = None
        self._end = 0
        self._gap = ""
        self._gap_at = 0
        self._marker = False

    def __bool__(self) -> bool:
        """Tell whether anything was written."""
        return self._length > 0

    def gap(self, text: str, at: int) -> None:
        """Ask for a space or a line end before what comes; a line end wins.

        Args:
            text: White space.
            at: Offset in the source that asks for it.
        """
        if text == " " and self._parts and self._parts[-1].endswith(" "):
            return
        if not self._marker and len(text) + text.count("\n") > len(self._gap) + (
            self._gap.count("\n")
        ):
            self._gap, self._gap_at = text, at

    def marker(self, text: str, at: int) -> None:
        """Begin a line with a list's marker; without text behind it, it is lost."""
        self._gap, self._gap_at, self._marker = f"\n{text}", at, True

    def cell(self, at: int) -> None:
        """Begin the next cell of a row."""
        self._gap = self._gap if "\n" in self._gap else ""
        self.write(" | ", at)

    def words(self, start: int, end: int) -> None:
        """Write a span of the source with its white space drawn together."""
        for found in _RUN.finditer(self._source, start, end):
            if found.lastgroup == "gap":
                self.gap(" ", found.start())
            elif found.lastgroup == "word":
                self.write(found[0], found.start())
            else:
                self.write(unescape(found[0]), found.start(), len(found[0]))

    def raw(self, start: int, end: int) -> None:
        """Write a span of the source with its white space as it is.

        A line end at the very beginning is left out, as browsers do.
        """
        if not self._length:
            start = end - len(self._source[start:end].lstrip("\r\n"))
        for found in _REFERENCE.finditer(self._source, start, end):
            self.write(unescape(found[0]), found.start(), len(found[0]))

    def write(self, text: str, at: int, length: int = 0) -> None:
        """Write `text`, which stands at `at` in the source.

        Args:
            text: Not empty.
            at: Offset of its first character in the source.
            length: Characters it takes up in the source; 0 for as many as it has.
        """
        gap = self._gap if self._length else self._gap.lstrip()
        self._gap, self._marker = "", False
        if gap:
            self._put(gap, self._gap_at)
        self._put(text, at)
        self._end = at + (length or len(text))

    def element(
        self, kind: ElementKind, path: tuple[str, ...], anchor: str, header_rows: int
    ) -> Element | None:
        """Return what was written, or None if a person sees nothing of it."""
        text = "".join(self._parts).rstrip(" \t\r\n\f")
        if not any(c.isprintable() and not c.isspace() for c in text):
            return None
        # What was cut off the end may have begun a new step.
        offsets = tuple(pair for pair in self._offsets if pair[0] < len(text))
        return Element(
            kind=kind,
            text=text,
            heading_path=path,
            anchor=anchor,
            start=offsets[0][1],
            end=self._end if len(text) == self._length else self._place(len(text)),
            offsets=offsets if len(offsets) > 1 else (),
            header_rows=header_rows,
        )

    def _place(self, length: int) -> int:
        """Return where the first `length` characters end in the source."""
        place = bisect_left(self._offsets, (length, 0)) - 1
        offset, at = self._offsets[place]
        return at + length - offset

    def _put(self, text: str, at: int) -> None:
        if at - self._length != self._step:
            # A mark that is longer than its tag may already have passed this place.
            at = max(at, self._offsets[-1][1] + 1) if self._offsets else at
            self._offsets.append((self._length, at))
            self._step = at - self._length
        self._parts.append(text)
        self._length += len(text)
