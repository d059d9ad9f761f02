"""Pieces that hostile files are made of."""

import struct
from collections.abc import Mapping

from tests.ingest.made_files import docx_file, parts_of, xlsx_file, zip_file

PDF = "application/pdf"
MARKDOWN = "text/markdown"
TEXT = "text/plain"

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def word(body: str, *, before: str = "", **parts: str | bytes) -> bytes:
    """Return a Word document.

    Args:
        body: Content of its body.
        before: What stands before its root.
        parts: Other parts of the archive, by name.
    """
    return zip_file(
        parts_of(docx_file()) | {"word/document.xml": xml(body, before)} | parts
    )


def xml(body: str, before: str = "") -> str:
    """Return the main part of a Word document."""
    return (
        f'<?xml version="1.0"?>{before}<w:document {_WORD}><w:body>{body}</w:body>'
        "</w:document>"
    )


def text_of(content: str) -> str:
    """Return a Word paragraph."""
    return f"<w:p><w:r><w:t>{content}</w:t></w:r></w:p>"


def workbook(rows: str, **parts: str | bytes) -> bytes:
    """Return a workbook whose sheet has the given rows."""
    made = parts_of(xlsx_file({"S": [["a"]]}))
    made["xl/worksheets/sheet1.xml"] = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )
    return zip_file(made | parts)


def sparse_sheet(quote: str) -> bytes:
    """Return a workbook whose two cells are as far apart as can be."""
    return workbook(
        "".join(
            f'<row r="{row}"><c r={quote}{column}{row}{quote}><v>1</v></c></row>'
            for column, row in (("A", 1), ("XFD", 1048576))
        )
    )


def with_end(part: str | bytes, end: str, other: str) -> str:
    """Return a part of an archive with another end."""
    text = part.decode() if isinstance(part, bytes) else part
    return text.replace(end, other)


def in_directory(data: bytes, offset: int, value: bytes) -> bytes:
    """Return an archive that says something else in each line of its directory."""
    lying = bytearray(data)
    at = lying.find(b"PK\x01\x02")
    while at >= 0:
        lying[at + offset : at + offset + len(value)] = value
        at = lying.find(b"PK\x01\x02", at + 4)
    return bytes(lying)


def repeated_entry(content: bytes, count: int) -> bytes:
    """Return an archive whose directory names one entry many times."""
    single = zip_file({"a": content})
    start = single.find(b"PK\x01\x02")
    entry = single[start : single.find(b"PK\x05\x06")]
    end = struct.pack(
        "<4s4H2IH",
        b"PK\x05\x06",
        *(0, 0, count & 0xFFFF, count & 0xFFFF, len(entry) * count, start, 0),
    )
    return single[:start] + entry * count + end


def changed(data: bytes, parts: Mapping[str, str | bytes]) -> bytes:
    """Return an archive with some parts changed or added."""
    return zip_file({**parts_of(data), **parts})
