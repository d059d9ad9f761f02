"""Keeps track of which elements of a page are open, as browsers do. Pure.

Every step costs the same however deep the page is nested.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from ingest.readers.hiding import PAGE, Look
from ingest.readers.markup import NONE, Mark

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})

BLOCKS = HEADINGS | frozenset(
    {
        *("address", "article", "aside", "blockquote", "body", "caption", "center"),
        *("dd", "details", "dialog", "div", "dl", "dt", "fieldset", "figcaption"),
        *("figure", "footer", "form", "header", "hgroup", "hr", "html", "legend"),
        *("li", "main", "menu", "nav", "ol", "p", "pre", "search", "section"),
        *("summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr"),
        "ul",
    }
)
"""Elements that begin and end a line."""

_CLOSERS = BLOCKS - {"td", "th", "tr", "tbody", "thead", "tfoot", "caption", "body"}
_CELLS = ("td", "th", "caption")
_GROUPS = ("tbody", "thead", "tfoot")
# What an opening tag ends, and what shields it from doing so.
_ENDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "li": (("li",), ("ul", "ol", "menu", "table")),
    "dt": (("dt", "dd"), ("dl", "table")),
    "dd": (("dt", "dd"), ("dl", "table")),
    "td": (_CELLS, ("table",)),
    "th": (_CELLS, ("table",)),
    "tr": (("tr", "caption"), ("table",)),
    **dict.fromkeys(_GROUPS, ((*_GROUPS, "tr", "caption"), ("table",))),
    "body": (("head",), ()),
}
_BARRIERS = ("table", "td", "th", "caption")


class Node(Struct, frozen=True, eq=False):
    """An open element.

    Attributes:
        name: Its tag, in lower case.
        hidden: A person does not see its content.
        look: How text in it looks.
        attributes: Its attributes.
        main: It lies in the main part of the page.
        block: It begins and ends a line.
        scope: How many elements up to here are open that inline end tags, which
            are wrongly nested, cannot close.
    """

    name: str
    hidden: bool = False
    look: Look = PAGE
    attributes: Mapping[str, str] = NONE
    main: bool = False
    block: bool = False
    scope: int = 0


class Tree:
    """The open elements, outermost first."""

    def __init__(self) -> None:
        self._open: list[Node] = []
        self._places: defaultdict[str, list[int]] = defaultdict(list)

    @property
    def top(self) -> Node:
        """The innermost open element."""
        return self._open[-1] if self._open else Node("")

    @property
    def open(self) -> Sequence[Node]:
        """The open elements, outermost first."""
        return self._open

    def has(self, name: str) -> bool:
        """Tell whether an element of this name is open."""
        return bool(self._places[name])

    def push(self, mark: Mark, *, hidden: bool, look: Look, void: bool) -> Node:
        """Open an element, unless it is one without content, and return it."""
        above, block = self.top, mark.name in BLOCKS
        node = Node(
            mark.name,
            hidden=hidden or above.hidden,
            look=look,
            attributes=mark.attributes,
            main=above.main
            or mark.name in ("main", "article")
            or mark.attributes.get("role") == "main",
            block=block,
            scope=len(self._open) + 1 if block else above.scope,
        )
        if not void:
            self._places[mark.name].append(len(self._open))
            self._open.append(node)
        return node

    def implied(self, name: str, *, heading_full: bool) -> Iterator[Node]:
        """Close what an opening tag ends without saying so, innermost first.

        Args:
            name: The tag that opens.
            heading_full: Something was written since the open heading began.
        """
        if name in _CLOSERS:
            place = self._place("p")
            if place >= 0 and place > max(map(self._place, _BARRIERS)):
                yield from self._cut(place)
            heading = max(map(self._place, HEADINGS)) if heading_full else -1
            if heading >= 0:
                yield from self._cut(heading)
        if name in _ENDS:
            ended, shields = _ENDS[name]
            wall = max(map(self._place, shields), default=-1)
            place = min((p for p in map(self._place, ended) if p > wall), default=-1)
            if place >= 0:
                yield from self._cut(place)

    def close(self, name: str) -> Iterator[Node]:
        """Close the innermost element of this name and all within it."""
        place = self._place(name)
        # Browsers do not let </b> end the paragraph it was opened outside of.
        if place >= 0 and (name in BLOCKS or self.top.scope <= place + 1):
            yield from self._cut(place)

    def close_all(self) -> Iterator[Node]:
        """Close everything, innermost first."""
        yield from self._cut(0)

    def _place(self, name: str) -> int:
        places = self._places.get(name)
        return places[-1] if places else -1

    def _cut(self, place: int) -> Iterator[Node]:
        while len(self._open) > place:
            node = self._open.pop()
            self._places[node.name].pop()
            yield node
