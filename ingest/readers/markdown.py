"""Reads Markdown: blocks as slices of the source, under their headings."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt
from msgspec import Struct

from ingest.documents import Element, ElementKind, Reading
from ingest.hidden import HiddenKind
from ingest.readers.asides import asides, defined, fenced, spelled
from ingest.readers.front_matter import about, front_matter
from ingest.readers.hiding import Reason, hidden_spans
from ingest.readers.masking import apart, blanked, code_spans, mdx_comments
from ingest.readers.slugs import Slugs
from ingest.readers.text import decode, line_starts, trimmed

if TYPE_CHECKING:
    from markdown_it.token import Token

_KINDS: dict[str, ElementKind] = {
    "heading_open": "title",
    "paragraph_open": "text",
    "blockquote_open": "text",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "fence": "code",
    "code_block": "code",
    "table_open": "table",
    "html_block": "text",
}
_REASONS: dict[Reason, HiddenKind] = {
    "": "comments",
    "style": "styled_parts",
    "element": "unshown_alternatives",
    "attribute": "unshown_alternatives",
}
_TAG = re.compile(r"</?[A-Za-z][\w.-]*(?:\s[^<>]*)?/?>")
_HTML_HEADING = re.compile(
    r"\s*<h([1-6])\b([^<>]*)>(.*)</h\1\s*>\s*", re.IGNORECASE | re.DOTALL
)
_MODULE_LINE = re.compile(
    r"import\s[^\n]{0,500}['\"][^'\"\n]{1,300}['\"];?\s*$"
    r"|export\s(?:const|default|function|let|async)\b",
    re.MULTILINE,
)
_OWN_ID = re.compile(r"\s*\{:?\s*#([\w:.-]{1,200})\s*\}\s*$")
_ID = re.compile(r"\bid\s*=\s*[\"']?([^\"'\s>]{1,200})")
# Links in a heading are tried against each other, which takes the square of it.
_LONGEST_HEADING = 1000


class _Block(Struct, frozen=True):
    """A block of the top level.

    Attributes:
        kind: What it is.
        lines: Its first line and the one after its last, from 0.
        tokens: What the parser made of it.
    """

    kind: ElementKind
    lines: tuple[int, int]
    tokens: "Sequence[Token]"


def read_markdown(name: str, data: bytes, *, keep: bool = False) -> Reading:
    """Read Markdown, its front matter included.

    Comments, what inline HTML hides, and the import lines of MDX are no elements. The
    words for a picture and the titles of links are blanks.

    Args:
        name: The document's path, for messages.
        data: The file.
        keep: What is only hidden by style, and what is said beside the text, stays.

    Raises:
        ReadError: The bytes are not text, or the front matter gives labels that
            cannot be read.
    """
    text, warnings = decode(name, data)
    values, body, more = front_matter(name, text)
    reader = _Reader(text, body, keep=keep, jsx=name.lower().endswith(".mdx"))
    elements = reader.elements()
    said = about(values)
    heading = (e.heading_path[0] for e in elements if e.kind == "title")
    return Reading(
        text=reader.text,
        elements=elements,
        verbatim=True,
        hidden=dict(reader.hidden),
        title=said.title or next(heading, ""),
        url=said.url,
        language=said.language,
        labels=said.labels,
        versions=said.versions,
        date=said.date,
        warnings=(*warnings, *more, *said.warnings),
    )


class _Reader:
    """One pass over a text, from the offset `body` on.

    Attributes:
        text: The text, with blanks where it says what is not shown.
        hidden: What was not shown, by kind.
    """

    def __init__(self, text: str, body: int, *, keep: bool, jsx: bool) -> None:
        self._source = self.text = text
        # Inline markup is not parsed: slices keep it, and it is where hostile
        # text takes the square of its length.
        self._parser = MarkdownIt("commonmark").enable("table").disable("inline")
        self._environment: dict[str, Any] = {}
        self._tokens = self._parser.parse(text[body:], self._environment)
        self._starts = [body + start for start in line_starts(text[body:])]
        self.hidden = Counter[HiddenKind]()
        self._hidden: list[tuple[int, int]] = []
        if any(
            sign in text for sign in ("<", "{/*", "](", "![", "&", "]:", "```", "~~~")
        ):
            masked = blanked(text, [(0, body), *self._code()])
            self._hidden = self._find_hidden(masked, keep=keep)
            if not keep:
                self._blank_asides(masked, jsx=jsx)
        self._slugs = Slugs()
        self._path: list[tuple[int, str]] = []
        self._anchor = ""

    def elements(self) -> tuple[Element, ...]:
        """Return the blocks of the text in order."""
        return tuple(e for block in _blocks(self._tokens) for e in self._block(block))

    def _block(self, block: _Block) -> Iterator[Element]:
        bare = block.kind != "code"
        spans = self._visible(*self._span(*block.lines))
        pieces = [span for span in spans if self._seen(*span, bare=bare)]
        if not pieces or _MODULE_LINE.match(self.text, pieces[0][0]):
            return
        kind = block.kind
        if block.tokens[0].type == "html_block":
            kind = self._html_heading(pieces)
        elif kind == "title":
            self._heading(block, pieces)
        for start, end in pieces:
            first = start == pieces[0][0]
            yield Element(
                kind="text" if kind == "title" and not first else kind,
                text=self.text[start:end],
                heading_path=tuple(title for _, title in self._path),
                anchor=self._anchor,
                start=start,
                end=end,
                header_rows=2 if kind == "table" and first else 0,
            )

    def _heading(self, block: _Block, pieces: list[tuple[int, int]]) -> None:
        """Enter the section that a heading begins."""
        content = block.tokens[1].content
        if len(pieces) > 1 or not self._source[slice(*pieces[0])].count(content):
            content = " ".join(self.text[a:b] for a, b in pieces).strip("# \t\r\n=-")
        own = _OWN_ID.search(content[-250:])
        if own:
            content = content[: -len(own[0])]
        title = self._plain(content)
        self._enter(int(block.tokens[0].tag[1]), title, own[1] if own else "")

    def _html_heading(self, pieces: list[tuple[int, int]]) -> ElementKind:
        """Enter a section whose heading is written in HTML; return the kind."""
        slice_ = "".join(self._source[a:b] for a, b in pieces)
        found = _HTML_HEADING.fullmatch(slice_) if len(slice_) < 2000 else None
        title = self._plain(_TAG.sub("", found[3])) if found else ""
        if not found or not title:
            return "text"
        own = _ID.search(found[2])
        self._enter(int(found[1]), title, own[1] if own else "")
        return "title"

    def _enter(self, level: int, title: str, own: str) -> None:
        self._path = [step for step in self._path if step[0] < level]
        self._path.append((level, title))
        self._anchor = self._slugs.take(own) if own else self._slugs.slug(title)

    def _plain(self, content: str) -> str:
        """Return a heading without its markup."""
        children: list[Token] = []
        self._parser.inline.parse(
            content[:_LONGEST_HEADING], self._parser, self._environment, children
        )
        parts = (
            " " if child.type in ("softbreak", "hardbreak") else child.content
            for child in children
            if child.type not in ("html_inline", "image")
        )
        return " ".join("".join(parts).split()) or " ".join(content.split())

    def _span(self, first: int, last: int) -> tuple[int, int]:
        last = min(last, len(self._starts) - 1)
        return trimmed(self.text, self._starts[first], self._starts[last])

    def _seen(self, start: int, end: int, *, bare: bool) -> bool:
        """Tell whether a slice shows anything; a `bare` tag shows nothing."""
        shown = self.text[start:end]
        shown = _TAG.sub("", shown) if bare else shown
        return any(c.isprintable() and not c.isspace() for c in shown)

    def _visible(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield what is left of a span without its hidden parts."""
        place = max(bisect_left(self._hidden, (start, 0)) - 1, 0)
        for hidden_start, hidden_end in self._hidden[place:]:
            if hidden_start >= end:
                break
            if hidden_start > start:
                yield self._trimmed(start, hidden_start)
            start = max(start, hidden_end)
        if start < end:
            yield self._trimmed(start, end)

    def _trimmed(self, start: int, end: int) -> tuple[int, int]:
        """Return a span without white space around it, save for a line's indent."""
        first, last = trimmed(self.text, start, end)
        if first == start and self.text[start - 1 : start] not in ("", "\n", "\r"):
            first += last - first - len(self.text[first:last].lstrip())
        return first, last

    def _find_hidden(self, masked: str, *, keep: bool) -> list[tuple[int, int]]:
        """Return the spans that HTML and comments hide, apart and in order."""
        comments = list(mdx_comments(masked))
        spans = list(comments)
        self.hidden["comments"] += len(comments)
        for start, end, reason in hidden_spans(blanked(masked, comments)):
            self.hidden[_REASONS[reason]] += 1
            if not (keep and reason == "style"):
                spans.append((start, end))
        return apart(spans)

    def _blank_asides(self, masked: str, *, jsx: bool) -> None:
        """Put blanks where the text says what is not shown."""
        known = self._environment.get("references", {})
        rest = blanked(masked, self._hidden)
        pages = (t.map[0] for t in self._tokens if t.type == "html_block" and t.map)
        raw = max((self._starts[line] for line in pages), default=len(rest))
        spans = list(asides(rest, known.keys(), raw=raw, jsx=jsx))
        for one in (*known.values(), *self._environment.get("duplicate_refs", ())):
            spans += (self._on(line, defined) for line in range(*one["map"]))
        for token in self._tokens:
            if token.type == "fence" and token.map and not jsx:
                spans.append(self._on(token.map[0], fenced))
        said = [span for span in spans if self._source[slice(*span)].strip()]
        self.hidden["attributes"] += len(said)
        codes, kinds = spelled(rest)
        self.hidden.update(kinds)
        self.text = blanked(self._source, [*said, *codes])

    def _on(self, line: int, find: Callable[[str], tuple[int, int]]) -> tuple[int, int]:
        """Return where in the text something is that is found on a line, from 0."""
        start = self._starts[line]
        first, last = find(self._source[start : self._starts[line + 1]])
        return start + first, start + last

    def _code(self) -> Iterator[tuple[int, int]]:
        """Yield the spans in which a tag is only text."""
        seen: set[tuple[int, int]] = set()
        for token in self._tokens:
            if not token.map or (lines := (token.map[0], token.map[1])) in seen:
                continue
            if token.type in ("fence", "code_block"):
                yield self._span(*lines)
            elif token.type == "inline":
                # The cells of a row share its lines.
                seen.add(lines)
                last = min(lines[1], len(self._starts) - 1)
                start, end = self._starts[lines[0]], self._starts[last]
                yield from code_spans(self.text, start, end)


def _blocks(tokens: "Sequence[Token]") -> Iterator[_Block]:
    """Yield the blocks of the top level that say something."""
    first = 0
    for place, token in enumerate(tokens):
        if token.level or token.nesting > 0:
            continue
        opening = tokens[first]
        if opening.map and (kind := _KINDS.get(opening.type)):
            lines = (opening.map[0], opening.map[1])
            yield _Block(kind, lines, tokens[first : place + 1])
        first = place + 1
