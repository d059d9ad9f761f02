"""What is left of a target that may not stand, up to its end. Pure."""

from app.chat.outgoing.runs import Reading

_BLANKS = frozenset(" \t\n\r\f\v")


class Rest:
    """What is left of a target that was dropped, and its title.

    Attributes:
        link: The link itself stays: its end does, too.
    """

    def __init__(
        self, reading: Reading, *, angle: bool, depth: int, link: bool
    ) -> None:
        """Begin in the middle of the target, `depth` parentheses deep."""
        self.link = link
        self._reading = reading
        self._angle = angle
        self._depth = max(depth, 0)
        self._ended = False
        self._blanks = 0
        self._quote = ""

    @property
    def held(self) -> int:
        """Characters that have not left yet."""
        return 0

    def take(self, raw: str, char: str, *, escaped: bool) -> None:
        """Read the next sign."""
        if char == "`":
            self._reading.go_on(raw, char, escaped=escaped)
        elif self._quote:
            self._in_title(raw, char, escaped=escaped)
        elif self._ended:
            self._behind(raw, char, escaped=escaped)
        elif not escaped:
            self._in_target(raw, char)

    def _in_target(self, raw: str, char: str) -> None:
        if self._angle:
            if char == "\n":
                self._reading.go_on(raw, char, escaped=False)
            self._ended = char == ">"
            return
        self._depth += (char == "(") - (char == ")")
        if char not in _BLANKS and self._depth >= 0:
            return
        if self.link:
            page = self._reading.page
            page.after_address = page.after_address and char != ")"
            self._reading.go_on(raw, char, escaped=False)
            return
        self._ended = True
        self._behind(raw, char, escaped=False)

    def _behind(self, raw: str, char: str, *, escaped: bool) -> None:
        if char == ")" and not escaped:
            self._reading.become(None)
        elif char in " \t" and not escaped:
            self._blanks += 1
        elif char in "\"'" and self._blanks and not escaped:
            self._quote = char
        else:
            if self._blanks:
                self._reading.go_on(" ", " ", escaped=False)
            self._reading.go_on(raw, char, escaped=escaped)

    def _in_title(self, raw: str, char: str, *, escaped: bool) -> None:
        if char == "\n":
            self._reading.go_on(raw, char, escaped=escaped)
        elif char == self._quote and not escaped:
            self._quote = ""

    def release(self) -> None:
        """Hold nothing, so there is nothing to let go."""

    def end(self) -> None:
        """Drop what is left."""
