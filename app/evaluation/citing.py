"""Whether what a citation opens holds what it stands behind. Pure.

Lexical, so that it costs nothing and says the same twice: most words and every
number of the sentence must stand in the place. An answer in another language than
its source therefore counts as not held.
"""

import re
from collections.abc import Sequence

from msgspec import Struct

from app.retrieval.sentences import sentence_spans
from ingest.keywords import terms

_ITEM = re.compile(r"^\s*(?:[-*+•>]+|\(?\d{1,3}[.)])\s+")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


class Cited(Struct, frozen=True, kw_only=True):
    """A marker in an answer.

    Attributes:
        start: First code point of the marker in the answer's text.
        end: One past the last.
        source: Id of the chunk it points to.
    """

    start: int
    end: int
    source: str


class Place(Struct, frozen=True, kw_only=True):
    """What a citation opens: the cited chunk between its neighbours.

    Attributes:
        text: Titles and text.
        language: ISO 639-1 code, or "".
    """

    text: str
    language: str


def claim(text: str, citations: Sequence[Cited], start: int) -> str:
    """Return the sentence that the marker at `start` stands behind.

    Args:
        text: The answer.
        citations: Its markers.
        start: First code point of one of them.

    Returns:
        The last sentence in front of the marker, without markers; "" if there is
        none. Markers in a row share their sentence.
    """
    before = unmarked(text[:start], [c for c in citations if c.end <= start])
    said = (line for line in reversed(before.splitlines()) if re.search(r"\w", line))
    line = _ITEM.sub("", next(said, ""), count=1)
    sentences = [line[a:b] for a, b in sentence_spans(line)]
    spoken = [sentence for sentence in sentences if re.search(r"\w", sentence)]
    return spoken[-1].strip() if spoken else line.strip()


def unmarked(text: str, citations: Sequence[Cited]) -> str:
    """Return `text` without its markers and the blanks in front of them."""
    for start, end in sorted({(c.start, c.end) for c in citations}, reverse=True):
        text = text[:start].rstrip(" ") + text[end:]
    return text


def holds(place: Place, said: str) -> bool:
    """Return whether `place` holds a sentence: each number, and most of the words."""
    if not set(_NUMBER.findall(said)) <= set(_NUMBER.findall(place.text)):
        return False
    wanted = terms(said, place.language)
    there = set(terms(place.text, place.language))
    return bool(wanted) and 2 * sum(term in there for term in wanted) > len(wanted)
