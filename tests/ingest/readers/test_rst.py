from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import Reading
from ingest.errors import ReadError
from ingest.readers.rst import read_rst


def rst(text: str) -> Reading:
    return read_rst("a.rst", text.encode())


def elements(text: str) -> list[tuple[str, str]]:
    return [(e.kind, e.text) for e in rst(text).elements]


def test_blocks_are_slices_under_their_headings() -> None:
    reading = rst(
        "===\nHub\n===\n\nIt has a *light*.\n\nReset\n-----\n\n1. Hold\n2. Wait\n\n"
        "Run::\n\n    ostrelctl .. login\n\nDeep ``x``\n~~~~~~~~~~\n\n"
        "==== ====\nA    B\n==== ====\n1    2\n==== ====\n\nNext\n----\n\n"
        ".. code-block:: sh\n   :linenos:\n\n   ls\n"
    )

    path = ("Hub", "Reset")
    assert [(e.kind, e.text, e.heading_path) for e in reading.elements] == [
        ("title", "===\nHub\n===", ("Hub",)),
        ("text", "It has a *light*.", ("Hub",)),
        ("title", "Reset\n-----", path),
        ("list", "1. Hold\n2. Wait", path),
        ("text", "Run::", path),
        ("code", "    ostrelctl .. login", path),
        ("title", "Deep ``x``\n~~~~~~~~~~", (*path, "Deep x")),
        ("table", "==== ====\nA    B\n==== ====\n1    2\n==== ====", (*path, "Deep x")),
        ("title", "Next\n----", ("Hub", "Next")),
        ("code", ".. code-block:: sh\n   :linenos:\n\n   ls", ("Hub", "Next")),
    ]
    assert [e.anchor for e in reading.elements if e.kind == "title"] == [
        *("hub", "reset", "deep-x", "next")
    ]
    assert (reading.title, reading.verbatim) == ("Hub", True)


def test_fields_at_the_head_tell_about_the_document() -> None:
    reading = rst(
        ":orphan:\n:url: https://help.ostrel.example/hub\n:labels: staff, beta\n"
        ":language: de-AT\n\nHub\n===\n\ntext\n"
    )

    assert reading.url == "https://help.ostrel.example/hub"
    assert (reading.labels, reading.language) == (("staff", "beta"), "de")
    assert [e.text for e in reading.elements] == ["Hub\n===", "text"]


@pytest.mark.parametrize(
    "hidden",
    [
        ".. SECRET",
        "..\n   SECRET\n\n   SECRET",
        ".. |s| replace:: SECRET",
        ".. _SECRET: https://example.com",
        ".. image:: a.png\n   :alt: SECRET",
        ".. raw:: html\n\n   <b>SECRET</b>",
        ".. meta::\n   :description: SECRET",
        ".. toctree::\n   :caption: SECRET\n\n   SECRET",
        "- item\n\n  .. SECRET\n     SECRET\n\n  more",
        ".. note:: seen\n   :class: SECRET\n\n   .. SECRET",
        "* a::\n\n      literal\n\n  .. SECRET",
        ".. figure:: a.png\n   :alt: SECRET\n\n   seen",
    ],
)
def test_what_is_not_shown_is_no_element(hidden: str) -> None:
    text = " ".join(e.text for e in rst(f"before\n\n{hidden}\n\nafter\n").elements)

    assert "SECRET" not in text
    assert text.startswith("before")
    assert text.endswith("after")


def test_unknown_directives_and_roles_are_read() -> None:
    assert elements(
        ":menu:`Tell` it.\n\n.. tip-of-day:: Cool\n   :x: 1\n\n   words\n"
    ) == [
        ("text", ":menu:`Tell` it."),
        ("text", ".. tip-of-day:: Cool"),
        ("text", "   words"),
    ]


def test_literal_text_is_no_markup() -> None:
    text = "Write::\n\n  .. so\n\n  .. and so"

    assert elements(text) == [("text", "Write::"), ("code", "  .. so\n\n  .. and so")]


def test_nothing_is_included(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("SECRET")
    file = tmp_path / "secret.txt"

    reading = rst(
        f"text\n\n.. include:: {file}\n\n.. csv-table::\n   :file: {file}\n\n"
        f".. raw:: html\n   :file: {file}\n\n.. literalinclude:: {file}\n"
    )

    assert [e.text for e in reading.elements] == ["text"]


def test_every_line_end_becomes_a_line_feed() -> None:
    text = "Hub\r\n===\r\n\r\na\r\nb\r\n\r\nReset\r\n-----\r\nc\r\n"

    assert [e.text for e in rst(text).elements] == [
        *("Hub\n===", "a\nb", "Reset\n-----", "c")
    ]


def test_deep_nesting_is_refused() -> None:
    text = "".join("  " * n + "- a\n\n" for n in range(1500))

    with pytest.raises(ReadError, match="nested too deeply"):
        rst(text)


PIECES = st.sampled_from(
    [
        *("A\n", "=\n", "===\n", "---\n", "\n", "\n\n", "- b\n", "  c\n", "    d\n"),
        *(".. e\n", "   f\n", ".. note:: g\n", "   :h: i\n", "::\n\n", "j::\n\n"),
        *("1. k\n", "| l\n", ":m: n\n", ">>> o\n", "\r\n", "\x85", "\t p\n", "`q\n"),
        *("+--+\n", "|  |\n", "== ==\n", ".. |r| image:: s\n", "__ t\n", "*u\n"),
    ]
)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_every_element_is_a_slice_and_none_overlap(text: str) -> None:
    reading = rst(text)

    end = 0
    for element in reading.elements:
        assert element.text == reading.text[element.start : element.end]
        assert element.start >= end
        end = element.end
