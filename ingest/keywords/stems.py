"""A word becomes its stem, without case and accents. The PyStemmer door."""

import threading
import unicodedata
from functools import lru_cache
from typing import Protocol

import Stemmer

from ingest.keywords.languages import morphology

# Languages without a stemmer are cut to this many letters: McNamee, Nicholas and
# Mayfield, "Addressing morphological variation in alphabetic languages", SIGIR 2009.
_TRUNCATED = 5

# Arabic and Persian keyboards write one letter in two ways, and Arabic's last
# letters are written carelessly: Larkey, Ballesteros and Connell, "Improving
# stemming for Arabic information retrieval", SIGIR 2002.
_ALIKE = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th",
     "ı": "i", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ٱ": "ا", "ـ": None}
)  # fmt: skip


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802  # PyStemmer's name


def fold(word: str) -> str:
    """Return `word` without accents and vowel points.

    What a writer may leave out goes; marks that make a letter, as Hindi's and
    Thai's do, stay.
    """
    if word.isascii():
        return word
    apart = unicodedata.normalize("NFD", word.translate(_ALIKE))
    bare = "".join(sign for sign in apart if not _is_left_out(sign))
    return unicodedata.normalize("NFC", bare)


# Of single words, as in `ingest.keywords.words`.
@lru_cache(maxsize=1 << 16)
def stem(word: str, language: str) -> str:
    """Return the stem of `word`, whose case is folded; codes have none."""
    known = morphology(language)
    if any(character.isdigit() for character in word):
        return fold(word)
    if known.tones:
        return word
    if not known.stemmer:
        return fold(word)[:_TRUNCATED]
    stemmer = _stemmer(known.stemmer)
    # A stemmer keeps the word it works on; two threads would mix theirs up.
    with _ONE_AT_A_TIME:
        return fold(stemmer.stemWord(word))


_ONE_AT_A_TIME = threading.Lock()


@lru_cache
def _stemmer(algorithm: str) -> _Stemmer:
    # Its own cache would be a second one beside that of `stem`.
    stemmer: _Stemmer = Stemmer.Stemmer(algorithm, 0)
    return stemmer


def _is_left_out(sign: str) -> bool:
    """Return whether `sign` is a Latin, Greek or Cyrillic accent or a vowel point."""
    return (
        "\u0300" <= sign <= "\u036f"
        or ("\u0591" <= sign <= "\u05c7" and sign != "\u05be")
        or "\u064b" <= sign <= "\u0655"
        or sign == "\u0670"
    )
