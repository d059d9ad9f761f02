"""Takes running headers, footers and page numbers off the pages. Pure functions."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from ingest.readers.page import Line, Table

_ZONE = 0.13
"""Share of the page's height, at its top and its bottom, where they stand."""

_DEPTH = 3
"""Lines from the edge that may be one of them."""

_BARE = re.compile(
    r"(?:page|seite|página|p\.)? ?[-–—]? ?\d{1,5}(?: ?(?:/|of|von|de|sur) ?\d{1,5})?"
    r" ?[-–—]?",
    re.IGNORECASE,
)
_EDGE_NUMBERS = re.compile(r"^\D{0,2}(\d{1,5})\b(?!\.\d)|\b(\d{1,5})\D{0,2}$")
_LEADER = re.compile(r"… (\d{1,5})$")


class Body(Struct, frozen=True):
    """What stands on one page.

    Attributes:
        number: The page, from 1.
        height: Its height, in points.
        items: Lines and tables in reading order.
    """

    number: int
    height: float
    items: tuple[Line | Table, ...]


class _Habits(Struct, frozen=True):
    """What the pages of a document have in common at their edges.

    Attributes:
        shapes: On how many pages something stands, numbers aside, at one height.
        least: Pages that make it a running header or footer.
        numbering: Printed minus real page number, and the height it is printed at.
    """

    shapes: Counter[tuple[str, int]]
    least: float
    numbering: tuple[int, int] | None


def without_margins(pages: Sequence[Body]) -> dict[int, tuple[Line | Table, ...]]:
    """Drop what stands at the edge of most pages, page numbers and contents lists.

    Something at an edge goes if it is on many pages, numbers aside, or is a line
    that counts the pages and is not a numbered heading. Of a page that is mostly
    lines with leaders (a table of contents), the lines that end in a page number go.

    Returns:
        The rest of each page, by the page's number.
    """
    habits = _habits(pages)
    return {page.number: _without_leaders(_kept(page, habits)) for page in pages}


def _kept(page: Body, habits: _Habits) -> Iterator[Line | Table]:
    edge = {id(item): place for place, item in _edge(page)}
    for item in page.items:
        place = edge.get(id(item))
        if place is None or not (
            habits.shapes[_shape(item)] >= habits.least
            or _numbers_page(item, page, place, habits)
        ):
            yield item


def _edge(page: Body) -> list[tuple[int, Line | Table]]:
    """Return what is near the edges with its number from the edge, from 0."""
    ordered = sorted(page.items, key=lambda item: -item.top)
    above = [item for item in ordered if item.bottom > page.height * (1 - _ZONE)]
    below = [item for item in ordered if item.top < page.height * _ZONE]
    return [*enumerate(above[:_DEPTH]), *enumerate(below[::-1][:_DEPTH])]


def _shape(item: Line | Table) -> tuple[str, int]:
    """Return what two items of different pages share if they are one thing."""
    return re.sub(r"\d+", "#", item.text), _height(item)


def _height(item: Line | Table) -> int:
    return round(item.top / 4)


def _habits(pages: Sequence[Body]) -> _Habits:
    least = max(2, 0.4 * len(pages))
    shapes: Counter[tuple[str, int]] = Counter()
    numbers: Counter[tuple[int, int]] = Counter()
    for page in pages:
        edge = [item for _, item in _edge(page)]
        shapes.update({_shape(item) for item in edge})
        numbers.update(
            {(n - page.number, _height(item)) for item in edge for n in _numbers(item)}
        )
    usual = (number for number, count in numbers.most_common(1) if count >= least)
    return _Habits(shapes, least, next(usual, None))


def _numbers(item: Line | Table) -> list[int]:
    """Return the numbers that a line begins or ends with."""
    if isinstance(item, Table):
        return []
    return [int(match[1] or match[2]) for match in _EDGE_NUMBERS.finditer(item.text)]


def _numbers_page(item: Line | Table, page: Body, place: int, habits: _Habits) -> bool:
    bare = _BARE.fullmatch(item.text) is not None
    if habits.numbering and _height(item) == habits.numbering[1]:
        # A chapter's name beside the number is on several pages; a heading is not.
        running = bare or habits.shapes[_shape(item)] > 1
        return running and page.number + habits.numbering[0] in _numbers(item)
    return bare and place == 0 and page.number == 1


def _without_leaders(items: Iterable[Line | Table]) -> tuple[Line | Table, ...]:
    found = tuple(items)
    leaders = [match for item in found if (match := _LEADER.search(item.text))]
    numbers = [int(match[1]) for match in leaders]
    # Pages only rise in a table of contents; prices behind leaders do not.
    if len(numbers) < max(3, 0.4 * len(found)) or numbers != sorted(numbers):
        return found
    return tuple(item for item in found if not re.search(r"\d$", item.text))
