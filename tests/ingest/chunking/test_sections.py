"""Chunks follow the sections of their document and say where they belong."""

import msgspec

from ingest.documents import chunk_id
from tests.ingest.chunking.made_readings import (
    DOCUMENT,
    SENTENCE,
    cut,
    element,
    joined,
    title,
    tokens,
)


def test_a_section_is_a_chunk_under_its_heading_path() -> None:
    reading = joined(
        title("Guide", "Install"), element(SENTENCE * 3, "Guide", "Install"),
        title("Guide", "Remove"), element("Gone. " * 10, "Guide", "Remove"),
    )  # fmt: skip

    chunks = cut(reading)

    assert [chunk.heading_path for chunk in chunks] == [
        ("Guide", "Install"),
        ("Guide", "Remove"),
    ]
    assert [chunk.text for chunk in chunks] == [
        (SENTENCE * 3).strip(),
        ("Gone. " * 10).strip(),
    ]
    assert [chunk.url for chunk in chunks] == [
        "https://help.example/a",
        "https://help.example/a",
    ]


def test_tiny_siblings_share_a_chunk_and_keep_their_titles() -> None:
    reading = joined(
        title("FAQ"),
        title("FAQ", "Price"), element("Nine euros.", "FAQ", "Price"),
        title("FAQ", "Trial"), element("Thirty days.", "FAQ", "Trial"),
    )  # fmt: skip

    chunks = cut(reading)

    assert [chunk.text for chunk in chunks] == [
        "Price\n\nNine euros.\n\nTrial\n\nThirty days."
    ]
    assert chunks[0].heading_path == ("FAQ",)
    assert chunks[0].url == "https://help.example/a#price"


def test_tiny_sections_of_different_parents_stay_apart() -> None:
    reading = joined(
        title("A", "One", "x"), element("First words.", "A", "One", "x"),
        title("A", "Two", "y"), element("Other words.", "A", "Two", "y"),
    )  # fmt: skip

    chunks = cut(reading)

    assert [chunk.text for chunk in chunks] == ["First words.", "Other words."]


def test_a_title_without_text_is_kept_unless_the_next_section_names_it() -> None:
    reading = joined(
        title("Guide"), title("Guide", "Alone"), title("Other"),
        element(SENTENCE * 3, "Other"),
    )  # fmt: skip

    chunks = cut(reading)

    assert [(chunk.heading_path, chunk.text) for chunk in chunks] == [
        (("Guide",), "Alone"),
        (("Other",), (SENTENCE * 3).strip()),
    ]


def test_a_path_that_is_too_long_is_shortened_from_the_middle() -> None:
    path = ("First heading", *(f"middle {n} of many" for n in range(20)), "Last one")
    reading = joined(element(SENTENCE * 3, *path))

    (chunk,) = cut(reading)

    assert chunk.heading_path[0] == "First heading"
    assert chunk.heading_path[-1] == "Last one"
    assert tokens(chunk) <= 40
    assert chunk.text == (SENTENCE * 3).strip()


def test_an_endless_title_leaves_room_for_the_text() -> None:
    chunks = cut(joined(element(SENTENCE * 3)), name="endless " * 500)

    assert [chunk.text for chunk in chunks] == [(SENTENCE * 3).strip()]
    assert chunks[0].title.startswith("endless")
    assert tokens(chunks[0]) <= 40


def test_pages_are_the_address_of_pdfs_and_anchors_that_of_others() -> None:
    paged = msgspec.structs.replace(DOCUMENT, media_type="application/pdf")
    on_page = joined(element(SENTENCE, page=7))
    anchored = joined(element(SENTENCE, anchor="two words"))

    (page,), (anchor,) = cut(on_page, document=paged), cut(anchored)

    assert (page.url, page.page) == ("https://help.example/a#page=7", 7)
    assert anchor.url == "https://help.example/a#two%20words"


def test_tables_of_two_sheets_do_not_share_a_chunk() -> None:
    reading = joined(
        element("a | b", kind="table", page=1), element("c | d", kind="table", page=2)
    )

    assert [chunk.page for chunk in cut(reading)] == [1, 2]


def test_what_has_no_letter_or_digit_is_no_chunk() -> None:
    reading = joined(element("* * *", "A"), element(SENTENCE, "B"), element("—", "C"))

    chunks = cut(reading)

    assert [(chunk.position, chunk.heading_path) for chunk in chunks] == [(0, ("B",))]


def test_labels_of_the_document_hold_unless_the_text_declares_its_own() -> None:
    reading = joined(element(SENTENCE))
    declared = msgspec.structs.replace(reading, labels=("staff",))

    assert cut(reading)[0].labels == ("public",)
    assert cut(declared)[0].labels == ("staff",)


def test_ids_count_and_digests_follow_what_is_embedded() -> None:
    reading = joined(element((SENTENCE * 15).strip()))

    chunks = cut(reading)
    renamed = cut(reading, name="Other")

    assert [c.id for c in chunks] == [
        chunk_id(DOCUMENT.id, position) for position in range(len(chunks))
    ]
    assert chunks[0].digest != renamed[0].digest
    assert {len(chunk.digest) for chunk in chunks} == {32}
