"""Reads escapes and entities: what is written, and what a reader sees of it. Pure."""

import html
import re

Sign = tuple[str, str, bool]
"""How a sign is written, what it shows, and whether it is escaped."""

_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_ENTITY = re.compile(r"&#?[0-9A-Za-z]{0,19}\Z")
"""No longer one stands for a sign that means something here."""


class Signs:
    """Puts characters together into signs.

    Attributes:
        text: What waits for what follows it.
    """

    def __init__(self) -> None:
        self.text = ""
        self._gone = 0

    @property
    def held(self) -> int:
        """Characters that wait for what follows them."""
        return len(self.text) - self._gone

    @property
    def is_escape(self) -> bool:
        """Whether a backslash waits for what it escapes."""
        return self.text == "\\"

    def take(self, char: str) -> list[Sign]:
        """Return the signs that `char` completes."""
        if not self.text:
            if char in "\\&":
                self.text = char
                return []
            return [(char, char, False)]
        if self.text == "\\" and char in _PUNCTUATION:
            return [(self._taken(char), char, True)]
        if char == ";" and self.text[0] == "&":
            return self._entity()
        if self.text[0] == "&" and _ENTITY.match(self.text + char):
            self.text += char
            return []
        return [*self.end(), *self.take(char)]

    def release(self) -> list[Sign]:
        """Return what is held, as signs that can leave before the whole is known.

        What may be an entity will be none; a backslash shows nothing, and what follows
        it is still escaped.
        """
        if self.text[:1] == "&":
            name = self._taken("")[1:]
            return [("&amp;", "&", True), *((char, char, False) for char in name)]
        signs = [("\\", "", True)] if self.held else []
        self._gone = len(self.text)
        return signs

    def end(self) -> list[Sign]:
        """Return what is held as it stands: nothing of it is an escape."""
        return [(char, char, False) for char in self._taken("")]

    def _entity(self) -> list[Sign]:
        whole = f"{self.text};"
        shown = html.unescape(whole)
        written = self._taken(";")
        if len(shown) == 1 and shown != whole:
            return [(written, shown, True)]
        return [(char, char, False) for char in written]

    def _taken(self, char: str) -> str:
        text, self.text = self.text[self._gone :] + char, ""
        self._gone = 0
        return text
