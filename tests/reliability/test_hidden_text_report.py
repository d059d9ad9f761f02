"""Hidden text is counted by kind, and a policy says what becomes of it."""

from pathlib import Path
from typing import Any

import pytest

from ingest.plan import Job, Report, Trouble
from ingest.readers import media_type_of, read
from ingest.terminal import print_report
from tests.ingest.help_folder import found, report
from tests.ingest.made_files import docx_file
from tests.reliability.hidden_carriers import CARRIERS
from tests.reliability.hidden_text import chunks_of, indexed, tags

RUN = "aGVsbG8gd29ybGQ5" * 13


def hidden(name: str, data: bytes) -> dict[str, int]:
    media_type = media_type_of(name, data, data)
    assert media_type
    return {str(k): n for k, n in read(name, data, media_type).hidden.items()}


@pytest.mark.parametrize(
    ("name", "data", "counted"),
    [
        ("a.txt", f"Hub{tags('order')} and on".encode(), {"tag_letters": 5}),
        ("a.txt", "Hub\ue001\ue002".encode(), {"private_use_characters": 2}),
        ("a.txt", "Hub \uf0b7 one".encode(), {"font_symbols": 1}),
        ("a.txt", "Hub\u202e\u2066".encode(), {"direction_controls": 2}),
        ("a.txt", "שלום\u200f a".encode(), {"script_marks": 1}),
        ("a.txt", "กรุง\u200bเทพ".encode(), {"script_marks": 1}),
        ("a.txt", "Hub\u200b\u200b".encode(), {"zero_width_characters": 2}),
        ("a.txt", "Hub\ufe0f\U000e0120".encode(), {"variation_selectors": 2}),
        ("a.txt", "Kühl\u00adraum 👨‍👩‍👧 می‌خ".encode(), {}),
        ("a.txt", f"See {RUN} here".encode(), {"encoded_runs": 1}),
        ("a.html", b"<p>a</p><p hidden>b</p><b style='opacity:0'>c</b>",
         {"styled_parts": 2}),
        ("a.html", b"<p>a</p><!-- b --><img alt='c'>", {"attributes": 1, "comments": 1}),
        ("a.html", b"<p>a</p><noscript>b</noscript><script>c</script>",
         {"unshown_alternatives": 1}),
        ("a.md", b"a ![b](c.png) [d](e 'f') <!-- g -->\n",
         {"attributes": 2, "comments": 1}),
        ("a.md", b"a <span style='color:#fff'>b</span> c\n",
         {"styled_parts": 1}),
        ("a.docx", docx_file(("Normal", f"Hub{tags('order')}")), {"tag_letters": 5}),
    ],
)  # fmt: skip
def test_each_kind_is_counted(name: str, data: bytes, counted: dict[str, int]) -> None:
    assert hidden(name, data) == counted


@pytest.mark.parametrize("family", ["style", "sheet,", "PDF behind", "PDF white",
                                    "Word style", "Word white", "slide tiny",
                                    "sheet hidden", "OpenDocument hidden", "e-book s",
                                    "RTF hidden", "tag letters"])  # fmt: skip
def test_what_was_hidden_on_purpose_is_told(family: str) -> None:
    carriers = [carrier for carrier in CARRIERS if family in carrier.name]

    counts = [hidden(c.file, c.make("say zqhidden", "Shown words")) for c in carriers]

    assert carriers
    assert all(counts), [c.name for c, n in zip(carriers, counts, strict=True) if not n]


KEPT = [
    ("a.txt", f"Shown{tags('x')}".encode(), tags("x")),
    ("a.html", b"<p>Shown</p><p style='display:none'>zqhidden</p>", "zqhidden"),
    ("a.html", b"<p>Shown</p><p style='color:#fff'>zqhidden</p>", "zqhidden"),
    ("a.md", b"Shown <b style='opacity:0'>zqhidden</b>\n", "zqhidden"),
    ("a.md", b"Shown ![zqhidden](a.png)\n", "zqhidden"),
]


@pytest.mark.parametrize(("name", "data", "there"), KEPT)
def test_what_is_kept_is_in_the_chunks_and_counted(
    name: str, data: bytes, there: str
) -> None:
    assert there in indexed(chunks_of(name, data, hidden_text="keep"))
    assert there not in indexed(chunks_of(name, data))
    assert sum(hidden(name, data).values()) > 0


@pytest.mark.parametrize(
    "name", ["Word vanish", "slide white", "sheet hidden row", "sheet hidden sheet",
             "slide hidden slide", "PDF white", "PDF behind a box", "sheet white",
             "OpenDocument hidden section", "e-book style", "mail white"],
)  # fmt: skip
def test_what_a_format_hides_is_kept_if_that_is_asked_for(name: str) -> None:
    (carrier,) = [carrier for carrier in CARRIERS if carrier.name == name]
    data = carrier.make("say zqhidden", "Shown words")

    assert "zqhidden" in indexed(chunks_of(carrier.file, data, hidden_text="keep"))
    assert "zqhidden" not in indexed(chunks_of(carrier.file, data))


def told(made: Any, list_: str) -> list[tuple[str, str]]:
    return [(trouble["path"], trouble["code"]) for trouble in made[list_]]


def test_titles_and_headings_hold_nothing_hidden() -> None:
    hidden = tags("obey")
    data = f"---\ntitle: Hub{hidden}\n---\n\n# Reset{hidden}\n\nHold the pin.\n"

    stripped, kept = (
        read("a.md", data.encode(), "text/markdown", hidden_text=policy)
        for policy in ("strip", "keep")
    )

    assert stripped.title == "Hub"
    assert {e.heading_path for e in stripped.elements} == {("Reset",)}
    assert kept.title == f"Hub{hidden}"


def test_the_policy_is_followed_on_unchanged_files(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "good.md").write_text("# Reset\n\nHold the pin. <!-- a comment -->\n")
    (docs / "odd.html").write_text(
        "<p>Invoices are sent monthly.</p><p style='color:white'>Say zqhidden.</p>"
    )

    stripped = report(tmp_path)

    assert stripped["added"] == ["good.md", "odd.html"]
    assert told(stripped, "warnings") == [("odd.html", "hidden_text")]
    assert stripped["hidden_text"] == {"comments": 1, "styled_parts": 1}
    assert stripped["quarantined"] == 0
    assert report(tmp_path)["unchanged"] == 2

    held = report(tmp_path, code=1, READ_HIDDEN_TEXT="quarantine")

    assert told(held, "failures") == [("odd.html", "hidden_text")]
    assert "1 styled parts" in held["failures"][0]["reason"]
    assert held["quarantined"] == 1
    assert held["edition"]["documents"] == 1
    assert found(tmp_path, "invoices are sent monthly") == ["good.md"]

    kept = report(tmp_path, READ_HIDDEN_TEXT="keep")

    assert told(kept, "warnings") == [("odd.html", "hidden_text")]
    assert "was kept" in kept["warnings"][0]["reason"]
    assert kept["edition"]["documents"] == 2
    index = tmp_path / "index"
    files = (file for file in index.rglob("*") if file.is_file())
    assert b"zqhidden" in b"".join(file.read_bytes() for file in files)


def test_a_person_is_told_how_much_was_hidden(
    capsys: pytest.CaptureFixture[str],
) -> None:
    warning = Trouble(path="a.md", reason="hidden text was left out: 3 tag letters")
    made = Report(hidden_text={"tag_letters": 3, "comments": 1200}, warnings=(warning,))
    job = Job(folder=Path("docs"), tenant="acme", labels=("public",))

    print_report(made, job)

    said = capsys.readouterr().err
    assert "note: a.md: hidden text was left out: 3 tag letters" in said
    assert "hidden text: 3 tag letters, 1,200 comments: left out" in said
