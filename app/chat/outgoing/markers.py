"""Which markers may leave: those of sources that were offered. Pure."""

import re
from collections.abc import Iterator

from app.chat.citations import GROWN, Scanner, Span

_OPEN_MARKER = re.compile(r"[\[【][\w,; †:-]*\Z")
"""End of a text that would become a marker with what follows."""

_TAIL = 64
"""Characters of what has left that are looked back at."""

_RECENT = 1024


class MarkerFilter:
    """Takes out of a text that arrives in pieces each marker without a source.

    The pieces' sizes change nothing; code is left as it is; at most 40 characters are
    held back. A blank in front of a marker goes with it, and of ``[1, 9]`` only the
    number without a source goes.
    """

    def __init__(self, offered: int) -> None:
        """Let pass the numbers 1 to `offered`."""
        self._offered = offered
        self._scanner = Scanner()
        self._recent = ""

    @property
    def held(self) -> int:
        """Characters that are held back."""
        return self._scanner.held

    @property
    def waiting(self) -> bool:
        """Whether something has begun whose end decides what it is."""
        return self._scanner.waiting

    def skip(self, text: str) -> None:
        """Take text that has left as it is: of one line, without any sign."""
        self._scanner.skip(text)
        self._remember(text)

    def passes(self, text: str) -> bool:
        """Take `text` if it may leave just as it is; return whether it was taken."""
        taken = self._scanner.passes(text)
        if taken:
            self._remember(text)
        return taken

    def parts(self, text: str) -> Iterator[str | None]:
        """Yield what may leave once `text` has arrived.

        None among it: so much is held from here on that nobody else may hold any.
        """
        for span in self._scanner.feed(text):
            yield None if span is GROWN else self._allowed(span)

    def feed(self, text: str) -> str:
        """Return what may leave once `text` has arrived."""
        return "".join(filter(None, self.parts(text)))

    def release(self) -> str:
        """Return what is held back, so that it can leave before its end is known."""
        return "".join(map(self._allowed, self._scanner.release()))

    def flush(self) -> str:
        """Return what was held back: no more text will come."""
        return "".join(map(self._allowed, self._scanner.flush()))

    def _remember(self, text: str) -> None:
        self._recent += text
        if len(self._recent) > _RECENT:
            self._recent = self._recent[-_TAIL:]

    def _allowed(self, span: Span) -> str:
        text = self._rewritten(span)
        self._remember(text)
        return text

    def _rewritten(self, span: Span) -> str:
        if span.numbers is None:
            return span.text
        kept = [number for number in span.numbers if 1 <= number <= self._offered]
        if len(kept) == len(span.numbers):
            return (span.space + span.text)[span.gone :]
        if span.gone > len(span.space):
            # Some of it has left; with this in it, it is no marker.
            return f"?{span.text[-1]}"
        space = span.space[span.gone :]
        if kept:
            numbers = ", ".join(map(str, kept))
            return f"{space}{span.text[0]}{numbers}{span.text[-1]}"
        # Taking it out must not make code or a marker of what stands around it.
        tail = self._recent[-_TAIL:]
        if _OPEN_MARKER.search(tail):
            return f"{space}[?]"
        return (space or "[?]") if tail[-1:] in ("`", "~") else ""
