"""What stands behind the text of a link or image, while it is read. Pure.

``[text](target "title")`` stays a link where its target may be one. Otherwise the text
stays and the target goes.
"""

from app.chat.outgoing.leftovers import Rest
from app.chat.outgoing.runs import CUT, LONGEST, Reading, foreign

_BLANKS = frozenset(" \t\n\r\f\v")
_SIGNS = frozenset("[!<`~\n\r:/\\&")
_MOST_LEAD = 2


class Label:
    """The text of a link or image, while it is short and holds no other sign.

    Attributes:
        image: It is the text of an image.
    """

    def __init__(self, reading: Reading, *, image: bool, bang: bool) -> None:
        """Begin after the opening bracket, which is held; `bang`: so is the ``!``."""
        self.image = image
        self._reading = reading
        self._bang = bang
        self._signs: list[tuple[str, str, bool]] = []
        self._closed = False

    @property
    def held(self) -> int:
        """Characters that have not left yet."""
        inner = sum(len(raw) for raw, _, _ in self._signs)
        return inner + 1 + self._bang + self._closed

    def take(self, raw: str, char: str, *, escaped: bool) -> None:
        """Read the next sign."""
        if self._closed and char == "(" and not escaped:
            self._reading.become(Target(self._reading, self))
        elif self._closed or self._breaks(char, escaped=escaped):
            self.end()
            self._reading.take(raw, char, escaped=escaped)
        elif char == "]":
            self._closed = True
        else:
            self._signs.append((raw, char, escaped))

    @property
    def is_marker(self) -> bool:
        """Whether it names sources that were offered, and no other."""
        text = "".join(char for _, char, _ in self._signs)
        numbers = text.replace(" ", "").split(",")
        offered = {str(n) for n in range(1, self._reading.offered + 1)}
        return not self.image and offered.issuperset(numbers)

    def _breaks(self, char: str, *, escaped: bool) -> bool:
        """Return whether a sign could begin something else in here."""
        if char == ".":
            before = self._signs[-1][1] if self._signs else "w"
            return before in "wW"
        return escaped or char in _SIGNS

    def release(self) -> None:
        """Let what is held leave; see `Mode`."""
        self.end()

    def end(self) -> None:
        """Leave as it stands."""
        page = self._reading.page
        if self._bang:
            page.put("!", "!")
        page.open_bracket()
        self.leave_text()
        if self._closed:
            self._reading.take("]", "]", escaped=False)

    def leave_alone(self) -> None:
        """Leave without brackets, where these keep nothing apart."""
        if self._reading.in_angle or self._reading.page.tail[-1:] == "/":
            self.end()
        else:
            self.leave_text()

    def leave_text(self) -> None:
        """Leave what stands inside."""
        self._reading.become(None)
        for raw, char, escaped in self._signs:
            self._reading.take(raw, char, escaped=escaped)


class Target:
    """What a link or image leads to, from the opening parenthesis on."""

    def __init__(self, reading: Reading, label: Label | None) -> None:
        """Begin with the parenthesis held, and `label`, if it is held still."""
        self._reading = reading
        self._label = label
        self._image = label.image if label else bool(reading.page.closed)
        self._paired = reading.page.paired
        self._head = ["("]
        self._text = ""
        self._raws: list[str] = []
        self._angle = False
        self._depth = 0
        self._sent = False
        self._gap = False

    @property
    def held(self) -> int:
        """Characters that have not left yet."""
        label = self._label.held if self._label else 0
        return label + self._gap + len(self._head) + sum(map(len, self._raws))

    def take(self, raw: str, char: str, *, escaped: bool) -> None:
        """Read the next sign."""
        if self._gap:
            self._end_gap(raw, char, escaped=escaped)
        elif self._leads(char, escaped=escaped):
            self._angle = char == "<"
            self._head.append(raw)
        elif char == "`":
            # It may begin or end code, whatever becomes of the target.
            self._cut()
            self._reading.take(raw, char, escaped=escaped)
        elif self._ends(char, escaped=escaped):
            self._decide(raw, char, escaped=escaped)
        else:
            self._text += foreign(raw, char)
            self._raws.append(raw)
            if not self._may_go_on():
                self._cut()

    def _leads(self, char: str, *, escaped: bool) -> bool:
        """Return whether a sign stands in front of the target."""
        if self._text or self._angle or self._sent or escaped:
            return False
        return char == "<" or (char in " \t" and len(self._head) <= _MOST_LEAD)

    def _ends(self, char: str, *, escaped: bool) -> bool:
        if escaped:
            return False
        if self._angle:
            return char in ">\n"
        self._depth += (char == "(") - (char == ")")
        return char in _BLANKS or self._depth < 0

    def _may_go_on(self) -> bool:
        addresses = self._reading.addresses
        begins = addresses.may_show if self._image else addresses.begins
        return len(self._text) <= LONGEST and begins(self._text)

    def _stands(self) -> bool:
        addresses, text = self._reading.addresses, self._text
        return addresses.shows(text) if self._image else addresses.allows(text)

    def _decide(self, raw: str, char: str, *, escaped: bool) -> None:
        """Take the sign that ends the target."""
        text = self._text
        empty = not text and not self._angle and char == ")"
        if (self._stands() or (empty and not self._image)) and (
            self._angle == (char == ">")
        ):
            self._leave(len(text))
            self._close()
            self._reading.go_on(raw, char, escaped=escaped)
            return
        if self._sent and text and char == " ":
            self._gap = True
            return
        self._cut()
        self._reading.take(raw, char, escaped=escaped)

    def _close(self) -> None:
        page = self._reading.page
        if not self._paired:
            # Where the brackets are none of a link, what follows without a blank
            # would belong to an address in the text.
            page.after_address = True
        elif not self._image:
            page.doubt_brackets()

    def _end_gap(self, raw: str, char: str, *, escaped: bool) -> None:
        """Take the sign behind a blank that ended what is no target."""
        if char == CUT:
            # It has been cut already.
            self._leave(len(self._text))
            self._reading.go_on(" ", " ", escaped=False)
        else:
            self._cut()
            self._reading.take(" ", " ", escaped=False)
        self._reading.take(raw, char, escaped=escaped)

    def _cut(self) -> None:
        """Drop the target, or what of it may not stand."""
        base = 0
        if not self._angle and not self._image:
            base = self._reading.addresses.base(self._text)
        gone = len(self._text) - len(self._raws)
        rest = Rest(self._reading, angle=self._angle, depth=self._depth, link=base > 0)
        if base and base >= gone:
            self._leave(base)
            self._reading.page.after_address = True
        elif self._sent:
            # What has left is no link with this behind it.
            self._reading.page.put(f" {CUT}" if gone else f" {CUT} {CUT} ", CUT)
            rest.link = True
        elif self._label and self._label.is_marker:
            self._label.end()
        elif self._label:
            self._label.leave_alone()
        self._reading.become(rest)

    def _leave(self, length: int) -> None:
        """Let leave a link whose target has a length."""
        if self._label:
            self._end_label(self._label)
        for raw in self._head:
            self._reading.page.put(raw, raw, escaped=True)
        self._head = []
        gone = len(self._text) - len(self._raws)
        shown = self._text[gone:length]
        for raw, char in zip(self._raws, shown, strict=False):
            self._reading.page.put(raw, char, escaped=True)
        self._raws = self._raws[len(shown) :]

    def _end_label(self, label: Label) -> None:
        self._label = None
        label.end()
        self._paired = self._reading.page.paired
        self._reading.become(self)

    def release(self) -> None:
        """Let what is held leave; see `Mode`."""
        if self._angle:
            self._cut()
        elif self._label:
            # The longer the target is held, the surer it is: the text goes first.
            self._end_label(self._label)
        else:
            self._leave(len(self._text))
            self._sent = True

    def end(self) -> None:
        """Take the end."""
        if not self._angle and (not self._text or self._stands()):
            self._leave(len(self._text))
        else:
            self._cut()
