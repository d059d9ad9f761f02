"""PDF files that cannot be read say why, and what nobody sees is not read."""

import pytest

from ingest.documents import Reading
from ingest.errors import ReadError
from ingest.readers.pdf import read_pdf
from tests.ingest.made_pdf import (
    INVISIBLE,
    numbered,
    paragraph,
    pdf,
    raw_pdf,
    rule,
    words,
)

BODY = paragraph(
    72,
    600,
    [
        "The hub collects the readings of its sensors and passes them on as soon as",
        "the line is back; nothing is lost while it is gone.",
    ],
)


def read(*pages: str) -> Reading:
    return read_pdf("a.pdf", pdf(pages))


def reason(data: bytes) -> str:
    with pytest.raises(ReadError) as caught:
        read_pdf("a/b.pdf", data)
    assert caught.value.path == "a/b.pdf"
    return caught.value.reason


def test_text_that_nobody_sees_is_dropped_and_said() -> None:
    page = "".join(
        (
            BODY,
            words(72, 400, "canary invisible", mode=INVISIBLE),
            words(72, -300, "canary below the page"),
            words(900, 400, "canary beside the page"),
            words(72, 380, "canary tiny", size=0.4),
        )
    )

    reading = read(page)

    assert "canary" not in reading.text
    assert "line is back" in reading.text
    assert reading.warnings == (
        "page 1 with text that nobody sees, which was left out",
    )


def test_invisible_letters_between_visible_ones_are_dropped() -> None:
    page = "BT /F1 11 Tf 72 600 Td (visi) Tj 3 Tr (canary) Tj 0 Tr (ble) Tj ET"

    assert "canary" not in read(page).text


def test_the_text_that_a_scanner_read_behind_its_picture_is_kept() -> None:
    picture = "q 595 0 0 842 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 /F /AHx ID 80> EI Q\n"
    reading = read(picture + words(72, 400, "Scanned words", mode=INVISIBLE))

    assert reading.text == "Scanned words"
    assert reading.warnings == ("page 1 read by a scanner, so words may be wrong",)


def test_a_protected_file_says_so() -> None:
    assert "password-protected" in reason(pdf([BODY], password="secret"))


def test_a_scan_says_that_it_needs_text_recognition() -> None:
    assert "OCR" in reason(pdf([rule(10, 10, 500, 500)]))


def test_a_file_of_invisible_text_says_so() -> None:
    assert "invisible" in reason(pdf([words(72, 600, "canary", mode=INVISIBLE)]))


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\ngarbage", b"hello", b"\0" * 5000])
def test_garbage_says_that_it_is_damaged(data: bytes) -> None:
    assert "damaged" in reason(data)


def test_a_file_without_pages_is_refused() -> None:
    empty = numbered(
        [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"]
    )

    assert "export it again" in reason(empty)


def test_a_file_cut_anywhere_is_refused_or_read() -> None:
    whole = raw_pdf([BODY] * 3)
    for percent in range(1, 100, 7):
        try:
            read = read_pdf("a.pdf", whole[: len(whole) * percent // 100]).text
        except ReadError as error:
            read = error.reason
        assert read


def test_more_pages_than_anybody_reads_are_refused() -> None:
    kids = b"3 0 R " * 5001
    many = numbered(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 5001 /Kids [%b] >>" % kids,
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
        ]
    )

    assert "more than 5,000" in reason(many)
