"""A text becomes a sparse vector of terms, by language. Pure functions.

    passage_keywords    how much each term says about a chunk (BM25, less the IDF)
    question_keywords   which terms a question asks for

The index multiplies the two and weighs each term by its rarity (IDF). A term is a
stem, a word as it is written, a code as a whole, or two neighbouring signs in scripts
that put no spaces between words. Grams of words are in the vectors beside the terms.

    languages   what is particular to a language: the table
    stop_words  what questions are made of whatever they are about
    stems       a word without its ending, case and accents
    words       a text as words, a word as terms and grams
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

from ingest.documents import SparseVector
from ingest.keywords.languages import Morphology, morphology
from ingest.keywords.words import Word, words_of

__all__ = ["K1", "passage_keywords", "question_keywords", "terms"]

# Measured: a small k1 is better on long manuals and equal elsewhere, and so is b above
# 0.4 everywhere: chunks are cut to one size, and the short ones are to the point.
K1 = 0.9
B = 0.75
AVERAGE_LENGTH = 150
"""Words in a usual chunk. Fixed, so that a chunk's vector depends on it alone."""


def terms(text: str, language: str) -> list[str]:
    """Return the terms of `text` in reading order, without its stop words.

    Args:
        text: A question or a chunk.
        language: ISO 639-1 code, or "" when unknown.

    Returns:
        Terms, with repetitions; no grams. A text of nothing but stop words keeps
        them.
    """
    return [term for word in _asked(text, language) for term in word.terms]


def question_keywords(text: str, language: str) -> SparseVector:
    """Return what a question asks for.

    Args:
        text: The question.
        language: ISO 639-1 code, or "" when unknown.

    Returns:
        Weight 1 for each of its terms, 1 in all for the grams of a word, less than 1
        for each two neighbours. Where words have grams, the terms of a number or a
        code, which has none, weigh 2. Empty if there is no letter and no digit.
    """
    asked = _asked(text, language)
    known = morphology(language)
    weights = dict.fromkeys(_pairs(asked, known), known.pair_weight)
    for word in asked:
        weights |= dict.fromkeys(_marked(word), 1 / max(len(word.grams), 1))
    for word in asked:
        weights |= dict.fromkeys(word.terms, 2.0 if known.grams and word.code else 1.0)
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
    told = list(words_of(text, language))
    counts = Counter(term for word in told for term in word.terms + word.written)
    # Grammar is not worth its grams: no question asks for them.
    counts.update(gram for word in told if not word.common for gram in _marked(word))
    counts.update(_pairs([w for w in told if not w.common], morphology(language)))
    saturation = K1 * (1 - B + B * len(told) / AVERAGE_LENGTH)
    return _vector(
        (term, count * (K1 + 1) / (count + saturation))
        for term, count in counts.items()
    )


def _asked(text: str, language: str) -> list[Word]:
    every = list(words_of(text, language))
    return [word for word in every if not word.common] or every


def _pairs(told: list[Word], known: Morphology) -> list[str]:
    """Return the neighbours among `told` as terms of their own, if they count."""
    if not known.pair_weight:
        return []
    return [
        f"{first.terms[0]} {second.terms[0]}"
        for first, second in pairwise(told)
        if first.paired and second.paired
    ]


def _marked(word: Word) -> list[str]:
    """Return the grams of `word`, told from words that read the same."""
    return [f"~{gram}" for gram in word.grams]


def _vector(weights: Iterable[tuple[str, float]]) -> SparseVector:
    summed: defaultdict[int, float] = defaultdict(float)
    for term, weight in weights:
        # Two terms with one hash become one: a few in a million.
        summed[_hash(term)] += weight
    ordered = sorted(summed.items())
    return SparseVector(
        tuple(index for index, _ in ordered), tuple(weight for _, weight in ordered)
    )


# Of single terms, as in `ingest.keywords.words`.
@lru_cache(maxsize=1 << 17)
def _hash(term: str) -> int:
    digest = hashlib.blake2b(term.encode(errors="replace"), digest_size=4).digest()
    return int.from_bytes(digest, "big")
