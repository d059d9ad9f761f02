"""How declared days and versions are read and compared."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.declarations import (
    as_day,
    day_number,
    same_version,
    toml_values,
    versions_of,
)

numbers = st.lists(st.integers(0, 99).map(str), min_size=1, max_size=4).map(".".join)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-09-02", "2026-09-02"),
        (" 2026-09-02T23:30:00-08:00", "2026-09-02"),
        ("2026-09-02 10:00:00 +0200", "2026-09-02"),
        ("0001-01-01", "0001-01-01"),
        ("9999-12-31", "9999-12-31"),
        ("0000-01-01", ""),
        ("99999-01-01", ""),
        ("2026-02-29", ""),
        ("2026-W01-1", ""),
        ("20260902", ""),
        ("02/09/2026", ""),
        ("2026-09-021", ""),
        ("٢٠٢٦-٠٩-٠٢", ""),
        ("yesterday", ""),
        ("", ""),
    ],
)
def test_a_day_is_written_year_first(text: str, day: str) -> None:
    assert as_day(text) == day


@given(st.dates(), st.dates())
def test_numbers_order_as_days_do(one: dt.date, other: dt.date) -> None:
    first, second = as_day(one.isoformat()), as_day(other.isoformat())

    assert (day_number(first) < day_number(second)) == (one < other)


@given(st.text(max_size=40))
def test_any_text_is_a_day_or_none(text: str) -> None:
    assert as_day(as_day(text)) == as_day(text)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("V4.2", "4.2"),
        ("v. 4.2", "4.2"),
        ("Version 4.2", "4.2"),
        (" 4.2  LTS ", "4.2 lts"),
        ("4.x", "4"),
        ("4.*.*", "4"),
        ("4.10", "4.10"),
        ("Vault", "vault"),
        ("next", "next"),
    ],
)
def test_ways_to_write_a_version_are_one(text: str, version: str) -> None:
    assert same_version(text) == version


@given(numbers, numbers)
def test_a_version_belongs_to_what_it_begins_with(version: str, other: str) -> None:
    belongs = f"{version}.".startswith(f"{other}.")

    assert (other in versions_of(version)) == belongs


@given(st.text(max_size=300))
def test_no_version_belongs_to_more_than_a_few(text: str) -> None:
    assert len(versions_of(text)) <= 9


@pytest.mark.parametrize("line", ["a" + ".a" * 201 + " = 1", "[" + "a." * 201 + "a]"])
def test_toml_that_would_take_memory_without_end_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="more than 200 dots"):
        toml_values(f"x = 1\n{line}\n")

    assert toml_values('labels = ["a.b"]') == {"labels": ["a.b"]}
