"""Zip files that are bombs, lie about themselves, or are no documents."""

import io
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator
from functools import partial

from tests.ingest.hostile.case import CANARY, Hostile, fixed
from tests.ingest.hostile.parts import (
    OLE,
    changed,
    in_directory,
    repeated_entry,
    text_of,
    word,
)
from tests.ingest.made_files import (
    docx_file,
    epub_file,
    odt_file,
    parts_of,
    pptx_file,
    xlsx_file,
    zip_file,
)

_BOMB = "unpacks to more than"
_DAMAGED = "damaged or incomplete"
_PASSWORD = "password-protected"
_SAME = "same name"
_OUT = "leads out of it"


def archives() -> Iterator[Hostile]:
    """Yield the files."""
    yield from _bombs()
    yield from _liars()
    yield from _names()
    yield from _locked()
    yield from _wrecks()


def _bombs() -> Iterator[Hostile]:
    yield Hostile("bomb.docx", lambda: word(text_of("A" * 30_000_000)), _BOMB)
    yield Hostile(
        "giant.docx", lambda: _streamed("word/document.xml", 1_000), _BOMB, costly=True
    )
    for name, file in _ordinary():
        yield Hostile(f"bomb-in.{name}", partial(_bombed, file), _BOMB)
    yield Hostile("many.docx", lambda: _many(10_001), "more than 10,000 parts")
    yield Hostile(
        "most.docx", lambda: _many(65_535), "more than 10,000 parts", costly=True
    )
    yield Hostile(
        "zip64.docx", lambda: _many(66_000), "more than 10,000 parts", costly=True
    )
    # Entries that lie over each other have the same name, or one for each.
    yield Hostile("same.epub", lambda: repeated_entry(b"\0" * 1_000_000, 200), _SAME)
    yield Hostile("over.docx", lambda: _overlapping(500, 1_000_000), _BOMB)
    inner = zip_file({"bomb": b"\0" * 8_000_000})
    nested = docx_file(("Normal", "Nested"))
    yield Hostile(
        "nested.docx",
        lambda: changed(nested, {"word/inner.zip": inner}),
        shown="Nested",
    )
    yield Hostile("nest.zip.docx", lambda: _nest(inner, 6), "damaged, or no docx")
    yield Hostile(
        "inside.docx",
        lambda: changed(nested, {"word/embeddings/a.docx": word(text_of(CANARY))}),
        shown="Nested",
    )


def _ordinary() -> Iterator[tuple[str, Callable[[], bytes]]]:
    yield "docx", lambda: docx_file(("Normal", "shown"))
    yield "pptx", lambda: pptx_file(("shown", "shown"))
    yield "xlsx", lambda: xlsx_file({"S": [["shown"]]})
    yield "odt", lambda: odt_file("<text:p>shown</text:p>")
    yield "epub", lambda: epub_file("<p>shown</p>")


def _bombed(make: Callable[[], bytes]) -> bytes:
    return changed(make(), {"extra/picture.bin": b"\0" * 12_000_000})


def _many(count: int) -> bytes:
    parts: dict[str, str | bytes] = {f"word/{n}.xml": "" for n in range(count)}
    return zip_file(parts_of(docx_file()) | parts)


def _nest(inner: bytes, depth: int) -> bytes:
    for _ in range(depth):
        inner = zip_file({f"word/document.{n}.zip": inner for n in range(8)})
    return inner


def _streamed(name: str, megabytes: int) -> bytes:
    """Return an archive of one entry that was never held whole."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts_of(docx_file()).items():
            if part != name:
                archive.writestr(part, content)
        with archive.open(name, "w") as entry:
            for _ in range(megabytes):
                entry.write(bytes(1 << 20))
    return written.getvalue()


def _overlapping(count: int, size: int) -> bytes:
    """Return an archive whose entries have names of their own and one content."""
    single = zip_file({"a000": b"\0" * size})
    start = single.find(b"PK\x01\x02")
    entry = single[start : single.find(b"PK\x05\x06")]
    lines = b"".join(
        entry.replace(b"a000", b"a%03d" % number) for number in range(count)
    )
    end = struct.pack(
        "<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(lines), start, 0
    )
    return single[:start] + lines + end


def _liars() -> Iterator[Hostile]:
    large = word(text_of("B" * 30_000_000))
    plain = docx_file(("Normal", "shown"))
    for name, data, reason, shown in (
        ("small", in_directory(large, 24, struct.pack("<I", 10)), _BOMB, ""),
        ("huge", in_directory(plain, 24, b"\xfe\xff\xff\xff"), "", "shown"),
        ("packed", in_directory(plain, 20, b"\xfe\xff\xff\x7f"), "", "shown"),
        ("sum", in_directory(plain, 16, b"\1\2\3\4"), _DAMAGED, ""),
        ("method", in_directory(plain, 10, b"\x0c\0"), _DAMAGED, ""),
        ("offset", in_directory(plain, 42, b"\xff\xff\xff\x7f"), _DAMAGED, ""),
        ("count", _with_count(plain, 9_999), "", "shown"),
        ("after", plain + b"more" * 1_000, "", "shown"),
        ("before", b"PK\x03\x04" + bytes(3_000) + plain, "", "shown"),
    ):
        yield Hostile(f"lying-{name}.docx", fixed(data), reason, shown)
    yield Hostile("descriptor.docx", _described, shown="shown")
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("word/document.xml", "x" * 1_000)
    yield Hostile("bzip2.docx", fixed(written.getvalue()), _DAMAGED)


def _with_count(data: bytes, count: int) -> bytes:
    at = data.find(b"PK\x05\x06")
    return data[: at + 8] + struct.pack("<HH", count, count) + data[at + 12 :]


def _described() -> bytes:
    """Return an archive written to a pipe: sizes stand after each content."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, offset: int, whence: int = 0) -> int:
            raise io.UnsupportedOperation

        def tell(self) -> int:
            raise io.UnsupportedOperation

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts_of(docx_file(("Normal", "shown"))).items():
            archive.writestr(name, content)
    return pipe.getvalue()


def _names() -> Iterator[Hostile]:
    plain = docx_file(("Normal", "shown"))
    for number, name in enumerate(
        (
            *(f"../../{CANARY}", "/etc/passwd", "..\\..\\x", "C:\\x", "C:/x"),
            *("word/../../x", "\\\\server\\share"),
        )
    ):
        data = changed(plain, {name: "x"})
        yield Hostile(f"climbing-{number}.docx", fixed(data), _OUT)
    yield Hostile("twice.docx", lambda: _twice(plain), _SAME)
    link = zipfile.ZipInfo("word/link.xml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    yield Hostile("link.docx", lambda: _added(plain, link, b"/etc/passwd"), "a link")
    yield Hostile(
        "nul.docx",
        lambda: _added(plain, zipfile.ZipInfo("word/x"), b"x").replace(
            b"word/x", b"word/\0"
        ),
        shown="shown",
    )
    yield Hostile(
        "long.docx", lambda: changed(plain, {"a" * 60_000: "x"}), shown="shown"
    )


def _added(data: bytes, entry: zipfile.ZipInfo, content: bytes) -> bytes:
    written = io.BytesIO(data)
    with zipfile.ZipFile(written, "a") as archive:
        archive.writestr(entry, content)
    return written.getvalue()


def _twice(data: bytes) -> bytes:
    other = _added(data, zipfile.ZipInfo("word/documenX.xml"), word(text_of(CANARY)))
    return other.replace(b"word/documenX.xml", b"word/document.xml")


def _locked() -> Iterator[Hostile]:
    for name, file in _ordinary():
        locked = in_directory(file(), 8, b"\1\0")
        yield Hostile(f"locked.{name}", fixed(locked), _PASSWORD)
        package = OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le")
        yield Hostile(f"package.{name}", fixed(package), _PASSWORD)
        old = OLE + bytes(2_000)
        yield Hostile(f"old.{name}", fixed(old), "old binary format")


def _wrecks() -> Iterator[Hostile]:
    for name, file in _ordinary():
        data = file()
        for percent in (5, 50, 95):
            cut = data[: len(data) * percent // 100]
            yield Hostile(f"{percent}.{name}", fixed(cut), _DAMAGED)
        yield Hostile(f"magic.{name}", fixed(b"PK\x03\x04" + b"\xff" * 5_000), _DAMAGED)
        yield Hostile(f"other.{name}", lambda: zip_file({"a.txt": "x"}), "damaged")
