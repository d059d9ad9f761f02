import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import Element
from ingest.errors import ReadError
from ingest.readers import media_type_of, read
from ingest.readers.joining import join_elements

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def archive(*members: str, mimetype: str = "") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as written:
        if mimetype:
            written.writestr("mimetype", mimetype)
        for member in members:
            written.writestr(member, "<a/>")
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("a.md", b"# Hub", "text/markdown"),
        ("A.MDX", b"# Hub", "text/markdown"),
        ("a.rst", b"Hub", "text/x-rst"),
        ("a.org", b"* Hub", "text/x-org"),
        ("a.log", b"x", "text/plain"),
        ("a.htm", b"just text", "text/html"),
        ("a.csv", b"a,b", "text/csv"),
        ("a.jsonl", b"{}", "application/json"),
        ("a.eml", b"<html>From", "message/rfc822"),
        ("a.pdf", b"cut off", "application/pdf"),
        ("a.txt", b"\n%PDF-1.7", "application/pdf"),
        ("a.md", b"<!-- x -->\n<!DOCTYPE html><p>", "text/html"),
        ("report", b"%PDF-1.4", "application/pdf"),
        ("a.bak", b"{\\rtf1 x}", "text/rtf"),
        ("README", b"Words for people", "text/plain"),
        ("mail", b"From: a\nSubject: b\n\nhello", "message/rfc822"),
        ("data", b' {"a": [1,', "application/json"),
        ("note", b"[see below]", "text/plain"),
        ("a.zip", archive("word/document.xml"), WORD),
        ("a.docx", archive(mimetype="application/epub+zip"), "application/epub+zip"),
        ("a.docx", b"PK\x03\x04 damaged", WORD),
        ("a.docx", COMPOUND, WORD),
        (
            "a",
            COMPOUND + "__substg1.0_".encode("utf-16-le"),
            "application/vnd.ms-outlook",
        ),
        ("a.zip", archive("a.txt"), None),
        ("a.doc", COMPOUND, None),
        ("a.png", b"\x89PNG\r\n\x1a\n", None),
        ("run", b"#!/bin/sh\n", None),
        ("program", b"\x7fELF\x02\x01\x01" + bytes(100), None),
        ("a.py", b"print(1)", None),
    ],
)
def test_a_type_is_told_by_content_and_then_by_name(
    name: str, data: bytes, media_type: str | None
) -> None:
    assert media_type_of(name, data) == media_type


@given(st.sampled_from(["a", "a.md", "a.docx", "a.bin"]), st.binary(max_size=200))
def test_any_bytes_have_a_type_or_none(name: str, data: bytes) -> None:
    assert media_type_of(name, data) is None or "/" in str(media_type_of(name, data))


def test_a_name_that_contradicts_the_content_is_a_warning() -> None:
    reading = read("a.txt", b"<!DOCTYPE html><p>text", "text/html")

    assert reading.warnings == (
        "its name says plain text, its content is HTML; it was read as HTML",
    )


@pytest.mark.parametrize(
    ("name", "data", "media_type", "reason"),
    [
        ("a.md", b"<!-- only a comment -->", "text/markdown", "no text found"),
        ("a.html", b"<div id=app></div>", "text/html", "scripts may write the page"),
        ("a.txt", "\u200b\u2060 \n".encode(), "text/plain", "no text found"),
        ("a.csv", b"\n\n", "text/csv", "no text found"),
        ("a.png", b"x", "image/png", "not a format"),
        ("a.md", b"\x89PNG\r\n\x1a\n" + bytes(100), "text/markdown", "binary data"),
    ],
)
def test_a_file_without_visible_text_is_refused(
    name: str, data: bytes, media_type: str, reason: str
) -> None:
    with pytest.raises(ReadError, match=reason) as caught:
        read(name, data, media_type)

    assert caught.value.path == name


def test_mail_nested_very_deeply_is_refused() -> None:
    part = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n"
    data = b"Subject: x\n" + b"".join(part % (n, n) for n in range(3000))

    with pytest.raises(ReadError, match="nested too deeply"):
        read("a.eml", data, "message/rfc822")


@given(st.lists(st.text(max_size=5), max_size=6))
def test_joined_elements_are_slices(texts: list[str]) -> None:
    text, placed = join_elements([Element(kind="text", text=part) for part in texts])

    assert [e.text for e in placed] == [part for part in texts if part]
    assert all(e.text == text[e.start : e.end] for e in placed)
    assert text == "\n\n".join(part for part in texts if part)
