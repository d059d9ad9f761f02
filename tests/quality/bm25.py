"""BM25 over words: the baseline of keyword search."""

import re
from collections import Counter
from collections.abc import Iterable

from ingest.keywords.stop_words import STOP_WORDS


def plain(text: str) -> list[str]:
    """Return the words of `text`, without English stop words."""
    return [w for w in re.findall(r"\w+", text.lower()) if w not in STOP_WORDS["en"]]


def bm25(
    texts: Iterable[str], *, k1: float = 1.2, b: float = 0.75
) -> list[dict[str, float]]:
    """Return how much each word says about each text: BM25 without the IDF."""
    told = [plain(text) for text in texts]
    usual = sum(map(len, told)) / len(told)
    return [
        {
            word: count * (k1 + 1) / (count + k1 * (1 - b + b * len(words) / usual))
            for word, count in Counter(words).items()
        }
        for words in told
    ]
