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
"""Hits that are looked at for names: what is anywhere is in one of these."""

_NEAR = 10
"""Hits that tell which words are common to the topic."""

_OFFERED = 6
"""Hits one of which should hold the answer."""

_WORD = re.compile(r"[^\W_]+(?:[-.][^\W_]+)*")
_NAME = re.compile(r"[^\W\d_](?=.*\d)|.*[^\W\d_].*[A-Z]")
_KANA = re.compile("[\u3040-\u30ff]")
_KATAKANA = re.compile("[\u30a1-\u30fa\u30fc]{2,}")
_UNSPACED = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3000-\u9fff\uac00-\ud7af]"
)


class Signals(Struct, frozen=True, kw_only=True):
    """What a search says about a question.

    Attributes:
        similarity: Best cosine of a hit; 0 in a script the model cannot read.
        readable: 1 if the embedding model can read the question's script, else 0.
        coverage: Largest share of the question's terms in one of the first hits, a
            term weighing more the fewer of the hits have it.
        unnamed: 1 if the question names a thing by code or capitals, such as
            "E-599" or "LoRaWAN", that no hit holds, else 0.
    """

    similarity: float
    readable: float
    coverage: float
    unnamed: float


class Coefficients(Struct, frozen=True, kw_only=True):
    """Weight of each signal in the logit of the confidence, and its bias."""

    bias: float
    similarity: float
    readable: float
    coverage: float
    unnamed: float


COEFFICIENTS = Coefficients(
    bias=-1.58,
    similarity=4.6,
    readable=-1.37,
    coverage=7.82,
    unnamed=-4.64,
)
"""Fitted by tests/quality/fit_confidence.py to the sample's golden questions.

At 0.5, of the sample 12 of 15 questions without an answer are refused and 6 of 177
with one; these are the questions it was fitted to. AUROC: 0.94 on the sample, 0.75
and 0.72 on two sets it never saw.
"""


def confidence(queries: Queries, hits: Sequence[Hit], *, readable: bool) -> float:
    """Return how likely `hits` hold an answer, in [0, 1]; 0 without a hit.

    Args:
        queries: What was searched for.
        hits: Everything the search returned, best first.
        readable: The embedding model can read the question's script.
    """
    if not hits or not queries.texts:
        return 0.0
    found = signals(queries, hits, readable=readable)
    return probability(found, COEFFICIENTS)


def probability(found: Signals, weights: Coefficients) -> float:
    """Return the logistic of the weighted signals."""
    logit = weights.bias + sum(
        getattr(weights, name) * getattr(found, name)
        for name in Signals.__struct_fields__
    )
    return 1 / (1 + math.exp(-logit))


def signals(queries: Queries, hits: Sequence[Hit], *, readable: bool) -> Signals:
    """Measure a question and its hits; see `confidence` for the arguments."""
    question = queries.words[0]
    language = queries.language or hits[0].chunk.language
    # What a follow-up leaves out was said before.
    said = "\n".join(text for text, _ in queries.keywords)
    asked = _asked(said, language)
    held = [_held(asked, hit, language) for hit in hits[:_NEAR]]
    return Signals(
        similarity=max(hit.similarity or 0.0 for hit in hits) if readable else 0.0,
        readable=float(readable),
        coverage=_coverage(asked, held),
        unnamed=float(_is_name_missing(question, language, hits[:_READ])),
    )


def _asked(text: str, language: str) -> set[str]:
    """Return the terms of a question that are more than grammar.

    Japanese writes grammar in hiragana, and whole words of other languages in
    katakana, of which pairs of signs would say too little.
    """
    every = set(terms(text, language))
    asked = {t for t in every if not _KANA.search(t)}
    asked.update(_KATAKANA.findall(unicodedata.normalize("NFKC", text)))
    return asked or every


def _coverage(asked: set[str], held: Sequence[set[str]]) -> float:
    """Return the largest share of `asked` in one of the first `held`."""
    if not asked:
        return 0.0
    rarity = {
        term: math.log((len(held) + 1) / (sum(term in h for h in held) + 1))
        for term in asked
    }
    whole = sum(rarity.values())
    if not whole:
        return 1.0
    shares = (sum(rarity[term] for term in h) / whole for h in held[:_OFFERED])
    return max(shares)


def _held(asked: set[str], hit: Hit, language: str) -> set[str]:
    """Return the terms of `asked` that stand in `hit`."""
    chunk = hit.chunk
    text = embedded_text(chunk.heading_path, chunk.title, chunk.text)
    text = unicodedata.normalize("NFKC", text).casefold()
    starts = {term[:2] for term in asked}
    # Stemming every word of every hit would take longer than the search.
    words = {word for word in _WORD.findall(text) if _may_hold(word, starts)}
    found = set(terms(" ".join(sorted(words)), language))
    return {
        term
        for term in asked
        if term in found or (_UNSPACED.match(term) and term in text)
    }


def _may_hold(word: str, starts: set[str]) -> bool:
    """Return whether `word` may have a term that starts like one of `starts`."""
    if not word.isascii():
        return True
    parts = re.split("[-.]", word)
    return any(part[:2] in starts for part in (word, "".join(parts), *parts))


def _is_name_missing(question: str, language: str, hits: Sequence[Hit]) -> bool:
    """Return whether a name in `question` stands in no hit."""
    words = _WORD.findall(question)
    # In a question that shouts, capitals name nothing.
    if 2 * sum(word.isupper() for word in words) > len(words) > 2:
        return False
    asked = _asked(question, language)
    # What is written like a common word, such as US, is none of the terms.
    named = [asked.intersection(terms(w, language)) for w in words if _NAME.match(w)]
    every = set().union(*named)
    held = set().union(*(_held(every, hit, language) for hit in hits)) if every else ()
    return any(name and name.isdisjoint(held) for name in named)
