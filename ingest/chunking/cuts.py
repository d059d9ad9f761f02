"""Where a text may be cut without hurting it. Pure functions, linear in the text."""

import re
from bisect import bisect_left
from collections.abc import Sequence

from ingest.documents import ElementKind

_SPACE = re.compile(r"\s+")
_WIDE_END = re.compile("[。！？｡]")
_ITEM = re.compile(r"^[ \t]*(?:[-*+•‣–▪◦]|\d{1,3}[.)])[ \t]", re.MULTILINE)

_END = ".!?…।؟۔"
_CLOSERS = "\"')]}”’»›*_`」』）】"
_MOST_CLOSERS = 4

_ABBREVIATIONS = frozenset({
    "approx", "bzw", "ca", "cf", "co", "dr", "e.g", "ed", "eq", "etc", "fig", "figs",
    "i.e", "inc", "jr", "ltd", "max", "min", "mr", "mrs", "ms", "no", "nos", "nr", "pp",
    "prof", "resp", "sec", "sr", "st", "u.a", "usw", "vol", "vs", "z.b",
})  # fmt: skip
_LONGEST_ABBREVIATION = 6

_LONG_PIECE = 8
"""Characters of a word piece from which on it may be cut inside."""

LEVELS: dict[ElementKind, tuple[str, ...]] = {
    "title": ("words", "pieces"),
    "text": ("sentences", "lines", "words", "pieces"),
    "list": ("items", "sentences", "lines", "words", "pieces"),
    "code": ("lines", "words", "pieces"),
    "table": ("lines", "words", "pieces"),
}
"""What a block of a kind is cut at, from the gentlest to the hardest."""


def cuts(text: str, level: str, pieces: Sequence[tuple[int, int]]) -> list[int]:
    """Return where `text` may be cut, as offsets of what comes after, rising.

    Args:
        text: The text of a block.
        level: One of the names in `LEVELS`.
        pieces: Start and end of its word pieces.
    """
    if level == "sentences":
        return sentences(text)
    if level == "items":
        return [match.start() for match in _ITEM.finditer(text)] or _lines(text)
    if level == "lines":
        return _lines(text)
    if level == "words":
        return [match.end() for match in _SPACE.finditer(text)]
    return _pieces(text, pieces)


def sentences(text: str) -> list[int]:
    """Return where sentences begin, the first one left out, rising.

    A full stop ends one before a blank, unless it belongs to a known abbreviation,
    an initial or a number, or a small letter follows. A blank line always does, and
    so do the full stops of Chinese and Japanese.
    """
    found = [m.end() for m in _SPACE.finditer(text) if _ends(text, m.start(), m.end())]
    wide = [_after_closers(text, match.end()) for match in _WIDE_END.finditer(text)]
    return sorted({cut for cut in (*found, *wide) if 0 < cut < len(text)})


def _ends(text: str, start: int, end: int) -> bool:
    """Tell whether the blanks from `start` to `end` stand between two sentences."""
    if text.count("\n", start, end) > 1:
        return True
    last = start - 1
    while last > start - _MOST_CLOSERS and last >= 0 and text[last] in _CLOSERS:
        last -= 1
    if last < 0 or text[last] not in _END:
        return False
    return text[last] != "." or _is_full_stop(text, last, end)


def _is_full_stop(text: str, stop: int, following: int) -> bool:
    """Tell whether the point at `stop` ends a sentence, given what follows it."""
    if following < len(text) and text[following].islower():
        return False
    head = text[max(0, stop - _LONGEST_ABBREVIATION - 1) : stop]
    word = head.split()[-1] if head and not head[-1].isspace() else ""
    word = word.lstrip("([{\"'")
    initial = len(word) == 1 and word.isalpha()
    return not (initial or word.isdigit() or word.lower() in _ABBREVIATIONS)


def _after_closers(text: str, place: int) -> int:
    """Return the place after the ends and closing quotes that stand at `place`."""
    limit = min(place + _MOST_CLOSERS, len(text))
    while place < limit and (text[place] in _CLOSERS or text[place] in "。！？｡"):
        place += 1
    return place


def _lines(text: str) -> list[int]:
    """Return where lines begin, the first one left out."""
    found, place = [], text.find("\n")
    while place >= 0:
        found.append(place + 1)
        place = text.find("\n", place + 1)
    return found


def _pieces(text: str, pieces: Sequence[tuple[int, int]]) -> list[int]:
    """Return where word pieces begin, and places inside very long ones."""
    bounds = [start for start, _ in pieces]
    found = set(bounds)
    for start, end in zip([0, *bounds], [*bounds, len(text)], strict=True):
        found.update(range(start + _LONG_PIECE, end, _LONG_PIECE))
    return sorted(found)


def between(places: Sequence[int], start: int, end: int) -> list[int]:
    """Return the places strictly between `start` and `end`; `places` must rise."""
    return list(places[bisect_left(places, start + 1) : bisect_left(places, end)])
