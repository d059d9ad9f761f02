"""What of an answer is read without escapes: tags, backticks, code in a line. Pure."""

from typing import Protocol

from app.chat.outgoing.fencing import Opening, may_open
from app.chat.outgoing.page import Page
from app.chat.outgoing.tags import judged

_HELD = 36
_SIGNS = frozenset("[]!<&\\:/~")


class RawReading(Protocol):
    """What reads an answer; `app.chat.outgoing.links.LinkFilter`."""

    page: Page

    def read(self, text: str, *, plainly: bool = False) -> None:
        """Read characters anew, as those that come next; what was read is over.

        Args:
            text: The characters.
            plainly: No backtick begins code before the next empty line.
        """
        ...

    def read_on(self, char: str) -> None:
        """Read a character in whatever is being read now."""
        ...

    def begin_code(self, length: int) -> None:
        """Take a run of backticks that may begin code in a line."""
        ...

    def begin_block(self, opening: Opening | None) -> None:
        """Take what begins a block of code; None where nobody could say whether."""
        ...

    def begin_address(self, text: str) -> bool:
        """Read on in an address in angle brackets, if it may be one."""
        ...

    def leave_angle(self) -> None:
        """Note that an angle bracket stands, and what follows it may be an address."""
        ...


class Raw(Protocol):
    """One way to read on, character by character."""

    @property
    def held(self) -> int:
        """Characters that have not left yet."""
        ...

    def take(self, char: str) -> None:
        """Read the next character."""
        ...

    def release(self) -> None:
        """Let what is held leave, in a form that leads nowhere it may not."""
        ...

    def end(self) -> None:
        """Take the end of the text."""
        ...


class Tag:
    """An angle bracket and what follows it, while it may be a tag."""

    def __init__(self, reading: RawReading) -> None:
        """Begin after the bracket, which is held."""
        self._reading = reading
        self._text = "<"
        self._at_start = reading.page.at_start

    @property
    def held(self) -> int:
        """Characters that have not left yet."""
        return len(self._text)

    def take(self, char: str) -> None:
        """Read the next character."""
        verdict = judged(self._text + char, at_start=self._at_start)
        if verdict == "wait" and len(self._text) < _HELD - 1:
            self._text += char
        elif verdict == "stands":
            whole = char == ">" and self._text[-1] not in "<>"
            self._stand(self._text + char if whole else self._text)
            self._reading.read("" if whole else char)
        elif verdict != "address" or not self._reading.begin_address(self._text[1:]):
            self._escape(char)

    def release(self) -> None:
        """Let what is held leave; see `Raw`."""
        self._escape("")

    def end(self) -> None:
        """Take the end."""
        if self._at_start and len(self._text) > 1:
            self._escape("")
        else:
            # What never became a tag is text, and text may hold an address.
            self._stand("<")
            self._reading.read(self._text[1:])

    def _stand(self, text: str) -> None:
        for char in text:
            self._reading.page.put(char, char, escaped=True)
        if not text.endswith(">"):
            self._reading.leave_angle()

    def _escape(self, following: str) -> None:
        self._reading.page.part()
        self._reading.page.put("&lt;", "<", escaped=True)
        self._reading.read(self._text[1:] + following)


class Ticks:
    """A run of backticks or tildes, which has left already."""

    def __init__(self, reading: RawReading, sign: str) -> None:
        """Begin with the first of them."""
        self._reading = reading
        self._sign = sign
        self._length = 0
        self._column = reading.page.indent
        self._at_start = reading.page.at_start
        self.take(sign)

    @property
    def held(self) -> int:
        """Characters that have not left yet."""
        return 0

    def take(self, char: str) -> None:
        """Read the next character."""
        if char == self._sign:
            self._length += 1
            self._reading.page.put(char, char)
        else:
            self.end()
            self._reading.read_on(char)

    def release(self) -> None:
        """Hold nothing, so there is nothing to let go."""

    def end(self) -> None:
        """Take the end."""
        reading = self._reading
        reading.read("")
        if self._at_start and may_open(self._length):
            # Inside of lists and quotes, who knows where a block ends.
            clear = self._column is not None and self._column < 4
            opening = Opening(self._sign, self._length, self._column or 0)
            reading.begin_block(opening if clear else None)
        elif self._sign == "`":
            reading.begin_code(self._length)


class Span:
    """Code in a line, if it ends: until then it may be text."""

    def __init__(self, reading: RawReading, length: int) -> None:
        """Begin behind a run of `length` backticks."""
        self._reading = reading
        self._length = length
        self._run = 0
        self._text = ""

    @property
    def held(self) -> int:
        """Characters that have not left yet."""
        return len(self._text)

    def take(self, char: str) -> None:
        """Read the next character."""
        if char != "`" and self._run == self._length:
            self._close()
            self._reading.read(char)
            return
        self._run = self._run + 1 if char == "`" else 0
        # In the row of a table, code ends where its cell does.
        if char in "|\n\r":
            self._reading.read(self._text + char, plainly=True)
        elif self._text or self._is_sign(char):
            self._text += char
            if len(self._text) > _HELD:
                self.release()
        else:
            self._reading.page.put(char, char)

    def _is_sign(self, char: str) -> bool:
        tail = self._reading.page.tail
        return char in _SIGNS or (char == "." and tail[-1:] in ("w", "W"))

    def _close(self) -> None:
        for char in self._text:
            self._reading.page.put(char, char, escaped=True)
        self._reading.read("")

    def release(self) -> None:
        """Let what is held leave; see `Raw`."""
        if self._text:
            self._reading.read(self._text, plainly=True)

    def end(self) -> None:
        """Take the end."""
        if self._run == self._length:
            self._close()
        else:
            self._reading.read(self._text, plainly=True)
