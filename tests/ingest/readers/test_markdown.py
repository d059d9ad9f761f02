import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import Element, Reading
from ingest.errors import ReadError
from ingest.readers.markdown import read_markdown


def markdown(text: str) -> Reading:
    return read_markdown("a.md", text.encode())


def elements(text: str) -> list[tuple[str, str]]:
    return [(e.kind, e.text) for e in markdown(text).elements]


def titles(text: str) -> list[Element]:
    return [e for e in markdown(text).elements if e.kind == "title"]


def test_blocks_are_slices_under_their_headings() -> None:
    reading = markdown(
        "# Hub\n\nIt has a light.\n\n## Reset `H2` & *more*\n\n1. Hold\n2. Wait\n\n"
        "```sh\n# no heading\n```\n\n### Deep\n\n| A | B |\n|---|---|\n| 1 | 2 |\n\n"
        "## Next\n\n> quoted\n"
    )

    found = [(e.kind, e.text, e.heading_path) for e in reading.elements]
    assert found == [
        ("title", "# Hub", ("Hub",)),
        ("text", "It has a light.", ("Hub",)),
        ("title", "## Reset `H2` & *more*", ("Hub", "Reset H2 & more")),
        ("list", "1. Hold\n2. Wait", ("Hub", "Reset H2 & more")),
        ("code", "```sh\n# no heading\n```", ("Hub", "Reset H2 & more")),
        ("title", "### Deep", ("Hub", "Reset H2 & more", "Deep")),
        (
            "table",
            "| A | B |\n|---|---|\n| 1 | 2 |",
            ("Hub", "Reset H2 & more", "Deep"),
        ),
        ("title", "## Next", ("Hub", "Next")),
        ("text", "> quoted", ("Hub", "Next")),
    ]
    assert [e.header_rows for e in reading.elements if e.kind == "table"] == [2]
    assert reading.verbatim
    assert reading.title == "Hub"


def test_a_nested_list_is_one_element() -> None:
    text = "- a\n  - b\n\n    more\n\n    ```\n    code\n    ```\n- c"

    assert elements(text) == [("list", text)]


def test_front_matter_tells_about_the_document_and_is_no_element() -> None:
    reading = markdown(
        "---\ntitle: 'The Hub'\nurl: https://help.ostrel.example/hub\nlang: no\n"
        "labels: [staff, beta]\n---\n\n# Hub\n\ntext\n"
    )

    assert (reading.title, reading.language) == ("The Hub", "no")
    assert reading.url == "https://help.ostrel.example/hub"
    assert reading.labels == ("staff", "beta")
    assert [e.text for e in reading.elements] == ["# Hub", "text"]


def test_broken_front_matter_is_a_warning() -> None:
    reading = markdown("---\ntitle: [a\n---\n\ntext\n")

    assert [e.text for e in reading.elements] == ["text"]
    assert len(reading.warnings) == 1


def test_broken_front_matter_that_holds_labels_is_refused() -> None:
    with pytest.raises(ReadError, match="labels"):
        markdown("---\ntitle: [a\nlabels: staff\n---\n\ntext\n")


def test_a_rule_at_the_head_is_no_front_matter() -> None:
    assert elements("---\n\nSome words.\n\n---\n\nmore\n") == [
        ("text", "Some words."),
        ("text", "more"),
    ]


def test_anchors_are_those_of_github() -> None:
    found = titles(
        "# What's new?\n\n## Größe & Preis\n\n## Setup\n\n## Setup\n\n# A_b\n"
    )

    assert [e.anchor for e in found] == [
        *("whats-new", "größe--preis", "setup", "setup-1", "a_b")
    ]


def test_a_heading_may_give_its_own_anchor() -> None:
    (found,) = titles("## Reset the hub {#reset}\n\ntext\n")

    assert (found.anchor, found.heading_path) == ("reset", ("Reset the hub",))


def test_underlined_and_html_headings_count() -> None:
    found = titles('Hub\n===\n\n<h2 align="center">Raw <b>one</b></h2>\n\ntext\n')

    assert [e.heading_path for e in found] == [("Hub",), ("Hub", "Raw one")]


@pytest.mark.parametrize(
    "hidden",
    [
        "<!-- SECRET -->",
        "<!-- SECRET\n\nSECRET -->",
        '<span style="display: none">SECRET</span>',
        '<div style="display:none">\n\nSECRET *words*\n\n</div>',
        "<span hidden>SECRET <span>SECRET</span> SECRET</span>",
        '<b aria-hidden="true">SECRET</b>',
        '<p style="FONT-SIZE:0px">SECRET</p>',
        "<script>\nSECRET\n\nSECRET</script>",
        "{/* SECRET */}",
        "\n[//]: # (SECRET)\n",
        '\n[x]: https://example.com "SECRET"\n',
    ],
)
def test_what_is_hidden_is_no_element(hidden: str) -> None:
    for text in (f"before\n\n{hidden}\n\nafter\n", f"before {hidden}\n\nafter\n"):
        found = markdown(text).elements

        assert "SECRET" not in "".join(e.text for e in found) or hidden.startswith("\n")
        assert found[-1].text.endswith("after")
        assert found[0].text.startswith("before")


def test_hidden_words_leave_the_heading_too() -> None:
    (found,) = titles("## Reset <!-- SECRET --> the hub\n\ntext\n")

    assert found.heading_path == ("Reset the hub",)


@pytest.mark.parametrize(
    "text",
    [
        "Write `<!-- so -->` there.",
        "Write `` <b hidden>`x` `` there.",
        "Use the \\<b hidden> tag.",
        "Put a <template> element there.",
        "```html\n<div hidden>\n```",
        "    <div hidden>",
    ],
)
def test_markup_that_is_only_named_hides_nothing(text: str) -> None:
    found = markdown(f"{text}\n\nafter\n").elements

    assert [e.text for e in found] == [text, "after"]


def test_imports_and_bare_tags_of_mdx_are_no_elements() -> None:
    assert elements(
        "import Tabs from '@theme/Tabs';\nimport './a.css';\n\n<Tabs>\n\nwords\n\n"
        "<Tab hidden />\n\nmore\n\n</Tabs>\n"
    ) == [("text", "words"), ("text", "more")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_becomes_a_line_feed(end: str) -> None:
    text = f"# A{end}{end}b{end}c{end}{end}- d{end}- e{end}"

    reading = markdown(text)

    assert reading.text == "# A\n\nb\nc\n\n- d\n- e\n"
    assert [e.text for e in reading.elements] == ["# A", "b\nc", "- d\n- e"]


def test_marks_and_nuls_are_taken_off() -> None:
    reading = read_markdown("a.md", b"\xef\xbb\xbf# He\0llo\n\nworld\n")

    assert [e.text for e in reading.elements] == ["# Hello", "world"]


PIECES = st.sampled_from(
    [
        *("# A\n", "b\n", "\n", "- c\n", "  - d\n", "```\n", "<!-- e\n", "-->\n"),
        *("<div hidden>\n", "</div>\n", "| f |\n", "|---|\n", "> g\n", "`h` <i>\n"),
        *("    j\n", "===\n", "k\r\n", "\r", "<script>\n", "{/*", "*/}\n", "---\n"),
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_every_element_is_a_slice_and_none_overlap(text: str) -> None:
    reading = markdown(text)

    end = 0
    for element in reading.elements:
        assert element.text == reading.text[element.start : element.end]
        assert element.text.strip()
        assert element.start >= end
        end = element.end


@pytest.mark.parametrize(
    "text",
    [
        "[" * 50_000,
        "# " + "[" * 50_000,
        "> " * 3000 + "x",
        "".join("  " * n + "- a\n" for n in range(600)),
        "[a](" * 20_000,
        "<a " * 50_000,
        "<b hidden>x</b> " * 20_000,
        "`" * 50_000 + "<b>",
        "---\na: " + "[" * 20_000 + "\n---\nx",
    ],
)
def test_hostile_text_is_read_or_refused(text: str) -> None:
    assert isinstance(markdown(f"{text}\n\nend\n"), Reading)
