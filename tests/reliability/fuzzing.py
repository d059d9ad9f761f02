"""Damages documents at random, so that what is left still looks like one."""

import random
from collections.abc import Callable, Iterator

from ingest.readers import media_type_of
from tests.command import ROOT
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
    msg_file,
    odt_file,
    parts_of,
    pptx_file,
    xlsx_file,
    zip_file,
)
from tests.ingest.made_pdf import Mark, grid, paragraph, pdf, words

_EDGES = (
    b"\0",
    b"\xff",
    b"\x7f",
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\xff\xff\xff\x7f",
)
_WORDS = (
    *(b"<", b">", b"&", b'"', b"'", b"(", b")", b"[", b"]", b"{", b"}", b"\\", b"|"),
    *(b"\n", b"\r", b"\t", b"99999999", b"-1", b"1e309", b"%n%s", b"\xed\xa0\x80"),
    *(b"<!--", b"-->", b"]]>", b"<w:p>", b"</w:t>", b"endobj", b"stream", b"0 R"),
    *(b"```", b"---\n", b"> ", b"::\n", b".. ", b"{\\", b"&#x110000;", b"=?utf-8?b?"),
)

_MAIL = (
    b"From: a@b.example\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nMIME-Version: 1.0\n"
    b"Content-Type: multipart/alternative; boundary=x\n\n--x\n\nText\n--x\n"
    b"Content-Type: text/html\n\n<p>Text</p>\n--x--\n"
)
_PAGE = (
    b"<!doctype html><html lang=en><head><title>T</title></head><body><main>"
    b"<h1 id=a>T</h1><p>Some <b>words</b></p><table><tr><th>a<td>b</table><ul><li>x"
    b"</ul><pre>code</pre></main></body></html>"
)
_LARGEST = 200_000

Seed = tuple[str, str, bytes]
"""A media type, a name that goes with it, and a whole document."""


def seeds() -> list[Seed]:
    """Return documents of every type that is read, several of most."""
    table = [["Key", "Value"], ["a", "1"]]
    page = words(72, 760, "Alarm", size=20, font="F2") + paragraph(72, 700, ["One"] * 9)
    lines = grid([72, 200, 300], [100, 120, 140]) + words(80, 105, "a")
    made: list[Seed] = [
        (DOCX, "a.docx", docx_file(("Heading 1", "A"), ("Normal", "B"), table=table)),
        (PPTX, "a.pptx", pptx_file(("One", "Body"), ("Two", "More"), hidden=[2])),
        (XLSX, "a.xlsx", xlsx_file({"S": table * 9, "T": [["x"]]}, hidden=["T"])),
        (ODT, "a.odt", odt_file("<text:h>Title</text:h><text:p>Some words</text:p>")),
        (EPUB, "a.epub", epub_file("<h1>One</h1><p>Some words</p>", "<p>Two words</p>")),
        (RTF, "a.rtf", rb"{\rtf1\ansi {\b Bold} words \'e4 \u228?\par\trowd a\cell\row}"),
        (ORG, "a.org", b"* Top\n** Below\n| a | b |\n- item\n#+BEGIN_SRC\nx\n#+END_SRC\n"),
        (MSG, "a.msg", msg_file(subject="Subject", body="Some words of a message")),
        ("application/pdf", "a.pdf", pdf([page, lines], outline=[Mark(0, "A", 0)])),
        ("application/pdf", "b.pdf", pdf([page] * 3, title="T", rotate=90, language="de")),
        ("application/json", "a.json", b'{"title": "A", "rows": [{"q": "x\\u00e4"}, 1.5]}'),
        ("text/csv", "a.csv", b'Key,Value\n"a ""quoted""",1\nb,2\n'),
        ("text/tab-separated-values", "a.tsv", b"Key\tValue\na\t1\n"),
        ("text/x-rst", "a.rst", b"Title\n=====\n\n.. note:: x\n\n* a\n* b\n\n+--+\n|a |\n+--+\n"),
        ("message/rfc822", "a.eml", _MAIL),
        ("text/html", "a.html", _PAGE),
    ]  # fmt: skip
    for file in sorted((ROOT / "data" / "documents").rglob("*")):
        if file.is_file() and file.stat().st_size < _LARGEST:
            data = file.read_bytes()
            if media_type := media_type_of(file.name, data, data[-4096:]):
                made.append((media_type, file.name, data))
    made.append(("text/plain", "a.txt", b"TITLE\n\nSome words.\n\n- one\n- two\n"))
    return made


def damaged(count: int, seed: int) -> Iterator[Seed]:
    """Yield this many damaged documents, as many of each type; the same for a seed."""
    whole = seeds()
    by_type: dict[str, list[Seed]] = {}
    for one in whole:
        by_type.setdefault(one[0], []).append(one)
    chance = random.Random(seed)
    types = sorted(by_type)
    for number in range(count):
        media_type, name, data = chance.choice(by_type[types[number % len(types)]])
        other = chance.choice(whole)[2]
        if data.startswith(b"PK") and chance.random() < 0.8:
            yield media_type, name, _part_damaged(data, chance)
        else:
            yield media_type, name, _mutated(data, other, chance)


def _part_damaged(data: bytes, chance: random.Random) -> bytes:
    """Damage what a part says, in an archive that is whole."""
    parts = parts_of(data)
    for part in chance.sample(sorted(parts), k=min(2, len(parts))):
        content = parts[part]
        whole = content.encode() if isinstance(content, str) else content
        parts[part] = _mutated(whole, whole, chance)
    return zip_file(parts)


def _mutated(data: bytes, other: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 4, 16, 64))):
        data = chance.choice(_WAYS)(data, other, chance)
    return data


def _at(data: bytes, chance: random.Random) -> tuple[int, int]:
    """Return a place, and another at most a little after it."""
    start = chance.randrange(len(data) + 1)
    return start, min(start + chance.choice((1, 2, 4, 16, 256)), len(data))


def _flip(data: bytes, _other: bytes, chance: random.Random) -> bytes:
    if not data:
        return data
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def _cut(data: bytes, _other: bytes, chance: random.Random) -> bytes:
    start, end = _at(data, chance)
    return data[:start] + data[end:]


def _repeat(data: bytes, _other: bytes, chance: random.Random) -> bytes:
    start, end = _at(data, chance)
    times = chance.choice((2, 3, 50, 1_000))
    return data[:start] + data[start:end] * times + data[end:]


def _insert(data: bytes, _other: bytes, chance: random.Random) -> bytes:
    start, end = _at(data, chance)
    return data[:start] + chance.choice((*_EDGES, *_WORDS)) + data[end:]


def _splice(data: bytes, other: bytes, chance: random.Random) -> bytes:
    start, end = _at(data, chance)
    first, last = _at(other, chance)
    return data[:start] + other[first:last] + data[end:]


def _end(data: bytes, _other: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


_WAYS: tuple[Callable[[bytes, bytes, random.Random], bytes], ...] = (
    *(_flip, _flip, _cut, _repeat, _insert, _insert, _splice, _end),
)
