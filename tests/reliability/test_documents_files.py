"""Files that change or hide while a folder is read: never followed, never forgotten."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from ingest.documents import Document
from ingest.errors import ReadError
from ingest.opening import listed
from ingest.source import read_bytes
from tests.command import environment
from tests.ingest.help_folder import found, report
from tests.ingest.test_source import put, scanned
from tests.reliability.recording import Seen
from tests.reliability.sizes import size

UNPRIVILEGED = """
import ctypes, os, sys
for right in (1, 2):
    # Root too is to be refused what a file's mode forbids.
    ctypes.CDLL(None).prctl(24, right, 0, 0, 0)
os.execv(sys.executable, [sys.executable, "-W", "ignore", "-m", "app.cli", *sys.argv[1:]])
"""


def refused(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run ``frontdesk`` as somebody whom the modes of files bind."""
    return subprocess.run(
        [sys.executable, "-c", UNPRIVILEGED, *arguments],
        cwd=home,
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@contextmanager
def mode(path: Path, bits: int) -> Iterator[None]:
    before = path.stat().st_mode
    path.chmod(bits)
    try:
        yield
    finally:
        path.chmod(before)


@pytest.mark.row(
    "I3", "a folder and a file without permission", "told; what they held stays indexed"
)
def test_documents_that_cannot_be_read_have_not_left_the_folder(
    tmp_path: Path, seen: Seen
) -> None:
    docs = tmp_path / "docs"
    put(docs / "a.md", "# Reset\n\nHold the pin button of the hub.\n")
    put(docs / "staff" / "b.md", "# Invoices\n\nInvoices come in March.\n")
    put(
        docs / "staff" / "deep" / "c.md", "# Alarm\n\nThe alarm is tested on Mondays.\n"
    )
    put(docs / "d.md", "# Cables\n\nCables are two metres long.\n")
    put(docs / "e.md", "# Doors\n\nDoors open to the inside.\n")
    report(tmp_path)
    (docs / "e.md").unlink()

    with mode(docs / "staff", 0), mode(docs / "d.md", 0):
        done = refused(tmp_path, "ingest", "docs", "--json")

    told = json.loads(done.stdout)
    failures = {trouble["path"]: trouble["reason"] for trouble in told["failures"]}
    assert done.returncode == 1
    assert failures.keys() == {"staff", "d.md"} or failures.keys() == {"staff"}
    assert "permission denied" in failures["staff"]
    assert told["removed"] == ["e.md"]
    assert found(tmp_path, "when do invoices come?")[0] == "staff/b.md"
    assert found(tmp_path, "when is the alarm tested?")[0] == "staff/deep/c.md"
    assert found(tmp_path, "how long are the cables?")[0] == "d.md"
    seen(f"exit 1, {len(failures)} told, removed only what was deleted")


@pytest.mark.row(
    "I3", "a folder with broken ignore rules", "not walked; nothing removed"
)
def test_documents_below_broken_ignore_rules_stay_in_the_index(
    tmp_path: Path, seen: Seen
) -> None:
    docs = tmp_path / "docs"
    put(docs / "a.md", "# Reset\n\nHold the pin button of the hub.\n")
    put(docs / "x" / "b.md", "# Invoices\n\nInvoices come in March.\n")
    report(tmp_path)
    put(docs / "x" / ".gitignore", "a*" * 20 + "b\n")

    told = report(tmp_path, code=1)

    (failure,) = told["failures"]
    assert (told["removed"], failure["path"]) == ([], "x")
    assert "line 1 has too many stars" in failure["reason"]
    seen(failure["reason"])


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            change,
            marks=pytest.mark.row("I1", f"between scan and read: {change}", "not read"),
        )
        for change in (
            *("edited, the same length", "longer", "shorter", "gone", "a folder now"),
            *("a pipe now", "a link now", "its folder is a link now"),
        )
    ],
)
def test_a_document_that_is_not_what_was_scanned_is_not_read(
    tmp_path: Path, change: str, seen: Seen
) -> None:
    file = tmp_path / "docs" / "x" / "a.md"
    put(file, "text")
    # The same bytes: only that it is a link tells them apart.
    put(tmp_path / "outside" / "a.md", "text")
    (document,) = scanned(tmp_path / "docs")
    assert isinstance(document, Document)
    _change(file, change, tmp_path / "outside")

    with pytest.raises(ReadError, match=r"x/a\.md: (changed|cannot be read)") as caught:
        read_bytes(tmp_path / "docs", document)

    seen(caught.value.reason)


def _change(file: Path, change: str, outside: Path) -> None:
    texts = {"edited, the same length": "next", "longer": "text and", "shorter": "te"}
    if change in texts:
        file.write_text(texts[change])
        return
    file.unlink()
    if change == "a folder now":
        file.mkdir()
    elif change == "a pipe now":
        os.mkfifo(file)
    elif change == "a link now":
        file.symlink_to(outside / "a.md")
    elif change == "its folder is a link now":
        file.parent.rmdir()
        file.parent.symlink_to(outside)


@pytest.mark.row("I1", "a folder turns into a link again and again", "never followed")
def test_a_folder_that_turns_into_a_link_is_never_followed(
    tmp_path: Path, seen: Seen
) -> None:
    docs, outside = tmp_path / "docs", tmp_path / "outside"
    put(docs / "x" / "a.md", "open")
    put(docs / "z.md", "text")
    put(outside / "a.md", "secret")
    put(outside / "private.md", "secret")
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            (docs / "x").rename(tmp_path / "real")
            (docs / "x").symlink_to(outside)
            (docs / "x").unlink()
            (tmp_path / "real").rename(docs / "x")

    swapping = threading.Thread(target=swap)
    swapping.start()
    read: set[bytes] = set()
    names: set[str] = set()
    try:
        for _ in range(size(500, 10_000)):
            for entry in scanned(docs):
                names.add(entry.path)
                if isinstance(entry, Document):
                    with suppress(ReadError):
                        read.add(read_bytes(docs, entry))
    finally:
        stop.set()
        swapping.join()

    assert read <= {b"open", b"text"}
    assert names <= {"x", "x/a.md", "z.md"}
    seen(f"{size(500, 10_000):,} walks: nothing outside was opened or listed")


def test_a_folder_behind_a_link_is_not_listed(tmp_path: Path) -> None:
    put(tmp_path / "outside" / "deep" / "a.md", "secret")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "x").symlink_to(tmp_path / "outside")

    for path in ("x", "x/deep"):
        with pytest.raises(OSError, match=r"(Not a directory|symbolic links)"):
            listed(tmp_path / "docs", path)
