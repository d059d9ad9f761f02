"""Markers in an answer's text and the places they point to. Pure.

A marker is ``[1]``, ``[1, 2]`` or ``【1】``, outside code, and not the text of a
link. `Scanner` finds them in a text that arrives in pieces of any size.
"""

import re
from collections.abc import Sequence

from msgspec import Struct

from app.messages import Citation
from ingest.documents import Hit

_LONGEST = 38
"""Characters a marker may have; what is longer in brackets is text."""

LONG = 6
"""Characters of a marker at which no other filter may hold anything, too."""

_BODY = re.compile(r"[\d,; ]")
_WIDE_BODY = re.compile(r"[\d,; †:\w-]")
_NUMBER = re.compile(r"[0-9]+")
_CLOSING = {"[": "]", "【": "】"}
_LINE_MARKS = ">-*+.)0123456789"
"""Signs of lists and quotes, which may stand in front of a block of code."""

_SIGNS = re.compile(r"[\[【`~\n]")
"""What a marker, code or a new line begins with; without one, a text is plain."""

_OPENS = re.compile(r"[\[【]")

_EACH = frozenset("[【`~\n")
_RUNS = re.compile(r"[\[【`~\n]+|[^\[【`~\n]+")
"""Runs of signs, each of which is looked at, and of plain text between them."""

_FENCE = 3
"""Backticks or tildes in a row at the start of a line that begin a block of code."""


class Span(Struct, frozen=True):
    """A part of a text: plain, or one marker.

    Attributes:
        text: The characters.
        space: Blanks in front of the marker; "" for plain text.
        numbers: Numbers the marker holds; None for plain text.
        gone: Characters of blanks and marker that have left already.
    """

    text: str
    space: str = ""
    numbers: tuple[int, ...] | None = None
    gone: int = 0


GROWN = Span("")
"""Among spans: the marker that waits is a long one."""


class Scanner:
    """Cuts a text that arrives in pieces into plain spans and markers.

    How the text is cut into pieces changes nothing, and at most 40 characters
    wait for what follows them.
    """

    def __init__(self) -> None:
        self._code = _Code()
        self._plain: list[str] = []
        self._space = ""
        self._marker = ""
        self._gone = 0

    @property
    def waiting(self) -> bool:
        """Whether something has begun whose end decides what it is."""
        return bool(self._space or self._marker)

    @property
    def held(self) -> int:
        """Characters that wait for what follows them."""
        return len(self._space) + len(self._marker) - self._gone

    def skip(self, text: str) -> None:
        """Take text of one line that holds no sign, while nothing waits."""
        self._code.read_plain(text)

    def passes(self, text: str) -> bool:
        """Take `text` if it is plain and all of it; return whether it was taken."""
        if self._space or self._marker or text[-1:] == " " or _OPENS.search(text):
            return False
        self._code.read_all(text)
        return True

    def release(self) -> list[Span]:
        """Return what waits, so that it can leave before its end is known."""
        spans: list[Span] = []
        if self._marker and self._is_closed():
            self._end_marker(spans, complete=True)
        elif self._marker:
            self._plain.append((self._space + self._marker)[self._gone :])
            self._gone = len(self._space) + len(self._marker)
        else:
            self._end_space()
        return [*spans, *self._flushed()]

    def feed(self, text: str) -> list[Span]:
        """Return the spans that `text` completes."""
        if text and not self._marker and not _SIGNS.search(text):
            self._take_plain(text)
            return self._flushed()
        spans: list[Span] = []
        for run in _RUNS.findall(text):
            if self._marker or run[0] in _EACH:
                for character in run:
                    self._step(character, spans)
            else:
                self._take_plain(run)
        return [*spans, *self._flushed()]

    def flush(self) -> list[Span]:
        """Return what still waits: the text is at its end."""
        spans: list[Span] = []
        if self._marker:
            self._end_marker(spans, complete=self._is_closed())
        self._end_space()
        return [*spans, *self._flushed()]

    def _take_plain(self, text: str) -> None:
        """Do what `_step` would do character by character, at once: most text is so."""
        self._code.read_plain(text)
        self._plain.append(self._space + text.removesuffix(" "))
        self._space = " " if text.endswith(" ") else ""

    def _step(self, character: str, spans: list[Span]) -> None:
        if self._marker:
            if self._goes_on(character):
                self._marker += character
                if len(self._marker) == LONG:
                    spans.extend((*self._flushed(), GROWN))
                return
            self._end_marker(spans, complete=self._is_closed() and character != "(")
        if character in _CLOSING and not self._code.inside(character):
            self._marker = character
            return
        self._end_space()
        self._code.read(character)
        if character == " ":
            self._space = character
        else:
            self._plain.append(character)

    def _is_closed(self) -> bool:
        return self._marker[-1] == _CLOSING[self._marker[0]]

    def _goes_on(self, character: str) -> bool:
        if self._is_closed() or len(self._marker) >= _LONGEST:
            return False
        body = _BODY if self._marker[0] == "[" else _WIDE_BODY
        return character == _CLOSING[self._marker[0]] or bool(body.match(character))

    def _end_marker(self, spans: list[Span], *, complete: bool) -> None:
        numbers = _numbers(self._marker) if complete else ()
        if numbers:
            spans.extend(self._flushed())
            spans.append(Span(self._marker, self._space, numbers, self._gone))
        else:
            for character in self._marker:
                self._code.read(character)
            self._plain.append((self._space + self._marker)[self._gone :])
        self._space = self._marker = ""
        self._gone = 0

    def _end_space(self) -> None:
        self._plain.append(self._space)
        self._space = ""

    def _flushed(self) -> list[Span]:
        text = "".join(self._plain)
        self._plain.clear()
        return [Span(text)] if text else []


class _Code:
    """Follows where Markdown's blocks and spans of code begin and end."""

    def __init__(self) -> None:
        self._run = ""
        self._open = ""
        self._block = False
        self._line_start = True
        self._run_at_start = False
        self._info = False
        self._blank = True

    def inside(self, character: str) -> bool:
        """Return whether `character`, which comes next, stands in code."""
        self._end_run(character)
        return bool(self._open)

    def read(self, character: str) -> None:
        """Take the next character of the text."""
        if character in "`~":
            self._grow(character)
            return
        self._end_run(character)
        if character == "\n":
            # An empty line ends a paragraph, and with it a span left open.
            if self._blank and not self._block:
                self._open = ""
            self._line_start = self._blank = True
            self._info = False
        elif not character.isspace():
            self._blank = False
            self._line_start = self._line_start and character in _LINE_MARKS

    def read_plain(self, text: str) -> None:
        """Take text of one line that holds no backtick and no tilde."""
        if self._run:
            self._end_run(text[0])
        if self._blank or self._line_start:
            signs = "".join(text.split())
            self._blank = self._blank and not signs
            self._line_start = self._line_start and not signs.strip(_LINE_MARKS)

    def read_all(self, text: str) -> None:
        """Take text of any lines."""
        for run in _RUNS.findall(text):
            if run[0] in _EACH:
                for character in run:
                    self.read(character)
            else:
                self.read_plain(run)

    def _grow(self, character: str) -> None:
        if self._run and self._run[0] != character:
            self._end_run(character)
        if not self._run:
            self._run_at_start = self._line_start
        self._run += character
        self._line_start = self._blank = False

    def _end_run(self, following: str) -> None:
        run, self._run = self._run, ""
        if not run:
            return
        if self._block:
            self._close_block(run, following)
        elif self._open:
            self._open = "" if run == self._open else self._open
        elif self._run_at_start and len(run) >= _FENCE:
            self._open, self._block = run, True
            self._info = following != "\n"
        elif run[0] == "`":
            self._open = run

    def _close_block(self, run: str, following: str) -> None:
        at_start = self._run_at_start and following.isspace()
        # "```code```" on one line is a span, not a block that never ends.
        if run.startswith(self._open) and (at_start or self._info):
            self._open, self._block = "", False


def cited(text: str, hits: Sequence[Hit]) -> tuple[Citation, ...]:
    """Return the citations of `text`, in the order they stand there.

    Args:
        text: An answer, or what there is of it so far.
        hits: The sources it was offered; number 1 is the first.

    Returns:
        One citation for each number that was offered, with the place of its
        marker in code points; a marker of several numbers gives several.
    """
    scanner, start, found = Scanner(), 0, []
    for span in (*scanner.feed(text), *scanner.flush()):
        start += len(span.space)
        end = start + len(span.text)
        found += [
            Citation(number=number, hit=hits[number - 1], start=start, end=end)
            for number in span.numbers or ()
            if 1 <= number <= len(hits)
        ]
        start = end
    return tuple(found)


def _numbers(marker: str) -> tuple[int, ...]:
    """Return the numbers of a closed marker, each once; none if it is no marker."""
    body = marker[1:-1].partition("†")[0].strip(" ")
    parts = [part.strip(" ") for part in re.split("[,;]", body)]
    if not all(_NUMBER.fullmatch(part) for part in parts):
        return ()
    return tuple(dict.fromkeys(map(int, parts)))
