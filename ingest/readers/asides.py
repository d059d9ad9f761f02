"""What Markdown says beside its text, and a page does not show. Pure.

The words for a picture, the titles of links, definitions of addresses, attributes of
HTML tags, references to characters without a shape. They are found where they stand, so
that blanks can take their place and every other character keeps its own.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from html import unescape

from ingest.cleaning import hidden_kinds
from ingest.hidden import HiddenKind
from ingest.readers.markup import marks

_TITLE = r"(?:\"(?:[^\"\\]|\\.){0,2000}\"|'(?:[^'\\]|\\.){0,2000}'|\((?:[^()\\]|\\.){0,2000}\))"
_ADDRESS = (
    r"(?:<[^<>\n]{0,2000}>|[^\s()<>]{0,2000}(?:\([^\s()]{0,200}\)[^\s()]{0,2000})?)"
)
# Lengths are bounded so that no text makes this slow.
_LINK = re.compile(
    rf"\]\([ \t]{{0,9}}{_ADDRESS}\s{{1,9}}(?P<title>{_TITLE})\s{{0,9}}\)"
)
_PICTURE = re.compile(
    r"!\[(?P<alt>(?:[^\[\]\\]|\\.|\[[^\[\]]{0,300}\]){1,2000})\]"
    r"(?P<after>[(]|\[[^\[\]]{0,300}\])?"
)
_MARKS = r"[ \t>*+-]*(?:[0-9]{1,9}[.)][ \t]+)?"
_DEFINED = re.compile(rf"{_MARKS}(?P<all>.*)")
_FENCE = re.compile(rf"{_MARKS}(?:`{{3,}}|~{{3,}})[ \t]*\S*(?P<more>.*)")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z]{2,31});")
_CODES = {"tag_letters", "variation_selectors", "private_use_characters"}
_KEPT = frozenset({"href", "src"})
_VALUE = re.compile(r"[^\s=\"'<>/]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?")

Span = tuple[int, int]
"""Where something begins, and one past its end."""


def asides(
    masked: str, labels: Collection[str], *, raw: int, jsx: bool
) -> Iterator[Span]:
    """Yield where a text says what is not shown.

    Args:
        masked: The text, with blanks in place of code.
        labels: Names of the addresses that it defines, as markdown-it writes them.
        raw: Where its last block of HTML begins; a tag that never ends is text before.
        jsx: It is MDX, whose components show their attributes.

    Yields:
        Spans of `masked`, in any order; some may lie in others.
    """
    if "](" in masked:
        yield from (link.span("title") for link in _LINK.finditer(masked))
    if "![" in masked:
        for picture in _PICTURE.finditer(masked):
            if picture["after"] or normalized(picture["alt"]) in labels:
                yield picture.span("alt")
    if "<" in masked:
        yield from _attributes(masked, raw=raw, jsx=jsx)


def defined(line: str) -> Span:
    """Return where in a line with the definition of an address it is."""
    found = _DEFINED.match(line)
    return found.span("all") if found else (0, 0)


def fenced(line: str) -> Span:
    """Return where in the first line of fenced code more is said than its language."""
    found = _FENCE.match(line)
    return found.span("more") if found else (0, 0)


def spelled(masked: str) -> tuple[list[Span], dict[HiddenKind, int]]:
    """Return where characters without a shape are spelled, and how many by kind."""
    spans: list[Span] = []
    kinds = Counter[HiddenKind]()
    for reference in _REFERENCE.finditer(masked) if "&" in masked else ():
        found = hidden_kinds(unescape(reference[0]))
        # Others, such as those that say where a word may break, stand in words.
        if found.keys() & _CODES:
            spans.append(reference.span())
            kinds.update(found)
    return spans, dict(kinds)


def normalized(label: str) -> str:
    """Return the name of an address as markdown-it compares it."""
    return " ".join(label.split()).lower().upper()


def _attributes(masked: str, *, raw: int, jsx: bool) -> Iterator[Span]:
    """Yield where attributes stand that are no address."""
    for mark in marks(masked):
        if mark.kind != "open" or not mark.attributes:
            continue
        if mark.start < raw and not masked.endswith(">", mark.start, mark.end):
            continue
        start = mark.start + 1 + len(mark.name)
        if jsx and masked[mark.start + 1].isupper():
            continue
        for found in _VALUE.finditer(masked, start, mark.end - 1):
            name, _, value = found[0].partition("=")
            bare = value.strip().strip("\"'")
            if name.strip().lower() not in _KEPT or any(map(str.isspace, bare)):
                yield found.span()
