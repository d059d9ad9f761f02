"""Turns the blocks that unstructured finds into elements. Pure functions."""

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

import lxml.html

from ingest.documents import Element, ElementKind

_UNSEEN = {"Header", "Footer", "PageBreak", "PageNumber", "Image"}
_LABEL = re.compile(r"(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})(?:[.)]|\.\d+)+\s")
_MOST_SPAN = 100

Path = Sequence[tuple[int, str]]
"""The titles above a block with their depths, outermost first."""


class Marks(Protocol):
    """What unstructured knows about a block beside its text.

    Attributes:
        category_depth: Depth of a title or a list item, from 0.
        page_number: Page or slide, from 1.
        text_as_html: A table as HTML.
        subject: Subject of the message that the block is from.
        emphasized_text_contents: Texts of its emphasised runs.
        emphasized_text_tags: How they are emphasised, such as ``b``.
    """

    category_depth: int | None
    page_number: int | None
    text_as_html: str | None
    subject: str | None
    emphasized_text_contents: list[str] | None
    emphasized_text_tags: list[str] | None


class Block(Protocol):
    """A block as unstructured describes it.

    Attributes:
        category: Its kind, such as ``Title`` or ``ListItem``.
        text: Its text.
        metadata: What else is known.
    """

    category: str
    text: str
    metadata: Marks


def elements_of(
    found: Sequence[Block], *, subject: str = "", deepest: int = 8
) -> Iterator[Element]:
    """Yield elements under the titles above them; items of a list become one.

    Args:
        found: Blocks in reading order.
        subject: Subject of a message, which stands above all titles, or "".
        deepest: Depth down to which a title is believed to be one.
    """
    path: list[tuple[int, str]] = []
    if subject:
        path.append((-1, subject))
        yield Element(kind="title", text=subject, heading_path=(subject,))
    depths = [_depth(block, deepest) for block in found]
    if not any(depth is not None for depth in depths):
        depths = [0 if _is_bold_line(block) else None for block in found]
    items: list[Block] = []
    for block, depth in zip(found, depths, strict=True):
        if block.category in _UNSEEN or not block.text.strip():
            continue
        if block.category == "ListItem":
            items.append(block)
            continue
        yield from _list(items, path)
        items = []
        if depth is None:
            yield _element(block, path)
        else:
            path = [above for above in path if above[0] < depth]
            path.append((depth, line(block.text)))
            yield _placed("title", path[-1][1], path, block)
    yield from _list(items, path)


def _depth(block: Block, deepest: int) -> int | None:
    """Return how deep a title is, from 0, or None for what is no title."""
    depth = block.metadata.category_depth
    # A title without a depth is a guess of unstructured's.
    if block.category != "Title" or depth is None or depth > deepest:
        return None
    return depth


def _is_bold_line(block: Block) -> bool:
    """Tell whether a block is short and all bold: a title without a title's style."""
    bold = block.metadata.emphasized_text_contents or []
    tags = set(block.metadata.emphasized_text_tags or [])
    short = len(block.text) <= 80 and not block.text.rstrip().endswith((".", ",", ";"))
    whole = tags == {"b"} and _letters("".join(bold)) == _letters(block.text)
    return whole and short and block.category not in {"Table", "ListItem"}


def _element(block: Block, path: Path) -> Element:
    if block.category == "CodeSnippet":
        return _placed("code", block.text.strip("\n"), path, block)
    if block.category != "Table" or not block.metadata.text_as_html:
        return _placed("text", line(block.text), path, block)
    rows = table_rows(block.metadata.text_as_html)
    if max(map(len, rows), default=0) < 2:
        text = "\n".join(cell for row in rows for cell in row if cell)
        return _placed("text", text, path, block)
    return _placed("table", "\n".join(map(" | ".join, rows)), path, block)


def _placed(kind: ElementKind, text: str, path: Path, block: Block) -> Element:
    return Element(
        kind=kind,
        text=text,
        heading_path=tuple(title for _, title in path),
        page=block.metadata.page_number,
        header_rows=int(kind == "table"),
    )


def _list(items: Sequence[Block], path: Path) -> Iterator[Element]:
    if not items:
        return
    depths = [item.metadata.category_depth or 0 for item in items]
    lines = []
    for item, depth in zip(items, depths, strict=True):
        text = line(item.text)
        mark = "" if _LABEL.match(text) else "- "
        lines.append("  " * (depth - min(depths)) + mark + text)
    yield _placed("list", "\n".join(lines), path, items[0])


def table_rows(html: str) -> list[list[str]]:
    """Return the texts of a table's cells, as many in every row.

    A cell over several rows is said in each of them, so that each row can be
    understood alone; over several columns it is said once.
    """
    rows: list[list[str]] = []
    below: dict[int, tuple[str, int]] = {}
    for tr in lxml.html.fromstring(html).iter("tr"):
        row: list[str] = []
        for cell in tr.iterchildren("td", "th"):
            _fill(row, below)
            text, span = line(_text(cell)), _span(cell, "colspan")
            for offset in range(span):
                said = text if not offset else ""
                below[len(row)] = said, _span(cell, "rowspan") - 1
                row.append(said)
        _fill(row, below)
        rows.append(row)
    width = max(map(len, rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows if any(row)]


def _text(cell: lxml.etree._Element) -> str:
    return "".join(map(str, cell.itertext()))


def _fill(row: list[str], below: dict[int, tuple[str, int]]) -> None:
    """Add the cells that reach down from the rows above to where `row` ends."""
    while below.get(len(row), ("", 0))[1] > 0:
        said, left = below[len(row)]
        below[len(row)] = said, left - 1
        row.append(said)


def _span(cell: lxml.etree._Element, name: str) -> int:
    given = cell.get(name, "1")
    return min(max(int(given), 1), _MOST_SPAN) if given.isdecimal() else 1


def line(text: str) -> str:
    """Return `text` on one line."""
    return " ".join(text.split())


def _letters(text: str) -> str:
    return "".join(text.split())
