"""Reads Excel workbooks: every visible sheet as tables under the sheet's name.

calamine reads a workbook in about a millisecond where unstructured takes a hundred
(it builds pandas frames). unstructured also gives every day a time (``2026-03-01
00:00:00``), and reads the sheets that a person has hidden.
"""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import python_calamine as calamine
from lxml.etree import XMLSyntaxError

from ingest.documents import Element, Reading
from ingest.errors import ReadError
from ingest.readers.archive import open_archive, properties
from ingest.readers.hidden_cells import HiddenCells, hidden_cells
from ingest.readers.joining import join_elements

MOST_CELLS = 5_000_000

_PLACE = re.compile(rb'\sr="([A-Z]{1,3})([0-9]{1,7})"')

_DAMAGED = (
    calamine.CalamineError,
    calamine.XmlError,
    calamine.ZipError,
    XMLSyntaxError,
    ValueError,
)

Row = tuple[str, ...]


def read_sheets(name: str, data: bytes, *, keep: bool = False) -> Reading:
    """Read a workbook (xlsx).

    A page is a sheet, from 1, counting hidden ones, which are left out, and so are
    hidden rows, columns and cells. Rows are lines of cells apart by ``|``; an empty row
    ends a table; a row of one cell above a table is text.

    Args:
        name: The document's path, for errors.
        data: The file.
        keep: What is hidden stays.

    Raises:
        ReadError: It is damaged, protected, empty, or spans too many cells.
    """
    archive = open_archive(name, data)
    _check_span(name, archive)
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            cells = hidden_cells(archive)
            elements, hidden, count = _sheets(workbook, cells, keep=keep)
    except calamine.PasswordError as error:
        reason = "the workbook is password-protected; save it without a password"
        raise ReadError(name, reason) from error
    except _DAMAGED as error:
        reason = "the workbook is damaged; open it in Excel and save it again"
        raise ReadError(name, reason) from error
    if not elements:
        raise ReadError(name, "no cell of a visible sheet holds anything")
    text, placed = join_elements(elements)
    return Reading(
        text=text,
        elements=placed,
        title=properties(archive).title,
        warnings=tuple(
            f"sheet “{sheet}” is hidden and was left out"
            for sheet in hidden
            if not keep
        ),
        hidden={"hidden_sheets": len(hidden), "hidden_cells": count},
    )


def _check_span(name: str, archive: zipfile.ZipFile) -> None:
    """Refuse a sheet whose cells lie so far apart that its rows do not fit memory."""
    for entry in archive.namelist():
        if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", entry):
            continue
        columns = rows = 0
        for column, row in _PLACE.findall(archive.read(entry)):
            columns = max(columns, _number(column))
            rows = max(rows, int(row))
        if columns * rows > MOST_CELLS:
            raise ReadError(
                name,
                f"a sheet spans {rows:,} rows by {columns:,} columns, more than "
                f"{MOST_CELLS:,} cells; delete the empty rows and columns at its end",
            )


def _number(letters: bytes) -> int:
    """Return the number of a column from its letters: 1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _sheets(
    workbook: calamine.CalamineWorkbook, cells: Mapping[str, HiddenCells], *, keep: bool
) -> tuple[list[Element], list[str], int]:
    """Return what sheets say, the names of hidden ones, and how many cells are hidden."""
    elements: list[Element] = []
    hidden: list[str] = []
    count = 0
    for page, about in enumerate(workbook.sheets_metadata, start=1):
        if about.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        if about.visible != calamine.SheetVisibleEnum.Visible:
            hidden.append(about.name)
            if not keep:
                continue
        sheet = workbook.get_sheet_by_name(about.name)
        rows = [tuple(map(plain, row)) for row in sheet.to_python()]
        unseen = cells.get(about.name)
        if unseen and sheet.start:
            shown = list(_shown(rows, unseen, *sheet.start))
            count += sum(map(_cells, rows)) - sum(map(_cells, shown))
            rows = rows if keep else shown
        elements += _blocks(rows, about.name, page)
    return elements, hidden, count


def _shown(
    rows: Sequence[Row], unseen: HiddenCells, top: int, left: int
) -> Iterator[Row]:
    """Yield rows with nothing in their hidden cells, and no row that is hidden.

    Args:
        rows: The rows from the first one that says something on.
        unseen: What is hidden of the sheet.
        top: Number of the first row, from 0.
        left: Number of the first column, from 0.
    """
    for number, row in enumerate(rows, start=top):
        if number not in unseen.rows:
            yield tuple(
                "" if unseen.has(number, column) else cell
                for column, cell in enumerate(row, start=left)
            )


def _blocks(rows: Sequence[Row], sheet: str, page: int) -> Iterator[Element]:
    """Yield the name of a sheet, then the tables and texts between its empty rows."""
    if not any(map(any, rows)):
        return
    yield Element(kind="title", text=sheet, heading_path=(sheet,), page=page)
    for filled, group in groupby(rows, key=any):
        block = list(group) if filled else []
        while block and _cells(block[0]) == 1:
            text = "".join(block.pop(0))
            yield Element(kind="text", text=text, heading_path=(sheet,), page=page)
        if block:
            yield Element(
                kind="table",
                text=_table(block),
                heading_path=(sheet,),
                page=page,
                header_rows=1,
            )


def _cells(row: Row) -> int:
    return sum(map(bool, row))


def _table(rows: Sequence[Row]) -> str:
    kept = [column for column in zip(*rows, strict=True) if any(column)]
    return "\n".join(" | ".join(row).rstrip() for row in zip(*kept, strict=True))


def plain(cell: object) -> str:
    """Return a cell as a person would write it: ``25``, ``2026-03-01``, ``yes``."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else f"{cell:.12g}"
    if isinstance(cell, dt.datetime):
        day = cell.time() == dt.time()
        return str(cell.date()) if day else cell.isoformat(" ", "minutes")
    return " ".join(str(cell).split())
