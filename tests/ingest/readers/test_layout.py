"""Words of a page become lines, blocks and tables, and none of them is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers.grid import tables_out
from ingest.readers.headings import by_size
from ingest.readers.layout import blocks, join_lines, leading
from ingest.readers.margins import Body, without_margins
from ingest.readers.page import Line, Ruling, Table, Word, lines

PLACES = st.floats(0, 600, allow_nan=False).map(lambda place: round(place, 1))
WORDS = st.builds(
    lambda text, left, bottom, size, mono: Word(
        text, left, bottom, left + len(text) * size / 2, bottom + size, size, mono=mono
    ),
    st.text("abcxyz0123.,:-", min_size=1, max_size=8),
    PLACES,
    PLACES,
    st.sampled_from([9.0, 11.0, 16.0]),
    st.booleans(),
)
RULINGS = st.builds(
    lambda upright, at, start, length: Ruling(upright, at, start, start + length),
    st.booleans(),
    PLACES,
    PLACES,
    st.floats(1, 300),
)


def line(text: str, *, left: float = 72, bottom: float = 700, size: float = 11) -> Line:
    words = []
    for part in text.split():
        right = left + len(part) * size / 2
        words.append(Word(part, left, bottom, right, bottom + size, size))
        left = right + size / 3
    return Line(tuple(words))


def letters(text: str) -> list[str]:
    return sorted(character for character in text if character.isalnum())


@given(st.lists(st.lists(WORDS, max_size=6), max_size=8))
def test_no_letter_is_lost_between_words_and_blocks(rows: list[list[Word]]) -> None:
    found = lines(rows)

    joined = blocks(found, leading=leading(found))

    given_letters = letters("".join(word.text for row in rows for word in row))
    assert letters("".join(block.text for block in joined)) == given_letters


@given(
    st.lists(st.lists(WORDS, max_size=6), max_size=8), st.lists(RULINGS, max_size=12)
)
def test_no_letter_is_lost_when_tables_are_taken_out(
    rows: list[list[Word]], rulings: list[Ruling]
) -> None:
    items = tables_out(lines(rows), rulings)

    given_letters = letters("".join(word.text for row in rows for word in row))
    assert letters("".join(item.text for item in items)) == given_letters
    widths = [{len(row) for row in i.rows} for i in items if isinstance(i, Table)]
    assert all(len(width) == 1 and min(width) > 1 for width in widths)


@pytest.mark.parametrize(
    ("above", "below", "joined"),
    [
        ("the ware-", "house is", "the warehouse is"),
        ("over Wi-", "Fi or cable", "over Wi-Fi or cable"),
        ("manip\u00ad", "ulation", "manipulation"),
        ("pages 3-", "5 say", "pages 3-5 say"),
        ("one", "two", "one two"),
        ("温度センサー", "の電池", "温度センサーの電池"),
        ("a dash -", "goes on", "a dash - goes on"),
    ],
)
def test_two_lines_join_as_they_are_read(above: str, below: str, joined: str) -> None:
    assert join_lines(above, below) == joined


def test_columns_of_prose_side_by_side_are_no_table() -> None:
    left = "words of the left column run on and on here"
    right = "and those of the right column do so as well"
    page = []
    for number in range(6):
        one = line(left, bottom=700 - 14 * number)
        other = line(right, left=380, bottom=700 - 14 * number)
        page.append(Line((*one.words, *other.words)))

    assert tables_out(page, []) == page


def test_the_heading_of_a_table_on_every_page_stays() -> None:
    table = Table((("Code", "Fix"), ("E-1", "Wait")), top=800, bottom=400)
    pages = [Body(number, 842, (table,)) for number in range(1, 6)]

    kept = without_margins(pages)

    assert all(items == (table,) for items in kept.values())


def test_prices_behind_leading_dots_are_no_contents_list() -> None:
    menu = tuple(
        line(f"{name} ....... {price}", bottom=600 - 20 * number)
        for number, (name, price) in enumerate((("Tea", 3), ("Cake", 5), ("Water", 2)))
    )

    kept = without_margins([Body(1, 842, menu)])

    assert kept[1] == menu


def test_levels_of_headings_follow_their_size() -> None:
    page = [
        line("Manual", bottom=760, size=24),
        line("Install", bottom=720, size=16),
        *(line("Some words of the body.", bottom=690 - 14 * n) for n in range(9)),
        line("Remove", bottom=540, size=16),
        *(line("Other words of it.", bottom=510 - 14 * n) for n in range(9)),
    ]

    found = by_size({1: page})

    levels = {h.title: h.level for headings in found.values() for h in headings}
    assert levels == {"Manual": 0, "Install": 1, "Remove": 1}
