"""Takes hidden text out of the XML of an OpenDocument text. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping

from lxml import etree

from ingest.hidden import HiddenKind
from ingest.readers.archive import parse_xml
from ingest.readers.colours import WHITE, alike, colour_of

_NAMES = "{urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _STYLE, _TABLE = (f"{_NAMES}{n}:1.0}}" for n in ("text", "style", "table"))
_FO = f"{_NAMES}xsl-fo-compatible:1.0}}"
_CONTENT, _STYLES = "content.xml", "styles.xml"
_SMALLEST = 2.5
_POINTS = {"pt": 1.0, "px": 0.75, "mm": 2.83, "cm": 28.3, "in": 72.0}
_DEEPEST = 12


def shown_odt(
    parts: Mapping[str, bytes],
) -> tuple[dict[str, bytes], dict[HiddenKind, int]]:
    """Return the parts that change, without their hidden text, and how much that was.

    Args:
        parts: The content and the styles, by their names in the archive.

    Raises:
        lxml.etree.XMLSyntaxError: A part is not well-formed.
    """
    if _CONTENT not in parts:
        return {}, {}
    root = parse_xml(parts[_CONTENT])
    others = [parse_xml(parts[_STYLES])] if _STYLES in parts else []
    hiding = _hiding([*others, root])
    hidden = Counter[HiddenKind]()
    for element in list(root.iter()):
        kind = _kind(element, hiding)
        if kind:
            hidden[kind] += any(map(str.strip, element.itertext()))
            _emptied(element)
    found = {kind: count for kind, count in hidden.items() if count}
    return ({_CONTENT: etree.tostring(root)} if found else {}), found


def _kind(element: etree._Element, hiding: set[str]) -> HiddenKind | None:
    """Return the kind of hidden text that an element is; None if it is seen."""
    if not isinstance(element.tag, str):
        return None
    if element.tag == f"{_TEXT}tracked-changes":
        return "deletions"
    if element.tag == f"{_TEXT}hidden-text":
        return "styled_parts"
    if element.tag.startswith(_TEXT):
        style = element.get(f"{_TEXT}style-name", "")
        off = element.get(f"{_TEXT}display", "true") in ("none", "condition")
        if style in hiding or off or _is_hidden_paragraph(element):
            return "styled_parts"
    off = element.get(f"{_TABLE}visibility", "visible") != "visible"
    return "hidden_cells" if element.tag == f"{_TABLE}table-row" and off else None


def _is_hidden_paragraph(element: etree._Element) -> bool:
    mark = element.find(f"{_TEXT}hidden-paragraph")
    return mark is not None and mark.get(f"{_TEXT}is-hidden", "true") == "true"


def _emptied(element: etree._Element) -> None:
    """Take out what an element holds; what stands behind it stays."""
    tail = element.tail
    for child in list(element):
        element.remove(child)
    element.text, element.tail = None, tail


def _hiding(roots: Iterable[etree._Element]) -> set[str]:
    """Return the names of the styles of text that nobody sees."""
    own: dict[str, tuple[dict[str, str], str]] = {}
    for root in roots:
        for style in root.iter(f"{_STYLE}style"):
            said: dict[str, str] = {}
            for about in style.iter(
                f"{_STYLE}text-properties", f"{_STYLE}paragraph-properties"
            ):
                said |= {str(name): str(value) for name, value in about.attrib.items()}
            above = style.get(f"{_STYLE}parent-style-name", "")
            own[style.get(f"{_STYLE}name", "")] = said, above
    return {name for name in own if _hides(_whole(name, own))}


def _whole(name: str, own: Mapping[str, tuple[dict[str, str], str]]) -> dict[str, str]:
    """Return what a style says, all that it inherits included."""
    said: dict[str, str] = {}
    for _ in range(_DEEPEST):
        if name not in own:
            break
        found, name = own[name]
        said = found | said
    return said


def _hides(said: Mapping[str, str]) -> bool:
    if said.get(f"{_TEXT}display") in ("none", "condition"):
        return True
    size = said.get(f"{_FO}font-size", "")
    if size[-2:] in _POINTS:
        number = size[:-2].strip()
        if number.replace(".", "", 1).isdecimal():
            small = float(number) * _POINTS[size[-2:]] < _SMALLEST
            if small:
                return True
    colour = colour_of(said.get(f"{_FO}color", ""))[0]
    ground, clear = colour_of(said.get(f"{_FO}background-color", "transparent"))
    behind = WHITE if clear else ground
    return bool(colour and behind and alike(colour, behind))
