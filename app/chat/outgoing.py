"""What may leave: markers without a source are taken out as an answer streams. Pure."""

import re

from app.chat.citations import Scanner, Span

_OPEN_MARKER = re.compile(r"[\[【][\w,; †:-]*\Z")
"""End of a text that would become a marker with what follows."""

_TAIL = 64
"""Characters of what has left that are looked back at."""


class MarkerFilter:
    """Takes out of a text that arrives in pieces each marker without a source.

    The pieces' sizes change nothing; code is left as it is; at most 64
    characters are held back. A blank in front of a marker goes with it, and of
    ``[1, 9]`` only the number without a source goes.
    """

    def __init__(self, offered: int) -> None:
        """Let pass the numbers 1 to `offered`."""
        self._offered = offered
        self._scanner = Scanner()
        self._tail = ""

    @property
    def waiting(self) -> bool:
        """Whether something is held back."""
        return self._scanner.waiting

    def passes(self, text: str) -> bool:
        """Take `text` if it may leave just as it is; return whether it was taken.

        Most text is so: it holds no marker and nothing that could become one.
        """
        if not self._scanner.passes(text):
            return False
        self._tail = (self._tail + text)[-_TAIL:]
        return True

    def feed(self, text: str) -> str:
        """Return what may leave once `text` has arrived."""
        return "".join(map(self._allowed, self._scanner.feed(text)))

    def flush(self) -> str:
        """Return what was held back: no more text will come."""
        return "".join(map(self._allowed, self._scanner.flush()))

    def _allowed(self, span: Span) -> str:
        text = self._rewritten(span)
        self._tail = (self._tail + text)[-_TAIL:]
        return text

    def _rewritten(self, span: Span) -> str:
        if span.numbers is None:
            return span.text
        kept = [number for number in span.numbers if 1 <= number <= self._offered]
        if len(kept) == len(span.numbers):
            return span.space + span.text
        if kept:
            numbers = ", ".join(map(str, kept))
            return f"{span.space}{span.text[0]}{numbers}{span.text[-1]}"
        # Taking it out must not make code or a marker of what stands around it.
        if _OPEN_MARKER.search(self._tail):
            return f"{span.space}[?]"
        return (span.space or "[?]") if self._tail[-1:] in ("`", "~") else ""
