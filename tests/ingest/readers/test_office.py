"""Office files, e-books and Outlook mail become elements."""

import datetime as dt
import io
import zipfile

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import Element, Reading
from ingest.errors import ReadError
from ingest.readers.blocks import table_rows
from ingest.readers.office import read_office
from ingest.readers.sheet import plain
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
    pptx_file,
    saved,
    xlsx_file,
    zip_file,
)


def blocks(reading: Reading) -> list[tuple[str, str]]:
    return [(element.kind, element.text) for element in reading.elements]


def path_of(reading: Reading, text: str) -> tuple[str, ...]:
    return next(e.heading_path for e in reading.elements if text in e.text)


def table(reading: Reading) -> Element:
    return next(e for e in reading.elements if e.kind == "table")


def reason(data: bytes, media_type: str) -> str:
    with pytest.raises(ReadError) as caught:
        read_office("a/file.x", data, media_type)
    assert caught.value.path == "a/file.x"
    return caught.value.reason


def test_word_headings_make_a_path_by_their_styles() -> None:
    data = docx_file(
        ("Heading 1", "Install"),
        ("Heading 2", "On Linux"),
        ("Heading 3", "From a package"),
        ("Normal", "Short line"),
        ("Heading 2", "On Windows"),
        ("Normal", "Run the installer."),
        title="Handbook",
    )

    reading = read_office("a.docx", data, DOCX)

    assert path_of(reading, "Short line") == ("Install", "On Linux", "From a package")
    assert path_of(reading, "Run the") == ("Install", "On Windows")
    assert reading.title == "Handbook"
    assert all(e.text == reading.text[e.start : e.end] for e in reading.elements)
    titles = [e for e in reading.elements if e.kind == "title"]
    assert all(e.heading_path[-1] == e.text for e in titles)


def test_word_lists_and_tables_keep_their_rows() -> None:
    data = docx_file(
        ("List Bullet", "one"),
        ("List Bullet 2", "deeper"),
        ("List Number", "first"),
        table=[["Plan", "Price"], ["Team", "€29"]],
    )

    reading = read_office("a.docx", data, DOCX)

    assert blocks(reading) == [
        ("list", "- one\n  - deeper\n1. first"),
        ("table", "Plan | Price\nTeam | €29"),
    ]
    assert table(reading).header_rows == 1


def test_bold_lines_are_headings_where_a_word_document_has_none() -> None:
    document = docx.Document()
    document.add_paragraph().add_run("Returns").bold = True
    document.add_paragraph("Send it back within a month.")

    reading = read_office("a.docx", saved(document), DOCX)

    assert path_of(reading, "Send it") == ("Returns",)


def test_hidden_word_text_headers_and_footers_are_left_out_and_said() -> None:
    document = docx.Document()
    document.add_paragraph("shown ").add_run("canary").font.hidden = True
    document.sections[0].header.paragraphs[0].text = "canary header"
    document.sections[0].footer.paragraphs[0].text = "canary footer"

    reading = read_office("a.docx", saved(document), DOCX)

    assert reading.text == "shown"
    assert reading.hidden == {"styled_parts": 1}


def test_slides_are_pages_under_their_titles() -> None:
    data = pptx_file(("Alarms", "Look at the light\nCall"), ("Next", "Wait"))

    reading = read_office("a.pptx", data, PPTX)

    shown = [(e.kind, e.text, e.heading_path, e.page) for e in reading.elements]
    assert shown == [
        ("title", "Alarms", ("Alarms",), 1),
        ("text", "Look at the light", ("Alarms",), 1),
        ("text", "Call", ("Alarms",), 1),
        ("title", "Next", ("Next",), 2),
        ("text", "Wait", ("Next",), 2),
        ("table", "Key | Value\nk | ", ("Next",), 2),
    ]


def test_speaker_notes_and_hidden_slides_are_left_out() -> None:
    data = pptx_file(("Seen", "a"), ("canary", "b"), notes="canary", hidden=[2])

    reading = read_office("a.pptx", data, PPTX)

    assert "canary" not in reading.text
    assert reading.warnings == ("hidden slides were left out: 2",)


def test_sheets_are_pages_of_tables_with_plain_values() -> None:
    morning = dt.datetime.fromisoformat("2026-03-01 08:30")
    rows: list[list[object]] = [
        ["Prices of 2026"],
        ["Item", "", "€", "Since"],
        ["Hub", None, 25, dt.date(2026, 3, 1)],
        ["Leaf", None, 2.5, morning],
        ["Cap", None, None, True],
        [None],
        ["Other", "Table"],
        ["x", "y"],
    ]
    data = xlsx_file(
        {"First": [["a", "b"]], "Secret": [["canary"]], "Plans": rows},
        hidden=["Secret"],
    )

    reading = read_office("a.xlsx", data, XLSX)

    prices = (
        "Item | € | Since\nHub | 25 | 2026-03-01\n"
        "Leaf | 2.5 | 2026-03-01 08:30\nCap |  | yes"
    )
    plans = [(e.kind, e.text) for e in reading.elements if e.page == 3]
    assert plans == [
        ("title", "Plans"),
        ("text", "Prices of 2026"),
        ("table", prices),
        ("table", "Other | Table\nx | y"),
    ]
    assert {e.heading_path for e in reading.elements if e.page == 3} == {("Plans",)}
    assert "canary" not in reading.text
    assert reading.warnings == ("sheet “Secret” is hidden and was left out",)


def test_a_workbook_without_a_value_is_refused() -> None:
    assert "no cell" in reason(xlsx_file({"Empty": []}), XLSX)


def test_opendocument_text_is_read_with_title_and_language() -> None:
    data = odt_file(
        '<text:h text:outline-level="1">Terms</text:h><text:p>All of it.</text:p>'
        '<text:h text:outline-level="2">Costs</text:h><text:p>It is free.</text:p>'
    )

    reading = read_office("a.odt", data, ODT)

    assert path_of(reading, "It is free") == ("Terms", "Costs")
    assert (reading.title, reading.language) == ("Odt title", "de")


def test_an_e_book_is_read_chapter_by_chapter() -> None:
    data = epub_file(
        "<h1>One</h1><p>First text.</p><h2>Deep</h2><ul><li>a</li><li>b</li></ul>",
        "<h1>Two</h1><table><tr><th>K</th><th>V</th></tr><tr><td>k</td><td>v</td></tr>"
        "</table><pre><code>x = 1\n  y</code></pre>",
    )

    reading = read_office("a.epub", data, EPUB)

    assert path_of(reading, "- a\n- b") == ("One", "Deep")
    assert table(reading).text == "K | V\nk | v"
    assert ("code", "x = 1\n  y") in blocks(reading)
    assert (reading.title, reading.language) == ("Book title", "en")


def test_rich_text_and_org_are_read() -> None:
    rtf = read_office(
        "a.rtf", rb"{\rtf1\ansi First line.\par Second \b bold\b0 .\par}", RTF
    )
    org = read_office("a.org", b"* Top\nText.\n** Below\n- item\n", ORG)

    assert rtf.text == "First line.\n\nSecond bold."
    assert path_of(org, "- item") == ("Top", "Below")


def test_an_outlook_message_stands_under_its_subject() -> None:
    data = msg_file(subject="Alarm at night", body="The door was open.\n\nCall us.")

    reading = read_office("a.msg", data, MSG)

    assert reading.title == "Alarm at night"
    assert path_of(reading, "The door was open.") == ("Alarm at night",)


def test_a_cell_over_several_rows_is_said_in_each() -> None:
    html = (
        "<table><tr><th colspan='2'>Wide</th><th>C</th></tr>"
        "<tr><td rowspan='2'>Tall</td><td>1</td><td>2</td></tr>"
        "<tr><td>3</td><td>4</td></tr></table>"
    )

    rows = table_rows(html)

    assert rows == [["Wide", "", "C"], ["Tall", "1", "2"], ["Tall", "3", "4"]]


@given(st.lists(st.lists(st.text("abc<&", min_size=1), min_size=1), min_size=1))
def test_table_rows_all_have_one_width(cells: list[list[str]]) -> None:
    escaped = [[c.replace("&", "&amp;").replace("<", "&lt;") for c in r] for r in cells]
    html = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in r)}</tr>" for r in escaped)

    rows = table_rows(f"<table>{html}</table>")

    assert {len(row) for row in rows} == {max(map(len, cells))}
    assert [[c for c in row if c] for row in rows] == cells


@given(st.integers(-(10**9), 10**9))
def test_a_whole_number_has_no_decimals(number: int) -> None:
    assert plain(float(number)) == str(number)


@pytest.mark.parametrize("media_type", [DOCX, PPTX, XLSX, ODT, EPUB])
def test_a_file_that_is_no_archive_says_that_it_is_damaged(media_type: str) -> None:
    assert "damaged" in reason(b"PK\x03\x04 garbage", media_type)
    assert "damaged" in reason(b"hello", media_type)


@pytest.mark.parametrize("media_type", [DOCX, PPTX, ODT, EPUB])
def test_an_archive_of_something_else_says_what_to_do(media_type: str) -> None:
    assert "save it again" in reason(zip_file({"a.txt": "hello"}), media_type)


def test_a_protected_office_file_says_so() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)

    assert "password" in reason(ole + "EncryptedPackage".encode("utf-16-le"), DOCX)
    assert "old binary format" in reason(ole, DOCX)


def test_a_protected_archive_says_so() -> None:
    data = bytearray(zip_file({"content.xml": "x"}))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        central = archive.start_dir
    data[central + 8] |= 1

    assert "password" in reason(bytes(data), ODT)


def test_a_document_without_text_is_refused() -> None:
    assert "no text" in reason(docx_file(), DOCX)


def test_a_type_that_is_not_read_is_named() -> None:
    assert "application/x-unknown" in reason(b"x", "application/x-unknown")
