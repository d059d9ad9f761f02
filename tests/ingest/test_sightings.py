"""What is not hashed again, and what is."""

import os
from pathlib import Path

import pytest

from ingest.documents import Document
from ingest.sightings import Sighting, Sightings, load_sightings, sighting
from ingest.source import scan

LONG_AGO = 1_600_000_000
LABELS = ("public",)


def look(status: os.stat_result, **changed: int) -> os.stat_result:
    """Return `status` as it is told of a file of long ago, with something changed."""
    told = {
        "st_mode": status.st_mode,
        "st_ino": status.st_ino,
        "st_size": status.st_size,
        "st_mtime": LONG_AGO,
        "st_ctime": LONG_AGO,
    } | changed
    fields = [
        told["st_mode"], told["st_ino"], 0, 1, 0, 0, told["st_size"], LONG_AGO,
        told["st_mtime"], told["st_ctime"],
    ]  # fmt: skip
    nanoseconds = {
        "st_atime_ns": LONG_AGO * 10**9,
        "st_mtime_ns": told["st_mtime"] * 10**9,
        "st_ctime_ns": told["st_ctime"] * 10**9,
    }
    return os.stat_result(fields, nanoseconds)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "docs" / "a.md"
    file.parent.mkdir()
    file.write_text("# A\n\nText.\n")
    return file


def seen_before(file: Path, kept: Path) -> Sightings:
    """Return what a second scan knows after a first one saw `file` long ago."""
    sightings, place = load_sightings(kept, "here")
    sightings.note("a.md", sighting(look(file.stat()), "old", "text/markdown", LABELS))
    sightings.keep(place)
    return load_sightings(kept, "here")[0]


def test_a_file_that_looks_the_same_is_known(file: Path, tmp_path: Path) -> None:
    seen = seen_before(file, tmp_path / "kept").known("a.md", look(file.stat()), LABELS)

    assert seen is not None
    assert (seen.digest, seen.media_type) == ("old", "text/markdown")


@pytest.mark.parametrize("field", ["st_size", "st_mtime", "st_ctime", "st_ino"])
def test_a_file_that_looks_different_in_anything_is_not_known(
    file: Path, tmp_path: Path, field: str
) -> None:
    sightings = seen_before(file, tmp_path / "kept")
    status = look(file.stat())
    other = look(file.stat(), **{field: int(getattr(status, field)) + 1})

    assert sightings.known("a.md", other, LABELS) is None
    assert sightings.known("b.md", status, LABELS) is None


def test_a_file_whose_labels_changed_is_not_known(file: Path, tmp_path: Path) -> None:
    sightings = seen_before(file, tmp_path / "kept")

    assert sightings.known("a.md", look(file.stat()), ("staff",)) is None


def test_a_change_of_the_same_size_with_its_time_set_back_is_seen(
    file: Path, tmp_path: Path
) -> None:
    before = file.stat()
    sightings, place = load_sightings(tmp_path / "kept", "here")
    first = documents(file.parent, sightings)
    sightings.keep(place)

    file.write_text("# A\n\nTexT.\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    again = documents(file.parent, load_sightings(tmp_path / "kept", "here")[0])

    assert file.stat().st_mtime_ns == before.st_mtime_ns
    assert file.stat().st_size == before.st_size
    assert again[0].digest != first[0].digest


def documents(folder: Path, sightings: Sightings) -> list[Document]:
    found = scan(
        folder,
        tenant="default",
        labels=("public",),
        url_base="",
        max_bytes=1 << 20,
        sightings=sightings,
    )
    return [one for one in found if isinstance(one, Document)]


def test_a_file_touched_just_now_is_hashed_again_the_next_time(
    file: Path, tmp_path: Path
) -> None:
    sightings, place = load_sightings(tmp_path / "kept", "here")

    documents(file.parent, sightings)
    sightings.keep(place)

    assert (
        load_sightings(tmp_path / "kept", "here")[0].known("a.md", file.stat(), LABELS)
        is None
    )


def test_a_known_file_is_not_opened(file: Path) -> None:
    status = file.stat()
    noted = Sighting(
        size=status.st_size,
        changed=status.st_mtime_ns,
        touched=status.st_ctime_ns,
        inode=status.st_ino,
        digest="what was noted",
        media_type="text/markdown",
        labels=LABELS,
    )

    found = documents(file.parent, Sightings({"a.md": noted}))

    assert [one.digest for one in found] == ["what was noted"]


def test_other_circumstances_know_nothing(file: Path, tmp_path: Path) -> None:
    seen_before(file, tmp_path / "kept")

    other = load_sightings(tmp_path / "kept", "there")[0]

    assert other.known("a.md", look(file.stat()), LABELS) is None


def test_a_damaged_file_of_sightings_knows_nothing(file: Path, tmp_path: Path) -> None:
    seen_before(file, tmp_path / "kept")
    for kept in (tmp_path / "kept").iterdir():
        kept.write_bytes(b"\x93\xff damaged")

    sightings, place = load_sightings(tmp_path / "kept", "here")

    assert sightings.known("a.md", look(file.stat()), LABELS) is None
    sightings.keep(place)
