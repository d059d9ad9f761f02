"""Reads tables in text: CSV and TSV."""

import csv
import re
from itertools import pairwise

from ingest.documents import Element, Reading
from ingest.errors import ReadError
from ingest.readers.text import decode, line_starts, trimmed

_LONGEST_CELL = 2**31 - 1
_LONGEST_NAME = 80
_SEPARATORS = ",;\t|"
_SAMPLE = 20
_VALUE = re.compile(r"[-+€$£]?[\d.,:/ T+-]*\d[\d.,:/ TZ%€$£+-]*")


def read_csv(name: str, data: bytes) -> Reading:
    """Read a table whose separator is found out from its first lines.

    Raises:
        ReadError: The bytes are not text.
    """
    return _read(name, data, "")


def read_tsv(name: str, data: bytes) -> Reading:
    """Read a table whose cells are apart by tabs.

    Raises:
        ReadError: The bytes are not text.
    """
    return _read(name, data, "\t")


def _read(name: str, data: bytes, separator: str) -> Reading:
    """Read a table as one element: the source's rows from first to last."""
    text, warnings = decode(name, data)
    start, end = trimmed(text, 0, len(text))
    starts = line_starts(text[start:end])
    lines = [text[start + a : start + b] for a, b in pairwise(starts)]
    separator = separator or _separator(lines[:_SAMPLE])
    rows, unclosed = _first_rows(name, lines, separator)
    if unclosed:
        warnings = (*warnings, "a quotation mark is opened and never closed")
    table = Element(
        kind="table",
        text=text[start:end],
        start=start,
        end=end,
        header_rows=int(_names(rows)),
    )
    return Reading(
        text=text,
        elements=(table,) if start < end else (),
        verbatim=True,
        warnings=warnings,
    )


def _separator(lines: list[str]) -> str:
    """Return the sign that parts most lines into the same number of cells."""

    def fit(sign: str) -> tuple[int, int]:
        counts = [line.count(sign) for line in lines if line.strip()]
        usual = max(set(counts), key=counts.count, default=0)
        return (counts.count(usual) if usual else 0, usual)

    return max(_SEPARATORS, key=fit)


def _first_rows(
    name: str, lines: list[str], separator: str
) -> tuple[list[list[str]], bool]:
    """Return the first two rows, and whether a quotation never ends."""
    csv.field_size_limit(_LONGEST_CELL)
    rows = csv.reader(lines, delimiter=separator)
    first: list[list[str]] = []
    last = 0
    reached = 0
    try:
        for row in rows:
            if row and len(first) < 2:
                first.append(row)
            last, reached = reached, rows.line_num
    except csv.Error as error:
        raise ReadError(name, f"line {rows.line_num} is not a row: {error}") from error
    tail = "".join(lines[last:reached])
    return first, reached - last > 1 and tail.count('"') % 2 == 1


def _names(rows: list[list[str]]) -> bool:
    """Tell whether the first of two rows names the columns."""
    if len(rows) < 2:
        return False
    cells = [cell.strip() for cell in rows[0]]
    plain = [cell for cell in cells if cell and len(cell) <= _LONGEST_NAME]
    return (
        len(plain) >= max(len(cells) - 1, 1)
        and len(set(plain)) == len(plain)
        and not any(_VALUE.fullmatch(cell) or "\n" in cell for cell in plain)
    )
