"""A run over a folder in which nothing changed costs a look at each file."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.index.copies import lock_for_writing
from tests.command import environment, frontdesk
from tests.ingest.help_folder import PAGES, found, make_folder, report

PROGRAM = """
import atexit, sys
names = lambda: sorted({name.split(".")[0] for name in sys.modules})
atexit.register(lambda: print("loaded:", *names()))
sys.argv = ["frontdesk", "ingest", "docs"]
from app.cli import main
main()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path)


def damage_unseen(home: Path, edition: str) -> None:
    """Change a byte of an edition so that its size and time do not tell."""
    files = (home / "index" / "editions" / edition / "shard").rglob("*")
    largest = max(
        (file for file in files if file.is_file()),
        key=lambda file: file.stat().st_blocks,
    )
    status = largest.stat()
    content = bytearray(largest.read_bytes())
    content[next(place for place, byte in enumerate(content) if byte)] ^= 1
    largest.write_bytes(content)
    os.utime(largest, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_run_that_changes_nothing_loads_no_model(
    folder: Path, tmp_path: Path
) -> None:
    report(tmp_path)

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )

    assert "3 unchanged" in done.stdout, done.stderr
    loaded = set(done.stdout.partition("loaded:")[2].split())
    assert "msgspec" in loaded
    assert loaded & {"openvino", "tokenizers", "torch", "py3langid"} == set()


def test_a_run_that_changes_nothing_reads_no_shard(
    folder: Path, tmp_path: Path
) -> None:
    name = report(tmp_path)["edition"]["name"]
    damage_unseen(tmp_path, name)

    done = frontdesk(tmp_path, "ingest", "docs")

    assert "3 unchanged" in done.stdout
    assert "not what was published" not in done.stderr


def test_where_the_published_edition_is_damaged_what_it_held_is_made_again(
    folder: Path, tmp_path: Path
) -> None:
    report(tmp_path)
    (folder / "billing.md").write_text("# Billing\n\nWe bill on the last Friday.\n")
    damage_unseen(tmp_path, report(tmp_path)["edition"]["name"])
    (folder / "warranty.md").write_text("# Warranty\n\nHubs have three years.\n")

    told = report(tmp_path)

    assert (told["edited"], told["added"]) == (["billing.md"], ["warranty.md"])
    assert found(tmp_path, "last Friday")[0] == "billing.md"


@pytest.mark.parametrize("content", [None, b"", b"\0" * 40])
def test_a_list_that_is_missing_or_damaged_is_written_again(
    folder: Path, tmp_path: Path, content: bytes | None
) -> None:
    name = report(tmp_path)["edition"]["name"]
    file = tmp_path / "index" / "editions" / name / "documents.msgpack"
    before = file.read_bytes()
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)

    told = report(tmp_path)

    assert (told["unchanged"], told["edition"]["name"]) == (3, name)
    assert file.read_bytes() == before


def test_a_file_that_was_touched_and_is_the_same_is_not_embedded_again(
    folder: Path, tmp_path: Path
) -> None:
    report(tmp_path)
    for name in PAGES:
        text = (folder / name).read_text()
        (folder / name).unlink()
        (folder / name).write_text(text)

    told = report(tmp_path)

    assert (told["unchanged"], told["chunks"]) == (3, 0)


def test_other_labels_change_every_document(folder: Path, tmp_path: Path) -> None:
    report(tmp_path)
    report(tmp_path)

    told = report(tmp_path, "--label", "staff")

    assert len(told["edited"]) == 3


def test_a_dry_run_waits_for_no_lock_and_makes_no_copy(
    folder: Path, tmp_path: Path
) -> None:
    report(tmp_path)
    (folder / "new.md").write_text("# New\n\nSomething new.\n")
    lock = lock_for_writing(tmp_path / "index")
    try:
        done = frontdesk(tmp_path, "ingest", "docs", "--dry-run")
    finally:
        os.close(lock)

    assert done.returncode == 0, done.stderr
    assert "1 added, 3 unchanged" in done.stdout
    assert not (tmp_path / "index" / "draft").exists()
