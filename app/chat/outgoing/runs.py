"""Addresses that stand in the text itself, while they are read. Pure.

A renderer makes a link of ``https://…``, ``www.…`` and ``<https://…>``. What may not be
one loses all behind its first word.
"""

from typing import Protocol

from app.chat.outgoing.addresses import Addresses, trimmed
from app.chat.outgoing.page import Page

CUT = "…"
"""Stands for an address that may not be a link."""

LONGEST = 2048
"""Characters of the longest address that leaves whole."""

_ASCII_BLANKS = frozenset(" \t\n\r\f\v")
_LOOSE = frozenset(("http", "https", "ftp", "javascript", "vbscript"))
"""Schemes that browsers take without slashes, too."""

_MAIL = frozenset(("mailto", "xmpp"))
_HOST_SIGNS = frozenset("[%@\\")


class Reading(Protocol):
    """What reads an answer; `app.chat.outgoing.links.LinkFilter`."""

    page: Page
    addresses: Addresses
    offered: int

    @property
    def in_drawing(self) -> bool:
        """Whether this is code that some clients draw."""
        ...

    @property
    def in_angle(self) -> bool:
        """Whether an angle bracket stands in front, with no blank behind it."""
        ...

    def take(self, raw: str, char: str, *, escaped: bool) -> None:
        """Read a sign in whatever is being read now."""
        ...

    def go_on(self, raw: str, char: str, *, escaped: bool) -> None:
        """Read a sign as text: what was being read is over."""
        ...

    def become(self, mode: "Mode | None") -> None:
        """Read on in another way; None reads text."""
        ...


class Mode(Protocol):
    """One way to read on, inside of something that is not over."""

    @property
    def held(self) -> int:
        """Characters that have not left yet."""
        ...

    def take(self, raw: str, char: str, *, escaped: bool) -> None:
        """Read the next sign."""
        ...

    def release(self) -> None:
        """Let what is held leave, in a form that leads nowhere it may not."""
        ...

    def end(self) -> None:
        """Take the end of the text, or of the form that is read here."""
        ...


class Start:
    """What may begin an address: a colon, slashes, ``www.``."""

    def __init__(self, reading: Reading, word: str, raw: str, begun: str) -> None:
        """Begin with one sign, the last of `begun`; `word` in front of it has left."""
        self._reading = reading
        self._word = word
        self._begun = begun
        self._raws = [raw]

    @property
    def held(self) -> int:
        """Characters that have not left yet."""
        return sum(map(len, self._raws))

    def take(self, raw: str, char: str, *, escaped: bool) -> None:
        """Read the next sign."""
        begun = self._begun
        if char == "/" and begun in (":", ":/", "/"):
            self._begun += char
            self._raws.append(raw)
        elif self.leads_on(char):
            address = self._word + begun
            run = Run(self._reading, address, self._raws)
            self._reading.become(run)
            run.take(raw, char, escaped=escaped)
        else:
            self.end()
            if self._is_mail() and char not in _ASCII_BLANKS:
                # Without a scheme, it is an address of mail and carries nothing else.
                self._reading.page.put(" ", " ")
            self._reading.go_on(raw, char, escaped=escaped)

    def _is_mail(self) -> bool:
        return self._begun == ":" and self._word.lower() in _MAIL

    def leads_on(self, char: str) -> bool:
        """Return whether what begins with `char` would be an address."""
        if char in _ASCII_BLANKS or char == "<":
            return False
        if self._begun in ("://", "."):
            return True
        if self._begun == "//":
            return char.isalnum() or char in _HOST_SIGNS
        loose = self._word.rpartition("+")[2].lower() in _LOOSE
        return loose and self._begun in (":", ":/")

    def release(self) -> None:
        """Let what is held leave; see `Mode`."""
        shown = self._begun[len(self._begun) - len(self._raws) :]
        for raw, char in zip(self._raws, shown, strict=True):
            self._reading.page.put(raw, char, escaped=True)
        self._raws = []

    def end(self) -> None:
        """Take the end."""
        self.release()


def foreign(raw: str, char: str) -> str:
    """Return what a sign is in an address: itself, or what stands in none of ours.

    Nobody writes the letters of an address as entities, but for ``&amp;``; a blank
    that is escaped is a part of the address for some readers only.
    """
    hidden = raw[0] == "&" and len(raw) > 1 and char != "&"
    return "\ufffd" if hidden or char in _ASCII_BLANKS else char


class Run:
    """An address in the text, up to its end."""

    def __init__(
        self, reading: Reading, begun: str, raws: list[str], *, angle: bool = False
    ) -> None:
        """Begin with an address of which some has left.

        Args:
            reading: What reads the answer.
            begun: The address so far.
            raws: What of that has not left, sign by sign.
            angle: It stands in angle brackets, of which the first is held, too.
        """
        self._reading = reading
        self._text = begun
        self._raws = raws
        self._angle = angle
        self._bracket = "<" if angle else ""
        self._disarmed = False
        self._sent = False
        self._over = False

    @property
    def held(self) -> int:
        """Characters that have not left yet."""
        return sum(map(len, self._raws)) + len(self._bracket)

    def take(self, raw: str, char: str, *, escaped: bool) -> None:
        """Read the next sign."""
        if self._ends(char, escaped=escaped):
            if self._angle and char == ">" and not self._over:
                self._close()
            else:
                self.end()
            if self._disarmed and char == ">":
                # To GitHub's readers, it would be a part of the bare address.
                raw, escaped = "&gt;", True
            self._reading.go_on(raw, char, escaped=escaped)
            return
        if self._over:
            return
        addresses = self._reading.addresses
        if not char.isascii() and addresses.allows(trimmed(self._text)):
            # Scripts without blanks go on right behind an address, and a renderer
            # would take that for a part of it.
            self.end()
            self._reading.go_on(raw, char, escaped=escaped)
            return
        self._text += foreign(raw, char)
        self._raws.append(raw)
        if len(self._text) > LONGEST or not addresses.begins(self._text):
            self._cut()

    def _ends(self, char: str, *, escaped: bool) -> bool:
        if escaped:
            return char == "`"
        if char in _ASCII_BLANKS or char in "<`" or (char == ">" and self._angle):
            return True
        if self._reading.in_drawing:
            return char in "\"'"
        return char == "]" and self._reading.page.in_brackets

    def release(self) -> None:
        """Let what is held leave; see `Mode`."""
        self._sent = True
        self._leave(len(self._text))

    def end(self) -> None:
        """Take the end."""
        if not self._over:
            self._escape()
            self._cut()

    def _close(self) -> None:
        """Take the bracket that closes an address in angle brackets."""
        if self._reading.addresses.allows(self._text):
            self._leave(len(self._text))
        else:
            self.end()

    def _cut(self) -> None:
        """Let leave what may stand, and drop the rest up to the end."""
        self._over = True
        kept = self._reading.addresses.kept(self._text)
        if not self._sent and not kept:
            self._escape()
            # In angle brackets, the name of the scheme is held, too.
            self._leave(self._text.index(":") if self._angle else 0)
            page = self._reading.page
            if page.tail[-1:] in ("/", "."):
                # Its beginning has left: nothing may stand right behind it.
                page.put(" ", " ")
            page.put(CUT, CUT)
        else:
            if kept < len(self._text):
                self._escape()
            self._leave(kept)
            self._reading.page.after_address = True
        self._raws = []

    def _escape(self) -> None:
        if self._bracket:
            self._bracket, self._disarmed = "&lt;", True

    def _leave(self, length: int) -> None:
        """Let leave the address up to a length."""
        if self._bracket:
            self._reading.page.part()
            self._reading.page.put(self._bracket, "<", escaped=True)
            self._bracket = ""
        begun = len(self._text) - len(self._raws)
        shown = self._text[begun : max(length, begun)]
        for raw, char in zip(self._raws, shown, strict=False):
            self._reading.page.put(raw, char, escaped=True)
        self._raws = self._raws[len(shown) :]
