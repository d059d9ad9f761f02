"""Takes hidden text out of the XML of a Word document. Pure.

Hidden is what Word neither shows nor prints: text with that property, by itself or by
its style; what was deleted or moved away while changes were tracked; rows of tables
that are switched off; and text that cannot be read for its size or its colour. What is
left is made plain, so that all of it is read.
"""

from collections import Counter
from collections.abc import Mapping

from lxml import etree
from msgspec import Struct

from ingest.hidden import HiddenKind
from ingest.readers.archive import parse_xml
from ingest.readers.colours import BLACK, WHITE, Colour, alike, colour_of
from ingest.readers.word_body import W as _W
from ingest.readers.word_body import (
    boxes_of,
    is_hidden_box,
    make_plain,
    place_notes,
)

_BODY, _STYLES = "word/document.xml", "word/styles.xml"
_NOTES = {"footnote": "word/footnotes.xml", "endnote": "word/endnotes.xml"}
_SMALLEST = 5
"""Half points."""

_DEEPEST = 12
_NO_FILL = (None, "auto", "")


class _Font(Struct, frozen=True):
    """What a style or a run says of its text; None where it says nothing."""

    vanish: bool | None = None
    size: int | None = None
    colour: str | None = None
    fill: str | None = None

    def over(self, below: "_Font") -> "_Font":
        """Return this where it says something, else `below`."""
        return _Font(
            below.vanish if self.vanish is None else self.vanish,
            below.size if self.size is None else self.size,
            below.colour if self.colour is None else self.colour,
            below.fill if self.fill is None else self.fill,
        )


def shown_word(
    parts: Mapping[str, bytes], *, keep: bool
) -> tuple[dict[str, bytes], dict[HiddenKind, int]]:
    """Return the parts that change, without their hidden text, and how much that was.

    Args:
        parts: The document's body, notes and styles, by their names in the archive.
        keep: Hidden text stays.

    Raises:
        lxml.etree.XMLSyntaxError: A part is not well-formed.
    """
    if _BODY not in parts:
        return {}, {}
    styles = _styles(parse_xml(parts[_STYLES])) if _STYLES in parts else {}
    body = parse_xml(parts[_BODY])
    notes = {k: parse_xml(parts[name]) for k, name in _NOTES.items() if name in parts}
    hidden = Counter[HiddenKind]()
    made_plain = False
    for root in (body, *notes.values()):
        if not keep:
            hidden += _taken_out(root, styles)
        made_plain |= make_plain(root)
    for kind, root in notes.items():
        made_plain |= place_notes(body, kind, root)
    changed = {_BODY: etree.tostring(body)} if hidden or made_plain else {}
    return changed, {kind: count for kind, count in hidden.items() if count}


def _taken_out(
    root: etree._Element, styles: Mapping[str, _Font]
) -> Counter[HiddenKind]:
    """Take what is hidden out of a part, and return how much that was."""
    hidden = Counter[HiddenKind]()
    for change in _changes(root):
        _removed(change)
        hidden["deletions"] += 1
    for row in list(root.iter(f"{_W}tr")):
        if _is_on(row.find(f"{_W}trPr/{_W}hidden")):
            _removed(row)
            hidden["styled_parts"] += 1
    for run in list(root.iter(f"{_W}r")):
        if _is_hidden(run, styles):
            _removed(run)
            hidden["styled_parts"] += next(run.iter(f"{_W}t"), None) is not None
    for box in boxes_of(root):
        if is_hidden_box(box):
            _removed(box)
            hidden["styled_parts"] += 1
    return hidden


def _changes(root: etree._Element) -> list[etree._Element]:
    """Return what was deleted or moved away."""
    # An empty mark in the properties of a paragraph or a row says the same of that.
    return [e for e in root.iter(f"{_W}del", f"{_W}moveFrom") if len(e)]


def _removed(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _styles(root: etree._Element) -> dict[str, _Font]:
    """Return what each style says of its text, all that it is based on included."""
    own: dict[str, tuple[_Font, str]] = {}
    for style in root.iter(f"{_W}style"):
        based = style.find(f"{_W}basedOn")
        font = _font(style.find(f"{_W}rPr"))
        if style.get(f"{_W}type") == "table":
            dark = any(_fill(shd) for shd in style.iter(f"{_W}shd"))
            font = _Font(fill="unknown" if dark else None)
        above = "" if based is None else based.get(f"{_W}val", "")
        own[style.get(f"{_W}styleId", "")] = font, above
    found = {}
    for name, (own_font, parent) in own.items():
        font, above = own_font, parent
        for _ in range(_DEEPEST):
            if above not in own:
                break
            below, above = own[above]
            font = font.over(below)
        found[name] = font
    return found


def _font(properties: etree._Element | None) -> _Font:
    if properties is None:
        return _Font()
    vanish = properties.find(f"{_W}vanish")
    vanish = properties.find(f"{_W}specVanish") if vanish is None else vanish
    size = _value(properties, "sz")
    shade = properties.find(f"{_W}shd")
    fill = None if shade is None else _fill(shade)
    return _Font(
        vanish=None if vanish is None else _is_on(vanish),
        size=int(size) if size.isdecimal() else None,
        colour=_value(properties, "color") or None,
        fill=_value(properties, "highlight") or fill,
    )


def _value(properties: etree._Element, name: str) -> str:
    found = properties.find(_W + name)
    return "" if found is None else str(found.get(f"{_W}val", ""))


def _fill(shade: etree._Element) -> str | None:
    fill = shade.get(f"{_W}fill")
    return None if fill in _NO_FILL else fill


def _is_on(mark: etree._Element | None) -> bool:
    return mark is not None and mark.get(f"{_W}val", "1") not in {"0", "false", "off"}


def _is_hidden(run: etree._Element, styles: Mapping[str, _Font]) -> bool:
    """Tell whether nobody sees the text of a run."""
    properties = run.find(f"{_W}rPr")
    font = _font(properties)
    if properties is not None:
        font = font.over(styles.get(_value(properties, "rStyle"), _Font()))
    around = list(run.iterancestors())
    for element in around:
        if element.tag == f"{_W}p":
            style = element.find(f"{_W}pPr/{_W}pStyle")
            if style is not None:
                font = font.over(styles.get(style.get(f"{_W}val", ""), _Font()))
            break
    if font.vanish or (font.size is not None and font.size < _SMALLEST):
        return True
    colour = _colour(font.colour, BLACK)
    ground = _ground(font, around, styles) if colour != BLACK or font.fill else WHITE
    return bool(colour and ground and alike(colour, ground))


def _ground(
    font: _Font, around: list[etree._Element], styles: Mapping[str, _Font]
) -> Colour | None:
    """Return the colour behind a run; None if it is not known."""
    if font.fill:
        return _colour(font.fill, None)
    for element in around:
        if element.tag == f"{_W}txbxContent":
            return None
        if element.tag in (f"{_W}p", f"{_W}tc", f"{_W}tbl"):
            about = element.find(f"{element.tag}Pr")
            shade = None if about is None else about.find(f"{_W}shd")
            if shade is not None and _fill(shade):
                return _colour(_fill(shade), None)
            style = None if about is None else about.find(f"{_W}tblStyle")
            named = "" if style is None else style.get(f"{_W}val", "")
            if styles.get(named, _Font()).fill:
                return None
    background = around[-1].find(f"{_W}background")
    return _colour(None if background is None else background.get(f"{_W}color"), WHITE)


def _colour(said: str | None, absent: Colour | None) -> Colour | None:
    return absent if said in _NO_FILL else colour_of(said or "")[0]
