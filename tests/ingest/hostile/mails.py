"""Mail that nests, lies about its parts, or is none."""

from collections.abc import Iterator

from tests.ingest.hostile.case import CANARY, Hostile, Place, fixed
from tests.ingest.hostile.parts import OLE

_HEAD = b"From: a@b.example\nSubject: shown\nMIME-Version: 1.0\n"


def mails(place: Place) -> Iterator[Hostile]:
    """Yield the files."""
    yield Hostile("parts.eml", lambda: _nested(10_000), "nested too deeply")
    yield Hostile("parts-few.eml", lambda: _nested(50), shown="shown")
    yield Hostile("wide.eml", lambda: _wide(20_000), shown="shown", costly=True)
    yield Hostile(
        "forwarded.eml",
        lambda: (_HEAD + b"Content-Type: message/rfc822\n\n") * 2_000 + b"x",
        "nested too deeply",
    )
    for name, head in _headers(place):
        yield Hostile(f"{name}.eml", fixed(_HEAD + head + b"\n\nshown"), shown="shown")
    for name, data in (
        ("garbage", b"\xff\xfe garbage"),
        ("empty-lines", b"\n" * 1_000),
        ("no-head", b"hello\n" * 1_000),
    ):
        yield Hostile(f"{name}.eml", fixed(data), "no mail")
    begun = _HEAD + b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n"
    yield Hostile("uu.eml", fixed(begun + b"M" * 3_000_000), shown="shown")
    coded = _HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"!" * 200_000
    yield Hostile("base64.eml", fixed(coded), shown="shown")
    attached = (
        _HEAD
        + b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nshown\n--x\n"
        + b"Content-Disposition: attachment; filename=../../etc/a.docx\n\n"
        + CANARY.encode()
        + b"\n--x--\n"
    )
    yield Hostile("attached.eml", fixed(attached), shown="shown")
    page = f"<p>shown</p><img src={place.address}><iframe src=file://{place.secret}>"
    yield Hostile(
        "page.eml",
        fixed(_HEAD + b"Content-Type: text/html\n\n" + page.encode()),
        shown="shown",
    )
    winmail = (
        _HEAD
        + b"Content-Type: application/ms-tnef; name=winmail.dat\n\n"
        + bytes.fromhex("789f3e22")
        + b"\xff" * 5_000
    )
    yield Hostile("winmail.eml", fixed(winmail), shown="shown")
    yield Hostile("magic.msg", fixed(OLE + b"\xff" * 5_000), "no msg file")
    yield Hostile("zeros.msg", fixed(OLE + bytes(20_000)), "no msg file")


def _nested(depth: int) -> bytes:
    opened = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n)
        for n in range(depth)
    )
    return _HEAD + opened + b"Content-Type: text/plain\n\nshown\n"


def _wide(count: int) -> bytes:
    head = _HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n"
    return head + b"--x\n\nshown\n" * count + b"--x--\n"


def _headers(place: Place) -> Iterator[tuple[str, bytes]]:
    """Yield header fields that break parsers."""
    yield "charset", b"Content-Type: text/plain; charset=unicode_escape"
    yield "charset-long", b"Content-Type: text/plain; charset=" + b"x" * 100_000
    yield "charset-path", b"Content-Type: text/plain; charset=../../x"
    yield "charset-idna", b"Content-Type: text/plain; charset=punycode"
    continued = b"".join(b"; filename*%d*=%%ff" % n for n in range(2_000))
    yield "rfc2231", b"Content-Disposition: inline" + continued
    yield "rfc2231-odd", b"Content-Disposition: inline; filename*=x'''%zz; filename*9=a"
    yield "date", b"Date: Mon, 99 Foo 99999 99:99:99 +9999"
    yield "words", b"To: " + b"=?utf-8?q?=ff?= " * 20_000
    yield "words-odd", b"To: =?x?x?=?=?utf-8?b?!!!?= =?utf-8?q?" + b"_" * 50_000
    yield "fields", b"".join(b"X-%d: y\n" % n for n in range(100_000))[:-1]
    yield "addresses", b"Cc: " + b"(" * 50_000
    yield "quoted", b"Cc: " + b'"\\' * 50_000
    yield (
        "external",
        (
            b"Content-Type: message/external-body; access-type=URL; URL="
            + place.address.encode()
        ),
    )
