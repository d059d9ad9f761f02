"""Tells which cells of a workbook a person does not see, from its XML. Pure."""

import posixpath
import re
import zipfile
from collections.abc import Iterator

from lxml import etree
from msgspec import Struct

from ingest.readers.archive import parse_xml
from ingest.readers.colours import BLACK, WHITE, Colour, alike, colour_of

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BOOK, _LINKS, _STYLES = (
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/styles.xml",
)
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*>")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b[^>]*>")
_CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*>")
_ATTRIBUTE = re.compile(rb"(?<![\w:])([\w:]++)\s*=\s*[\"']([^\"']*)[\"']")
_NOTHING = re.compile(r"\s*;\s*;\s*;\s*")
_SMALLEST = 3.0
_TRUE = (b"1", b"true")
_MOST_COLUMNS = 16_384


class HiddenCells(Struct, frozen=True):
    """What of a sheet is not seen, counted from 0.

    Attributes:
        rows: Rows that are hidden or without height.
        columns: Columns that are hidden or without width.
        cells: Single cells, as (row, column), for their format or colour.
    """

    rows: frozenset[int] = frozenset()
    columns: frozenset[int] = frozenset()
    cells: frozenset[tuple[int, int]] = frozenset()

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self.rows or self.columns or self.cells)

    def has(self, row: int, column: int) -> bool:
        """Tell whether a cell is not seen."""
        return row in self.rows or column in self.columns or (row, column) in self.cells


def hidden_cells(archive: zipfile.ZipFile) -> dict[str, HiddenCells]:
    """Return what is not seen of each sheet, by its name.

    Raises:
        lxml.etree.XMLSyntaxError: A part is not well-formed.
    """
    names = set(archive.namelist())
    if not {_BOOK, _LINKS} <= names:
        return {}
    links = {
        link.get("Id"): posixpath.normpath(
            posixpath.join("/xl", link.get("Target", ""))
        )
        for link in parse_xml(archive.read(_LINKS))
    }
    styles = _hiding_styles(archive.read(_STYLES)) if _STYLES in names else frozenset()
    found = {}
    for sheet in parse_xml(archive.read(_BOOK)).iter(f"{_MAIN}sheet"):
        part = links.get(sheet.get(_RELATION), "").lstrip("/")
        if part in names:
            found[sheet.get("name", "")] = _in_sheet(archive.read(part), styles)
    return found


def _in_sheet(data: bytes, styles: frozenset[int]) -> HiddenCells:
    rows = {
        int(given[b"r"]) - 1
        for given in _tags(_ROW, data)
        if given.get(b"r", b"").isdigit()
        and (given.get(b"hidden") in _TRUE or _is_nothing(given.get(b"ht")))
    }
    columns: set[int] = set()
    for given in _tags(_COLUMN, data):
        if given.get(b"hidden") in _TRUE or _is_nothing(given.get(b"width")):
            last = min(int(given.get(b"max", b"0")), _MOST_COLUMNS)
            columns.update(range(int(given.get(b"min", b"1")) - 1, last))
    cells = {
        _place(given[b"r"])
        for given in (_tags(_CELL, data) if styles else ())
        if b"r" in given and int(given.get(b"s", b"0")) in styles
    }
    return HiddenCells(frozenset(rows), frozenset(columns), frozenset(cells))


def _tags(tag: re.Pattern[bytes], data: bytes) -> Iterator[dict[bytes, bytes]]:
    for found in tag.finditer(data):
        yield dict(_ATTRIBUTE.findall(found[0]))


def _is_nothing(size: bytes | None) -> bool:
    """Tell whether a height or width, in points or letters, shows nothing."""
    try:
        return size is not None and float(size) < 0.2
    except ValueError:
        return False


def _place(name: bytes) -> tuple[int, int]:
    """Return row and column of a cell, from 0, from its name such as ``B7``."""
    column = 0
    letters = name.rstrip(b"0123456789").upper()
    for letter in letters:
        column = column * 26 + letter - 64
    return int(name[len(letters) :] or b"1") - 1, column - 1


def _hiding_styles(data: bytes) -> frozenset[int]:
    """Return the numbers of the cell formats in which nobody sees a cell."""
    root = parse_xml(data)
    formats = {
        number.get("numFmtId"): number.get("formatCode", "")
        for number in root.iter(f"{_MAIN}numFmt")
    }
    fonts = list(root.iterfind(f"{_MAIN}fonts/{_MAIN}font"))
    fills = list(root.iterfind(f"{_MAIN}fills/{_MAIN}fill"))
    found = set()
    for number, style in enumerate(root.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf")):
        code = formats.get(style.get("numFmtId"), "")
        font = _of(fonts, style.get("fontId"))
        if _NOTHING.fullmatch(code) or _is_small(font):
            found.add(number)
            continue
        colour, ground = _font_colour(font), _ground(_of(fills, style.get("fillId")))
        if colour and ground and alike(colour, ground):
            found.add(number)
    return frozenset(found)


def _of(things: list[etree._Element], number: str | None) -> etree._Element | None:
    known = number is not None and number.isdecimal() and int(number) < len(things)
    return things[int(number or 0)] if known else None


def _is_small(font: etree._Element | None) -> bool:
    size = None if font is None else font.find(f"{_MAIN}sz")
    try:
        return size is not None and float(size.get("val", "11")) < _SMALLEST
    except ValueError:
        return False


def _font_colour(font: etree._Element | None) -> Colour | None:
    return _colour(None if font is None else font.find(f"{_MAIN}color"), BLACK)


def _ground(fill: etree._Element | None) -> Colour | None:
    """Return the colour of a fill; None if it is a pattern or a mix."""
    pattern = None if fill is None else fill.find(f"{_MAIN}patternFill")
    if fill is None or (pattern is not None and pattern.get("patternType") == "none"):
        return WHITE
    if pattern is None or pattern.get("patternType") not in (None, "solid"):
        return None
    return _colour(pattern.find(f"{_MAIN}fgColor"), WHITE)


def _colour(said: etree._Element | None, absent: Colour) -> Colour | None:
    """Return a colour of the workbook; None for one that its theme mixes."""
    if said is None or said.get("auto") is not None:
        return absent
    if said.get("tint") is not None:
        return None
    if (rgb := said.get("rgb", ""))[-6:]:
        return colour_of(rgb[-6:])[0]
    return {"0": WHITE, "1": BLACK}.get(said.get("theme", ""))
