"""Takes out of an answer, as it streams, what leads where it may not. Pure.

    text --signs--> escapes and entities --modes--> what a renderer would make of it

An image, a link, an address that a renderer makes a link of, a definition of one, HTML:
each is judged once it is read, and what may not stand leaves as text. What is rewritten
is read again as if the model had written it so, so that nothing new comes of it.
"""

from app.chat.outgoing.addresses import Addresses
from app.chat.outgoing.fencing import Fence, Opening
from app.chat.outgoing.page import Page
from app.chat.outgoing.passing import bracketed, code, leads, plain
from app.chat.outgoing.prose import Prose
from app.chat.outgoing.rawness import Raw, Span
from app.chat.outgoing.runs import Mode, Run, Start
from app.chat.outgoing.signs import Sign, Signs

HELD = 36
"""Characters that wait for what follows them, at most, but for an entity of 21."""

_MOST_INFO = 40

_ROUNDS = 8
"""What is let go may be held anew in parts: so often, and then nothing is left."""


class LinkFilter:
    """Checks where a text leads that arrives in pieces; their sizes change nothing.

    Attributes:
        page: What has left.
        addresses: Where it may lead.
        offered: Sources that were offered; a marker of one stays, whatever link is
            made of it.
    """

    def __init__(self, addresses: Addresses, offered: int = 0) -> None:
        """Begin at the start of an answer."""
        self.offered = offered
        self.page = Page()
        self.addresses = addresses
        self._mode: Mode | None = None
        self._raw: Raw | None = None
        self._signs = Signs()
        self._prose = Prose(self)
        self._code_ends = True
        self._unclear = False
        self._opening: Opening | None = None
        self._info = ""
        self._fence: Fence | None = None
        self._after_return = False

    @property
    def held(self) -> int:
        """Characters that wait for what follows them."""
        held = self._prose.bang + self._signs.held
        if self._mode:
            held += self._mode.held
        return held + self._raw.held if self._raw else held

    @property
    def in_drawing(self) -> bool:
        """Whether this is code that some clients draw."""
        return self._fence is not None and self._fence.drawn

    @property
    def in_angle(self) -> bool:
        """Whether an angle bracket stands in front, with no blank behind it."""
        return self._prose.angle

    @property
    def is_quiet(self) -> bool:
        """Whether text without a sign of Markdown's could leave as it is."""
        return self._is_idle and not leads(self.page.tail)

    def skip(self, text: str) -> None:
        """Take text that has left as it is: quiet, with no sign, not empty."""
        self._after_return = False
        self.page.skip(text)

    def feed(self, text: str) -> str:
        """Return what may leave once `text` has arrived."""
        at, end = 0, len(text)
        while at < end:
            passed = self._pass(text, at)
            if passed > at:
                at, self._after_return = passed, False
                continue
            char = text[at]
            after, self._after_return = self._after_return, char == "\r"
            if char != "\n" or not after:
                self._read("\n" if char == "\r" else char)
            at += 1
        return self.page.taken()

    def _pass(self, text: str, at: int) -> int:
        """Let leave what needs no reading; return where that ends, `at` if at once.

        All of this would leave just so if it was read; it is most of most answers.
        """
        fence = self._fence
        if fence:
            end = at if fence.drawn or self._raw else fence.passed(text, at)
            if end > at:
                self.page.put_all(text[at:end])
            return end
        if not self._is_idle:
            return at
        end = plain(text, at, self.page.tail)
        if end > at:
            self.page.put_all(text[at:end])
            return end
        return self._pass_sign(text, at)

    def _pass_sign(self, text: str, at: int) -> int:
        char, end = text[at], at
        if char == "\n" and not self._after_return:
            self.end_line()
            return at + 1
        if char == "[" and (end := bracketed(text, at)) > at:
            self.page.open_bracket()
            self.page.put_all(text[at + 1 : end - 1])
            self.page.close_bracket()
        elif char == "`" and self._code_ends and not self._unclear:
            end = code(text, at)
            self.page.put_all(text[at:end])
        return end

    def released(self) -> str:
        """Return what was held back, so that it can leave before it is whole."""
        for _ in range(_ROUNDS):
            if self.held:
                self.release()
        return self.page.taken()

    def flush(self) -> str:
        """Return what was held back: no more text will come."""
        self._settle()
        self._prose.foot.end()
        return self.page.taken()

    def release(self) -> None:
        """Let what is held leave, in a form that leads nowhere it may not."""
        if self._mode:
            self._mode.release()
        if self._raw:
            self._raw.release()
        self._prose.put_bang()
        self._release_signs()

    def read(self, text: str, *, plainly: bool = False) -> None:
        """Read characters anew, as those that come next; see `RawReading`."""
        self._raw = None
        if plainly:
            self._code_ends = False
        for char in text:
            self._read(char)

    def read_on(self, char: str) -> None:
        """Read a character in whatever is being read now."""
        self._read(char)

    def become(self, mode: Mode | None) -> None:
        """Read on in another way; None reads text."""
        self._mode = mode

    def become_raw(self, raw: Raw) -> None:
        """Read on character by character."""
        self._raw = raw

    def go_on(self, raw: str, char: str, *, escaped: bool) -> None:
        """Read a sign as text: what was being read is over."""
        self._mode = None
        self._prose.take(raw, char, escaped=escaped)

    def take(self, raw: str, char: str, *, escaped: bool) -> None:
        """Read a sign in whatever is being read now."""
        if self._mode:
            self._mode.take(raw, char, escaped=escaped)
        else:
            self._prose.take(raw, char, escaped=escaped)
        if self._mode and self._mode.held > HELD:
            self._mode.release()

    def begin_code(self, length: int) -> None:
        """Take a run of backticks that may begin code in a line."""
        # An address in angle brackets may have swallowed it.
        self._code_ends = self._code_ends and not self._prose.angle
        if self._code_ends and not self._unclear and not self._opening:
            self._raw = Span(self, length)

    def begin_block(self, opening: Opening | None) -> None:
        """Take what begins a block of code; None where nobody could say whether."""
        if opening is None:
            self._unclear = True
        elif not self._unclear:
            self._opening, self._info = opening, ""

    def begin_address(self, text: str) -> bool:
        """Read on in an address in angle brackets, if it may be one."""
        address = f"{text}:"
        if not self.addresses.begins(address):
            return False
        self._raw = None
        self._mode = Run(self, address, list(address), angle=True)
        return True

    def leave_angle(self) -> None:
        """Note that an angle bracket stands, and what follows it may be an address."""
        self._prose.angle = True

    @property
    def _is_idle(self) -> bool:
        """Whether nothing is being read that what comes next belongs to."""
        waits = self._mode or self._raw or self._signs.text or self._opening
        return not (waits or self._fence or self.page.after_address or self._prose.open)

    def _read(self, char: str) -> None:
        if self._fence:
            self._in_block(self._fence, char)
        elif self._opening and not self._raw and not self._in_info(char):
            return
        elif self._raw:
            self._raw.take(char)
        else:
            self._read_signs(char)

    def _in_info(self, char: str) -> bool:
        """Take what stands behind the signs that begin a block; return if it is text."""
        opening = self._opening
        if opening and char == "\n":
            self._settle()
            self.end_line()
            self._fence, self._opening = Fence(opening, self._info), None
            return False
        if opening and opening.sign == char == "`":
            # With another backtick in its line, it is code in a line, or text.
            self._opening, self._code_ends = None, False
        elif len(self._info) < _MOST_INFO:
            self._info += char
        return True

    def _in_block(self, fence: Fence, char: str) -> None:
        goes_on = fence.take(char)
        if goes_on is None:
            self._fence, self._unclear = None, True
            self._settle()
            self._read(char)
        elif char == "\n":
            self._settle()
            self.page.put(char, char)
            self._fence = fence if goes_on else None
        elif not fence.drawn:
            self.page.put(char, char, escaped=True)
        elif char == "\\":
            self.take(char, "/" if fence.slashes else char, escaped=True)
        else:
            self._read_signs(char)

    def _read_signs(self, char: str) -> None:
        for sign in self._signs.take(char):
            self._take(sign)

    def _take(self, sign: Sign) -> None:
        raw, char, escaped = sign
        self.take(raw, char, escaped=escaped)

    def end_line(self) -> None:
        """Take the end of a line; an empty one ends all code in lines."""
        if self.page.blank:
            self._code_ends = True
        self.page.put("\n", "\n")

    def _release_signs(self) -> None:
        # Inside of an address, a backslash that stands alone is none that may stand.
        # In front of it, what follows may still be escaped, and go on with it.
        mode, alone = self._mode, self._mode is not None and self._signs.is_escape
        begins = alone and isinstance(mode, Start) and not mode.leads_on("\\")
        ends = alone and not begins
        for sign in self._signs.end() if ends else self._signs.release():
            if self._mode and not begins:
                self._take(sign)
            else:
                raw, char, escaped = sign
                self.page.put(raw, char, escaped=escaped)

    def _settle(self) -> None:
        """End whatever is being read."""
        while self._mode or self._raw or self._signs.text:
            for sign in self._signs.end():
                self._take(sign)
            if self._mode:
                mode, self._mode = self._mode, None
                mode.end()
                self._mode = None
            elif self._raw:
                raw, self._raw = self._raw, None
                raw.end()
        self._prose.put_bang()
