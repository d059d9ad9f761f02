"""Reads what an answer says outside of anything else: signs of Markdown's, and text."""

import re
from typing import Protocol

from app.chat.outgoing.footnotes import Footnote
from app.chat.outgoing.rawness import Raw, RawReading, Tag, Ticks
from app.chat.outgoing.runs import Reading, Start
from app.chat.outgoing.targets import Label, Target

_WORD = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)(?::/?)?\Z")
_AFTER_ADDRESS = frozenset(" \t\n]>)(<\"'")
"""What keeps an address from going on, or is not one's own end."""


class ProseReading(Reading, RawReading, Protocol):
    """What reads an answer; `app.chat.outgoing.links.LinkFilter`."""

    def become_raw(self, raw: Raw) -> None:
        """Read on character by character."""
        ...

    def end_line(self) -> None:
        """Take the end of a line."""
        ...


class Prose:
    """Plain text, up to where something begins in it.

    Attributes:
        bang: An exclamation mark is held: an image may begin with it.
        angle: An angle bracket stands in front, with no blank behind it.
        foot: A footnote that begins.
    """

    def __init__(self, reading: ProseReading) -> None:
        """Begin at the start of an answer."""
        self.bang = False
        self.angle = False
        self.foot = Footnote(reading.page)
        self._reading = reading
        self._page = reading.page

    @property
    def open(self) -> bool:
        """Whether something has begun that what follows belongs to."""
        return self.bang or self.angle or self.foot.open

    def put_bang(self) -> None:
        """Let an exclamation mark that is held leave."""
        if self.bang:
            self.bang = False
            self._page.put("!", "!")

    def take(self, raw: str, char: str, *, escaped: bool) -> None:
        """Read a sign of plain text."""
        if self.bang:
            if char == "[" and not escaped:
                self._open_bracket()
                return
            self.put_bang()
        if self.foot.open:
            self.foot.take("" if escaped else char)
        glued = self._page.after_address and char in _AFTER_ADDRESS
        if not glued:
            self._page.part()
        if char in " \n\t":
            self.angle = False
        structure = not escaped and not self._reading.in_drawing
        if structure and self._is_structure(char):
            return
        if char in ":/." and self._begins_address(raw, char, structure=structure):
            return
        self._page.put(raw, char, escaped=escaped)
        self._page.after_address = glued and char not in " \t"

    def _is_structure(self, char: str) -> bool:
        """Read a sign that is one of Markdown's, if it is."""
        page = self._page
        if char == "[":
            self._open_bracket()
        elif char == "]":
            page.close_bracket()
        elif char == "(" and page.closed is not None:
            self._reading.become(Target(self._reading, None))
        elif char == "<":
            self._reading.become_raw(Tag(self._reading))
        elif char == "!":
            self.bang = True
        elif char == "\n":
            self._reading.end_line()
        elif char in "`~":
            self._reading.become_raw(Ticks(self._reading, char))
        else:
            return False
        return True

    def _begins_address(self, raw: str, char: str, *, structure: bool) -> bool:
        """Read a colon, slash or dot that may begin an address, if it may."""
        page, begun = self._page, char
        if char == ":":
            if structure and page.closed is not None and page.named_at_start:
                self._define()
        elif char == "/":
            begun = _slashes(page.tail)
        elif not page.ends_in_www:
            begun = ""
        if begun:
            found = _WORD.search(page.tail)
            word = found.group(1) if found else ""
            self._reading.become(Start(self._reading, word, raw, begun))
        return bool(begun)

    def _define(self) -> None:
        """Keep a name in brackets with a colon from being a definition."""
        if self._page.footnote:
            self.foot.begin()
        else:
            self._page.put(" ", " ")

    def _open_bracket(self) -> None:
        image = self.bang or self._page.makes_image
        self._reading.become(Label(self._reading, image=image, bang=self.bang))
        self.bang = False


def _slashes(tail: str) -> str:
    """Return what a slash behind `tail` may begin, or ""."""
    if tail[-1:] == ":":
        return ":/"
    if tail[-2:] == ":/":
        return "://"
    if tail[-1:] == "/":
        return "" if tail[-2:-1].isalnum() or tail[-2:-1] == "/" else "//"
    return "" if tail[-1:].isalnum() else "/"
