"""Makes small PDF files: text at places, ruling lines, outlines, protection."""

import io
import zlib
from collections.abc import Iterable, Sequence

from msgspec import Struct
from pypdf import PdfWriter
from pypdf.generic import IndirectObject, NameObject, NumberObject, TextStringObject

INVISIBLE = 3


class Mark(Struct, frozen=True):
    """A line of an outline: depth and page from 0."""

    depth: int
    title: str
    page: int


def words(
    x: float, y: float, text: str, *, size: float = 11, font: str = "F1", mode: int = 0
) -> str:
    """Return the drawing of `text`; F1 is plain, F2 bold, F3 of one width."""
    safe = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /{font} {size} Tf {mode} Tr {x} {y} Td ({safe}) Tj ET\n"


def paragraph(x: float, y: float, lines: Iterable[str], *, step: float = 14) -> str:
    """Return lines under one another from (x, y) on."""
    drawn = (words(x, y - number * step, line) for number, line in enumerate(lines))
    return "".join(drawn)


def rule(x0: float, y0: float, x1: float, y1: float) -> str:
    """Return the drawing of a thin line."""
    return f"0.5 w {x0} {y0} m {x1} {y1} l S\n"


def grid(xs: Sequence[float], ys: Sequence[float]) -> str:
    """Return the drawing of a table's lines."""
    across = [rule(xs[0], y, xs[-1], y) for y in ys]
    return "".join([*across, *(rule(x, ys[0], x, ys[-1]) for x in xs)])


def raw_pdf(pages: Sequence[str], *, box: str = "0 0 595 842") -> bytes:
    """Return a PDF whose pages draw the given operators."""
    fonts = " ".join(
        f"/F{number} << /Type /Font /Subtype /Type1 /BaseFont /{name} "
        "/Encoding /WinAnsiEncoding >>"
        for number, name in enumerate(("Helvetica", "Helvetica-Bold", "Courier"), 1)
    )
    kids = " ".join(f"{3 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
    ]
    for number, page in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents "
            f"{4 + 2 * number} 0 R /Resources << /Font << {fonts} >> >> >>".encode()
        )
        content = zlib.compress(page.encode("cp1252"))
        head = f"<< /Length {len(content)} /Filter /FlateDecode >>\nstream\n".encode()
        objects.append(head + content + b"\nendstream")
    return numbered(objects)


def numbered(objects: Sequence[bytes]) -> bytes:
    """Return a file of objects, numbered from 1, the first being the catalog."""
    body = b"%PDF-1.7\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    return body + table + trailer + b"startxref\n%d\n%%%%EOF\n" % len(body)


def pdf(
    pages: Sequence[str],
    *,
    outline: Sequence[Mark] = (),
    title: str = "",
    language: str = "",
    password: str = "",
    rotate: int = 0,
) -> bytes:
    """Return a PDF with properties."""
    writer = PdfWriter(clone_from=io.BytesIO(raw_pdf(pages)))
    above: list[IndirectObject] = []
    for mark in outline:
        parent = above[mark.depth - 1] if mark.depth else None
        item = writer.add_outline_item(
            title=mark.title, page_number=mark.page, parent=parent
        )
        above[mark.depth :] = [item]
    if title:
        writer.add_metadata({"/Title": title})
    if language:
        writer.root_object[NameObject("/Lang")] = TextStringObject(language)
    if rotate:
        for page in writer.pages:
            page[NameObject("/Rotate")] = NumberObject(rotate)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()
