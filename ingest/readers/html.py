"""Reads HTML: what a person sees of a page, with its place in the source."""

import re

import msgspec

from ingest.documents import Element, ElementKind, Reading
from ingest.readers.flow import Flow
from ingest.readers.front_matter import about, address, language
from ingest.readers.markup import VOID, Mark, marks
from ingest.readers.sight import Sight
from ingest.readers.text import decode
from ingest.readers.tree import Node, Tree

_CHARSET = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE
)
_MAIN = re.compile(r"<(?:main|article)\b|role=[\"']?main\b", re.IGNORECASE)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = frozenset({"ul", "ol", "dl", "menu"})
_BOXES: dict[str, ElementKind] = {
    **dict.fromkeys(_LISTS, "list"),
    "table": "table",
    "pre": "code",
}
_PERMALINK = re.compile(r"header-?link|anchor|perma-?link|hash-?link", re.IGNORECASE)
_SIGNS = "¶🔗"


def read_html(name: str, data: bytes, *, keep: bool = False) -> Reading:
    """Read a page: elements are visible text, with offsets into the source.

    What a browser would not show is left out, and so are navigation and what
    stands around the main part, where the page marks one.

    Args:
        name: The document's path, for messages.
        data: The file.
        keep: What only its style hides stays.

    Raises:
        ReadError: The bytes are not text.
    """
    declared = _CHARSET.search(data[:4096])
    text, warnings = decode(name, data, declared[1].decode() if declared else "")
    page = _Page(text, main_only=_MAIN.search(text) is not None, keep=keep)
    if not page.elements:
        page = _Page(text, main_only=False, keep=keep)
    values = page.values
    said = about(values)
    heading = next((e.text for e in page.elements if e.kind == "title"), "")
    title = " ".join(page.title.split())
    return Reading(
        text=text,
        elements=tuple(page.elements),
        # "Reset the hub | Help centre": the page's own heading says it better.
        title=heading if heading and (not title or heading in title) else title,
        url=address(values.get("canonical", "")) or address(values.get("og:url", "")),
        language=language(values.get("html lang", "")),
        labels=said.labels,
        versions=said.versions,
        date=said.date,
        warnings=(*warnings, *said.warnings, *page.sight.warnings),
        hidden=dict(page.sight.hidden),
    )


class _Page:
    """One pass over a page.

    Attributes:
        elements: What was found.
        title: Text of the ``title`` element.
        values: Meta data by name.
        sight: What was seen and what not.
    """

    def __init__(self, source: str, *, main_only: bool, keep: bool) -> None:
        self.elements: list[Element] = []
        self.title = ""
        self.values: dict[str, str] = {}
        self.sight = Sight(source, keep=keep)
        self._source = source
        self._main_only = main_only
        self._tree = Tree()
        self._flow = Flow(source)
        self._path: list[tuple[int, str]] = []
        self._anchor = ""
        self._near_id = ""
        self._heading: Node | None = None
        self._box: Node | None = None
        self._counts: list[int] = []
        self._cells: list[bool] = []
        self._header_rows = 0
        self._rows = 0
        for mark in marks(source):
            if mark.kind == "text":
                self._text(mark)
            elif mark.kind == "open":
                self._open(mark)
            elif mark.kind == "close":
                for node in self._tree.close(mark.name):
                    self._leave(node, mark.start)
            else:
                self.sight.comment(mark)
        for node in self._tree.close_all():
            self._leave(node, len(source))
        self._flush("text")

    def _text(self, mark: Mark) -> None:
        top = self._tree.top
        if not self.sight.sees(top, mark):
            if top.name == "title" and not self.title:
                self.title = self._inline(mark)
        elif self._tree.has("pre") and not self._heading and not self._in_row():
            self._flow.raw(mark.start, mark.end)
        else:
            self._flow.words(mark.start, mark.end)

    def _inline(self, mark: Mark) -> str:
        flow = Flow(self._source)
        flow.words(mark.start, mark.end)
        found = flow.element("text", (), "", 0)
        return found.text if found else ""

    def _open(self, mark: Mark) -> None:
        if mark.attributes:
            self._meta(mark)
        for node in self._tree.implied(mark.name, heading_full=bool(self._flow)):
            self._leave(node, mark.start)
        reason, look = self.sight.judge(mark, self._tree)
        hidden = bool(reason) or self._passed(mark)
        void = mark.name in VOID
        node = self._tree.push(mark, hidden=hidden, look=look, void=void)
        if node.hidden:
            if reason and not void:
                self.sight.enter(node, reason)
            return
        if mark.name == "br":
            self._flow.gap(" " if self._in_row() else "\n", mark.start)
        elif node.block:
            self._boundary(mark.start)
            self._enter(node, mark)
        self._identify(mark)

    def _passed(self, mark: Mark) -> bool:
        """Tell whether an element is not part of what the page says."""
        if self._heading and mark.name == "a":
            href = mark.attributes.get("href", "")
            if href.startswith("#") and _PERMALINK.search(
                mark.attributes.get("class", "")
            ):
                self._anchor = self._anchor or href[1:]
                return True
        if not self._main_only:
            return False
        around = mark.name in ("header", "footer", "aside") and not self._tree.top.main
        return (
            around or mark.name == "nav" or mark.attributes.get("role") == "navigation"
        )

    def _identify(self, mark: Mark) -> None:
        """Remember the id that the next heading may be reached by."""
        own = mark.attributes.get("id") or (
            mark.attributes.get("name", "") if mark.name == "a" else ""
        )
        if own and self._heading and not self._anchor:
            self._anchor = own
        elif own and not self._heading:
            self._near_id = own

    def _enter(self, node: Node, mark: Mark) -> None:
        """Begin a heading, a list, a table, a row, a cell or an item."""
        if node.name in _HEADINGS and not self._heading:
            self._flush(_BOXES[self._box.name] if self._box else "text")
            self._heading = node
            self._anchor = mark.attributes.get("id") or self._near_id
        elif node.name in _BOXES and not self._box and not self._heading:
            self._box, self._rows = node, 0
        if node.name in _LISTS:
            self._counts.append(_number(mark, "start", 1) if node.name == "ol" else -1)
        elif node.name == "tr":
            self._cells = []
            self._flow.gap("\n", mark.start)
        elif node.name in ("td", "th") and not self._heading:
            if self._cells:
                self._flow.cell(mark.start)
            self._cells.append(node.name == "th")
        elif node.name == "li" and self._counts and not self._in_row():
            self._item(mark)

    def _item(self, mark: Mark) -> None:
        if self._counts[-1] < 0:
            self._flow.marker("- ", mark.start)
            return
        count = _number(mark, "value", self._counts[-1])
        self._counts[-1] = count + 1
        self._flow.marker(f"{count}. ", mark.start)

    def _leave(self, node: Node, at: int) -> None:
        """Finish an element of the page; hidden ones leave nothing behind."""
        if node.hidden:
            self.sight.leave(node)
            return
        if node is self._heading:
            self._title()
        elif node is self._box:
            self._flush(_BOXES[node.name])
            self._box = None
        elif node.name == "tr":
            self._row()
        elif node.name == "caption" and self._box:
            self._flush("text")
        elif node.block:
            self._boundary(at)
        if node.name in _LISTS and self._counts:
            self._counts.pop()

    def _row(self) -> None:
        named = bool(self._cells) and (all(self._cells) or self._tree.has("thead"))
        if self._rows == 0 and named and self._flow:
            self._header_rows = 1
        self._rows += bool(self._cells)

    def _boundary(self, at: int) -> None:
        """Part what stands in two blocks."""
        if self._heading or self._in_row():
            self._flow.gap(" ", at)
        elif self._box:
            self._flow.gap("\n", at)
        else:
            self._flush("text")

    def _in_row(self) -> bool:
        return self._tree.has("tr")

    def _title(self) -> None:
        level = _HEADINGS[self._heading.name] if self._heading else 1
        self._heading = None
        found, self._flow = self._flow.element("title", (), "", 0), Flow(self._source)
        if found is None:
            return
        self._near_id = ""
        text = found.text.rstrip(_SIGNS).rstrip() or found.text
        self._path = [step for step in self._path if step[0] < level]
        self._path.append((level, text))
        self.elements.append(
            msgspec.structs.replace(
                found, text=text, heading_path=self._titles(), anchor=self._anchor
            )
        )

    def _titles(self) -> tuple[str, ...]:
        return tuple(text for _, text in self._path)

    def _flush(self, kind: ElementKind) -> None:
        """Turn what was written into an element."""
        rows, self._header_rows = self._header_rows, 0
        found = self._flow.element(kind, self._titles(), self._anchor, rows)
        self._flow = Flow(self._source)
        if found:
            self._near_id = ""
            self.elements.append(found)

    def _meta(self, mark: Mark) -> None:
        given = mark.attributes
        self.sight.attributes(mark)
        if mark.name == "meta":
            name = given.get("name") or given.get("property") or ""
            self.values.setdefault(name.lower(), given.get("content", ""))
        elif (
            mark.name == "link" and "canonical" in given.get("rel", "").lower().split()
        ):
            self.values.setdefault("canonical", given.get("href", ""))
        elif mark.name == "html":
            self.values.setdefault("html lang", given.get("lang", ""))


def _number(mark: Mark, name: str, absent: int) -> int:
    """Return a small count that an attribute gives."""
    given = mark.attributes.get(name, "").strip()
    return (
        int(given) if given.isascii() and given.isdigit() and len(given) < 7 else absent
    )
