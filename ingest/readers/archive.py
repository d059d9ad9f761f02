"""The zip files that office documents and e-books are: checked, then looked into.

Nothing is parsed before `open_archive` has inflated every entry and counted; what
the directory of the archive says about sizes is not believed. Archives inside an
archive are counted as they are and opened by nobody.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from lxml import etree
from msgspec import Struct

from ingest.errors import ReadError
from ingest.readers.entities import EntityWatch

MOST_ENTRIES = 10_000
MOST_BYTES = 500 * 1024 * 1024
MOST_RATIO = 200
_FREE_BYTES = 10 * 1024 * 1024
"""Inflated bytes up to which the ratio says nothing: small files compress well."""

_PIECE = 1 << 20
_TAKEN = 64 * 1024
_LINK = 0o120000
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
_PROPERTIES = re.compile(r"docProps/core\.xml|meta\.xml|.*\.opf")
_MOST_PROPERTIES = 1024 * 1024


class Properties(Struct, frozen=True):
    """What a document says about itself.

    Attributes:
        title: Its title, or "".
        language: Its language, such as ``en-GB``, or "".
    """

    title: str = ""
    language: str = ""


def open_archive(name: str, data: bytes) -> zipfile.ZipFile:
    """Open the zip file in `data` after inflating all of it once.

    Raises:
        ReadError: It is damaged, encrypted, holds too much, or declares entities.
    """
    if data.startswith(_OLE):
        raise ReadError(name, _ole_reason(data))
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = archive.infolist()
        if len(entries) > MOST_ENTRIES:
            raise ReadError(name, f"it holds more than {MOST_ENTRIES:,} parts")
        if wrong := _wrong_parts(entries):
            raise ReadError(name, wrong)
        _inflate_all(name, data, entries)
    except (zipfile.BadZipFile, zlib.error, struct.error, ValueError) as error:
        reason = "the file is damaged or incomplete; save it again"
        raise ReadError(name, reason) from error
    return archive


def properties(archive: zipfile.ZipFile) -> Properties:
    """Return the title and language in an archive's own description."""
    for entry in archive.infolist():
        if (
            _PROPERTIES.fullmatch(entry.filename)
            and entry.file_size <= _MOST_PROPERTIES
        ):
            root = parse_xml(archive.read(entry))
            return Properties(_said(root, "title"), _said(root, "language"))
    return Properties()


def parse_xml(data: bytes) -> etree._Element:
    """Parse XML without following anything that it points at.

    Raises:
        lxml.etree.XMLSyntaxError: It is not well-formed, or too deep.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(data, parser)


def _ole_reason(data: bytes) -> str:
    if _ENCRYPTED in data:
        return "the file is password-protected; save it without a password"
    return "it is in the old binary format; save it as docx, xlsx or pptx"


def _wrong_parts(entries: list[zipfile.ZipInfo]) -> str:
    """Return what no program that makes documents does, or ""."""
    names = {entry.filename for entry in entries}
    if len(names) < len(entries):
        return "two of its parts have the same name; save it again"
    if any(map(_leads_out, names)):
        return "a part of it has a path for a name that leads out of it"
    if any((entry.external_attr >> 16) & 0o170000 == _LINK for entry in entries):
        return "a part of it is a link to another file"
    if any(entry.flag_bits & 1 for entry in entries):
        return "the file is password-protected; save it without a password"
    return ""


def _leads_out(name: str) -> bool:
    steps = name.replace("\\", "/").split("/")
    return not steps[0] or ".." in steps or _DRIVE.match(name) is not None


def _inflate_all(name: str, data: bytes, entries: list[zipfile.ZipInfo]) -> None:
    total = 0
    most = min(MOST_BYTES, max(_FREE_BYTES, MOST_RATIO * len(data)))
    for entry in entries:
        watch, check = EntityWatch(name), 0
        for piece in _inflated(data, entry):
            total += len(piece)
            if total > most:
                raise ReadError(
                    name,
                    f"it unpacks to more than {most // 1024 // 1024:,} MB, as "
                    "archives do that are made to do harm",
                )
            watch.look(piece)
            check = zlib.crc32(piece, check)
        if check != entry.CRC:
            raise zipfile.BadZipFile


def _inflated(data: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield an entry's content in pieces, as long as it really is."""
    at = entry.header_offset
    if data[at : at + 4] != b"PK\x03\x04":
        raise zipfile.BadZipFile
    name_length, extra_length = struct.unpack_from("<HH", data, at + 26)
    at += 30 + name_length + extra_length
    packed = memoryview(data)[at : at + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        yield bytes(packed)
        return
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    # A little at a time: what is not taken yet is copied with every piece.
    for place in range(0, len(packed), _TAKEN):
        taken: bytes | memoryview = packed[place : place + _TAKEN]
        while taken and not inflate.eof:
            yield inflate.decompress(taken, _PIECE)
            taken = inflate.unconsumed_tail


def _said(root: etree._Element, tag: str) -> str:
    found = root.find(f".//{_DUBLIN_CORE}{tag}")
    return " ".join((found.text or "").split()) if found is not None else ""
