"""Keeps our own instructions out of an answer. Pure.

Nothing secret stands in them, so this is tidiness and no border: what is said in other
words, in another language or with a word of its own in between, leaves.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

CUT = "…"
"""Stands for what was taken out."""

ROW = 8
"""So many words of ours in a row do not leave."""

_LONGEST = 22
"""Characters of a word or gap that are held back at most."""

_WORD = re.compile(r"[^\W\d_]+")
_PARTS = re.compile(r"[^\W\d_]+|[\W\d_]+")


class Instructions:
    """The words of our instructions, and where each stands among them."""

    def __init__(self, text: str) -> None:
        self.places: dict[str, tuple[int, ...]] = {}
        for place, word in enumerate(words(text)):
            self.places[word] = (*self.places.get(word, ()), place)


@lru_cache(maxsize=64)
def instructions_of(text: str) -> Instructions:
    """Return the words of instructions; those of a service are always the same."""
    return Instructions(text)


def words(text: str) -> list[str]:
    """Return the words of a text as they are compared: letters alone, folded."""
    return [word.casefold() for word in _WORD.findall(text)]


class LeakFilter:
    """Takes our instructions out of a text that arrives in pieces.

    Their first seven words in a row may have left before they are known. Only the
    word after that waits, at most 22 characters.
    """

    def __init__(self, instructions: Instructions) -> None:
        """Begin at the start of an answer."""
        self._places = instructions.places
        self._rows: dict[int, int] = {}
        self._row = 0
        self._word = ""
        self._held = ""
        self._cutting = False

    @property
    def held(self) -> int:
        """Characters that are held back."""
        return len(self._held)

    @property
    def waiting(self) -> bool:
        """Whether the next word decides what leaves."""
        return self._row >= ROW - 1

    def passes(self, text: str) -> bool:
        """Take `text` if it may leave just as it is; return whether it was taken."""
        if self._row >= ROW - 2:
            return False
        if text[0] == " " and text[1:].isalpha():
            # What most pieces are: one word more.
            self._end_word()
            self._word = text[1:]
            return True
        found = _PARTS.findall(text)
        if len(found) > ROW - 2 - self._row:
            return False
        for part in found:
            self._follow(part)
        return True

    def parts(self, text: str) -> Iterator[str | None]:
        """Yield what may leave once `text` has arrived.

        None among it: from here on something is held.
        """
        for part in _PARTS.findall(text):
            if not self.waiting and self._row + 1 < ROW - 1:
                self._follow(part)
                yield part
            else:
                for char in part:
                    yield from self._step(char)

    def _follow(self, part: str) -> None:
        """Take a word, or a part of one, or what is none."""
        if part[0].isalpha():
            self._word += part
        else:
            self._end_word()

    def _step(self, char: str) -> Iterator[str | None]:
        if char.isalpha():
            if self.waiting and not self._word and not self._cutting:
                yield None
            self._word += char
        elif self._word:
            self._end_word()
            yield from self._judged()
        if not (self.waiting and (self._word or self._cutting)):
            yield self.release() + char
            return
        self._held += char
        if len(self._held) > _LONGEST:
            self._rows, self._row, self._cutting = {}, 0, False
            yield self.release()

    def _judged(self) -> Iterator[str]:
        """Yield what is to leave in place of the word that has just ended."""
        if self._row >= ROW:
            self._held = ""
            if not self._cutting:
                self._cutting = True
                yield CUT
        else:
            self._cutting = False
            yield self.release()

    def release(self) -> str:
        """Return what is held back, so that it can leave before its end is known."""
        held, self._held = self._held, ""
        return held

    def flush(self) -> str:
        """Return what was held back: no more text will come."""
        if self._word:
            self._end_word()
            return "".join(self._judged())
        return "" if self._cutting else self.release()

    def _end_word(self) -> None:
        if not self._word:
            return
        places = self._places.get(self._word.casefold(), ())
        self._word = ""
        if places or self._rows:
            rows = self._rows
            self._rows = {place: rows.get(place - 1, 0) + 1 for place in places}
            self._row = max(self._rows.values(), default=0)
