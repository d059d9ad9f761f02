"""What is taken out of an answer's text, in one go. Pure.

    text --our instructions--> --markers without a source--> --addresses--> leaves

Whatever takes something out stands in front of those that look at what is left: so
nothing new comes of what stood around it.
"""

import re

from msgspec import Struct

from app.chat.outgoing.addresses import Addresses
from app.chat.outgoing.calls import Tools
from app.chat.outgoing.leaks import Instructions, LeakFilter
from app.chat.outgoing.links import LinkFilter
from app.chat.outgoing.markers import MarkerFilter

_SIGNS = re.compile(r"[\[\]【!<`~\n\r:/\\&]|[wW]\.")
"""Without one of these, a text is plain."""


_STOPS = frozenset(".,;?()*")
_LAST = frozenset("wW ")
"""At the end of a piece, what follows decides."""


class Rules(Struct, frozen=True, kw_only=True):
    """What may leave with an answer.

    Attributes:
        offered: Sources that were offered; markers name 1 to this.
        addresses: Where links may lead.
        instructions: Ours, where the model was given them.
        tools: What the model may call.
        cites: Markers are citations; a conversation without retrieval has none.
        is_prose: The text is for a person to read. JSON is for a program, and leaves
            as it came.
    """

    offered: int = 0
    addresses: Addresses = Addresses()
    instructions: Instructions = Instructions("")
    tools: Tools = Tools()
    cites: bool = True
    is_prose: bool = True


class TextFilter:
    """Takes out of a text that arrives in pieces what may not leave.

    The pieces' sizes change nothing, and at most 64 characters are held back.
    """

    def __init__(self, rules: Rules) -> None:
        """Begin at the start of an answer."""
        self._leaks = LeakFilter(rules.instructions)
        self._markers = MarkerFilter(rules.offered) if rules.cites else None
        self._links = LinkFilter(rules.addresses, rules.offered)
        self._rare = rules.instructions.rare
        self._ahead: list[str] = []
        self._room = 0

    @property
    def held(self) -> int:
        """Characters that are held back."""
        markers = self._markers.held if self._markers else 0
        return self._leaks.held + markers + self._links.held

    @property
    def waiting(self) -> bool:
        """Whether what comes next decides about what came."""
        markers = self._markers.waiting if self._markers else False
        return self.held > 0 or markers

    def passes(self, text: str) -> bool:
        """Take `text` if it may leave just as it is; return whether it was taken.

        Most text is so: it holds nothing that is looked at, nor could become it.
        """
        # What most pieces are: one word more, or a stop.
        if self._room:
            word = text[1:]
            if word.isalpha() and text[0] == " " and word[-1] not in _LAST:
                calm = word.casefold() not in self._rare
            else:
                calm = text in _STOPS
            if calm:
                self._room -= 1
                self._ahead.append(text)
                return True
        return self._passes(text)

    def _passes(self, text: str) -> bool:
        self._catch_up()
        if not text or not self._links.is_quiet or _SIGNS.search(text):
            return False
        markers = self._markers
        if markers and (markers.waiting or text[-1] == " "):
            return False
        if not self._leaks.passes(text):
            return False
        if markers:
            markers.skip(text)
        self._links.skip(text)
        self._room = self._leaks.room if text[-1] not in _LAST else 0
        return True

    def _catch_up(self) -> None:
        """Read what has passed unread."""
        self._room = 0
        if not self._ahead:
            return
        text = "".join(self._ahead)
        self._ahead.clear()
        self._leaks.skip(text)
        if self._markers:
            self._markers.skip(text)
        self._links.skip(text)

    def feed(self, text: str) -> str:
        """Return what may leave once `text` has arrived."""
        self._catch_up()
        if self._leaks.passes(text):
            return self._marked(text)
        left = []
        for part in self._leaks.parts(text):
            if part is None:
                left.append(self._links.released())
            elif part:
                left.append(self._marked(part))
        return "".join(left)

    def release(self) -> str:
        """Return what is held back, so that it can leave before its end is known.

        What is left of it leads nowhere it may not, whatever comes next.
        """
        self._catch_up()
        left = self._marked(self._leaks.release())
        if self._markers:
            left += self._links.feed(self._markers.release())
        return left + self._links.released()

    def flush(self) -> str:
        """Return what was held back: no more text will come."""
        self._catch_up()
        left = self._marked(self._leaks.flush())
        if self._markers:
            left += self._links.feed(self._markers.flush())
        return left + self._links.flush()

    def _marked(self, text: str) -> str:
        markers, links = self._markers, self._links
        if markers is None or markers.passes(text):
            return links.feed(text)
        return "".join(
            links.released() if part is None else links.feed(part)
            for part in markers.parts(text)
        )


def leaving(text: str, rules: Rules) -> str:
    """Return what may leave of a whole text."""
    texts = TextFilter(rules)
    return texts.feed(text) + texts.flush()
