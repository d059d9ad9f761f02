"""Versions and days that documents declare, in every form in which they do."""

import pytest

from ingest.documents import Reading
from ingest.readers.html import read_html
from ingest.readers.mail import read_mail
from ingest.readers.markdown import read_markdown
from ingest.readers.rst import read_rst


def yaml(block: str) -> Reading:
    return read_markdown("a.md", f"---\n{block}\n---\n\ntext\n".encode())


def toml(block: str) -> Reading:
    return read_markdown("a.md", f"+++\n{block}\n+++\n\ntext\n".encode())


def mail(date: str) -> Reading:
    head = f"Subject: Prices\nDate: {date}\n" if date else "Subject: Prices\n"
    return read_mail("a.eml", f"{head}\nHello.\n".encode())


@pytest.mark.parametrize(
    ("block", "versions"),
    [
        ("version: 4.10", ("4.10",)),
        ('version: "4.2"', ("4.2",)),
        ("versions: [4.1, v4.2, 4.1]", ("4.1", "v4.2")),
        ("product_version: 4.1; 4.2,Vault LTS", ("4.1", "4.2", "Vault LTS")),
        ("Product-Version: 4", ("4",)),
        ("version:", ()),
        ("version: {a: 1}", ()),
        ("edition: 4.2", ()),
    ],
)
def test_yaml_declares_versions_as_they_are_written(
    block: str, versions: tuple[str, ...]
) -> None:
    reading = yaml(block)

    assert (reading.versions, reading.warnings) == (versions, ())


@pytest.mark.parametrize(
    ("block", "day"),
    [
        ("updated: 2026-09-02", "2026-09-02"),
        ("date: 2026-09-02T23:59:00Z", "2026-09-02"),
        ("date: 2026-01-01\nlastmod: 2026-09-02", "2026-09-02"),
        ("lastmod: soon\ndate: 2026-01-01", "2026-01-01"),
        ("updated:", ""),
        ("title: Hub", ""),
    ],
)
def test_the_last_change_is_the_date(block: str, day: str) -> None:
    reading = yaml(block)

    assert (reading.date, reading.warnings) == (day, ())


def test_toml_numbers_and_dates_stay_as_they_are_written() -> None:
    reading = toml('version = 4.10\nupdated = 2026-09-02\nlabels = ["staff"]')
    listed = toml('versions = ["4.1", 5, 4.20]\ndate = 2026-09-02T10:00:00Z')

    assert (reading.versions, reading.date) == (("4.10",), "2026-09-02")
    assert reading.labels == ("staff",)
    assert (listed.versions, listed.date) == (("4.1", "5", "4.20"), "2026-09-02")


def test_a_date_that_is_none_is_a_warning_that_says_how() -> None:
    reading = yaml("updated: 02/09/2026")

    (warning,) = reading.warnings
    assert reading.date == ""
    assert "'02/09/2026'" in warning
    assert "2026-01-31" in warning


def test_what_is_no_version_or_one_too_many_is_told() -> None:
    many = ", ".join(str(number) for number in range(40))

    reading = yaml(f"versions: [{many}, {'9' * 65}]")

    assert len(reading.versions) == 32
    assert reading.warnings[0].startswith("9 versions were left out")


def test_pages_and_fields_declare_the_same() -> None:
    page = read_html(
        "a.html",
        b"<meta name='docsearch:version' content='4.2,latest'>"
        b"<meta property='article:modified_time' content='2026-09-02T10:00:00+00:00'>"
        b"<meta property='article:published_time' content='2025-01-01'>text",
    )
    fields = read_rst(
        "a.rst", b":version: 4.2, latest\n:updated: 2026-09-02\n\nHub\n===\n\ntext\n"
    )

    for reading in (page, fields):
        assert (reading.versions, reading.date) == (("4.2", "latest"), "2026-09-02")


@pytest.mark.parametrize(
    ("date", "day", "warnings"),
    [
        ("Mon, 02 Nov 2026 23:30:00 -0800", "2026-11-02", 0),
        ("2 Nov 26 08:00", "2026-11-02", 0),
        ("Mon, 32 Nov 2026 08:00:00 +0000", "", 1),
        ("whenever", "", 1),
        ("", "", 0),
    ],
)
def test_a_message_is_of_the_day_it_was_sent(
    date: str, day: str, warnings: int
) -> None:
    reading = mail(date)

    assert (reading.date, len(reading.warnings)) == (day, warnings)
