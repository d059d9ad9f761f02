"""What `frontdesk.toml` says of its folder, and what comes of it that says it wrong."""

import json
import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import Document
from ingest.folder_rules import read_labels
from ingest.source import scan
from ingest.walking import Skipped
from tests.command import frontdesk
from tests.ingest.help_folder import PAGES, found, make_folder, report
from tests.ingest.test_source import put


def labels(folder: Path) -> dict[str, tuple[str, ...] | str]:
    """Return each document's labels, or why it is none."""
    found = scan(folder, tenant="t", labels=("public",), url_base="", max_bytes=1 << 20)
    return {e.path: e.labels if isinstance(e, Document) else _failure(e) for e in found}


def _failure(entry: Skipped) -> str:
    return entry.reason if entry.failed else ""


def test_a_folder_gives_labels_to_all_that_lies_in_it(tmp_path: Path) -> None:
    put(tmp_path / "a.md", "text")
    put(tmp_path / "staff" / "frontdesk.toml", 'labels = ["staff", "partner"]\n')
    put(tmp_path / "staff" / "b.md", "text")
    put(tmp_path / "staff" / "deep" / "er" / "c.md", "text")

    assert labels(tmp_path) == {
        "a.md": ("public",),
        "staff/b.md": ("staff", "partner"),
        "staff/deep/er/c.md": ("staff", "partner"),
        "staff/frontdesk.toml": "",
    }


def test_the_nearest_file_with_labels_wins_and_none_are_joined(tmp_path: Path) -> None:
    put(tmp_path / "frontdesk.toml", 'labels = ["everybody"]\n')
    put(tmp_path / "a" / "frontdesk.toml", 'labels = "staff, boss"\n')
    put(tmp_path / "a" / "b" / "frontdesk.toml", "# nothing said\n")
    put(tmp_path / "a" / "b" / "one.md", "text")

    assert labels(tmp_path)["a/b/one.md"] == ("staff", "boss")


BROKEN = {
    "no TOML": "labels = [staff]\n",
    "a misspelled name": 'label = ["staff"]\n',
    "a second name": 'labels = ["staff"]\nurl = "https://example.com"\n',
    "a table": "[labels]\nstaff = true\n",
    "a number": "labels = 1\n",
    "a mixed list": 'labels = ["staff", 1]\n',
    "no word": 'labels = ["", ","]\n',
    "an empty list": "labels = []\n",
    "too much": f"labels = ['staff']\n# {'x' * 70_000}\n",
    "nested beyond reason": f"labels = {'[' * 5000}\n",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_below_a_broken_file_every_document_fails_and_the_rest_goes_on(
    tmp_path: Path, text: str
) -> None:
    put(tmp_path / "a.md", "text")
    put(tmp_path / "staff" / "frontdesk.toml", text)
    put(tmp_path / "staff" / "b.md", "text")
    put(tmp_path / "staff" / "code.py", "print(1)")
    put(tmp_path / "staff" / "deep" / "c.md", "text")
    put(tmp_path / "staff" / "open" / "frontdesk.toml", 'labels = "public"\n')
    put(tmp_path / "staff" / "open" / "d.md", "text")

    found = labels(tmp_path)

    for path in ("staff/b.md", "staff/deep/c.md"):
        assert str(found[path]).startswith("staff/frontdesk.toml cannot be read: ")
    assert found["a.md"] == found["staff/open/d.md"] == ("public",)
    assert found["staff/code.py"] == ""


def test_a_name_that_is_not_known_is_named(tmp_path: Path) -> None:
    put(tmp_path / "frontdesk.toml", 'label = ["staff"]\nLabels = "a"\n')
    put(tmp_path / "a.md", "text")

    assert "`Labels`, `label`; only `labels` is known" in labels(tmp_path)["a.md"]


@pytest.mark.parametrize("kind", ["link", "folder", "pipe", "not UTF-8"])
def test_what_stands_in_the_place_of_the_file_is_not_overlooked(
    tmp_path: Path, kind: str
) -> None:
    docs = tmp_path / "docs"
    put(docs / "a.md", "text")
    put(tmp_path / "elsewhere.toml", 'labels = "public"\n')
    place = docs / "frontdesk.toml"
    if kind == "link":
        place.symlink_to(tmp_path / "elsewhere.toml")
    elif kind == "folder":
        place.mkdir()
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        place.write_bytes(b'labels = "st\xe4ff"\n')

    assert "frontdesk.toml cannot be read" in labels(docs)["a.md"]


words = st.text(st.characters(exclude_categories=["Z", "C"], exclude_characters=",;"))


@given(st.lists(words.filter(bool), min_size=1, max_size=8))
def test_labels_come_back_as_they_were_written_each_once(given: list[str]) -> None:
    quoted = ", ".join(
        f'"{word}"'
        for word in (w.replace("\\", r"\\").replace('"', r"\"") for w in given)
    )

    assert read_labels(f"labels = [{quoted}]".encode()) == tuple(dict.fromkeys(given))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_give_labels_or_none_or_a_reason(content: bytes) -> None:
    with suppress(ValueError, RecursionError):
        found = read_labels(content)
        assert found is None or all(found)


def test_a_changed_file_labels_its_documents_anew_at_the_next_run(
    tmp_path: Path,
) -> None:
    docs = make_folder(tmp_path)
    put(docs / "own.md", "---\nlabels: public\n---\n# Own\n\nLabels of its own.\n")
    report(tmp_path)
    report(tmp_path)

    put(docs / "frontdesk.toml", 'labels = "staff"\n')
    told = report(tmp_path)

    assert sorted(told["edited"]) == sorted([*PAGES, "own.md"])
    assert found(tmp_path, "How long is the pin held?") == ["own.md"]
    everything = frontdesk(tmp_path, "search", "pin", "--json", ACCESS_LABELS="staff")
    assert len(json.loads(everything.stdout)["data"]) == 3
    assert report(tmp_path)["unchanged"] == 4


def test_a_file_that_broke_shows_nothing_to_more_people_than_before(
    tmp_path: Path,
) -> None:
    docs = make_folder(tmp_path)
    put(docs / "deep" / "frontdesk.toml", 'labels = "staff"\n')
    report(tmp_path)

    put(docs / "deep" / "frontdesk.toml", "labels = staff\n")
    put(docs / "deep" / "new.md", "# New\n\nSalaries of the staff.\n")
    put(docs / "more.md", "# More\n\nThe rest goes on.\n")
    told = report(tmp_path, "--label", "public", code=1)

    assert told["added"] == ["more.md"]
    assert [f["path"] for f in told["failures"]] == ["deep/limits.md", "deep/new.md"]
    assert "deep/frontdesk.toml cannot be read" in told["failures"][0]["reason"]
    paths = found(tmp_path, "sensors, salaries and the rest")
    assert "more.md" in paths
    assert not any(path.startswith("deep/") for path in paths)
