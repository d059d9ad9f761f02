"""Cuts HTML into tags, comments and text, each with its exact place. Pure.

Broken markup is read the way browsers read it. The work grows with the length of
the source, whatever it holds.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from html import unescape
from types import MappingProxyType
from typing import Literal

from msgspec import Struct

VOID = frozenset(
    {
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link"),
        *("meta", "param", "source", "track", "wbr"),
    }
)
"""Elements without content and without an end tag."""

_RAW = frozenset({"script", "style", "xmp", "iframe", "noframes", "title", "textarea"})
_NAME = re.compile(r"[^\s/>]*")
_BARE_TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]*)>")
_ATTRIBUTE = re.compile(r"[\s/]*([^\s/>=][^\s/>=]*|=[^\s/>=]*)\s*(=?)\s*")
_BARE = re.compile(r"[^\s>]*")
_TAIL = re.compile(r"[\s/]*")
NONE: Mapping[str, str] = MappingProxyType({})
"""The attributes of what has none."""


class Mark(Struct, frozen=True):
    """One piece of HTML.

    Attributes:
        kind: What it is; comments include declarations and instructions.
        start: Offset of its first character.
        end: One past its last.
        name: A tag's name in lower case, else "".
        attributes: An opening tag's attributes, names in lower case, values
            without references; the first of a name counts.
    """

    kind: Literal["open", "close", "comment", "text"]
    start: int
    end: int
    name: str = ""
    attributes: Mapping[str, str] = NONE


def marks(source: str) -> Iterator[Mark]:
    """Yield the pieces of `source` in order; together they cover it."""
    position = text = 0
    ends = last_ends(source, _RAW)
    last = {quote: source.rfind(quote) for quote in "\"'"}
    while (start := source.find("<", position)) >= 0:
        mark = _mark(source, start, last)
        if mark is None:
            position = start + 1
            continue
        if text < start:
            yield Mark("text", text, start)
        yield mark
        position = text = mark.end
        # Without an end tag the content is read as markup, so that a forgotten
        # one does not swallow the document.
        if mark.kind == "open" and ends.get(mark.name, -1) > text:
            position = _raw_end(source, mark)
    if text < len(source):
        yield Mark("text", text, len(source))


def last_ends(source: str, names: Iterable[str]) -> dict[str, int]:
    """Return where the last end tag of each of the elements `names` begins."""
    tags = _end_tag("|".join(sorted(names)))
    return {found[1].lower(): found.start() for found in tags.finditer(source)}


def _mark(source: str, start: int, last: dict[str, int]) -> Mark | None:
    """Return the tag or comment at a ``<``, or None where it is only a sign."""
    # Most tags have no attributes.
    if found := _BARE_TAG.match(source, start):
        kind: Literal["open", "close"] = "close" if found[1] else "open"
        return Mark(kind, start, found.end(), found[2].lower())
    following = source[start + 1 : start + 2]
    if following == "!" and source.startswith("--", start + 2):
        return Mark("comment", start, _after(source, "-->", start + 2))
    if following in ("!", "?"):
        return Mark("comment", start, _after(source, ">", start + 2))
    closing = following == "/"
    first = start + 1 + closing
    if source[first : first + 1].isascii() and source[first : first + 1].isalpha():
        return _tag(source, start, first, last)
    if closing and source[first : first + 1]:
        return Mark("comment", start, _after(source, ">", first))
    return None


def _tag(source: str, start: int, first: int, last: dict[str, int]) -> Mark:
    """Return the tag whose name begins at `first`."""
    name = _NAME.match(source, first)
    position = name.end() if name else first
    attributes: dict[str, str] = {}
    while found := _ATTRIBUTE.match(source, position):
        position, value = found.end(), ""
        if found[2]:
            value, position = _value(source, position, last)
        attributes.setdefault(found[1].lower(), value)
    tail = _TAIL.match(source, position)
    end = (tail.end() if tail else position) + 1
    return Mark(
        "open" if first == start + 1 else "close",
        start,
        min(end, len(source)),
        source[first : name.end() if name else first].lower(),
        attributes or NONE,
    )


def _value(source: str, position: int, last: dict[str, int]) -> tuple[str, int]:
    """Return an attribute's value and where what follows it begins."""
    quote = source[position : position + 1]
    if last.get(quote, -1) > position:
        end = source.find(quote, position + 1)
        return unescape(source[position + 1 : end]), end + 1
    bare = _BARE.match(source, position)
    return (unescape(bare[0]), bare.end()) if bare else ("", position)


def _raw_end(source: str, mark: Mark) -> int:
    """Return where the end tag of an element begins that holds no markup."""
    found = _end_tag(mark.name).search(source, mark.end)
    return found.start() if found else mark.end


def _end_tag(name: str) -> re.Pattern[str]:
    return re.compile(rf"</({name})(?=[\s/>])", re.IGNORECASE | re.ASCII)


def _after(source: str, what: str, position: int) -> int:
    found = source.find(what, position)
    return len(source) if found < 0 else found + len(what)
