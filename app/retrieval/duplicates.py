"""Hits that say what a better one says already are left out. Pure.

Two versions of a page that differ in a number, a name or a "not" are no duplicates:
whoever reads the answer must see both. So a hit goes only if every word of it stands
in a better one, in the same order, with next to nothing in between.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct

from ingest.documents import Chunk, Hit

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

_END = re.compile("[.!?…|>\n]")
"""What stands between two sentences, lines, cells of a table or headings."""

_LEAST = 40
"""Letters from which on a text is one that says the same, standing in a longer one;
below, "Yes, it can." is an answer to many questions."""

_SPARE = 20
"""One word more in this many is next to nothing."""

_BEFORE = 3
"""Words in front of the first common one that may turn round what follows."""

_TURNING = {
    "en": "no not never none neither nor without cannot only except unless hardly",
    "de": "nicht kein keine keinen keinem keiner keines nie niemals ohne nur außer weder",
    "fr": "ne n pas jamais aucun aucune sans sauf ni seulement",
    "es": "no nunca jamás ningún ninguna ninguno sin ni salvo excepto solo sólo",
    "it": "non mai nessun nessuno nessuna senza né solo tranne salvo",
    "nl": "niet geen nooit zonder noch alleen behalve",
    "pt": "não nunca nenhum nenhuma sem nem só exceto salvo",
    "ru": "не нет ни никогда без кроме только",
}
"""Words that turn round or limit what is said. In other languages we know none, so
there nothing may stand in between."""

_READ_AGAIN = 1024
"""Texts that are remembered as what they say."""

_TURNS = {language: frozenset(words.split()) for language, words in _TURNING.items()}


class _Said(Struct, frozen=True):
    """A text as what it says.

    Attributes:
        words: Its words in order, without case and signs.
        letters: The same without blanks.
        known: The same, each once.
        begins: Which of them begin a sentence or a line.
    """

    words: tuple[str, ...]
    letters: str
    known: frozenset[str]
    begins: tuple[int, ...]


def once(hits: Iterable[Hit]) -> list[Hit]:
    """Return `hits` without those whose text stands in a better one already.

    For a reader of all of them, such as a model: case, blanks and signs make no
    difference. Who searches is shown every place where something stands.
    """
    kept: list[Hit] = []
    said: list[_Said] = []
    for hit in hits:
        own = _said(hit.chunk)
        if not any(_says(better, own, hit.chunk.language) for better in said):
            kept.append(hit)
            said.append(own)
    return kept


# A few chunks answer most questions. Remembered by the whole chunk, not by its text
# alone: one with the same text is another tenant's.
@lru_cache(maxsize=_READ_AGAIN)
def _said(chunk: Chunk) -> _Said:
    folded = unicodedata.normalize("NFKC", chunk.text).casefold()
    words: list[str] = []
    begins: list[int] = []
    end = 0
    for found in _WORD.finditer(folded):
        if not words or _END.search(folded, end, found.start()):
            begins.append(len(words))
        words.append(found[0])
        end = found.end()
    letters = "".join(words) or folded
    return _Said(tuple(words), letters, frozenset(words), tuple(begins))


def _says(better: _Said, own: _Said, language: str) -> bool:
    """Return whether `better` says all that `own` says, and the same with it."""
    if better.letters == own.letters:
        return True
    if len(own.letters) < _LEAST or not own.known <= better.known:
        return False
    return any(_stands_at(start, better, own, language) for start in better.begins)


def _stands_at(start: int, better: _Said, own: _Said, language: str) -> bool:
    """Return whether `own` begins at a word of `better`, harmless words in between."""
    spare = len(own.words) // _SPARE if language in _TURNS else 0
    extra = list(better.words[max(0, start - _BEFORE) : start])
    at = start
    for word in own.words:
        begun = at
        while at < len(better.words) and better.words[at] != word:
            at += 1
        spare -= at - begun
        if (
            at == len(better.words)
            or spare < 0
            or (at > begun and word == own.words[0])
        ):
            return False
        extra += better.words[begun:at]
        at += 1
    return not any(_counts(word, language) for word in extra)


def _counts(word: str, language: str) -> bool:
    """Return whether a word more or less changes what is said."""
    negated = word.endswith(("n't", "n’t"))
    return negated or word in _TURNS.get(language, ()) or any(map(str.isdigit, word))
