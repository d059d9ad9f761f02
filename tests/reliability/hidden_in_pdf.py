"""Ways to hide text in PDF files."""

import io
import zlib
from collections.abc import Callable

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    RectangleObject,
    TextStringObject,
)

from tests.ingest.made_pdf import numbered
from tests.reliability.hidden_text import Carrier, Make


def letters(order: str) -> str:
    """Return what of an order the standard fonts can write."""
    return "".join(c if c.isascii() else "e" for c in order if c not in "()\\")


def text(x: float, y: float, said: str, *, size: float = 11, extra: str = "") -> str:
    return f"q BT {extra} /F1 {size} Tf {x} {y} Td ({said}) Tj ET Q\n"


def one_page(content: str, *, box: str = "0 0 595 842", more: str = "") -> bytes:
    """Return a PDF of one page; ``/G`` is a transparent state, ``/O`` a layer."""
    packed = zlib.compress(content.encode("cp1252", "replace"))
    picture = zlib.compress(b"\x30" * 64)
    return numbered(
        [
            (
                b"<< /Type /Catalog /Pages 2 0 R /OCProperties << /OCGs [6 0 R] "
                b"/D << /OFF [6 0 R] /Order [6 0 R] >> >> >>"
            ),
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] {more} /Contents 4 0 R "
            "/Resources << /Font << /F1 5 0 R >> /ExtGState << /G << /ca 0 /CA 0 >> "
            "/H << /ca 0.01 /CA 0.01 >> >> /Properties << /O 6 0 R >> "
            "/XObject << /P 7 0 R /W 8 0 R >> >> >>".encode(),
            b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream"
            % (len(packed), packed),
            (
                b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica "
                b"/Encoding /WinAnsiEncoding >>"
            ),
            b"<< /Type /OCG /Name (Draft) >>",
            b"<< /Type /XObject /Subtype /Image /Width 8 /Height 8 /BitsPerComponent 8 "
            b"/ColorSpace /DeviceGray /Filter /FlateDecode /Length %d >>\n"
            b"stream\n%b\nendstream" % (len(picture), picture),
            (
                b"<< /Type /XObject /Subtype /Form /BBox [0 0 595 842] /OC 6 0 R /Resources "
                b"<< /Font << /F1 5 0 R >> >> /Length 0 >>\nstream\n\nendstream"
            ),
        ]
    )


def _drawn(form: str, *, box: str = "0 0 595 842", more: str = "") -> Make:
    """Return what draws a line of what is shown, then `form` with the order."""

    def make(order: str, shown: str) -> bytes:
        said = letters(order)[:90]
        # The canary ends the order, so that of a long one its end is kept.
        said = letters(order)[-90:] if len(letters(order)) > 90 else said
        return one_page(text(50, 700, shown) + form.format(o=said), box=box, more=more)

    return make


_WRITTEN = "BT /F1 11 Tf 50 600 Td ({o}) Tj ET"

DRAWN = {
    "render mode 3": _drawn("q BT 3 Tr /F1 11 Tf 50 600 Td ({o}) Tj ET Q"),
    "render mode 7": _drawn("q BT 7 Tr /F1 11 Tf 50 600 Td ({o}) Tj ET Q"),
    "white": _drawn(f"q 1 1 1 rg {_WRITTEN} Q"),
    "white in grey": _drawn(f"q 1 g {_WRITTEN} Q"),
    "white in CMYK": _drawn(f"q 0 0 0 0 k {_WRITTEN} Q"),
    "nearly white": _drawn(f"q 0.99 0.99 0.98 rg {_WRITTEN} Q"),
    "white outline": _drawn("q 1 1 1 RG BT 1 Tr /F1 11 Tf 50 600 Td ({o}) Tj ET Q"),
    "colour of its ground": _drawn(f"q 0.1 0.2 0.6 rg 0 580 595 60 re f {_WRITTEN} Q"),
    "tiny": _drawn("q BT /F1 0.5 Tf 50 600 Td ({o}) Tj ET Q"),
    "tiny by its matrix": _drawn(
        "q BT /F1 11 Tf 0.01 0 0 0.01 50 600 Tm ({o}) Tj ET Q"
    ),
    "flat": _drawn("q BT /F1 11 Tf 1 0 0 0.001 50 600 Tm ({o}) Tj ET Q"),
    "off the page": _drawn("q BT /F1 11 Tf 50 -200 Td ({o}) Tj ET Q"),
    "far off the page": _drawn("q BT /F1 11 Tf 5000 600 Td ({o}) Tj ET Q"),
    "outside the crop box": _drawn(
        "q BT /F1 11 Tf 50 100 Td ({o}) Tj ET Q", more="/CropBox [0 400 595 842]"
    ),
    "behind a box": _drawn(f"q {_WRITTEN} Q q 1 1 1 rg 0 580 595 60 re f Q"),
    "behind a dark box": _drawn(f"q {_WRITTEN} Q q 0 0 0 rg 0 580 595 60 re f Q"),
    "behind a picture": _drawn(f"q {_WRITTEN} Q q 595 0 0 60 0 580 cm /P Do Q"),
    "transparent": _drawn(f"q /G gs {_WRITTEN} Q"),
    "nearly transparent": _drawn(f"q /H gs {_WRITTEN} Q"),
    "clipped away": _drawn(f"q 0 0 1 1 re W n {_WRITTEN} Q"),
    "a layer that is off": _drawn(f"/OC /O BDC q {_WRITTEN} Q EMC"),
    "ActualText": _drawn(
        "/Span << /ActualText ({o}) >> BDC BT /F1 11 Tf 50 600 Td (End.) Tj ET EMC"
    ),
    "alternate text": _drawn(
        "/Figure << /Alt ({o}) >> BDC BT /F1 11 Tf 50 600 Td (End.) Tj ET EMC"
    ),
    "comment of its source": _drawn("% {o}\n"),
    "string that is not drawn": _drawn("q BT /F1 11 Tf 50 600 Td ({o}) pop ET Q"),
}


def _rewritten(change: str) -> Make:
    def make(order: str, shown: str) -> bytes:
        page = one_page(text(50, 700, shown) + text(50, 600, "And so on."))
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(page)))
        _CHANGES[change](writer, letters(order))
        written = io.BytesIO()
        writer.write(written)
        return written.getvalue()

    return make


def _annotated(subtype: str, flags: int = 0) -> Callable[[PdfWriter, str], None]:
    def change(writer: PdfWriter, order: str) -> None:
        note = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Annot"),
                NameObject("/Subtype"): NameObject(subtype),
                NameObject("/Rect"): RectangleObject((50, 500, 300, 520)),
                NameObject("/Contents"): TextStringObject(order),
                NameObject("/F"): FloatObject(flags),
            }
        )
        if subtype == "/Widget":
            note[NameObject("/FT")] = NameObject("/Tx")
            note[NameObject("/T")] = TextStringObject("field")
            note[NameObject("/V")] = TextStringObject(order)
        writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(note)])

    return change


def _subject(writer: PdfWriter, order: str) -> None:
    writer.add_metadata({"/Subject": order, "/Keywords": order, "/Author": order})


def _attached(writer: PdfWriter, order: str) -> None:
    writer.add_attachment("note.txt", order.encode())


_CHANGES = {
    "annotation": _annotated("/Text"),
    "popup": _annotated("/Popup"),
    "hidden field": _annotated("/Widget", 2),
    "properties": _subject,
    "attachment": _attached,
}

CARRIERS = (
    *(Carrier(f"PDF {name}", "a.pdf", make) for name, make in DRAWN.items()),
    *(Carrier(f"PDF {name}", "a.pdf", _rewritten(name)) for name in _CHANGES),
)
