"""Folders of odd names, odd files, too many of them, too deep, with hostile rules."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.documents import Document
from ingest.source import read_bytes, scan
from ingest.walking import Skipped
from tests.ingest.test_source import documents, put, scanned, skipped
from tests.reliability.recording import Figure, Seen
from tests.reliability.sizes import size


@pytest.mark.row(
    "I3", "empty; 5 GB; loops of links; a hard link", "told, or read as a file"
)
def test_odd_files_are_told_and_the_others_read(tmp_path: Path, seen: Seen) -> None:
    docs = tmp_path / "docs"
    put(docs / "a.md", "text")
    put(docs / "empty.md", "")
    put(tmp_path / "outside.md", "linked")
    (docs / "loop").symlink_to("loop")
    (docs / "up").symlink_to(docs)
    (docs / "one").symlink_to("two")
    (docs / "two").symlink_to("one")
    (docs / "passwd.md").symlink_to("/etc/passwd")
    os.link(tmp_path / "outside.md", docs / "hard.md")
    os.truncate(os.open(docs / "sparse.md", os.O_CREAT | os.O_WRONLY), 5 * 1024**3)
    (docs / ("n" * 252 + ".md")).write_text("the longest name")

    told = skipped(docs)

    assert documents(docs) == ["a.md", "hard.md", "n" * 252 + ".md"]
    assert told["empty.md"].reason == "empty file"
    assert "5,368,709,120 bytes, more than" in told["sparse.md"].reason
    links = {"loop", "up", "one", "two", "passwd.md"}
    assert {told[name].reason for name in links} == {"a link; links are not followed"}
    assert told.keys() == links | {"empty.md", "sparse.md"}
    seen(told["sparse.md"].reason)


@pytest.mark.parametrize(
    "name",
    [b"caf\xe9.md", b"two\nlines.md", "gnp\u202edm.md".encode(), b"\x1b[2J.md",
     "a\u2066b.md".encode(), b"tab\there.md", b"\x7f.md"],
)  # fmt: skip
def test_a_name_that_nobody_can_show_is_refused(tmp_path: Path, name: bytes) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"text")

    (entry,) = scanned(tmp_path)

    assert isinstance(entry, Skipped)
    assert entry.failed
    assert "rename it" in entry.reason


@pytest.mark.parametrize(
    "name",
    ["%2e%2e%2fa.md", "a%2f.md", "C:\\a.md", "a\\..\\b.md", "-rf.md", "$(id).md"],
)
def test_a_name_is_only_a_name(tmp_path: Path, name: str) -> None:
    put(tmp_path / name, "text")

    (document,) = scanned(tmp_path)

    assert isinstance(document, Document)
    assert document.path == name
    assert read_bytes(tmp_path, document) == b"text"


@pytest.fixture
def deep() -> Iterator[Path]:
    """A folder that may become too deep for Python to remove."""
    folder = tempfile.mkdtemp()
    yield Path(folder)
    subprocess.run(["rm", "-rf", folder], check=True)


@pytest.mark.row("I3", "a tree of more than 1,000 levels", "walked to its end")
def test_a_deep_tree_is_walked_to_its_end(deep: Path, seen: Seen) -> None:
    levels = 1_050
    place = os.open(deep, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d", dir_fd=place)
        inner = os.open("d", os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = inner
    with os.fdopen(
        os.open("a.md", os.O_CREAT | os.O_WRONLY, dir_fd=place), "w"
    ) as file:
        file.write("text")
    os.close(place)

    found_ = documents(deep)

    assert found_ == ["d/" * levels + "a.md"]
    seen(f"{levels:,} levels, the document at the end was found")


@pytest.mark.row("I3", "very many files", "a walk with memory for one folder of them")
def test_a_walk_over_very_many_files_takes_no_more_memory(
    tmp_path: Path, seen: Seen, figure: Figure
) -> None:
    count = size(2_000, 100_000)
    for number in range(count):
        if number % 500 == 0:
            (tmp_path / f"{number:06}").mkdir()
        folder = tmp_path / f"{number // 500 * 500:06}"
        with (folder / f"{number}.md").open("w") as file:
            file.write(f"text {number}")
    walk = scan(tmp_path, tenant="t", labels=("a",), url_base="", max_bytes=9_999)
    next(walk)
    before = most = _resident()

    documents_ = 1
    for entry in walk:
        documents_ += isinstance(entry, Document)
        if documents_ % 500 == 0:
            most = max(most, _resident())

    assert documents_ == count
    assert most - before < 20_000_000
    seen(f"{count:,} files, {(most - before) / 1e6:.0f} MB more")
    figure(
        "memory of a walk over many files", f"{(most - before) / 1e6:.0f} MB", "flat"
    )


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        (".gitignore", "a*" * 20 + "b\n"),
        (".gitignore", "**/a/**/a/**/a/**/b\n"),
        (".frontdeskignore", "x\n" * 600_000),
        ("frontdesk.toml", "labels" + ".a" * 20_000 + " = 1\n"),
        ("frontdesk.toml", "labels = " + "[" * 20_000 + "\n"),
    ],
)
def test_rules_made_to_take_hours_or_gigabytes_are_refused_and_publish_nothing(
    tmp_path: Path, file: str, content: str
) -> None:
    put(tmp_path / "x" / "a.md", "text")
    put(tmp_path / "x" / file, content)
    put(tmp_path / ("a" * 60) / "z.md", "text")

    assert documents(tmp_path) == ["a" * 60 + "/z.md"]
    assert any(entry.failed for entry in skipped(tmp_path).values())
