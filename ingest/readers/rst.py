"""Reads reStructuredText: blocks as slices of the source, under their headings.

docutils says what is a heading; the lines between headings are cut here, because
docutils does not tell where a block ends.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from docutils import frontend, nodes, utils
from docutils.parsers.rst import Parser, states

from ingest.documents import Element, ElementKind, Reading
from ingest.errors import ReadError
from ingest.readers.front_matter import Values, about
from ingest.readers.rst_blocks import Block, blocks
from ingest.readers.text import decode, trimmed

_LINE_END = re.compile(r"\r\n|[\n\r\x1c-\x1e\x85\u2028\u2029]")
_ROLE = re.compile(r"(?::[\w:+.-]{1,50}:)?`([^`<>]+?)(?:\s*<[^`<>]*>)?`_{0,2}")
_MARKS = re.compile(r"``|\*\*|(?<!\w)[*`|](?=\S)|(?<=\S)[*`|]_{0,2}(?!\w)|\\")
_LONGEST_TITLE = 1000
_SETTINGS = {
    "report_level": 5,
    "halt_level": 5,
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "syntax_highlight": "none",
    "line_length_limit": 10**7,
    "warning_stream": False,
    "_disable_config": True,
}


class _Plain(states.Inliner):
    """Leaves inline markup alone: it takes docutils the square of a paragraph."""

    def init_customizations(self, settings: object) -> None:
        """Take over the patterns that targets are matched with."""
        # The method of the base class works for that very class alone.
        full = states.Inliner()
        full.init_customizations(settings)
        vars(self).update(vars(full))

    def parse(
        self, text: str, *_place: object
    ) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the text as it is."""
        return [nodes.Text(text)], []


def read_rst(name: str, data: bytes) -> Reading:
    """Read reStructuredText; nothing that it includes is ever opened.

    Comments, targets, substitutions, tables of contents and raw content are no
    elements.

    Raises:
        ReadError: The bytes are not text, or docutils cannot make sense of it.
    """
    text, warnings = decode(name, data)
    document = _parsed(name, text)
    starts = _line_starts(text)
    lines = [text[a:b] for a, b in pairwise(starts)]
    elements: list[Element] = []
    path: tuple[str, ...] = ()
    anchor = ""
    for heading, first, last in _regions(document, lines):
        if heading is not None:
            path, anchor = _path(heading), (heading["ids"] or [""])[0]
        for block in _cut(lines, first, last, titled=heading is not None):
            start, end = trimmed(text, starts[block.first], starts[block.last])
            elements.append(_element(text[start:end], block.kind, path, anchor, start))
    said = about(_fields(document))
    titles = (e.heading_path[0] for e in elements if e.kind == "title")
    return Reading(
        text=text,
        elements=tuple(elements),
        verbatim=True,
        title=said.title or next(titles, ""),
        url=said.url,
        language=said.language,
        labels=said.labels,
        versions=said.versions,
        date=said.date,
        warnings=(*warnings, *said.warnings),
    )


def _parsed(name: str, text: str) -> nodes.document:
    """Return docutils' tree, without the transforms that would rewrite it."""
    settings = frontend.get_default_settings(Parser)
    for key, value in _SETTINGS.items():
        setattr(settings, key, value)
    document = utils.new_document(name, settings)
    try:
        Parser(inliner=_Plain()).parse(text, document)
    except RecursionError as error:
        raise ReadError(name, "nested too deeply to be a document") from error
    except MemoryError:
        raise
    except Exception as error:
        # Directives raise whatever befalls them.
        reason = f"not readable as reStructuredText: {type(error).__name__}: {error}"
        raise ReadError(name, reason) from error
    return document


def _regions(
    document: nodes.document, lines: Sequence[str]
) -> Iterator[tuple[nodes.section | None, int, int]]:
    """Yield each section with its lines, from its title on, to the next section."""
    found: list[tuple[nodes.section | None, int]] = [(None, 0)]
    free = 0
    for section in document.findall(nodes.section):
        # docutils gives the line of the underline, from 1.
        line = (section.line or 2) - 2
        if free <= line < len(lines):
            boxed = line > free and _is_rule(lines[line - 1])
            found.append((section, line - boxed))
            free = line + 2
    ends = [*(first for _, first in found[1:]), len(lines)]
    for (heading, first), last in zip(found, ends, strict=True):
        if first < last:
            yield heading, first, last


def _cut(
    lines: Sequence[str], first: int, last: int, *, titled: bool
) -> Iterator[Block]:
    """Yield the blocks of one section, its title first."""
    if titled:
        after = first + (3 if _is_rule(lines[first]) else 2)
        yield Block("title", first, min(after, last))
        first = min(after, last)
    yield from blocks(lines, first, last)


def _is_rule(line: str) -> bool:
    """Tell whether a line is one sign repeated, as over and under titles."""
    bare = line.strip()
    return len(bare) > 1 and not bare[0].isalnum() and len(set(bare)) == 1


def _path(section: "nodes.section") -> tuple[str, ...]:
    """Return the titles from the outermost section down to this one."""
    titles: list[str] = []
    node: nodes.Element | None = section
    while isinstance(node, nodes.section):
        title = node.next_node(nodes.title)
        titles.append(_plain(title.astext()) if title else "")
        node = node.parent
    return tuple(title for title in reversed(titles) if title)


def _plain(title: str) -> str:
    """Return a title without its inline markup."""
    title = _ROLE.sub(r"\1", title[:_LONGEST_TITLE])
    return " ".join(_MARKS.sub("", title).split())


def _fields(document: nodes.document) -> Values:
    """Return the fields that stand at the head of the document."""
    fields = document.next_node(nodes.field_list)
    if fields is None or fields.parent.parent not in (None, document):
        return {}
    values: dict[str, str] = {}
    for field in fields.findall(nodes.field):
        name, body = field.children[0], field.children[-1]
        values.setdefault(name.astext().lower(), " ".join(body.astext().split()))
    return values


def _line_starts(text: str) -> list[int]:
    """Return where the lines of `text` start, as docutils counts them."""
    starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
    return starts if starts[-1] == len(text) else [*starts, len(text)]


def _element(
    text: str, kind: ElementKind, path: tuple[str, ...], anchor: str, start: int
) -> Element:
    return Element(
        kind=kind,
        text=text,
        heading_path=path,
        anchor=anchor,
        start=start,
        end=start + len(text),
    )
