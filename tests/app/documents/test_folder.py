"""A folder of documents: what comes in whole, what goes out, and what leads nowhere."""

import errno
import os
import time
from pathlib import Path

import pytest

from app.documents import folder
from app.documents.errors import AlreadyThere, Conflict, NoRoom
from app.documents.trash import Trash
from app.errors import Forbidden
from ingest.opening import folder_at


def names(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir())


def put(root: Path, path: str, data: bytes, *, replace: bool = True) -> None:
    fresh = folder.begin(root, floor=0)
    try:
        fresh.write(data)
        fresh.put(path, replace=replace)
    finally:
        fresh.close()


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    root = tmp_path / "papers"
    fresh = folder.begin(root, floor=0)
    fresh.write(b"first half")
    shown = [name for name in names(root) if not name.startswith(".")]
    fresh.close()
    put(root, "a/b/page.md", b"whole")

    assert shown == []
    assert (root / "a" / "b" / "page.md").read_bytes() == b"whole"
    assert [path.name for path in root.iterdir()] == ["a"]


def test_only_who_means_to_replaces_a_file(tmp_path: Path) -> None:
    put(tmp_path, "page.md", b"old")

    with pytest.raises(AlreadyThere):
        put(tmp_path, "page.md", b"new", replace=False)
    kept = (tmp_path / "page.md").read_bytes()
    put(tmp_path, "page.md", b"new")

    assert kept == b"old"
    assert (tmp_path / "page.md").read_bytes() == b"new"
    assert names(tmp_path) == ["page.md"]


def test_no_link_leads_out_of_the_folder(tmp_path: Path) -> None:
    root, outside = tmp_path / "papers", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "page.md").write_bytes(b"theirs")
    (root / "there").symlink_to(outside)
    (root / "file.md").symlink_to(outside / "page.md")

    with pytest.raises(Conflict):
        put(root, "there/page.md", b"mine")
    with pytest.raises(Conflict):
        put(root, "there/new/page.md", b"mine")
    with pytest.raises(Conflict):
        Trash(tmp_path / "trash", days=1).take_out(root, "there/page.md")
    with pytest.raises(FileNotFoundError):
        Trash(tmp_path / "trash", days=1).take_out(root, "file.md")
    put(root, "file.md", b"mine")

    assert (outside / "page.md").read_bytes() == b"theirs"
    assert names(outside) == ["page.md"]
    # The link went, not what it led to.
    assert not (root / "file.md").is_symlink()


def test_a_file_or_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    put(tmp_path, "page.md", b"a file")
    (tmp_path / "folder.md").mkdir()

    with pytest.raises(Conflict):
        put(tmp_path, "page.md/inner.md", b"x")
    with pytest.raises(Conflict):
        put(tmp_path, "folder.md", b"x")
    with pytest.raises(FileNotFoundError):
        Trash(tmp_path / "trash", days=1).take_out(tmp_path, "folder.md")


def test_nothing_is_written_below_the_floor_of_the_disk(tmp_path: Path) -> None:
    with pytest.raises(NoRoom):
        folder.begin(tmp_path / "papers", floor=1 << 60)


def test_what_is_taken_out_lies_in_the_trash_until_it_is_old(tmp_path: Path) -> None:
    root, trash = tmp_path / "papers", tmp_path / "trash"
    for name in ("a/one.md", "a/two.md"):
        put(root, name, name.encode())

    Trash(trash, days=1).take_out(root, "a/one.md")
    Trash(trash, days=0).take_out(root, "a/two.md")
    (found,) = trash.rglob("*.md")
    Trash(trash, days=1).tidy()
    kept = found.exists()
    old = time.gmtime(time.time() - 3 * 86400)
    found.parent.parent.rename(trash / f"{time.strftime('%Y%m%dT%H%M%SZ', old)}-x")
    Trash(trash, days=1).tidy()

    assert found.relative_to(trash).parts[1:] == ("a", "one.md")
    assert kept
    assert list(trash.iterdir()) == []
    assert list((root / "a").iterdir()) == []


@pytest.mark.parametrize("error", [0, errno.EXDEV, errno.EPERM])
def test_what_is_replaced_lies_in_the_trash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    root, trash = tmp_path / "papers", Trash(tmp_path / "trash", days=1)
    put(root, "a/one.md", b"old")
    if error:  # as on another disk, or where files have one name only

        def link(*given: object, **named: object) -> None:
            raise OSError(error, os.strerror(error))

        monkeypatch.setattr(os, "link", link)

    trash.keep(root, "a/one.md")
    put(root, "a/one.md", b"new")

    (kept,) = (tmp_path / "trash").rglob("one.md")
    assert kept.read_bytes() == b"old"
    assert (root / "a" / "one.md").read_bytes() == b"new"


def test_what_broke_off_long_ago_is_removed(tmp_path: Path) -> None:
    for name in (".frontdesk-old", ".frontdesk-new", ".gitignore"):
        (tmp_path / name).write_bytes(b"x")
    for name in (".frontdesk-old", ".gitignore"):
        os.utime(tmp_path / name, (0, 0))

    folder.tidy(tmp_path)

    assert names(tmp_path) == [".frontdesk-new", ".gitignore"]


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    assert folder.trouble(tmp_path) == folder.trouble(tmp_path / "not" / "yet") == ""
    assert "DESK_FOLDER" in folder.trouble(tmp_path / "file")


def test_what_the_system_refuses_is_forbidden(tmp_path: Path) -> None:
    with pytest.raises(Forbidden) as refused, folder.readable():
        raise PermissionError(13, "Permission denied")

    assert refused.value.code == "folder_not_writable"


def test_a_folder_is_not_made_unless_it_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), folder_at(tmp_path, "a/b"):
        pass
    with folder_at(tmp_path, "a/b", make=True):
        pass

    assert (tmp_path / "a" / "b").is_dir()
