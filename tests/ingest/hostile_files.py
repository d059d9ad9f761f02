"""Makes files that parsers should not survive: bombs, loops, traps, wreckage.

`CANARY` stands for what must never be read; `{address}` for a server that must
never be asked.
"""

import io
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tests.ingest.made_files import (
    DOCX,
    EPUB,
    MSG,
    ODT,
    ORG,
    PPTX,
    RTF,
    XLSX,
    docx_file,
    epub_file,
    odt_file,
    parts_of,
    pptx_file,
    xlsx_file,
    zip_file,
)
from tests.ingest.made_pdf import numbered, pdf, raw_pdf, words

CANARY = "canary-7f3a"
PDF = "application/pdf"
MARKDOWN = "text/markdown"
HTML = "text/html"
TEXT = "text/plain"
RST = "text/x-rst"
CSV = "text/csv"
JSON = "application/json"
MAIL = "message/rfc822"

_WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

Hostile = tuple[str, bytes, str]
"""A file's name, its bytes and its media type."""


def hostile_files(secret: Path, address: str) -> Iterator[Hostile]:
    """Yield the files.

    Args:
        secret: A file of this machine that holds `CANARY`.
        address: ``http://`` address of a server.
    """
    yield from _archives()
    yield from _entities(secret)
    yield from _pdfs()
    yield from _sheets(address)
    yield from _includes(secret, address)
    yield from _depths()
    yield from _wrecks()
    yield from _encodings()


def word(body: str, *, before: str = "") -> bytes:
    """Return a Word document of the given body and what stands before its root."""
    parts = parts_of(docx_file())
    parts["word/document.xml"] = (
        f'<?xml version="1.0"?>{before}<w:document {_WORD}><w:body>{body}</w:body>'
        "</w:document>"
    )
    return zip_file(parts)


def text_of(content: str) -> str:
    """Return a Word paragraph."""
    return f"<w:p><w:r><w:t>{content}</w:t></w:r></w:p>"


def sparse_sheet(quote: str) -> bytes:
    """Return a workbook whose two cells are as far apart as can be."""
    parts = parts_of(xlsx_file({"S": [["a"]]}))
    cells = "".join(
        f'<row r="{row}"><c r={quote}{column}{row}{quote}><v>1</v></c></row>'
        for column, row in (("A", 1), ("XFD", 1048576))
    )
    parts["xl/worksheets/sheet1.xml"] = _sheet(cells)
    return zip_file(parts)


def _sheet(rows: str) -> str:
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )


def _archives() -> Iterator[Hostile]:
    yield "bomb.docx", word(text_of("A" * 30_000_000)), DOCX
    lying = bytearray(word(text_of("B" * 30_000_000)))
    _lie_about_sizes(lying)
    yield "lying.docx", bytes(lying), DOCX
    many: dict[str, str | bytes] = {f"word/{n}.xml": "" for n in range(10_001)}
    yield "many.docx", zip_file(parts_of(docx_file()) | many), DOCX
    yield "overlapping.epub", _overlapping(), EPUB
    inner = zip_file({"bomb": b"\0" * 8_000_000})
    nested = parts_of(docx_file(("Normal", "Nested"))) | {"word/inner.zip": inner}
    yield "nested.docx", zip_file(nested), DOCX
    yield "climbing.docx", zip_file({f"../../{CANARY}": "x"}), DOCX


def _lie_about_sizes(data: bytearray) -> None:
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 24 : at + 28] = struct.pack("<I", 10)
        at = data.find(b"PK\x01\x02", at + 4)


def _overlapping() -> bytes:
    """Return an archive whose directory names one big entry two hundred times."""
    single = zip_file({"a": b"\0" * 1_000_000})
    start = single.find(b"PK\x01\x02")
    entry = single[start : single.find(b"PK\x05\x06")]
    end = struct.pack(
        "<4s4H2IH", b"PK\x05\x06", 0, 0, 200, 200, len(entry) * 200, start, 0
    )
    return single[:start] + entry * 200 + end


def _entities(secret: Path) -> Iterator[Hostile]:
    laughs = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10)
    )
    yield "laughs.docx", word(text_of("&l9;"), before=f"<!DOCTYPE d [{laughs}]>"), DOCX
    long = f'<!DOCTYPE d [<!ENTITY a "{"a" * 50_000}">]>'
    yield "quadratic.docx", word(text_of("&a;" * 50_000), before=long), DOCX
    outside = f'<!DOCTYPE d [<!ENTITY x SYSTEM "file://{secret}">]>'
    yield "outside.docx", word(text_of("&x;"), before=outside), DOCX
    parameter = f'<!DOCTYPE d [<!ENTITY % p SYSTEM "file://{secret}"> %p;]>'
    yield "parameter.docx", word(text_of("shown"), before=parameter), DOCX
    parts = parts_of(odt_file("<text:p>shown</text:p>"))
    parts["meta.xml"] = f"{outside}<d>&x;</d>"
    yield "outside.odt", zip_file(parts), ODT
    parts = parts_of(epub_file("<p>shown</p>"))
    parts["c0.xhtml"] = (outside + "<html><body><p>&x;</p></body></html>").encode(
        "utf-16"
    )
    yield "outside.epub", zip_file(parts), EPUB


def _pdfs() -> Iterator[Hostile]:
    whole = raw_pdf([words(72, 700, "shown")])
    catalog = b"<< /Type /Catalog /Pages 2 0 R >>"
    loop = b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"
    deep = [
        b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % (n + 3) for n in range(5_000)
    ]
    yield "loop.pdf", numbered([catalog, loop]), PDF
    yield "deep.pdf", numbered([catalog, *deep]), PDF
    yield "previous.pdf", whole.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev 9"), PDF
    yield "huge.pdf", raw_pdf([words(1, 1, "shown")], box="0 0 100000 100000"), PDF
    yield "half.pdf", whole[: len(whole) // 2], PDF
    yield "locked.pdf", pdf([words(72, 700, CANARY)], password="x"), PDF
    yield "magic.pdf", b"%PDF-1.7\n" + b"\xff" * 5_000, PDF
    drawing = "".join(f"{n % 500} {n % 800} m 9 9 l S\n" for n in range(60_000))
    yield "drawing.pdf", raw_pdf([words(72, 700, "shown") + drawing]), PDF


def _sheets(address: str) -> Iterator[Hostile]:
    yield "sparse.xlsx", sparse_sheet('"'), XLSX
    yield "unseen.xlsx", sparse_sheet("'"), XLSX
    parts = parts_of(xlsx_file({"S": [["a"]]}))
    rows = "".join(f'<row r="{n}"/>' for n in range(1, 300_000))
    yield (
        "rows.xlsx",
        zip_file(parts | {"xl/worksheets/sheet1.xml": _sheet(rows)}),
        XLSX,
    )
    formula = f'=WEBSERVICE("{address}")'
    yield "formula.xlsx", xlsx_file({"S": [["shown", formula]]}), XLSX
    yield "formula.csv", f'a,b\n"{formula}",2\n'.encode(), CSV
    yield "quotes.csv", b'a,b\n"' + b"x\n" * 100_000, CSV


def _includes(secret: Path, address: str) -> Iterator[Hostile]:
    org = f"* Top\n#+INCLUDE: {secret}\n#+SETUPFILE: {secret}\n[[file:{secret}]]\nshown"
    yield "include.org", org.encode(), ORG
    rst = (
        f"shown\n\n.. include:: {secret}\n\n.. raw:: html\n   :file: {secret}\n\n"
        f".. csv-table::\n   :file: {secret}\n\n.. image:: {address}\n"
    )
    yield "include.rst", rst.encode(), RST
    page = (
        f"<html><base href={address}><link rel=stylesheet href=x><img src={address}>"
        f"<iframe src=file://{secret}></iframe><p>shown</p></html>"
    )
    yield "fetch.html", page.encode(), HTML
    yield (
        "fetch.md",
        f"shown ![]({address}) {{% include {secret} %}}".encode(),
        MARKDOWN,
    )
    yield "fetch.epub", epub_file(f"<p>shown</p><img src='file://{secret}'/>"), EPUB
    rtf = rf"{{\rtf1 shown {{\field{{\*\fldinst INCLUDETEXT {secret}}}}}}}"
    yield "include.rtf", rtf.encode(), RTF
    parts = parts_of(docx_file(("Normal", "shown")))
    relations = "word/_rels/document.xml.rels"
    template = (
        '<Relationship Id="rX" Type="http://schemas.openxmlformats.org/officeDocument/'
        f'2006/relationships/attachedTemplate" Target="{address}" '
        'TargetMode="External"/></Relationships>'
    )
    parts[relations] = _ended(parts[relations], "</Relationships>", template)
    yield "template.docx", zip_file(parts), DOCX


def _ended(part: str | bytes, end: str, other: str) -> str:
    """Return a part of an archive with another end."""
    text = part.decode() if isinstance(part, bytes) else part
    return text.replace(end, other)


def _depths() -> Iterator[Hostile]:
    tables = "<w:tbl><w:tr><w:tc>" * 3_000 + "</w:tc></w:tr></w:tbl>" * 3_000
    yield "deep.docx", word(tables), DOCX
    wide = (
        '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="9000000"/></w:tcPr>'
        f"{text_of('shown')}</w:tc></w:tr></w:tbl>"
    )
    yield "wide.docx", word(wide), DOCX
    yield "deep.rtf", rb"{\rtf1 " + b"{" * 5_000, RTF
    yield "deep.html", b"<div>" * 100_000 + b"shown", HTML
    yield "deep.json", b"[" * 100_000 + b"]" * 100_000, JSON
    yield "deep.md", b"> " * 3_000 + b"shown", MARKDOWN
    yield "brackets.md", b"[" * 50_000, MARKDOWN
    yield "deep.epub", epub_file("<div>" * 5_000 + "shown" + "</div>" * 5_000), EPUB


def _wrecks() -> Iterator[Hostile]:
    for name, data, media_type in (
        ("half.docx", docx_file(("Normal", CANARY)), DOCX),
        ("half.pptx", pptx_file((CANARY, CANARY)), PPTX),
        ("half.xlsx", xlsx_file({"S": [[CANARY]]}), XLSX),
        ("half.odt", odt_file(f"<text:p>{CANARY}</text:p>"), ODT),
        ("half.epub", epub_file(f"<p>{CANARY}</p>"), EPUB),
    ):
        yield name, data[: len(data) // 2], media_type
    yield "magic.docx", b"PK\x03\x04" + b"\xff" * 5_000, DOCX
    yield (
        "locked.docx",
        _OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
        DOCX,
    )
    yield "magic.msg", _OLE + b"\xff" * 5_000, MSG
    yield "other.docx", zip_file({"a.txt": "x"}), DOCX
    yield "empty.docx", b"", DOCX
    yield "bad.eml", b"\xff\xfe garbage", MAIL
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("word/document.xml", "x" * 1_000)
    yield "bzip2.docx", written.getvalue(), DOCX


def _encodings() -> Iterator[Hostile]:
    yield "seven.txt", b"shown +AGMAYQBuAGEAcgB5-", TEXT
    yield "nobom.txt", "Größe und Öl kosten fünf Euro.".encode("utf-16-le"), TEXT
    yield "surrogate.txt", b"shown \xed\xa0\x80 here", TEXT
    yield "nul.md", b"# he\0ading\n\nsho\0wn\n" * 20, MARKDOWN
    yield "binary.md", bytes(range(256)) * 1_000, MARKDOWN
