"""Where chunks belong: sections, heading paths, addresses. Pure."""

import urllib.parse
from collections.abc import Callable, Sequence
from itertools import pairwise

from msgspec import Struct

from ingest.documents import Document, Element, Reading

Count = Callable[[str], int]
"""Tokens of a heading."""

_SAFE = "%!$&'()*+,;=:@/?-._~"


class Section(Struct, frozen=True, kw_only=True):
    """Blocks that belong together, between two boundaries.

    Attributes:
        path: Titles above all of them, outermost first.
        first: Number of the first element.
        last: One past the number of the last.
        weight: Tokens of the elements.
        shared: It was put together from several sections.
    """

    path: tuple[str, ...]
    first: int
    last: int
    weight: int
    shared: bool = False


def sections(elements: Sequence[Element], weights: Sequence[int]) -> list[Section]:
    """Return the sections of a document, one for each title or change of path.

    A section's own title is left out: it ends the path. One that holds nothing
    else is left out as well if the next one lies below it, else it is kept with
    its title as text. Sections without a letter or digit are left out.
    """
    starts = [
        number
        for number, element in enumerate(elements)
        if number == 0
        or element.kind == "title"
        or element.heading_path != elements[number - 1].heading_path
    ]
    found = []
    for first, last in pairwise([*starts, len(elements)]):
        path, own = elements[first].heading_path, elements[first].kind == "title"
        if own and last - first == 1:
            below = elements[last].heading_path if last < len(elements) else ()
            if path and below[: len(path)] == path:
                continue
            path = path[:-1]
        if not any(map(_says_something, elements[first:last])):
            continue
        body = first + 1 if own and last - first > 1 else first
        weight = sum(weights[body:last])
        found.append(Section(path=path, first=body, last=last, weight=weight))
    return found


def _says_something(element: Element) -> bool:
    return any(map(str.isalnum, element.text))


def joined(
    parts: Sequence[Section], elements: Sequence[Element], *, small: int, most: int
) -> list[Section]:
    """Put neighbours together that are too small to stand alone.

    Sections share a chunk if each has at most `small` tokens, all together at most
    `most`, and they are siblings, or parent and children. What they share is their
    parent's path; their own titles stay in the text.
    """
    found: list[Section] = []
    for section in parts:
        if found and section.weight <= small:
            both = _pair(found[-1], section, elements)
            alone = found[-1].shared or found[-1].weight <= small
            if both and alone and both.weight <= most:
                found[-1] = both
                continue
        found.append(section)
    return found


def _pair(a: Section, b: Section, elements: Sequence[Element]) -> Section | None:
    """Return two neighbours as one, or None if they have no common parent."""
    common = _common(a.path, b.path)
    if len(common) < len(a.path) - (0 if a.shared else 1):
        return None
    first = a.first
    # A title that no longer ends the path goes back into the text.
    if common != a.path and first and elements[first - 1].kind == "title":
        first -= 1
    weight = a.weight + b.weight + sum(_words(e) for e in elements[first : a.first])
    weight += sum(_words(e) for e in elements[a.last : b.first])
    return Section(path=common, first=first, last=b.last, weight=weight, shared=True)


def _words(title: Element) -> int:
    """Return about how many tokens a title has."""
    return len(title.text) // 4 + 1


def _common(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
    """Return what both paths begin with."""
    length = 0
    while length < min(len(a), len(b)) and a[length] == b[length]:
        length += 1
    return a[:length]


def shortened(names: tuple[str, ...], *, most: int, count: Count) -> tuple[str, ...]:
    """Shorten a path from the middle until it has at most `most` tokens.

    The first and the last name are kept; names that are still too long lose their
    ends. Nothing else changes.
    """
    while len(names) > 2 and _line(names, count) > most:
        middle = len(names) // 2
        names = names[:middle] + names[middle + 1 :]
    if _line(names, count) <= most:
        return names
    share = max(most // len(names) - 3, 1)
    return tuple(_clipped(name, share, count) for name in names)


def _line(names: tuple[str, ...], count: Count) -> int:
    """Return the tokens of a path written in one line."""
    return sum(count(name) for name in names) + len(names) - 1


def _clipped(name: str, most: int, count: Count) -> str:
    """Cut a name to about `most` tokens."""
    tokens = count(name)
    if tokens <= most:
        return name
    return name[: max(len(name) * most // tokens, 1)].rstrip() + "…"


def address(document: Document, reading: Reading, element: Element) -> str:
    """Return where people find an element: an address with its place, or ""."""
    base = (document.url or reading.url).partition("#")[0]
    paged = document.media_type == "application/pdf" or any(
        word in document.media_type for word in ("presentation", "powerpoint")
    )
    if base and element.anchor:
        return f"{base}#{urllib.parse.quote(element.anchor, safe=_SAFE)}"
    if base and paged and element.page is not None:
        return f"{base}#page={element.page}"
    return base
