"""What of an answer has left, as far as it decides what the next character means.

A filter writes onto the page, character by character; nothing is ever taken back.
"""

import re

_TAIL = 48
_RECENT = 1024
_WWW = re.compile(r"(?:^|[^A-Za-z0-9])[wW]{3}\Z")

_AFTER_OPENING = re.compile(r"\[(.)", re.DOTALL)

_LINE_MARKS = frozenset(" \t>-*+.)0123456789")
"""Signs of lists and quotes, and blanks: what may stand in front of a block."""

_MOST_BRACKETS = 256


class Page:
    """The text that has left.

    Attributes:
        closed: None, or that the last sign is a closing bracket, and whether an
            image began with the one it closes.
        at_start: Nothing but signs of lists and quotes stands on the line so far.
        indent: Blanks at the start of the line, while nothing else stands there;
            None afterwards.
        named_at_start: The last opening bracket stood at the start of a line.
        paired: The last closing bracket closes one that surely is open.
        blank: Nothing but blanks stands on the line so far.
        footnote: It was the bracket of a footnote.
        after_address: An address stands at the end, or in front of the bracket there;
            what follows without a blank would be a part of it for some renderers.
    """

    def __init__(self) -> None:
        self._recent = ""
        self.closed: bool | None = None
        self.at_start = True
        self.indent: int | None = 0
        self.blank = True
        self.named_at_start = False
        self.paired = False
        self.footnote = False
        self.after_address = False
        self._bang = False
        self._brackets: list[bool] = []
        self._lost = False
        self._doubtful = 0
        self._in_line = 0
        self._parts: list[str] = []

    @property
    def tail(self) -> str:
        """The last characters, as a reader sees them."""
        return self._recent[-_TAIL:]

    @property
    def ends_in_www(self) -> bool:
        """Whether a dot would now begin an address without a scheme."""
        return bool(_WWW.search(self.tail))

    @property
    def in_brackets(self) -> bool:
        """Whether a bracket that was opened in this line is open."""
        return self._in_line > 0

    @property
    def makes_image(self) -> bool:
        """Whether a bracket that opens now begins an image."""
        return self._bang

    def put(self, raw: str, char: str, *, escaped: bool = False) -> None:
        """Write one sign: as `raw`, which a reader sees as `char`."""
        self._parts.append(raw)
        self._add(char)
        self.closed = None
        self.after_address = False
        if char == "|":
            # In a table, a cell ends here.
            self.doubt_brackets()
        self._bang = char == "!" and not escaped
        if raw == "\n":
            self._end_line()
            return
        if self.footnote and self._recent[-2:-1] == "[":
            self.footnote = char == "^"
        if char == " " and self.indent is not None:
            self.indent += 1
        elif char != " ":
            self.indent = None
        if self.at_start or self.blank:
            self.blank = self.blank and char in " \t"
            self.at_start = self.at_start and char in _LINE_MARKS

    def put_all(self, text: str) -> None:
        """Write characters of one line at once, as they stand."""
        if text:
            self._parts.append(text)
            self.skip(text)

    def skip(self, text: str) -> None:
        """Take characters of one line that have left already."""
        if self.footnote:
            begun = self._recent[-1:] + text
            self.footnote = all(c == "^" for c in _AFTER_OPENING.findall(begun))
        if self.indent is not None:
            self.indent = None if text.strip(" ") else self.indent + len(text)
        if self._brackets and "|" in text:
            self.doubt_brackets()
        self._add(text)
        self.closed = None
        self.after_address = False
        self._bang = False
        if self.at_start or self.blank:
            self.blank = self.blank and not text.strip(" \t")
            self.at_start = self.at_start and _LINE_MARKS.issuperset(text)

    def part(self) -> None:
        """Write a blank if what follows would else belong to an address."""
        if self.after_address:
            self.put(" ", " ")

    def open_bracket(self) -> None:
        """Write an opening bracket that may begin a link, an image or a name."""
        if len(self._brackets) < _MOST_BRACKETS:
            self._brackets.append(self._bang)
        else:
            # Nobody can say any more which of them a closing one closes.
            self._lost = True
        self._in_line += 1
        starts = self.at_start
        self.put("[", "[")
        self.named_at_start, self.footnote = starts, True

    def close_bracket(self) -> None:
        """Write a closing bracket."""
        self.paired = len(self._brackets) > self._doubtful and not self._lost
        image = (self._brackets.pop() if self._brackets else False) or self._lost
        self._in_line -= self._in_line > 0
        glued = self.after_address
        self.put("]", "]")
        self.closed, self.after_address = image, glued

    def doubt_brackets(self) -> None:
        """Note that the brackets open now may begin no link: one stands in them."""
        self._doubtful = len(self._brackets)

    def taken(self) -> str:
        """Return what was written since this was last asked."""
        text = "".join(self._parts)
        self._parts.clear()
        return text

    def _add(self, text: str) -> None:
        self._recent += text
        if len(self._recent) > _RECENT:
            self._recent = self._recent[-_TAIL:]

    def _end_line(self) -> None:
        if self.blank:
            self._brackets.clear()
            self._lost = False
        # The next line may be that of another block.
        self.doubt_brackets()
        self.at_start, self.indent, self.blank = True, 0, True
        self._in_line = 0
