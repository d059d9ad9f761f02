"""Says which parts of HTML a person does not see. Pure.

Only what the source itself tells is judged: elements, attributes, inline styles and
the style sheets in the page. Others' sheets are not fetched, and scripts are not run.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

import msgspec
from msgspec import Struct

from ingest.readers.colours import BLACK, WHITE, Colour, alike, colour_of
from ingest.readers.css import NO_STYLE, Declarations, Sheet, Style, Styled, sheets_of
from ingest.readers.markup import VOID, Mark, last_ends, marks

Reason = Literal["", "element", "attribute", "style"]
"""Why a part is not seen; "" if it is."""

UNSEEN = frozenset(
    {
        *("script", "style", "template", "noscript", "iframe", "object", "applet"),
        *("svg", "canvas", "audio", "video", "select", "datalist", "textarea"),
        *("title", "rp", "noframes", "noembed", "meter", "progress"),
        *("annotation", "annotation-xml"),
    }
)
"""Elements whose content is not running text."""

ALTERNATIVES = frozenset(
    {"alt", "title", "aria-label", "placeholder", "summary", "srcdoc"}
)
"""Attributes that say something in words, which a page shows only now and then."""

_NUMBER = re.compile(r"(-?(?:\d+\.?\d*|\.\d+))([a-z%]*)")
_PIXELS = {
    "px": 1.0, "pt": 4 / 3, "pc": 16.0, "em": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0,
    "in": 96.0, "cm": 37.8, "mm": 3.78, "vw": 10.0, "vh": 10.0, "%": 10.0,
}  # fmt: skip
"""Of lengths on a screen of usual size; how far away is far need not be exact."""

_SMALLEST = 3.0
_FAINTEST = 0.05
_FAR, _FARTHER = -500.0, 5000.0
_ABSENT = {"display": "none", "content-visibility": "hidden"}
_AWAY = ("left", "right", "top", "bottom", "text-indent", "margin-left", "margin-top")
_FONT = re.compile(r"(?:^|\s)((?:\d+(?:\.\d*)?|\.\d+)(?:px|pt|pc|r?em|%))(?=\s|/)")
_FILTER = re.compile(r"opacity\(\s*(?:0+(?:\.0+)?|\.0+|0?\.0[0-4]\d*)%?\s*\)")
_SCALED = re.compile(r"scale[xyz3d]*\((?:[^()]*,\s*)?-?(?:0+(?:\.0+)?|\.0+)\d?\s*[,)]")
_MOVED = re.compile(r"translate[xyz3d]*\(([^()]*)\)")
_NO_AREA = re.compile(
    r"rect\(\s*(?:[01](?:px)?[\s,]*){4}\)|inset\(\s*(?:[5-9]\d|100)(?:\.\d+)?%[^()]*\)"
    r"|(?:circle|ellipse)\(\s*0|polygon\(\s*0(?:px)?\s+0(?:px)?(?:\s*,\s*0(?:px)?\s+0(?:px)?)*\s*\)"
)


class Look(Struct, frozen=True):
    """How text looks where nothing else is said: what an element inherits.

    Attributes:
        colour: Of the text; None if it is not known.
        ground: What is behind it; None if it is not known.
        size: Of the text, in pixels.
        clear: The text has no colour at all.
        visible: It is not switched off.
    """

    colour: Colour | None = BLACK
    ground: Colour | None = WHITE
    size: float = 16.0
    clear: bool = False
    visible: bool = True

    @property
    def shows(self) -> bool:
        """Whether a person can see the text."""
        told = self.colour is not None and self.ground is not None
        same = told and alike(self.colour or BLACK, self.ground or WHITE)
        return self.visible and not self.clear and self.size >= _SMALLEST and not same


PAGE = Look()
"""Black on white, as browsers begin."""


def judged(element: Styled, style: Style, above: Look) -> tuple[Reason, Look]:
    """Say why all of an element is hidden, and how text in it looks.

    Args:
        element: The element.
        style: What its style and the page's sheets declare for it.
        above: The look that it inherits.
    """
    tag, given = element.name, element.attributes
    if tag in UNSEEN or (tag == "dialog" and "open" not in given):
        return "element", above
    if style is NO_STYLE and not given:
        return "", above
    if given.get("aria-hidden", "").strip().lower() == "true":
        return "attribute", above
    if "hidden" in given or "popover" in given or _is_away(style):
        return "style", above
    # What browsers and old pages say goes before what the style says.
    said = given.get("color", "") if tag == "font" else given.get("text", "")
    ground = given.get("bgcolor", "")
    if style is NO_STYLE and not said and not ground:
        return "", above
    return "", _look(tag, said, ground, style, above)


def hidden_spans(
    source: str, sheets: Iterable[str] = (), *, xml: bool = False
) -> list[tuple[int, int, Reason]]:
    """Return what HTML hides in a text, comments included.

    Args:
        source: Text in which what is not HTML, such as code, was blanked out.
        sheets: Style sheets that it uses beside its own.
        xml: An element that ends with ``/>`` is closed, as in an e-book.

    Returns:
        Spans of `source` in rising order, apart from each other, each with why; a
        comment is "". An element that is never closed hides the rest, as it does in
        a browser.
    """
    spans: list[tuple[int, int, Reason]] = []
    tag, depth, start = "", 0, 0
    reason: Reason = ""
    ends = last_ends(source, UNSEEN)
    sheet = Sheet([*sheets, *sheets_of(source)])
    for mark in marks(source):
        if mark.kind == "open" and xml and source.endswith("/>", 0, mark.end):
            continue
        if tag:
            if mark.name == tag:
                depth += {"open": 1, "close": -1}[mark.kind]
            if not depth:
                spans.append((start, mark.end, reason))
                tag = ""
        elif mark.kind == "comment":
            spans.append((mark.start, mark.end, ""))
        elif mark.kind == "open" and (reason := _opens(source, mark, ends, sheet)):
            tag, depth, start = mark.name, 1, mark.start
    return [*spans, (start, len(source), reason)] if tag else spans


def _opens(source: str, mark: Mark, ends: dict[str, int], sheet: Sheet) -> Reason:
    """Return why a hidden part begins at an opening tag, "" if none does."""
    if mark.name in VOID:
        return ""
    reason, look = judged(mark, sheet.style(mark, ()), PAGE)
    if not reason and not look.shows:
        reason = "style"
    # A component of JSX closes itself with "/>"; HTML knows no such tag.
    if source[mark.start + 1].isupper() and source.endswith("/>", 0, mark.end):
        return ""
    # Prose that names an element ("put a <template> there") must not hide the rest
    # of the document.
    closed = mark.name not in UNSEEN or ends.get(mark.name, -1) > mark.start
    return reason if closed else ""


@lru_cache(maxsize=1024)
def _is_away(given: Style) -> bool:
    """Tell whether a style takes an element and all in it out of sight."""
    style = given.values
    if any(style.get(name) == value for name, value in _ABSENT.items()):
        return True
    if _pixels(style.get("opacity", "1"), unit=1.0, absent=1.0) <= _FAINTEST:
        return True
    if _FILTER.search(style.get("filter", "")):
        return True
    if _NO_AREA.search(style.get("clip", "") + style.get("clip-path", "")):
        return True
    moved = _MOVED.findall(style.get("transform", ""))
    if _SCALED.search(style.get("transform", "")) or any(
        _is_far(part) for found in moved for part in found.split(",")
    ):
        return True
    return any(_is_far(style.get(name, "")) for name in _AWAY) or _is_flat(style)


def _is_far(length: str) -> bool:
    return not _FAR < _pixels(length) < _FARTHER


def _is_flat(style: Declarations) -> bool:
    """Tell whether an element has no room and cuts off what does not fit into it."""
    if style.get("overflow", "").split(" ")[0] not in ("hidden", "clip"):
        return False
    names = ("width", "height", "max-width", "max-height")
    sizes = (_pixels(style.get(name, ""), absent=9.0) for name in names)
    # What hangs out of a flat box still shows where the box is padded.
    padded = any(_pixels(v) > 0 for k, v in style.items() if k.startswith("padding"))
    return not padded and any(0 <= size <= 1 for size in sizes)


@lru_cache(maxsize=1024)
def _look(tag: str, said: str, bgcolor: str, given: Style, above: Look) -> Look:
    """Return how text looks in an element."""
    style = given.values
    colour = style.get("-webkit-text-fill-color", style.get("color", said))
    ground = style.get("background-color", style.get("background", bgcolor))
    size = style.get("font-size", "")
    if not size and (font := _FONT.search(style.get("font", ""))):
        size = font[1]
    visibility = style.get("visibility", "")
    if not (colour or ground or size or visibility):
        return above
    look = msgspec.structs.replace(
        above,
        size=_sized(size, above.size),
        visible=visibility not in ("hidden", "collapse")
        if visibility
        else above.visible,
    )
    if colour and colour not in ("inherit", "currentcolor"):
        found, clear = colour_of(colour)
        look = msgspec.structs.replace(look, colour=found, clear=clear)
    return _grounded(tag, ground, look)


def _grounded(tag: str, ground: str, look: Look) -> Look:
    """Return a look on another ground."""
    if ground:
        found, clear = _ground(ground)
        return look if clear else msgspec.structs.replace(look, ground=found)
    pale = look.colour is not None and look.ground is not None
    if tag in ("html", "body") and pale and not look.shows:
        # A page that writes white has a dark ground from a sheet that is not here.
        return msgspec.structs.replace(look, ground=None)
    return look


def _ground(value: str) -> tuple[Colour | None, bool]:
    """Return the colour of a background and whether what is behind it shows."""
    if value in ("none", "inherit", "initial", "unset", "0", "0 0"):
        return None, True
    found, clear = colour_of(value)
    if found is not None or clear:
        return found, clear
    if "url(" in value or "gradient" in value or "var(" in value:
        return None, False
    parts = [colour_of(part) for part in re.sub(r"\s+(?=[^()]*\))", "", value).split()]
    known = [part for part in parts if part[0] is not None]
    return known[0] if known else (None, False)


def _sized(size: str, above: float) -> float:
    """Return the size of text in pixels; `above` where it is said in no number."""
    found = _NUMBER.match(size)
    if not found:
        return above
    value, unit = float(found[1]), found[2]
    if unit in ("em", "%"):
        return above * value / (100 if unit == "%" else 1)
    return value * _PIXELS.get(unit, 1.0)


def _pixels(length: str, *, unit: float = 1.0, absent: float = 0.0) -> float:
    """Return the length in pixels that a value begins with, `absent` if none."""
    found = _NUMBER.match(length.strip())
    return float(found[1]) * _PIXELS.get(found[2], unit) if found else absent
