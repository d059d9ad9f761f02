"""Which angle brackets of an answer may stand: those of no HTML that does anything. Pure.

Answers name placeholders and types, ``<your-name>`` and ``list<int>``. Nothing with an
attribute that has a value stays a tag, and nothing that loads, runs or frames.
"""

import re
from typing import Literal

Verdict = Literal["wait", "stands", "escaped", "address"]
"""What is to become of an angle bracket with what follows it: more must be seen, it
stands as it is, it is escaped, or it may be an address in angle brackets."""

_ACTIVE = frozenset(
    [
        "a",
        "animate",
        "applet",
        "area",
        "audio",
        "base",
        "body",
        "bgsound",
        "button",
        "canvas",
        "embed",
        "form",
        "frame",
        "frameset",
        "head",
        "html",
        "iframe",
        "image",
        "img",
        "input",
        "isindex",
        "keygen",
        "link",
        "marquee",
        "math",
        "meta",
        "noembed",
        "noframes",
        "noscript",
        "object",
        "option",
        "picture",
        "plaintext",
        "portal",
        "script",
        "select",
        "set",
        "source",
        "style",
        "svg",
        "template",
        "textarea",
        "title",
        "track",
        "use",
        "video",
        "xmp",
        "foreignobject",
        "image-set",
        "animatetransform",
        "animatemotion",
    ]
)
_INLINE = frozenset(
    [
        "abbr",
        "b",
        "br",
        "cite",
        "code",
        "del",
        "em",
        "i",
        "ins",
        "kbd",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "u",
        "var",
        "wbr",
    ]
)
"""What may begin a line: a renderer takes other tags there for a block of HTML."""

_OPEN = re.compile(r"</?(?:[A-Za-z][A-Za-z0-9_.,* -]{0,30}/?)?\Z")
_WHOLE = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)[A-Za-z0-9_.,* -]{0,30}/?>\Z")
_SCHEME = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]{1,30}:\Z")
_NAMED = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)(.)\Z", re.DOTALL)
_NO_TAG = frozenset('),;[]("<&')
"""What cannot follow the name of a tag, nor stand in an address."""


def judged(text: str, *, at_start: bool) -> Verdict:
    """Return what is to become of an angle bracket.

    Args:
        text: The bracket and what follows it, up to where more must be seen; the last
            character is the one to look at.
        at_start: It stands where a block may begin.
    """
    if text[:4].lower() in ("<www", "</ww"):
        return "escaped"
    if _OPEN.match(text):
        return "wait"
    if _SCHEME.match(text):
        return "address"
    if whole := _WHOLE.match(text):
        name = whole.group(1).lower()
        if at_start:
            return "wait" if name in _INLINE else "escaped"
        return "escaped" if name in _ACTIVE else "stands"
    return _broken_off(text, at_start=at_start)


def _broken_off(text: str, *, at_start: bool) -> Verdict:
    """Return what becomes of a bracket that turned out to be no tag, or a bad one."""
    if text[1] not in "/!?" and not text[1].isalpha():
        return "stands"
    # A whole tag at the start of a line was waited for: is it alone on its line?
    if text[-2:-1] == ">":
        return "escaped" if text[-1].isspace() else "stands"
    named = _NAMED.match(text)
    if at_start or named is None or named.group(1).lower() in _ACTIVE:
        return "escaped"
    last = named.group(2)
    return "stands" if last in _NO_TAG or not last.isascii() else "escaped"
