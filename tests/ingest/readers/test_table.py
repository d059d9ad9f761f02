import pytest

from ingest.readers.table import read_csv, read_tsv


@pytest.mark.parametrize(
    ("text", "header_rows"),
    [
        ("Name,Price\nHub,9\n", 1),
        ("Name;Price;Note\nHub;9,50;x, y\n", 1),
        ("Sensor|Range\nLeaf|-20 to 60\n", 1),
        (",Starter,Team\nsensors,8,40\n", 1),
        ("1,2\n3,4\n", 0),
        ("2026-01-01,9\n2026-01-02,8\n", 0),
        ("a,a\nb,c\n", 0),
        ("Only,one,row\n", 0),
    ],
)
def test_a_first_row_of_names_is_the_header(text: str, header_rows: int) -> None:
    (table,) = read_csv("a.csv", text.encode()).elements

    assert (table.kind, table.header_rows) == ("table", header_rows)


def test_rows_stay_as_they_are_written() -> None:
    text = '\ufeffName,Note\r\nHub,"two\r\nlines, and ""quotes"""\r\n'

    reading = read_csv("a.csv", text.encode())
    (table,) = reading.elements

    assert table.text == text[1:].replace("\r\n", "\n").rstrip()
    assert table.text == reading.text[table.start : table.end]
    assert reading.verbatim
    assert reading.warnings == ()


def test_tabs_part_cells_of_tsv() -> None:
    (table,) = read_tsv("a.tsv", b"Name\tPrice, net\nHub\t9\n").elements

    assert (table.text, table.header_rows) == ("Name\tPrice, net\nHub\t9", 1)


def test_a_quotation_without_end_is_a_warning() -> None:
    reading = read_csv("a.csv", b'a,b\n"open,1\nx,2\ny,3\n')

    assert reading.elements[0].text.endswith("y,3")
    assert reading.warnings == ("a quotation mark is opened and never closed",)


def test_an_empty_table_has_no_elements() -> None:
    assert read_csv("a.csv", b"\n\n").elements == ()


def test_a_cell_of_any_length_is_read() -> None:
    (table,) = read_csv("a.csv", b'a,b\n"' + b"x" * 300_000 + b'",1\n').elements

    assert len(table.text) > 300_000
