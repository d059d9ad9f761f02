from hypothesis import given
from hypothesis import strategies as st

from app.retrieval.sentences import sentence_spans, units
from ingest.documents import Chunk
from tests.app.hits import chunk


def quoted(made: Chunk) -> list[str]:
    return [made.text[unit.start : unit.end] for unit in units(made)]


LONG = "This sentence has so many words that it is always quoted on its own, as its length is above what counts as short. "


def test_sentences_end_where_people_end_them() -> None:
    text = f"{LONG}It takes approx. 3.5 V, i.e. little, says Mr. Smith of No. 5. {LONG}"

    spans = [text[start:end] for start, end in sentence_spans(text)]

    assert spans == [
        LONG.strip(),
        "It takes approx. 3.5 V, i.e. little, says Mr. Smith of No. 5.",
        LONG.strip(),
    ]


def test_japanese_sentences_need_no_space() -> None:
    text = "再起動します。次に、ボタンを押します。"

    assert [text[a:b] for a, b in sentence_spans(text)] == [
        "再起動します。",
        "次に、ボタンを押します。",
    ]


def test_short_sentences_are_quoted_with_what_follows() -> None:
    made = chunk(f"Scope: `read`. {LONG}\n\nNext paragraph.")

    assert quoted(made) == [f"Scope: `read`. {LONG}".strip(), "Next paragraph."]


def test_headings_are_never_quoted() -> None:
    text = (
        "## Reset\n\nHold it.\n\nNetwork reset\n-------------\n\nPress it.\n\nReset\n"
    )

    assert quoted(chunk(text, headings=("Reset", "Network reset"))) == [
        "Hold it.",
        "Press it.",
    ]


def test_list_items_keep_the_lines_that_belong_to_them() -> None:
    text = "Do this:\n1. Open it\n   with care.\n2. Close it.\n\n- one\n- two"
    made = chunk(text)

    assert quoted(made) == [
        "Do this:",
        "1. Open it\n   with care.",
        "2. Close it.",
        "- one",
        "- two",
    ]
    assert [u.kind for u in units(made)] == ["sentence", *["step"] * 2, *["item"] * 2]


def test_table_rows_know_their_columns() -> None:
    text = "Lights:\n\n| Light | Meaning |\n|---|---|\n| red | fault |\n| blue | pair |"
    made = chunk(text)

    rows = [unit for unit in units(made) if unit.kind == "row"]

    assert [text[u.start : u.end] for u in rows] == [
        "| red | fault |",
        "| blue | pair |",
    ]
    assert {text[u.lead_start : u.lead_end] for u in rows} == {
        "| Light | Meaning |\n|---|---|"
    }


def test_a_chunk_of_a_table_is_rows_whatever_its_separator() -> None:
    text = "firmware,date\n2.0.0,2021-03-09\n2.1.0,2021-10-05"

    assert quoted(chunk(text, kind="table")) == ["2.0.0,2021-03-09", "2.1.0,2021-10-05"]


def test_code_stays_whole() -> None:
    text = "Run it:\n\n```sh\n# a comment. Not a heading.\nvault migrate\n```\n\nDone."

    assert quoted(chunk(text)) == [
        "Run it:",
        "```sh\n# a comment. Not a heading.\nvault migrate\n```",
        "Done.",
    ]


@given(
    st.text(alphabet="ab. \n|-#`1)!。*", max_size=120),
    st.sampled_from(["text", "table"]),
)
def test_units_are_slices_in_reading_order(text: str, kind: str) -> None:
    found = units(chunk(text, kind=kind, headings=("a",)))

    edges = [edge for unit in found for edge in (unit.start, unit.end)]
    assert edges == sorted(edges)
    assert all(text[u.start : u.end].strip() for u in found)
