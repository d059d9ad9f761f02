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

_CALM = ROW - 2
_FAR = 64

_LONGEST = 22
"""Characters of a word or gap that are held back at most."""

_WORD = re.compile(r"[^\W\d_]+")
_PARTS = re.compile(r"[^\W\d_]+|[\W\d_]+")


class Instructions:
    """The words of our instructions, and where each stands among them.

    Attributes:
        places: Where each word stands.
        rare: Words of which any six in a row hold one: a text without them has no
            longer row.
    """

    def __init__(self, text: str) -> None:
        self.places: dict[str, tuple[int, ...]] = {}
        ours = words(text)
        for place, word in enumerate(ours):
            self.places[word] = (*self.places.get(word, ()), place)
        rare: set[str] = set()
        for start in range(len(ours) - _CALM + 1):
            row = ours[start : start + _CALM]
            if rare.isdisjoint(row):
                rare.add(max(row, key=len))
        self.rare = frozenset(rare)


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
        self._rare = instructions.rare
        self._since = 0
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

    @property
    def room(self) -> int:
        """How many words that are not rare may leave before one may have to wait."""
        calm = self._since >= _CALM and self._word.casefold() not in self._rare
        return _FAR if calm else max(ROW - 2 - self._row, 0)

    def skip(self, text: str) -> None:
        """Take text that has left as it is, of no more words than there was room."""
        found = _PARTS.findall(text)
        if len(found) > 2 * ROW:
            # No row is longer than the last of them.
            self._end_word()
            self._rows, self._row, self._since = {}, 0, _CALM
            found = found[-2 * ROW :]
        for part in found:
            self._follow(part)

    def passes(self, text: str) -> bool:
        """Take `text` if it may leave just as it is; return whether it was taken."""
        room = ROW - 2 - self._row
        if room <= 0:
            return False
        found = _PARTS.findall(text)
        if len(found) > room:
            return False
        for part in found:
            self._follow(part)
        return True

    def parts(self, text: str) -> Iterator[str | None]:
        """Yield what may leave once `text` has arrived.

        None among it: from here on something is held.
        """
        passed = []
        for part in _PARTS.findall(text):
            if self._row < ROW - 2:
                self._follow(part)
                passed.append(part)
                continue
            yield "".join(passed)
            passed.clear()
            for char in part:
                yield from self._step(char)
        yield "".join(passed)

    def _follow(self, part: str) -> None:
        """Take a word, or a part of one, or what is none."""
        if part[0].isalpha():
            self._grow(part)
        else:
            self._end_word()

    def _grow(self, letters: str) -> None:
        # A word that is this long is none of ours, however long it becomes.
        if len(self._word) <= 2 * _LONGEST:
            self._word += letters[: 2 * _LONGEST]

    def _step(self, char: str) -> Iterator[str | None]:
        if char.isalpha():
            if self.waiting and not self._word and not self._cutting:
                yield None
            self._grow(char)
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
        word, self._word = self._word.casefold(), ""
        places = self._places.get(word)
        self._since += 1
        if places is None:
            if self._row:
                self._rows, self._row = {}, 0
            return
        if word in self._rare:
            self._since = 0
        rows = self._rows
        self._rows = {place: rows.get(place - 1, 0) + 1 for place in places}
        self._row = max(self._rows.values())
