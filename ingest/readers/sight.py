"""What of a page is seen and what is not, while the page is read."""

from collections import Counter

from ingest.hidden import HiddenKind
from ingest.readers import css
from ingest.readers.hiding import ALTERNATIVES, PAGE, Look, Reason, judged
from ingest.readers.markup import Mark
from ingest.readers.tree import Node, Tree

_KINDS: dict[Reason, HiddenKind] = {
    "style": "styled_parts",
    "element": "unshown_alternatives",
    "attribute": "unshown_alternatives",
}
_MACHINES = frozenset({"script", "style", "title"})
_DESCRIBED = ("description", "keywords", "og:", "twitter:")


class Sight:
    """The eyes of a person who looks at a page, and a count of what they miss.

    Attributes:
        hidden: What was not seen, by kind.

    Args:
        source: The page.
        keep: What only its style hides is seen.
    """

    def __init__(self, source: str, *, keep: bool) -> None:
        self.hidden = Counter[HiddenKind]()
        self._source = source
        self._keep = keep
        self._sheet = css.Sheet(css.sheets_of(source))
        self._styled = bool(self._sheet)
        self._within: list[tuple[Node, Reason]] = []

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know about the style sheets of the page."""
        told = "its style sheets are too large to be followed to their end"
        return (told,) if self._sheet.exhausted else ()

    def judge(self, mark: Mark, tree: Tree) -> tuple[Reason, Look]:
        """Return why an element is hidden, if it is, and how text in it looks.

        Args:
            mark: Its opening tag.
            tree: What is open around it.
        """
        style = css.NO_STYLE
        if self._styled or "style" in mark.attributes:
            style = self._sheet.style(mark, tree.open)
        reason, look = judged(mark, style, tree.top.look)
        if self._keep and reason == "style":
            self.hidden["styled_parts"] += 1
            reason = ""
        return reason, look

    def sees(self, top: Node, mark: Mark) -> bool:
        """Tell whether a text in an element is read, and count it if nobody sees it."""
        if not top.hidden and (top.look is PAGE or top.look.shows):
            return True
        self._miss(top, mark)
        return self._keep and not top.hidden

    def enter(self, node: Node, reason: Reason) -> None:
        """Note that what follows is in an element that is hidden for a reason."""
        if not self._within:
            self._within.append((node, reason))

    def leave(self, node: Node) -> None:
        """Note that a hidden element ends."""
        if self._within and node is self._within[-1][0]:
            self._within.pop()

    def _miss(self, top: Node, mark: Mark) -> None:
        """Count a text that is not seen, by what hides it."""
        if not self._source[mark.start : mark.end].strip():
            return
        if not top.hidden:
            self.hidden["styled_parts"] += 1
        elif self._within and self._within[-1][0].name not in _MACHINES:
            self.hidden[_KINDS[self._within[-1][1]]] += 1

    def comment(self, mark: Mark) -> None:
        """Count a comment."""
        if self._source.startswith("<!--", mark.start) and mark.end - mark.start > 7:
            self.hidden["comments"] += 1

    def attributes(self, mark: Mark) -> None:
        """Count what the attributes of a tag say in words."""
        given = mark.attributes
        said = sum(bool(given[name]) for name in given.keys() & ALTERNATIVES)
        if mark.name == "meta":
            name = given.get("name") or given.get("property") or ""
            said += name.lower().startswith(_DESCRIBED)
        if said:
            self.hidden["attributes"] += said
