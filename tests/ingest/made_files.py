"""Makes small files of the office formats, in memory, by the formats' own libraries."""

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import docx
import openpyxl  # type: ignore[import-untyped]  # its stubs are not installed
import pptx
from pptx.util import Inches

_OPEN_XML = "application/vnd.openxmlformats-officedocument"
DOCX = f"{_OPEN_XML}.wordprocessingml.document"
PPTX = f"{_OPEN_XML}.presentationml.presentation"
XLSX = f"{_OPEN_XML}.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
EPUB = "application/epub+zip"
RTF = "text/rtf"
ORG = "text/x-org"
MSG = "application/vnd.ms-outlook"


def docx_file(
    *paragraphs: tuple[str, str], table: Sequence[Sequence[str]] = (), title: str = ""
) -> bytes:
    """Return a Word document of (style, text) paragraphs, then a table."""
    document = docx.Document()
    document.core_properties.title = title
    for style, text in paragraphs:
        document.add_paragraph(text, style=style)
    if table:
        grid = document.add_table(len(table), len(table[0]))
        for row, cells in zip(grid.rows, table, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    return saved(document)


def saved(document: Any) -> bytes:
    """Return what a document of any of the libraries saves."""
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def pptx_file(
    *slides: tuple[str, str], notes: str = "", hidden: Sequence[int] = ()
) -> bytes:
    """Return a deck of (title, body) slides; `hidden` counts from 1."""
    deck = pptx.Presentation()
    for number, (title, body) in enumerate(slides, 1):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = body
        slide.notes_slide.notes_text_frame.text = notes
        if number in hidden:
            slide.element.set("show", "0")
    grid = slide.shapes.add_table(2, 2, Inches(1), Inches(5), Inches(4), Inches(1))
    for (row, column), text in {(0, 0): "Key", (0, 1): "Value", (1, 0): "k"}.items():
        grid.table.cell(row, column).text = text
    return saved(deck)


def xlsx_file(
    sheets: Mapping[str, Sequence[Sequence[object]]], *, hidden: Sequence[str] = ()
) -> bytes:
    """Return a workbook of sheets by name."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
        for row in rows:
            sheet.append(list(row))
    return saved(book)


def zip_file(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a zip file of parts by name; a ``mimetype`` is stored as it is."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            stored = zipfile.ZIP_STORED if name == "mimetype" else None
            archive.writestr(name, content, stored)
    return written.getvalue()


def parts_of(data: bytes) -> dict[str, str | bytes]:
    """Return the parts of a zip file, to change some and zip them again."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def text_of(part: str | bytes) -> str:
    """Return a part of a zip file as text."""
    return part if isinstance(part, str) else part.decode()


def odt_file(body: str) -> bytes:
    """Return an OpenDocument text of the given ``office:text`` content."""
    names = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "text", "table", "meta", "manifest", "style")
    )
    meta = (
        f'<office:document-meta{names} xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<office:meta><dc:title>Odt title</dc:title><dc:language>de-DE</dc:language>"
        "</office:meta></office:document-meta>"
    )
    return zip_file(
        {
            "mimetype": ODT,
            "meta.xml": meta,
            "content.xml": f"<office:document-content{names}><office:body><office:text>"
            f"{body}</office:text></office:body></office:document-content>",
            "styles.xml": f"<office:document-styles{names}><office:styles/>"
            "<office:automatic-styles/><office:master-styles/>"
            "</office:document-styles>",
            "META-INF/manifest.xml": f"<manifest:manifest{names}/>",
        }
    )


def epub_file(*chapters: str) -> bytes:
    """Return an e-book of chapters, each the content of a ``body``."""
    items = "".join(
        f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>'
        for n in range(len(chapters))
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    pages: dict[str, str | bytes] = {
        f"c{n}.xhtml": '<html xmlns="http://www.w3.org/1999/xhtml"><head>'
        f"<title>c</title></head><body>{chapter}</body></html>"
        for n, chapter in enumerate(chapters)
    }
    return zip_file(
        {
            "mimetype": EPUB,
            "META-INF/container.xml": '<container version="1.0" xmlns="urn:oasis:names:'
            'tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="b.opf" '
            'media-type="application/oebps-package+xml"/></rootfiles></container>',
            "b.opf": '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
            'unique-identifier="i"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
            '<dc:identifier id="i">x</dc:identifier><dc:title>Book title</dc:title>'
            f"<dc:language>en-GB</dc:language></metadata><manifest>{items}</manifest>"
            f"<spine>{spine}</spine></package>",
            **pages,
        }
    )


def msg_file(*, subject: str, body: str) -> bytes:
    """Return an Outlook message; each of its streams is below 4 KB."""
    texts = {0x0037: subject.encode("utf-16-le"), 0x1000: body.encode("utf-16-le")}
    header = struct.pack("<8x4I8x", 0, 0, 0, 0)
    entries = b"".join(
        struct.pack("<HHIII", 0x001F, number, 6, len(text) + 2, 0)
        for number, text in texts.items()
    )
    streams = {"__properties_version1.0": header + entries}
    streams |= {f"__substg1.0_{n:04X}001F": text for n, text in texts.items()}
    return _compound_file(streams)


def _compound_file(streams: Mapping[str, bytes]) -> bytes:
    """Return an OLE file whose root holds short streams.

    Source: [MS-CFB]. Sector 0 is the FAT, 1 the mini FAT, then the directory, then
    the mini stream.
    """
    free, end = 0xFFFFFFFF, 0xFFFFFFFE
    mini, mini_fat, starts = b"", list[int](), list[int]()
    for content in streams.values():
        starts.append(len(mini_fat))
        count = -(-len(content) // 64)
        mini += content.ljust(64 * count, b"\0")
        first = len(mini_fat)
        mini_fat += [*range(first + 1, first + count), end]
    mini = mini.ljust(-(-len(mini) // 512) * 512, b"\0")
    entries = [_entry("Root Entry", 5, child=1, start=0, size=len(mini))]
    for number, (name, content) in enumerate(streams.items(), 1):
        right = number + 1 if number < len(streams) else free
        start = starts[number - 1]
        entries.append(_entry(name, 2, right=right, start=start, size=len(content)))
    entries += [_entry("", 0)] * (-len(entries) % 4)
    directory = len(entries) // 4
    entries[0] = _entry("Root Entry", 5, child=1, start=2 + directory, size=len(mini))
    chains = [
        range(2, 2 + directory),
        range(2 + directory, len(mini) // 512 + 2 + directory),
    ]
    fat = [0xFFFFFFFD, end]
    for chain in chains:
        fat += [*chain[1:], end]
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        *(0x3E, 3, 0xFFFE, 9, 6),
        *(0, 1, 2, 0, 4096, 1, 1, end, 0),
    )
    sector = struct.Struct("<128I")
    return b"".join(
        (
            header + struct.pack("<109I", 0, *[free] * 108),
            sector.pack(*fat, *[free] * (128 - len(fat))),
            sector.pack(*mini_fat, *[free] * (128 - len(mini_fat))),
            *entries,
            mini,
        )
    )


def _entry(
    name: str,
    kind: int,
    *,
    right: int = 0xFFFFFFFF,
    child: int = 0xFFFFFFFF,
    start: int = 0,
    size: int = 0,
) -> bytes:
    raw = name.encode("utf-16-le") + b"\0\0" if name else b""
    return struct.pack(
        "<64sHBBIII36xIQ", raw, len(raw), kind, 1, 0xFFFFFFFF, right, child, start, size
    )
