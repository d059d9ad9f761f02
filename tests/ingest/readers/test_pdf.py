"""PDF files become headings, paragraphs, lists, code and tables."""

import pytest

from ingest.documents import Element, Reading
from ingest.readers.pdf import read_pdf
from tests.ingest.made_pdf import (
    Mark,
    grid,
    paragraph,
    pdf,
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

WHOLE_BODY = (
    "The hub collects the readings of its sensors and passes them on as soon as "
    "the line is back; nothing is lost while it is gone."
)


def read(*pages: str) -> Reading:
    return read_pdf("a.pdf", pdf(pages))


def texts(reading: Reading, kind: str = "text") -> list[str]:
    return [element.text for element in reading.elements if element.kind == kind]


def with_text(reading: Reading, text: str) -> Element:
    return next(element for element in reading.elements if text in element.text)


def test_lines_become_paragraphs_again() -> None:
    reading = read(BODY + paragraph(72, 540, ["Another paragraph, further down."]))

    assert texts(reading) == [
        WHOLE_BODY,
        "Another paragraph, further down.",
    ]
    assert all(e.text == reading.text[e.start : e.end] for e in reading.elements)


def test_a_word_cut_at_the_end_of_a_line_is_whole_again() -> None:
    lines = [
        "Before the next delivery comes, the whole ware-",
        "house is counted by hand.",
    ]

    reading = read(paragraph(72, 600, lines))

    assert "whole warehouse is counted" in reading.text


def test_the_outline_gives_the_heading_path() -> None:
    pages = [
        words(72, 700, "1 Install", size=11) + BODY + words(72, 500, "1.1 On Linux"),
        words(72, 700, "Use the package.")
        + words(72, 600, "2 Remove")
        + words(72, 500, "Unplug it."),
    ]
    outline = [Mark(0, "Install", 0), Mark(1, "On Linux", 0), Mark(0, "Remove", 1)]

    reading = read_pdf("a.pdf", pdf(pages, outline=outline))

    assert texts(reading, "title") == ["1 Install", "1.1 On Linux", "2 Remove"]
    package = with_text(reading, "Use the package.")
    assert (package.heading_path, package.page) == (("1 Install", "1.1 On Linux"), 2)
    assert with_text(reading, "Unplug it.").heading_path == ("2 Remove",)


def test_an_outline_whose_words_are_not_on_the_page_still_places_the_text() -> None:
    outline = [Mark(0, "Part A", 0), Mark(0, "Part B", 1)]

    reading = read_pdf("a.pdf", pdf([BODY, BODY], outline=outline))

    assert texts(reading, "title") == []
    assert [e.heading_path for e in reading.elements] == [("Part A",), ("Part B",)]


def test_larger_and_bolder_lines_are_headings_without_an_outline() -> None:
    page = "".join(
        (
            words(72, 760, "Hub manual", size=24),
            words(72, 720, "Installing", size=16),
            BODY,
            words(72, 560, "On a wall", font="F2"),
            words(72, 540, "Screw it to the wall and plug it in."),
        )
    )

    reading = read(page)

    assert with_text(reading, "Screw it").heading_path == (
        "Hub manual",
        "Installing",
        "On a wall",
    )
    assert reading.title == "Hub manual"


def test_a_ruled_table_keeps_its_cells_and_their_wrapped_lines() -> None:
    page = "".join(
        (
            BODY,
            grid([72, 200, 400], [400, 440, 470, 490]),
            words(76, 476, "Code"),
            words(204, 476, "Meaning"),
            words(76, 456, "E-101"),
            words(204, 456, "No address was"),
            words(204, 444, "given in time"),
            words(76, 420, "E-102"),
            words(204, 420, "Wrong password"),
            words(72, 370, "After the table."),
        )
    )

    reading = read(page)

    table = with_text(reading, "E-101")
    assert table.text == (
        "Code | Meaning\nE-101 | No address was given in time\nE-102 | Wrong password"
    )
    assert (table.kind, table.header_rows, table.page) == ("table", 1, 1)
    assert [e.kind for e in reading.elements] == ["text", "table", "text"]


def test_a_merged_cell_is_the_cell_it_begins_in() -> None:
    page = "".join(
        (
            rule(72, 500, 400, 500),
            rule(72, 480, 400, 480),
            rule(72, 460, 400, 460),
            rule(72, 440, 400, 440),
            rule(72, 440, 72, 500),
            rule(400, 440, 400, 500),
            rule(200, 440, 200, 480),
            words(76, 486, "Prices are given without any tax at all"),
            words(76, 466, "Hub"),
            words(204, 466, "249"),
            words(76, 446, "Leaf"),
            words(204, 446, "39"),
        )
    )

    reading = read(page)

    (table,) = texts(reading, "table")
    assert table == "Prices are given without any tax at all |\nHub | 249\nLeaf | 39"


def test_a_table_without_lines_is_seen_by_its_gaps() -> None:
    rows = [("Interval", "Life"), ("1 minute", "13 months"), ("5 minutes", "36 months")]
    cells = [
        words(x, 500 - 16 * number, text)
        for number, row in enumerate(rows)
        for x, text in zip((72, 260), row, strict=True)
    ]

    reading = read("".join((BODY, *cells)))

    assert texts(reading, "table") == [
        "Interval | Life\n1 minute | 13 months\n5 minutes | 36 months"
    ]


def test_bullets_and_numbers_become_lists() -> None:
    page = "".join(
        (
            words(
                72, 700, "\u2022 A cable goes before Wi-Fi; when it is pulled, the hub"
            ),
            words(80, 686, "changes over."),
            words(72, 672, "\u2022 No incoming ports."),
            words(72, 630, "1. Press the button."),
            words(72, 616, "2. Wait."),
        )
    )

    reading = read(page)

    (found,) = texts(reading, "list")
    assert found.split("\n") == [
        "- A cable goes before Wi-Fi; when it is pulled, the hub changes over.",
        "- No incoming ports.",
        "1. Press the button.",
        "2. Wait.",
    ]


def test_code_keeps_its_lines_and_its_indent() -> None:
    code = [
        words(72, 500, "if ready:", font="F3"),
        words(98.4, 486, "send()", font="F3"),
    ]

    reading = read(BODY + "".join(code))

    assert texts(reading, "code") == ["if ready:\n    send()"]


def test_running_headers_footers_and_page_numbers_are_dropped() -> None:
    pages = [
        words(72, 810, "Hub manual, edition 3")
        + paragraph(72, 700, [f"Body of page {number} says something of its own."])
        + words(280, 30, f"Page {number} of 4")
        for number in range(1, 5)
    ]

    reading = read(*pages)

    assert "edition" not in reading.text
    assert "of 4" not in reading.text
    assert len(reading.elements) == 4


def test_a_heading_at_the_top_whose_number_is_the_pages_stays() -> None:
    pages = [
        words(72, 800, f"{number} {title}", font="F2")
        + paragraph(72, 700, [f"Its body is here: {title},", "and goes on", "below."])
        for number, title in enumerate(("Buttons", "Lights", "Cables"), 1)
    ]

    reading = read(*pages)

    assert texts(reading, "title") == ["1 Buttons", "2 Lights", "3 Cables"]


def test_a_sentence_cut_by_the_end_of_a_page_is_whole_again() -> None:
    reading = read(
        words(72, 300, "The hub goes on"), words(72, 700, "with its battery.")
    )

    assert texts(reading) == ["The hub goes on with its battery."]
    assert reading.elements[0].page == 1


@pytest.mark.parametrize(
    ("rotate", "turned"),
    [(0, "1 0 0 1"), (90, "0 1 -1 0"), (180, "-1 0 0 -1"), (270, "0 -1 1 0")],
)
def test_a_turned_page_reads_like_any_other(rotate: int, turned: str) -> None:
    up = {0: (0, -14), 90: (14, 0), 180: (0, 14), 270: (-14, 0)}[rotate]
    lines = ["The hub collects the readings of", "its sensors."]
    drawn = "".join(
        f"BT /F1 11 Tf {turned} {300 + up[0] * n} {400 + up[1] * n} Tm ({line}) Tj ET\n"
        for n, line in enumerate(lines)
    )

    reading = read_pdf("a.pdf", pdf([drawn], rotate=rotate))

    assert reading.text == "The hub collects the readings of its sensors."


def test_title_and_language_come_from_the_file() -> None:
    reading = read_pdf("a.pdf", pdf([BODY], title="Hub manual", language="de-AT"))

    assert (reading.title, reading.language) == ("Hub manual", "de")


@pytest.mark.parametrize("title", ["untitled", "Microsoft Word - hub.docx", "hub.pdf"])
def test_a_title_that_a_program_made_up_is_not_believed(title: str) -> None:
    page = words(72, 760, "Hub manual", size=24) + BODY

    assert read_pdf("a.pdf", pdf([page], title=title)).title == "Hub manual"


def test_a_contents_page_is_left_out() -> None:
    contents = "".join(
        words(72, 700 - 14 * n, f"{n} Chapter {'. ' * 30}{n + 3}") for n in range(1, 9)
    )

    reading = read(words(72, 750, "Contents") + contents, BODY)

    assert "Chapter" not in reading.text
