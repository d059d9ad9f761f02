"""Says which parts of HTML a person does not see. Pure.

Only what the source itself tells is judged: elements, attributes and inline styles.
Style sheets and scripts are not run.
"""

import re
from collections.abc import Mapping

from ingest.readers.markup import VOID, Mark, last_ends, marks

UNSEEN = frozenset(
    {
        *("script", "style", "template", "noscript", "iframe", "object", "applet"),
        *("svg", "canvas", "audio", "video", "select", "datalist", "textarea"),
        *("title", "rp", "noframes"),
    }
)
"""Elements whose content is not running text."""

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")
_FAR = -500.0
_ABSENT = {
    "display": {"none"},
    "visibility": {"hidden", "collapse"},
    "content-visibility": {"hidden"},
    "color": {"transparent"},
}
_AWAY = ("left", "right", "top", "bottom", "text-indent", "margin-left", "margin-top")


def hides(tag: str, attributes: Mapping[str, str]) -> bool:
    """Tell whether an element keeps its content from a person's eyes."""
    return (
        tag in UNSEEN
        or "hidden" in attributes
        or attributes.get("aria-hidden", "").strip().lower() == "true"
        or (tag == "dialog" and "open" not in attributes)
        or _style_hides(attributes.get("style", ""))
    )


def hidden_spans(source: str) -> list[tuple[int, int]]:
    """Return what the HTML inside Markdown hides, comments included.

    Args:
        source: Text in which what is not HTML, such as code, was blanked out.

    Returns:
        Spans of `source` in rising order, apart from each other. An element that
        is never closed hides the rest, as it does in a browser.
    """
    spans: list[tuple[int, int]] = []
    tag, depth, start = "", 0, 0
    ends = last_ends(source, UNSEEN)
    for mark in marks(source):
        if tag:
            if mark.name == tag:
                depth += {"open": 1, "close": -1}[mark.kind]
            if not depth:
                spans.append((start, mark.end))
                tag = ""
        elif mark.kind == "comment":
            spans.append((mark.start, mark.end))
        elif mark.kind == "open" and _opens(source, mark, ends):
            tag, depth, start = mark.name, 1, mark.start
    return [*spans, (start, len(source))] if tag else spans


def _opens(source: str, mark: Mark, ends: dict[str, int]) -> bool:
    """Tell whether a hidden part begins at an opening tag."""
    if mark.name in VOID or not hides(mark.name, mark.attributes):
        return False
    # A component of JSX closes itself with "/>"; HTML knows no such tag.
    if source[mark.start + 1].isupper() and source.endswith("/>", 0, mark.end):
        return False
    # Prose that names an element ("put a <template> there") must not hide the rest
    # of the document.
    return mark.name not in UNSEEN or ends.get(mark.name, -1) > mark.start


def _style_hides(style: str) -> bool:
    """Tell whether an inline style makes its element invisible."""
    if not style:
        return False
    parts = _COMMENT.sub("", style.lower()).split(";")
    pairs = (part.partition(":") for part in parts)
    rules = {
        name.strip(): value.replace("!important", "").strip()
        for name, _, value in pairs
    }
    if any(rules.get(name) in values for name, values in _ABSENT.items()):
        return True
    if _number(rules, "font-size", 9) <= 0 or _number(rules, "opacity", 1) <= 0.01:
        return True
    back = rules.get("background-color", rules.get("background", ""))
    return (bool(back) and back == rules.get("color")) or any(
        _number(rules, name, 0) <= _FAR for name in _AWAY
    )


def _number(rules: dict[str, str], name: str, absent: float) -> float:
    """Return the number a rule's value begins with, whatever its unit."""
    found = _NUMBER.match(rules.get(name, ""))
    return float(found[0]) if found else absent
