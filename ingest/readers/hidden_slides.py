"""Takes out of the XML of a slide what its show does not show. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from lxml import etree
from msgspec import Struct

from ingest.hidden import HiddenKind
from ingest.readers.archive import parse_xml
from ingest.readers.colours import WHITE, Colour, alike, colour_of

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_DECK = "ppt/presentation.xml"
_SHAPES = ("sp", "pic", "graphicFrame", "grpSp", "cxnSp")
_FILLS = ("solidFill", "gradFill", "blipFill", "pattFill", "grpFill")
_SMALLEST = 300
"""Hundredths of a point."""

_FAINTEST = 5_000
"""Thousandths of a percent."""

Box = tuple[int, int, int, int]
"""Left, top, right and bottom, in English metric units from the slide's corner."""


class _Shape(Struct, frozen=True):
    """A shape of the slide.

    Attributes:
        element: Its XML.
        box: Where it is; None if its layout says so.
        fill: What fills it: a colour, None if nothing does.
        plain: Its fill is known.
    """

    element: etree._Element
    box: Box | None
    fill: Colour | None
    plain: bool


def shown_slides(
    parts: Mapping[str, bytes],
) -> tuple[dict[str, bytes], dict[HiddenKind, int]]:
    """Return the slides that change, without hidden text, and how much that was.

    Args:
        parts: The XML of slides, of their layouts and masters, and of the deck.

    Raises:
        lxml.etree.XMLSyntaxError: A part is not well-formed.
    """
    size = _size(parts[_DECK]) if _DECK in parts else (0, 0)
    light = _is_light(parts)
    hidden = Counter[HiddenKind]()
    changed = {}
    for name, data in parts.items():
        if name.startswith("ppt/slides/slide"):
            root = parse_xml(data)
            before = hidden.total()
            _clean(root, size, hidden, light=light)
            if hidden.total() > before:
                changed[name] = etree.tostring(root)
    return changed, dict(hidden)


def _clean(
    root: etree._Element,
    size: tuple[int, int],
    hidden: Counter[HiddenKind],
    *,
    light: bool,
) -> None:
    below: list[_Shape] = []
    ground = _background(root, light=light)
    tree = root.find(f"{_P}cSld/{_P}spTree")
    for element in list(tree) if tree is not None else ():
        if etree.QName(element).localname not in _SHAPES:
            continue
        shape = _shape(element)
        if _is_switched_off(element) or _is_off(shape.box, size):
            element.getparent().remove(element)
            hidden["styled_parts"] += _says(element)
            continue
        for name in list(element.iter(f"{_P}cNvPr")):
            if _is_switched_off(name.getparent().getparent()):
                hidden["styled_parts"] += _says(name.getparent().getparent())
                _remove(name.getparent().getparent())
        for run in list(element.iter(f"{_A}r", f"{_A}fld")):
            if _is_hidden(run, _behind(shape, below, ground)):
                _remove(run)
                hidden["styled_parts"] += 1
        below.append(shape)


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _says(shape: etree._Element) -> bool:
    return any((text.text or "").strip() for text in shape.iter(f"{_A}t"))


def _is_switched_off(shape: etree._Element) -> bool:
    """Tell whether the selection pane has a shape switched off."""
    for about in shape:
        name = about.find(f"{_P}cNvPr")
        if name is not None:
            return name.get("hidden") in {"1", "true"}
    return False


def _is_off(box: Box | None, size: tuple[int, int]) -> bool:
    """Tell whether a shape lies beside the slide."""
    if box is None or not all(size):
        return False
    left, top, right, bottom = box
    return right <= 0 or bottom <= 0 or left >= size[0] or top >= size[1]


def _is_hidden(run: etree._Element, ground: Colour | None) -> bool:
    about = run.find(f"{_A}rPr")
    if about is None:
        return False
    size = about.get("sz", "")
    if size.isdecimal() and int(size) < _SMALLEST:
        return True
    fill = about.find(f"{_A}solidFill")
    if fill is None:
        return about.find(f"{_A}noFill") is not None
    alpha = next(fill.iter(f"{_A}alpha"), None)
    if alpha is not None and int(alpha.get("val", "100000")) < _FAINTEST:
        return True
    colour = _solid(fill)
    return bool(colour and ground and alike(colour, ground))


def _behind(
    shape: _Shape, below: Sequence[_Shape], ground: Colour | None
) -> Colour | None:
    """Return the colour behind a shape's text; None if it is not known."""
    if not shape.plain or shape.fill:
        return shape.fill
    for other in reversed(below):
        if shape.box is None or other.box is None or _meet(shape.box, other.box):
            if not other.plain or etree.QName(other.element).localname == "pic":
                return None
            if other.fill:
                return other.fill
    return ground


def _meet(one: Box, other: Box) -> bool:
    across = min(one[2], other[2]) > max(one[0], other[0])
    return across and min(one[3], other[3]) > max(one[1], other[1])


def _shape(element: etree._Element) -> _Shape:
    about = element.find(f"{_P}spPr")
    if about is None:
        about = element.find(f"{_P}grpSpPr")
    box = None if about is None else _box(about.find(f"{_A}xfrm"))
    if box is None:
        box = _box(element.find(f"{_P}xfrm"))
    fill, plain = None, about is not None
    for child in about if about is not None else ():
        if etree.QName(child).localname in _FILLS:
            fill = _solid(child)
            plain = fill is not None
    styled = element.find(f"{_P}style") is not None
    return _Shape(element, box, fill, plain and (fill is not None or not styled))


def _box(frame: etree._Element | None) -> Box | None:
    if frame is None:
        return None
    off, ext = frame.find(f"{_A}off"), frame.find(f"{_A}ext")
    if off is None or ext is None:
        return None
    left, top = int(off.get("x", "0")), int(off.get("y", "0"))
    return left, top, left + int(ext.get("cx", "0")), top + int(ext.get("cy", "0"))


def _solid(fill: etree._Element) -> Colour | None:
    """Return the one colour of a fill; None if a theme decides."""
    plain = fill.find(f"{_A}srgbClr")
    return None if plain is None else colour_of(plain.get("val", ""))[0]


def _background(root: etree._Element, *, light: bool) -> Colour | None:
    own = root.find(f"{_P}cSld/{_P}bg")
    if own is None:
        return WHITE if light else None
    fill = own.find(f"{_P}bgPr/{_A}solidFill")
    return None if fill is None else _solid(fill)


def _is_light(parts: Mapping[str, bytes]) -> bool:
    """Tell whether no layout or master gives slides another ground than white."""
    for name, data in parts.items():
        if "slideLayout" in name or "slideMaster" in name:
            for kind in _grounds(parse_xml(data)):
                if kind not in ("bg1", "lt1", "FFFFFF", "ffffff"):
                    return False
    return True


def _grounds(root: etree._Element) -> Iterator[str]:
    for ground in root.iter(f"{_P}bg"):
        for colour in ground.iter(f"{_A}schemeClr", f"{_A}srgbClr"):
            yield str(colour.get("val", ""))
        if next(ground.iter(f"{_A}blip", f"{_A}gradFill"), None) is not None:
            yield "picture"


def _size(deck: bytes) -> tuple[int, int]:
    found = parse_xml(deck).find(f"{_P}sldSz")
    if found is None:
        return 0, 0
    return int(found.get("cx", "0")), int(found.get("cy", "0"))
