"""How likely the hits hold an answer, from what a search tells anyway. Pure.

It measures whether the documents are about what is asked, not whether they entail
an answer: nothing here reads. A question that names a thing no hit mentions, an
error code or a product, is the strongest sign that there is none.
"""

import math
import re
import unicodedata
from collections.abc import Sequence

from msgspec import Struct

from app.messages import Queries
from ingest.documents import Hit, embedded_text
from ingest.keywords import terms

_READ = 30
"""Hits whose text is looked at: a rare word that is anywhere is in one of these."""

_WORD = re.compile(r"[^\W_]+(?:[-.][^\W_]+)*")
_NAME = re.compile(r"[^\W\d_](?=.*\d)|.*[^\W\d_].*[A-Z]")
_UNSPACED = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3000-\u9fff\uac00-\ud7af]"
)


class Signals(Struct, frozen=True, kw_only=True):
    """What a search says about a question.

    Attributes:
        similarity: Best cosine of a hit; 0 in a script the model cannot read.
        readable: 1 if the embedding model can read the question's script, else 0.
        keywords: Best keyword score by what the question's terms could reach if
            each were as rare as one chunk of the index; about 0 to 1.
        missing: Share of the question's terms that no hit holds.
        unnamed: 1 if the question names a thing by code or capitals, such as
            "E-599" or "LoRaWAN", that no hit holds, else 0.
    """

    similarity: float
    readable: float
    keywords: float
    missing: float
    unnamed: float


class Coefficients(Struct, frozen=True, kw_only=True):
    """Weight of each signal in the logit of the confidence, and its bias."""

    bias: float
    similarity: float
    readable: float
    keywords: float
    missing: float
    unnamed: float


COEFFICIENTS = Coefficients(
    bias=-0.6,
    similarity=5.15,
    readable=-2.07,
    keywords=1.89,
    missing=-1.1,
    unnamed=-2.4,
)
"""Fitted by tests/quality/fit_confidence.py."""


def confidence(
    queries: Queries, hits: Sequence[Hit], *, chunks: int, readable: bool
) -> float:
    """Return how likely `hits` hold an answer, in [0, 1]; 0 without a hit.

    Args:
        queries: What was searched for.
        hits: Everything the search returned, in any order.
        chunks: Chunks in the index.
        readable: The embedding model can read the question's script.
    """
    if not hits or not queries.texts:
        return 0.0
    found = signals(queries, hits, chunks=chunks, readable=readable)
    return probability(found, COEFFICIENTS)


def probability(found: Signals, weights: Coefficients) -> float:
    """Return the logistic of the weighted signals."""
    logit = weights.bias + sum(
        getattr(weights, name) * getattr(found, name)
        for name in Signals.__struct_fields__
    )
    return 1 / (1 + math.exp(-logit))


def signals(
    queries: Queries, hits: Sequence[Hit], *, chunks: int, readable: bool
) -> Signals:
    """Measure a question and its hits; see `confidence` for the arguments."""
    question = queries.words[0]
    language = queries.language or hits[0].chunk.language
    asked = list(dict.fromkeys(terms(question, language)))
    missing = _missing(asked, hits, language)
    best = max(hit.keyword_score for hit in hits)
    return Signals(
        similarity=max(hit.similarity or 0.0 for hit in hits) if readable else 0.0,
        readable=float(readable),
        keywords=best / (max(len(asked), 1) * math.log(chunks + 2)),
        missing=len(missing) / max(len(asked), 1),
        unnamed=float(_names_missing(question, language, set(asked), missing)),
    )


def _missing(asked: Sequence[str], hits: Sequence[Hit], language: str) -> set[str]:
    """Return the terms that stand in no hit."""
    chunks = [hit.chunk for hit in hits[:_READ]]
    texts = (embedded_text(c.heading_path, c.title, c.text) for c in chunks)
    text = unicodedata.normalize("NFKC", "\n".join(texts)).casefold()
    starts = {_start(term) for term in asked}
    # Stemming every word of thirty chunks would take longer than the search.
    words = {
        word
        for word in _WORD.findall(text)
        if _start(word) in starts or not word[:2].isascii()
    }
    held = set(terms(" ".join(sorted(words)), language))
    return {
        term
        for term in asked
        if term not in held and not (_UNSPACED.match(term) and term in text)
    }


def _start(word: str) -> str:
    """Return the first two letters or digits of a word: E-104 is also e104."""
    return re.sub(r"[\W_]", "", word[:4])[:2]


def _names_missing(
    question: str, language: str, asked: set[str], missing: set[str]
) -> bool:
    """Return whether a name in `question` stands in no hit."""
    words = _WORD.findall(question)
    # In a question that shouts, capitals name nothing.
    if 2 * sum(word.isupper() for word in words) > len(words) > 2:
        return False
    names = (word for word in words if _NAME.match(word))
    # What is written like a common word, such as US, is none of the terms.
    found = (asked.intersection(terms(name, language)) for name in names)
    return any(name and name <= missing for name in found)
