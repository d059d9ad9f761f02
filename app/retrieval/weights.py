"""How much the embedding model's opinion counts, by the language of a question. Pure.

Measured on parallel questions in six languages with a model that knows English: at
half of the usual share German and Spanish find the most, at a quarter Russian, Arabic
and Chinese; at the whole share Arabic loses half of its answers.
"""

import unicodedata
from collections import Counter
from functools import lru_cache

from app.messages import Queries
from ingest.embedding import Languages
from ingest.keywords import terms

_FOLLOW_UP = 0.1
"""What is added to the share where the keywords name only half of the subject."""

_USUAL_TERMS = 7
"""Terms of a question to which the usual share belongs."""

_A_TERM = 0.05
"""What a term more takes from the share, and one less adds to it. Few words hit the
words of an answer only by luck; many together point at one place, and the vector of
a long question is the mean of too many things. So it was within each set measured."""

_MOST_ADDED, _MOST_TAKEN = 0.15, 0.25

_BOOKS = 0.15
"""What is taken from the share where documents are books."""

_HALF_READ = 0.5
"""Part of the usual share in an unknown language that is written like a known one:
names, numbers and words in common are understood."""

_UNREAD = 0.25
"""Part of the usual share in a script that no language the model knows is written in."""

_SCRIPTS = {
    "am": "ETHIOPIC", "ar": "ARABIC", "as": "BENGALI", "be": "CYRILLIC",
    "bg": "CYRILLIC", "bn": "BENGALI", "bo": "TIBETAN", "el": "GREEK",
    "fa": "ARABIC", "gu": "GUJARATI", "he": "HEBREW", "hi": "DEVANAGARI",
    "hy": "ARMENIAN", "ja": "CJK", "ka": "GEORGIAN", "kk": "CYRILLIC",
    "km": "KHMER", "kn": "KANNADA", "ko": "HANGUL", "ky": "CYRILLIC", "lo": "LAO",
    "mk": "CYRILLIC", "ml": "MALAYALAM", "mn": "CYRILLIC", "mr": "DEVANAGARI",
    "my": "MYANMAR", "ne": "DEVANAGARI", "or": "ORIYA", "pa": "GURMUKHI",
    "ps": "ARABIC", "ru": "CYRILLIC", "sa": "DEVANAGARI", "sd": "ARABIC",
    "si": "SINHALA", "sr": "CYRILLIC", "ta": "TAMIL", "te": "TELUGU", "tg": "CYRILLIC",
    "th": "THAI", "tt": "CYRILLIC", "ug": "ARABIC", "uk": "CYRILLIC", "ur": "ARABIC",
    "yi": "HEBREW", "zh": "CJK",
}  # fmt: skip
"""Script by ISO 639-1 code, as Unicode's names of letters begin; others are LATIN."""

_ALIKE = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "FULLWIDTH": "LATIN"}


def reads(languages: Languages, queries: Queries) -> bool:
    """Return whether an embedding model understands what is asked.

    Where the language cannot be told, it is taken for one that the model knows if
    the model knows any that is written so: short questions of a few terms are the
    usual case, in the language the model was chosen for.
    """
    if queries.language:
        return queries.language in languages
    return _can_read(languages, script(queries.words[0]))


def can_compare(languages: Languages, queries: Queries) -> bool:
    """Return whether a cosine to what is asked says something.

    In a language that is written like a known one a model still knows names, numbers
    and the words in common; in a script it does not know, everything looks alike.
    """
    return reads(languages, queries) or _can_read(languages, script(queries.words[0]))


def dense_weight(
    languages: Languages, queries: Queries, *, usual: float, books: float
) -> float:
    """Return the share of the dense score in a hit's score, in [0, 1].

    Args:
        languages: What the embedding model knows.
        queries: What is searched for, at least one text.
        usual: Share where the model understands a question of usual length, in
            [0, 1]; 0 and 1 stand for themselves.
        books: How long the documents are, in [0, 1]; see
            `app.retrieval.ordering.length_of_documents`.
    """
    if usual in (0, 1):
        return usual
    question = queries.words[0]
    if not reads(languages, queries):
        written = _can_read(languages, script(question))
        return usual * (_HALF_READ if written else _UNREAD)
    if queries.follow_up:
        return min(usual + _FOLLOW_UP, 1.0)
    more = _length(question, queries.language) - _USUAL_TERMS
    by_length = min(max(-_A_TERM * more, -_MOST_TAKEN), _MOST_ADDED)
    return min(max(usual + by_length - _BOOKS * books, 0.0), 1.0)


def _length(question: str, language: str) -> float:
    """Return how many terms a question asks for; two pairs of signs are about one."""
    return sum(
        0.5 if len(term) == 2 and term >= "\u0e00" else 1.0
        for term in set(terms(question, language))
    )


def script(text: str) -> str:
    """Return the script of most letters of `text`; ``LATIN`` if it has none.

    Returns:
        The first word of a letter's name in Unicode, such as ``CYRILLIC``.
    """
    counts = Counter(_script(sign) for sign in text if sign.isalpha())
    return counts.most_common(1)[0][0] if counts else "LATIN"


def _can_read(languages: Languages, written: str) -> bool:
    """Return whether the model knows a language that is written so."""
    if languages.known is None:
        own = {code for code, name in _SCRIPTS.items() if name == written}
        return not own or not own <= languages.unknown
    return any(_SCRIPTS.get(code, "LATIN") == written for code in languages.known)


@lru_cache(maxsize=1 << 12)
def _script(sign: str) -> str:
    name = unicodedata.name(sign, "LATIN").split()[0]
    return _ALIKE.get(name, name)
