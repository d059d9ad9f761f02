"""What a search says about its own success, measured without a model. Pure.

Every signal is a share or a cosine: how large the index is, how its keywords are
weighed and how the rankings are fused makes no difference to its scale.
"""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from msgspec import Struct

from app.messages import Queries
from app.retrieval.sentences import units
from ingest.documents import Chunk, Hit, Vector, Vectors, embedded_text
from ingest.keywords import terms
from ingest.keywords.words import words_of

READ = 30
"""Hits that are looked at: what is anywhere in the index is in one of these."""

_OFFERED = 6
"""Hits one of which should hold the answer."""

_FEW = 10
"""Hits that there are as if, at least."""

_LONGEST_NAME = 64
"""Letters of a word that may be a name."""

_SENTENCES = 6
"""Sentences of the best hit that are embedded, at most."""

_EARLIER = 0.5
"""Weight of a term that only an earlier turn holds."""

_WORD = re.compile(r"[^\W_]+(?:[-.][^\W_]+)*")
# Two capitals alone, such as IT or AD, are too often something else.
_NAME = re.compile(r"(?![A-Z]{2}$)(?:[^\W\d_](?=.*\d)|.*[^\W\d_].*[A-Z])")
_KANA = re.compile("[\u3040-\u30ff]")
_KATAKANA = re.compile("[\u30a1-\u30fa\u30fc]{2,}")
_READ_AGAIN = 2048
"""Chunks whose terms are remembered."""

_UNSPACED = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3000-\u9fff\uac00-\ud7af]"
)


class _Vocabulary(Struct, frozen=True):
    """The terms of a text: those that tell something, and those of stop words."""

    telling: frozenset[str]
    grammar: frozenset[str]


class Signals(Struct, frozen=True, kw_only=True):
    """What a search says about a question.

    Attributes:
        similarity: Mean of the best cosine of a hit and that of a sentence in the
            first hit: the first finds the topic, the second what is said of it.
            0 in a script the embedding model cannot read.
        absent: Share of the question's terms that no hit has, a term weighing more
            the fewer of the hits have it.
        lead: Largest share of the terms, weighed alike, in one of the first hits,
            times how far the best keyword score stands out from those of the other
            hits: standard scores, over the largest possible. Alone, a single odd
            word that one hit has would stand out too.
        unnamed: 1 if the question names a thing by code or capitals, such as
            "E-599" or "LoRaWAN", that no hit holds, else 0.
        foreign: 1 if the embedding model does not know the question's language but its
            script: cosines are lower there, whatever is found. Else 0.
        unread: 1 if the embedding model cannot read the question's script, else 0.
        unread_coverage: If so, the share of the terms in one of the first hits.
    """

    similarity: float
    absent: float
    lead: float
    unnamed: float
    foreign: float
    unread: float
    unread_coverage: float


def signals(
    queries: Queries,
    hits: Sequence[Hit],
    *,
    known: bool,
    readable: bool,
    sentence: float,
) -> Signals:
    """Measure a question and its hits.

    Args:
        queries: What was searched for, at least one text.
        hits: Everything the search returned, best first, at least one.
        known: The embedding model knows the question's language.
        readable: The embedding model can read the question's script.
        sentence: Best cosine of a sentence of the first hit to the question.
    """
    question, read = queries.words[0], hits[:READ]
    language = queries.language or hits[0].chunk.language
    asked = _weighed(queries, language)
    names = _names(question, language)
    looked_for = set(asked).union(*names)
    held = [_held(looked_for, hit, language) for hit in read]
    rarity = _rarity(asked, held)
    anywhere = set().union(*held)
    cosine = max(hit.similarity or 0.0 for hit in hits)
    coverage = max(_share(h, rarity) for h in held[:_OFFERED])
    return Signals(
        similarity=(cosine + sentence) / 2 if readable else 0.0,
        absent=1 - _share(anywhere, rarity),
        lead=coverage * _lead([hit.keyword_score for hit in read]),
        unnamed=float(any(name.isdisjoint(anywhere) for name in names)),
        foreign=float(readable and not known),
        unread=float(not readable),
        unread_coverage=0.0 if readable else coverage,
    )


def telling_sentences(queries: Queries, hit: Hit) -> list[str]:
    """Return the sentences, steps or rows of `hit` that may answer, in their order.

    Where there are too many to embed, those with fewest terms of the question go.
    """
    chunk = hit.chunk
    found = [
        embedded_text((), "", chunk.text[unit.start : unit.end]).strip()
        for unit in units(chunk)
    ]
    found = [text for text in found if text]
    if len(found) <= _SENTENCES:
        return found
    asked = _asked(queries.words[0], queries.language or chunk.language)
    held = [len(asked.intersection(terms(t, chunk.language))) for t in found]
    best = sorted(range(len(found)), key=lambda i: (-held[i], i))[:_SENTENCES]
    return [found[i] for i in sorted(best)]


def best_cosine(vector: Vector, vectors: Vectors) -> float:
    """Return the largest cosine of `vector` to one of `vectors`, at least 0.

    Args:
        vector: Shape (dim,), unit length.
        vectors: Shape (n, dim), unit length; n may be 0.
    """
    return float(np.max(vectors @ vector, initial=0.0))


def _asked(text: str, language: str) -> set[str]:
    """Return the terms of a question that are more than grammar.

    Japanese writes grammar in hiragana, and whole words of other languages in
    katakana, of which pairs of signs would say too little.
    """
    every = set(terms(text, language))
    asked = {t for t in every if not _KANA.search(t)}
    asked.update(_KATAKANA.findall(unicodedata.normalize("NFKC", text)))
    return asked or every


def _weighed(queries: Queries, language: str) -> dict[str, float]:
    """Return the terms of a question, and of what was said before, with weights.

    A follow-up leaves out what was said before; a new subject does not return to it.
    """
    weights: dict[str, float] = {}
    for turn, (text, _) in enumerate(queries.keywords):
        for term in _asked(text, language):
            weights.setdefault(term, _EARLIER if turn else 1.0)
    return weights


def _rarity(asked: Mapping[str, float], held: Sequence[set[str]]) -> dict[str, float]:
    """Return how much each term of `asked` weighs: the more, the fewer hold it.

    A filter, or a small index, may leave a hit or two: they alone would make a term
    that all of them hold worth nothing.
    """
    count = max(len(held), _FEW)
    return {
        term: weight * math.log((count + 1) / (sum(term in h for h in held) + 1))
        for term, weight in asked.items()
    }


def _share(found: set[str], rarity: Mapping[str, float]) -> float:
    """Return the share of the whole rarity that `found` has; 1 if there is none."""
    whole = sum(rarity.values())
    if not whole:
        return 1.0
    return min(sum(rarity.get(term, 0.0) for term in found) / whole, 1.0)


def _lead(scores: Sequence[float]) -> float:
    """Return the largest standard score over the largest that n numbers can have."""
    # What was not found has no keyword score.
    scores = [*scores, *[0.0] * (_FEW - len(scores))]
    spread = float(np.std(scores))
    if spread < 1e-9:
        return 0.0
    most = math.sqrt(len(scores) - 1)
    return min(float(np.max(scores) - np.mean(scores)) / spread / most, 1.0)


def _held(asked: set[str], hit: Hit, language: str) -> set[str]:
    """Return the terms of `asked` that stand in `hit`."""
    chunk = hit.chunk
    own = _vocabulary(chunk, language)
    # A question of nothing but grammar asks for grammar.
    held = asked & own.telling or asked & own.grammar
    signs = [term for term in asked - held if _UNSPACED.match(term)]
    if signs:
        text = _folded(embedded_text(chunk.heading_path, chunk.title, chunk.text))
        held.update(term for term in signs if term in text)
    return held


# A few chunks answer most questions, and stemming those that were found takes longer
# than finding them. Remembered by the whole chunk, not by its text alone: one with the
# same text is another tenant's.
@lru_cache(maxsize=_READ_AGAIN)
def _vocabulary(chunk: Chunk, language: str) -> _Vocabulary:
    """Return the terms of a chunk, each once."""
    folded = _folded(embedded_text(chunk.heading_path, chunk.title, chunk.text))
    telling: set[str] = set()
    grammar: set[str] = set()
    for word in words_of(" ".join(set(_WORD.findall(folded))), language):
        (grammar if word.common else telling).update(word.terms)
    return _Vocabulary(frozenset(telling), frozenset(grammar))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _names(question: str, language: str) -> list[set[str]]:
    """Return the terms of each name in `question`: codes, and what has capitals."""
    words = [w for w in _WORD.findall(question) if len(w) <= _LONGEST_NAME]
    # In a question that shouts, capitals name nothing.
    if 2 * sum(word.isupper() for word in words) > len(words) > 2:
        return []
    asked = _asked(question, language)
    # What is written like a common word, such as US, is none of the terms.
    named = [asked.intersection(terms(w, language)) for w in words if _NAME.match(w)]
    return [name for name in named if name]
