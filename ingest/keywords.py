"""A text becomes a sparse vector of terms, by language. Pure functions.

    passage_keywords    how much each term says about a chunk (BM25, less the IDF)
    question_keywords   which terms a question asks for

The index multiplies the two and weighs each term by its rarity (IDF). A term is a
stem, a word as it is written, a code as a whole, or two neighbouring characters in
scripts that put no spaces between words.
"""

import hashlib
import re
import threading
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Protocol

import snowballstemmer
from msgspec import Struct

from ingest.documents import SparseVector

# Measured: a small k1 is better on long manuals and equal elsewhere.
K1 = 0.9
B = 0.4
AVERAGE_LENGTH = 150
"""Words in a usual chunk. Fixed, so that a chunk's vector depends on it alone."""

PAIR_WEIGHT = 0.2
"""Weight of two neighbouring words of a question, where one word has 1."""

# Languages without a stemmer are cut to this many letters: McNamee, Nicholas and
# Mayfield, "Addressing morphological variation in alphabetic languages", SIGIR 2009.
_TRUNCATED = 5

_ALGORITHMS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german",
    "el": "greek", "en": "english", "eo": "esperanto", "es": "spanish",
    "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish",
    "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian",
    "nb": "norwegian", "ne": "nepali", "nl": "dutch", "nn": "norwegian",
    "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil",
    "tr": "turkish", "yi": "yiddish",
}  # fmt: skip

# Words that questions are made of whatever they are about. Unaccented, as _fold
# leaves them. "Not" and "without" are none of them: they change what is asked.
_STOP_TEXTS = {
    "en": "a about after again all also am an and any anyone are as at be because been before being but by can could did do does doing done don for from get give had has have having help hello here hi how i if in into is it its just know let like ll may me might mine much must my need of on one or our out over please re shall she should so some somebody someone something such tell than thank thanks that the their them then there these they this those through to too until up us ve very want was way we were what whats when where whether which while who whom whose why will with would you your yours",
    "de": "aber alle als also am an auch auf aus bei beim bin bis bitte da damit dann das dass dein dem den denn der des dessen die dies diese diesem diesen dieser dieses doch dort du durch ein eine einem einen einer eines er es etwas euch fur gibt habe haben hat hier ich ihr ihre im in ist ja jede jeder kann kannst konnen konnte man mein meine meinem meinen meiner mich mir mit muss mussen nach noch nun nur ob oder sein seine sich sie sind so soll sollen sollte uber um und uns unser unsere unter vom von vor wann war waren warum was welche welchem welchen welcher welches wem wen wenn wer werden weshalb wie wieso wieviel will wir wird wo wofur womit woran wurde zu zum zur",
    "fr": "a ai alors apres as au aussi aux avec avez avoir avons c ca ce cela ces cet cette ceux chez comment combien d dans de des deux dois doit donc dont du elle elles en est et etes etre eu fait faire faut il ils j je l la le les leur leurs lui m ma mais me mes moi mon n ne nos notre nous on ont ou par parce peut peux plait plus pour pourquoi pouvez puis puisje qu quand que quel quelle quelles quels qui quoi s sa se ses si son sont sur svp t ta te tes toi ton tous tout toute tu un une vos votre vous y",
    "es": "a al algo alguien ante aqui asi aun aunque cada como con cual cuales cuando cuanto cuanta cuantos de debe debo del desde donde el ella ellas ellos en entre era eres es esa ese eso esta estan estar estas este esto estos favor fue ha hace hacer hacia han hasta hay he la las le les lo los mas me mi mis muy nos nosotros nuestro o os para pero por porque pueda puede puedo que quien quienes se sea ser si sido sobre son soy su sus tambien te tengo tiene tienen tu tus un una unas uno unos usted ustedes y ya yo",
    "it": "a agli ai al alla alle allo anche avere c ce che chi ci come con cosa cui d da dagli dai dal dalla dalle dei del della delle dello deve devo di dov dove e ed era essere fa fare favore fra gli ha hai hanno ho i il in io l la le lei li lo loro lui ma me mi mia mie miei mio ne negli nei nel nella nelle noi nostro o per perche piu po posso possono puo qual quale quali quando quanta quanti quanto quel quella quelle quello questa queste questi questo qui se sei si sia siamo sono sta su sua sue sugli sul sulla suo tra tu tua tuo un una uno vi voi vostro",
    "nl": "aan al alle als bij ben bent daar dan dat de der deze die dit doe doen door dus een eens er ga gaat had hallo heb hebben heeft het hier hij hoe hoeveel hun ik in is ja je jij jullie jouw kan kun kunnen kunt maar mag me men met mij mijn moet moeten na naar nog nu of om omdat ons onze ook op over te tegen toch toe tot u uit uw van veel voor waar waarom wanneer was wat we wel welk welke werd wie wij wil worden wordt zal ze zich zij zijn zo zou",
    "pt": "a ao aos aquela aquele aqui as ate com como cada da das de dela dele depois deve devo do dos e ela elas ele eles em entao entre era essa esse esta estao estar estas este estou eu faco faz fazer favor foi for ha isso isto ja la lhe mais mas me mesmo meu meus minha minhas muito na nas nem no nos nossa nosso o onde os ou para pela pelas pelo pelos pode podem por porque posso qual quais quando quanta quantas quanto quantos que quem sao se seja sem ser seu seus so sobre sua suas tambem te tem tenho ter tu um uma umas uns voce voces",
    "ru": "а бы был была были было быть в вам вас ваш все всех вы где да для до его ее если есть еще же за зачем здесь и из или им их к как какая какие какои какую когда кого кому который которая которые кто куда ли мне может можно мои мы на над надо нам нас наш него нее но нужно о об один он она они от откуда по под пожалуиста почему при про с сам свои себя сколько со та так также такои там те тем то того тоже только том ты у уже чего чем что чтобы чья эта эти это этого этои этом этот я",
}

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
_REWRITTEN = str.maketrans(
    {"\u2010": "-", "\u2011": "-", "\u2212": "-", "\u00ad": None, "\u200b": None,
     "\u200c": None, "\u200d": None, "\u2060": None, "\ufeff": None}
)  # fmt: skip
_UNDECOMPOSED = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"}
)


class _Token(Struct, frozen=True):
    """One word of a text, as the terms it stands for.

    Attributes:
        terms: What a question asks for with it.
        written: Other forms that only chunks carry, so that questions in a
            language that was guessed wrong still find the word.
        word: Whether it may have neighbours; runs of characters have not.
        common: Whether it is a stop word.
    """

    terms: tuple[str, ...]
    written: tuple[str, ...] = ()
    word: bool = True
    common: bool = False


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802  # snowballstemmer's name


def terms(text: str, language: str) -> list[str]:
    """Return the terms of `text` in reading order, without its stop words.

    Args:
        text: A question or a chunk.
        language: ISO 639-1 code, or "" when unknown.

    Returns:
        Terms, with repetitions. A text of nothing but stop words keeps them.
    """
    return [term for token in _asked(text, language) for term in token.terms]


def question_keywords(text: str, language: str) -> SparseVector:
    """Return what a question asks for.

    Args:
        text: The question.
        language: ISO 639-1 code, or "" when unknown.

    Returns:
        Weight 1 for each of its terms and `PAIR_WEIGHT` for each two neighbours;
        empty if there is no letter and no digit in it.
    """
    tokens = _asked(text, language)
    weights = dict.fromkeys(_pairs(tokens), PAIR_WEIGHT)
    weights |= {term: 1.0 for token in tokens for term in token.terms}
    return _vector(weights.items())


def passage_keywords(text: str, language: str) -> SparseVector:
    """Return what each term says about a chunk: BM25 without the IDF.

    Args:
        text: What is indexed of the chunk (`documents.embedded_text`).
        language: ISO 639-1 code, or "" when unknown.

    Returns:
        Weights in (0, `K1` + 1); empty if there is no letter and no digit.

    Source:
        Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and
        Beyond", 2009, with a fixed average length.
    """
    tokens = list(_tokens(text, language))
    counts = Counter(term for token in tokens for term in token.terms + token.written)
    counts.update(_pairs([token for token in tokens if not token.common]))
    saturation = K1 * (1 - B + B * len(tokens) / AVERAGE_LENGTH)
    return _vector(
        (term, count * (K1 + 1) / (count + saturation))
        for term, count in counts.items()
    )


def _asked(text: str, language: str) -> list[_Token]:
    tokens = list(_tokens(text, language))
    return [token for token in tokens if not token.common] or tokens


def _pairs(tokens: list[_Token]) -> list[str]:
    """Return the neighbours among `tokens` as terms of their own."""
    return [
        f"{first.terms[0]} {second.terms[0]}"
        for first, second in pairwise(tokens)
        if first.word and second.word
    ]


def _vector(weights: Iterable[tuple[str, float]]) -> SparseVector:
    summed: defaultdict[int, float] = defaultdict(float)
    for term, weight in weights:
        # Two terms with one hash become one: a few in a million.
        summed[_hash(term)] += weight
    ordered = sorted(summed.items())
    return SparseVector(
        tuple(index for index, _ in ordered), tuple(weight for _, weight in ordered)
    )


@lru_cache(maxsize=1 << 16)
def _hash(term: str) -> int:
    digest = hashlib.blake2b(term.encode(errors="replace"), digest_size=4).digest()
    return int.from_bytes(digest, "big")


def _tokens(text: str, language: str) -> Iterator[_Token]:
    plain = unicodedata.normalize("NFKC", text).translate(_REWRITTEN).casefold()
    # Folding case takes some characters apart; stemmers know them whole.
    plain = unicodedata.normalize("NFC", _THOUSANDS.sub("", plain))
    for match in _TOKEN.finditer(plain):
        run, token = match.groups()
        if run:
            yield _run(run)
        elif token.strip("_"):
            yield _word(token, language)


def _run(run: str) -> _Token:
    """Return a run of an unspaced script: its neighbouring characters."""
    pairs = tuple(first + second for first, second in pairwise(run))
    return _Token(pairs or (run,), written=tuple(run) if pairs else (), word=False)


@lru_cache(maxsize=1 << 16)
def _word(token: str, language: str) -> _Token:
    parts = [part for part in _JOINT.split(token) if part]
    if number := _NUMBER.fullmatch(token):
        return _number(number[1])
    if len(parts) > 1:
        return _compound(token, parts, language)
    common = _fold(token) in _stop_words(language)
    return _Token((_stem(token, language),), _written(token, language), common=common)


def _number(digits: str) -> _Token:
    """Return a number or a version; a chunk with 4.2.1 is also about 4.2."""
    pieces = digits.split(".")
    shorter = tuple(".".join(pieces[:end]) for end in range(2, len(pieces)))
    return _Token((digits,), shorter)


def _compound(token: str, parts: list[str], language: str) -> _Token:
    """Return a word of several parts: as a whole, without joints, and in parts."""
    # A letter beside an apostrophe is grammar: l'alarme, user's.
    split = [part for part in parts if len(part) > 1 or part.isdigit()]
    common = {_fold(part) for part in split} <= _stop_words(language)
    found = [_stem(part, language) for part in split] or [_fold(token)]
    if not re.search(r"[.'’]", token):
        found.insert(0, _stem("".join(parts), language))
    if re.search(r"[\d_.]", token):
        found.insert(0, _fold(token))
    written = {form for part in split for form in _written(part, language)}
    return _Token(
        tuple(dict.fromkeys(found)),
        tuple(sorted(written.difference(found))),
        common=common,
    )


def _written(word: str, language: str) -> tuple[str, ...]:
    """Return `word` as it stands, and as who types no accents would have it."""
    plain = _fold(word)
    forms = {plain, _stem(plain, language)} - {_stem(word, language)}
    return tuple(sorted(forms))


def _stem(word: str, language: str) -> str:
    """Return the stem of `word` without accents; codes have none."""
    if any(character.isdigit() for character in word):
        return _fold(word)
    if language and language not in _ALGORITHMS:
        return _fold(word)[:_TRUNCATED]
    # Most text of unknown language is English, or quotes it.
    stemmer = _stemmer(_ALGORITHMS[language or "en"])
    # A stemmer keeps the word it works on; two threads would mix theirs up.
    with _ONE_AT_A_TIME:
        return _fold(stemmer.stemWord(word))


_ONE_AT_A_TIME = threading.Lock()


@lru_cache
def _stemmer(algorithm: str) -> _Stemmer:
    stemmer: _Stemmer = snowballstemmer.stemmer(algorithm)
    return stemmer


@lru_cache
def _stop_words(language: str) -> frozenset[str]:
    return frozenset(_STOP_TEXTS.get(language, _STOP_TEXTS["en"]).split())


def _fold(word: str) -> str:
    """Return `word` without accents; marks that make a letter in a script stay."""
    apart = unicodedata.normalize("NFD", word.translate(_UNDECOMPOSED))
    bare = "".join(c for c in apart if not "\u0300" <= c <= "\u036f")
    return unicodedata.normalize("NFC", bare)
