"""Cuts lines of reStructuredText into blocks, without what is not shown. Pure."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

from ingest.documents import ElementKind

_MARKUP = re.compile(r"(\s*)\.\.(?:\s+(.*)|\s*)$", re.DOTALL)
_DIRECTIVE = re.compile(r"([\w:+.-]+?)\s*::(?:\s+(.*)|\s*)$", re.DOTALL)
_SHOWN = re.compile(r"\[[^\]]+\]\s")
_OPTION = re.compile(r"\s+:[^:\s][^:]*:(?:\s|$)")
_FIELD = re.compile(r":(?![: ])(?:[^:\\]|\\.)*(?<! ):(?:\s|$)")
_ITEM = re.compile(
    r"(?:[-*+•‣]|\(?(?:[0-9]{1,4}|[A-Za-z]|#|[ivxlcdmIVXLCDM]{1,7})[.)])(?:\s|$)"
)
_GRID = re.compile(r"\+[-=+]{2,}\+\s*$|={2,}(?:\s+={2,})+\s*$")
_SILENT = frozenset(
    {
        *("raw", "include", "literalinclude", "meta", "toctree", "highlight", "index"),
        *("contents", "sectnum", "section-numbering", "default-role", "role", "title"),
        *("image", "target-notes", "header", "footer", "module", "py:module"),
        *("currentmodule", "py:currentmodule", "tabularcolumns"),
        # Shown in drafts alone, if at all.
        *("todo", "todolist", "ifconfig"),
    }
)
_CODE = frozenset({"code", "code-block", "sourcecode", "parsed-literal", "prompt"})
_TABLE = frozenset({"table", "list-table", "csv-table", "flat-table"})


class Block(Struct, frozen=True):
    """Some lines of the source.

    Attributes:
        kind: What they are.
        first: First line, from 0.
        last: One past the last.
    """

    kind: ElementKind
    first: int
    last: int


def blocks(lines: Sequence[str], first: int, last: int) -> Iterator[Block]:
    """Yield the blocks that a reader sees, between two lines, without titles.

    Fields at the head of the file say something about it and are left out.
    """
    head = first == 0
    for start, end in _groups(lines, first, last):
        if head and _FIELD.match(lines[start]):
            continue
        for block in _shown(lines, start, end, _kind(lines, start)):
            head = False
            yield block


def _groups(lines: Sequence[str], first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield runs of lines that belong together: a block and what is indented under it.

    Items of one list are one group.
    """
    start = first
    while start < last:
        if not lines[start].strip():
            start += 1
            continue
        end = _under(lines, start, last)
        while _ITEM.match(lines[start]) and end < last and _ITEM.match(lines[end]):
            end = _under(lines, end, last)
        yield start, end
        start = end


def _under(lines: Sequence[str], start: int, last: int) -> int:
    """Return the line after a block, blank lines behind it included."""
    end = start + 1
    blank = _MARKUP.match(lines[start]) is not None
    while end < last:
        line = lines[end]
        if not line.strip():
            blank = True
        elif not line[0].isspace() and (blank or _MARKUP.match(line)):
            break
        end += 1
    return end


def _kind(lines: Sequence[str], start: int) -> ElementKind:
    name = _directive(lines[start])
    if name in _CODE or lines[start].startswith(">>>"):
        return "code"
    if name in _TABLE or _GRID.match(lines[start]):
        return "table"
    return "list" if _ITEM.match(lines[start]) else "text"


def _directive(line: str) -> str | None:
    """Return a directive's name, "" for other explicit markup, None for none."""
    markup = _MARKUP.match(line)
    if not markup:
        return None
    found = _DIRECTIVE.match(markup[2] or "")
    return found[1].lower() if found else ""


def _shown(
    lines: Sequence[str], first: int, last: int, kind: ElementKind
) -> Iterator[Block]:
    """Yield the lines of a block without comments and silent directives in it.

    A literal block under a paragraph becomes a block of its own.
    """
    start = first
    for place, end, part in _parts(lines, first, last):
        alone = part == "literal" and kind == "text" and lines[place - 1][:1].strip()
        if part == "hidden" or alone:
            if _visible(lines, start, place):
                yield Block(kind, start, place)
            if alone and _visible(lines, place, end):
                yield Block("code", place, end)
            start = end
    if _visible(lines, start, last):
        yield Block(kind, start, last)


def _parts(
    lines: Sequence[str], first: int, last: int
) -> Iterator[tuple[int, int, Literal["shown", "hidden", "literal"]]]:
    """Yield the lines of a block in order, and how a reader sees them."""
    place = first
    while place < last:
        line = lines[place]
        name = _directive(line)
        body = place + 1
        if name is not None and _is_silent(name, line):
            body = _deeper(lines, body, last, _indent(line))
            yield place, body, "hidden"
        elif name in _CODE:
            body = _deeper(lines, body, last, _indent(line))
            yield place, body, "shown"
        elif name is not None:
            while body < last and _OPTION.match(lines[body]):
                body += 1
            yield place, place + 1, "hidden" if name == "figure" else "shown"
            if body > place + 1:
                yield place + 1, body, "hidden"
        else:
            yield place, body, "shown"
            if line.rstrip().endswith("::"):
                body = _deeper(lines, body, last, _column(line))
                yield place + 1, body, "literal"
        place = body


def _is_silent(name: str, line: str) -> bool:
    """Tell whether explicit markup shows nothing of itself."""
    if name:
        return name in _SILENT
    markup = _MARKUP.match(line)
    return not (markup and _SHOWN.match(markup[2] or ""))


def _deeper(lines: Sequence[str], place: int, last: int, indent: int) -> int:
    """Return the first line from `place` on that is not indented more than `indent`."""
    while place < last and (not lines[place].strip() or _indent(lines[place]) > indent):
        place += 1
    return place


def _indent(line: str) -> int:
    expanded = line.expandtabs(8)
    return len(expanded) - len(expanded.lstrip())


def _column(line: str) -> int:
    """Return where the text of a line begins, behind a list's mark."""
    item = _ITEM.match(line.lstrip())
    return _indent(line) + (item.end() if item else 0)


def _visible(lines: Sequence[str], first: int, last: int) -> bool:
    """Tell whether lines say something, beyond rules and a directive's own name."""
    for line in lines[first:last]:
        name = _directive(line)
        shown = line.partition("::")[2] if name else line
        if any(map(str.isalnum, shown)):
            return True
    return False
