"""Files that are not what their name says, or two things at once."""

from collections.abc import Iterator

from tests.ingest.hostile.case import CANARY, Hostile, fixed
from tests.ingest.made_files import docx_file, epub_file, xlsx_file, zip_file
from tests.ingest.made_pdf import raw_pdf, words

_NOT_READ = "not a format that is read"
_PDF_DAMAGED = "the PDF is damaged"


def kinds() -> Iterator[Hostile]:
    """Yield the files."""
    page = b"<!doctype html><html><p>shown</p></html>"
    document = raw_pdf([words(72, 700, "shown")])
    word = docx_file(("Normal", "shown"))
    archive = zip_file({"a.txt": CANARY})
    for name, data, reason, shown in (
        ("word.pdf", word, "", "shown"),
        ("sheet.pdf", xlsx_file({"S": [["shown"]]}), "", "shown"),
        ("book.docx", epub_file("<p>shown words</p>"), "", "shown"),
        ("page.pdf", page, "", "shown"),
        ("page.docx", page, "", "shown"),
        ("page.txt", page, "", "shown"),
        ("document.txt", document, "", "shown"),
        ("document.docx", document, "", "shown"),
        ("zip.pdf", archive, _PDF_DAMAGED, ""),
        ("zip.docx", archive, "damaged", ""),
        ("zip.txt", archive, "binary data", ""),
        ("zip.md", archive, "binary data", ""),
        ("both.pdf", document + archive, "", "shown"),
        ("both.docx", document + word, "", "shown"),
        ("page-and-document.pdf", page + document, "", "shown"),
        ("script.html", b"GIF89a/*<html>*/=alert(1)//<p>shown</p>", "", "shown"),
        ("script.gif", b"GIF89a/*<html>*/=alert(1)//<p>shown</p>", _NOT_READ, ""),
        ("picture.txt", _picture(), "binary data", ""),
        ("picture.pdf", _picture(), _PDF_DAMAGED, ""),
        ("picture.png", _picture(), _NOT_READ, ""),
        ("picture.svg", b"<svg onload=alert(1)>shown</svg>", _NOT_READ, ""),
        ("program.md", b"\x7fELF" + bytes(5_000), "binary data", ""),
        ("program", b"#!/bin/sh\nid\n", _NOT_READ, ""),
        ("library", b"\x7fELF" + bytes(5_000), _NOT_READ, ""),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(999), _NOT_READ, ""),
        ("macro.docm", word, "", "shown"),
        ("empty.docx", b"", "damaged", ""),
        ("empty.pdf", b"", _PDF_DAMAGED, ""),
        ("rich.doc", rb"{\rtf1 shown}", "", "shown"),
        ("gzip.txt", b"\x1f\x8b\x08\0" + bytes(range(256)) * 40, "binary data", ""),
    ):
        yield Hostile(name, fixed(data), reason, shown)


def _picture() -> bytes:
    """Return the head of a picture of a billion pixels."""
    size = (31_623).to_bytes(4, "big") * 2
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + size + b"\x08\2\0\0\0" + bytes(9_000)
