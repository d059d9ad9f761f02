"""Hits that say what a better one says already are left out. Pure.

Two versions of a page that differ in a number, a name or a "not" are no duplicates:
whoever reads the answer must see both. So a hit goes only if every word of it stands
in a better one, in the same order, with next to nothing in between.
"""

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from itertools import pairwise

from msgspec import Struct

from ingest.documents import Hit

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

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

_TURNS = {language: frozenset(words.split()) for language, words in _TURNING.items()}


class _Said(Struct, frozen=True):
    """A text as what it says.

    Attributes:
        words: Its words in order, without case and signs.
        letters: The same without blanks.
        known: The same, each once.
    """

    words: tuple[str, ...]
    letters: str
    known: frozenset[str]


def once(hits: Iterable[Hit]) -> list[Hit]:
    """Return `hits` without those whose text stands in a better one already.

    For a reader of all of them, such as a model: case, blanks and signs make no
    difference. Who searches is shown every place where something stands.
    """
    kept: list[Hit] = []
    said: list[_Said] = []
    for hit in hits:
        own = _said(hit.chunk.text)
        if not any(_says(better, own, hit.chunk.language) for better in said):
            kept.append(hit)
            said.append(own)
    return kept


def _said(text: str) -> _Said:
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = tuple(_WORD.findall(folded))
    return _Said(words, "".join(words) or folded, frozenset(words))


def _says(better: _Said, own: _Said, language: str) -> bool:
    return better.letters == own.letters or _holds(better, own, language)


def _holds(better: _Said, own: _Said, language: str) -> bool:
    """Return whether `better` says all that `own` says, and the same with it."""
    if len(own.letters) < _LEAST or not own.known <= better.known:
        return False
    return own.letters in better.letters or _is_spread(better, own, language)


def _is_spread(better: _Said, own: _Said, language: str) -> bool:
    """Return whether `better` has the words of `own` with harmless ones in between."""
    if len(own.words) < _SPARE or language not in _TURNS:
        return False
    matcher = SequenceMatcher(None, better.words, own.words, autojunk=False)
    blocks = matcher.get_matching_blocks()[:-1]
    if sum(block.size for block in blocks) < len(own.words):
        return False
    first, last = blocks[0].a, blocks[-1].a + blocks[-1].size
    if last - first - len(own.words) > len(own.words) // _SPARE:
        return False
    extra = list(better.words[max(0, first - _BEFORE) : first])
    for before, after in pairwise(blocks):
        extra += better.words[before.a + before.size : after.a]
    return not any(_counts(word, language) for word in extra)


def _counts(word: str, language: str) -> bool:
    """Return whether a word more or less changes what is said."""
    negated = word.endswith(("n't", "n’t"))
    return negated or word in _TURNS[language] or any(map(str.isdigit, word))
