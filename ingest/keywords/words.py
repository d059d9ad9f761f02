"""A text becomes words, and each word the terms it stands for. Pure functions."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct

from ingest.keywords.languages import morphology
from ingest.keywords.stems import fold, stem
from ingest.keywords.stop_words import STOP_SIGNS, STOP_WORDS

_GRAM = 4
"""Letters of a gram: the length that is best in most languages, says McNamee."""

# Python's \w leaves out combining marks and so would cut Hindi words to pieces.
_MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0900-\u0963\u0966-\u0df3\u0f71-\u0f84"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
)
# Han, kana, Hangul, Thai, Lao, Myanmar, Khmer.
_UNSPACED = (
    "\u3005\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uf900-\ufaff\u0e01-\u0e4e\u0e81-\u0ece\u1000-\u1049\u1780-\u17d3"
    "\U00020000-\U0003134f"
)
_LETTER = rf"(?:(?![{_UNSPACED}])[\w{_MARKS}])"
_TOKEN = re.compile(rf"([{_UNSPACED}]+)|({_LETTER}+(?:[-.'’]{_LETTER}+)*)")
_JOINT = re.compile(r"[-._'’]+")
_NUMBER = re.compile(r"v?(\d+(?:\.\d+)*)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")
_REWRITTEN = str.maketrans(
    {"\u2010": "-", "\u2011": "-", "\u2212": "-", "\u00ad": None, "\u200b": None,
     "\u200c": None, "\u200d": None, "\u2060": None, "\ufeff": None}
)  # fmt: skip


class Word(Struct, frozen=True):
    """One word of a text, or a run of signs without spaces.

    Attributes:
        terms: What a question asks for with it.
        written: Other forms that only chunks carry, so that questions in a
            language that was guessed wrong still find the word.
        grams: Pieces of it that say as much as a term together; they are not terms.
        paired: Whether it may have neighbours; runs of signs have not.
        common: Whether it is a stop word.
        code: Whether it has a digit: a number, a version, the code of an error.
    """

    terms: tuple[str, ...]
    written: tuple[str, ...] = ()
    grams: tuple[str, ...] = ()
    paired: bool = True
    common: bool = False
    code: bool = False


def words_of(text: str, language: str) -> Iterator[Word]:
    """Yield the words of `text`, whose language is an ISO 639-1 code or ""."""
    plain = unicodedata.normalize("NFKC", text).translate(_REWRITTEN).casefold()
    plain = _FOREIGN_DIGIT.sub(lambda found: str(int(found[0])), plain)
    # Folding case takes some characters apart; stemmers know them whole.
    plain = unicodedata.normalize("NFC", _THOUSANDS.sub("", plain))
    for match in _TOKEN.finditer(plain):
        run, token = match.groups()
        if run:
            yield _run(run, language)
        elif token.strip("_"):
            yield _word(token, language)


def _run(run: str, language: str) -> Word:
    """Return a run of an unspaced script: its neighbouring signs.

    A question asks for what is left of it without its stop words; a chunk has all.
    """
    every = _signs(run)
    pieces = [piece for piece in _stop_signs(language).split(run) if piece]
    asked = tuple(pair for piece in pieces for pair in _signs(piece)) or every
    # A chunk has each pair and each sign as often as they stand there.
    held = Counter(every) + Counter(run) if len(run) > 1 else Counter(every)
    rest = tuple((held - Counter(asked)).elements())
    return Word(asked, rest, paired=False, common=not pieces)


def _signs(run: str) -> tuple[str, ...]:
    return tuple(first + second for first, second in pairwise(run)) or (run,)


# Of single words, whoever they came from: a known one takes 3 microseconds less, of
# which nobody can tell more than once, for asking makes it known.
@lru_cache(maxsize=1 << 16)
def _word(token: str, language: str) -> Word:
    parts = [part for part in _JOINT.split(token) if part]
    if number := _NUMBER.fullmatch(token):
        return _number(number[1])
    if len(parts) > 1:
        return _compound(token, parts, language)
    return Word(
        (stem(token, language),),
        _written(token, language),
        grams=_grams(token, language),
        common=_is_common(token, language),
        code=_has_digit(token),
    )


def _number(digits: str) -> Word:
    """Return a number or a version; a chunk with 4.2.1 is also about 4.2."""
    pieces = digits.split(".")
    shorter = tuple(".".join(pieces[:end]) for end in range(2, len(pieces)))
    return Word((digits,), shorter, code=True)


def _compound(token: str, parts: list[str], language: str) -> Word:
    """Return a word of several parts: as a whole, without joints, and in parts."""
    # A letter beside an apostrophe is grammar: l'alarme, user's.
    split = [part for part in parts if len(part) > 1 or part.isdigit()]
    found = [stem(part, language) for part in split] or [fold(token)]
    if not re.search(r"[.'’]", token):
        found.insert(0, stem("".join(parts), language))
    if re.search(r"[\d_.]", token):
        found.insert(0, fold(token))
    written = {form for part in split for form in _written(part, language)}
    return Word(
        tuple(dict.fromkeys(found)),
        tuple(sorted(written.difference(found))),
        grams=tuple(gram for part in split for gram in _grams(part, language)),
        common=all(_is_common(part, language) for part in split),
        code=_has_digit(token),
    )


def _written(word: str, language: str) -> tuple[str, ...]:
    """Return `word` as it stands, and as who types no accents would have it."""
    plain = fold(word)
    forms = {plain, stem(plain, language)}
    if not language:
        # Where accents part words, questions ask with them.
        forms.add(word)
    forms.discard(stem(word, language))
    return tuple(sorted(forms))


def _grams(word: str, language: str) -> tuple[str, ...]:
    """Return each `_GRAM` letters of `word` without accents; codes have none.

    They find a part of a compound, a form that the stemmer does not know, a word
    with a slip of the finger, and any word whose language was guessed wrong.

    Source:
        McNamee and Mayfield, "Character N-Gram Tokenization for European Language
        Text Retrieval", Information Retrieval 7, 2004; we keep within words.
    """
    if _has_digit(word) or not morphology(language).grams:
        return ()
    plain = fold(word)
    return tuple(plain[at : at + _GRAM] for at in range(len(plain) - _GRAM + 1))


def _has_digit(word: str) -> bool:
    return any(character.isdigit() for character in word)


def _is_common(word: str, language: str) -> bool:
    return _key(word, language) in _stop_words(language)


def _key(word: str, language: str) -> str:
    """Return `word` as stop words are told apart."""
    return word if morphology(language).tones else fold(word)


@lru_cache
def _stop_words(language: str) -> frozenset[str]:
    listed = STOP_WORDS.get(language, STOP_WORDS["en"]).split()
    return frozenset(_key(word, language) for word in listed)


@lru_cache
def _stop_signs(language: str) -> re.Pattern[str]:
    # The longest first: an expression takes what it finds.
    listed = sorted(STOP_SIGNS.get(language, "").split(), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, listed)) or "(?!)")
