import os
import socket
import struct
from pathlib import Path

import pytest

from ingest.documents import Document
from ingest.errors import FolderUnusable, ReadError
from ingest.source import read_bytes, scan
from ingest.walking import Skipped


def scanned(
    folder: Path,
    *,
    labels: tuple[str, ...] = ("public",),
    url_base: str = "",
    max_bytes: int = 1_000_000,
) -> list[Document | Skipped]:
    return list(
        scan(folder, tenant="t", labels=labels, url_base=url_base, max_bytes=max_bytes)
    )


def documents(folder: Path) -> list[str]:
    return [e.path for e in scanned(folder) if isinstance(e, Document)]


def skipped(folder: Path) -> dict[str, Skipped]:
    return {e.path: e for e in scanned(folder) if isinstance(e, Skipped)}


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        put(folder / f"{name}.md", text)


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_documents_come_sorted_with_forward_slashes(tmp_path: Path) -> None:
    for path in ("b.md", "a/z.txt", "a/c/d.rst", "C.html"):
        put(tmp_path / path, "<html>text" if path.endswith("html") else "text")

    assert documents(tmp_path) == ["C.html", "a/c/d.rst", "a/z.txt", "b.md"]


def test_a_document_knows_its_type_size_and_address(tmp_path: Path) -> None:
    put(tmp_path / "guide" / "größe 1#.md", "Größe")

    (found,) = scanned(tmp_path, url_base="https://docs.example.com/help/")

    assert isinstance(found, Document)
    assert (found.media_type, found.size, found.tenant) == ("text/markdown", 7, "t")
    assert found.url == (
        "https://docs.example.com/help/guide/gr%C3%B6%C3%9Fe%201%23.md"
    )


def test_the_digest_follows_bytes_labels_and_address(tmp_path: Path) -> None:
    write(tmp_path, a="text", b="text")

    def digest(labels: tuple[str, ...] = ("public",), url_base: str = "") -> str:
        first = scanned(tmp_path, labels=labels, url_base=url_base)[0]
        assert isinstance(first, Document)
        return first.digest

    plain = digest()
    assert plain == digest()
    assert plain != digest(labels=("staff",))
    assert plain != digest(url_base="https://docs.example.com")
    assert digest(labels=("a", "b")) == digest(labels=("b", "a"))
    write(tmp_path, a="other")
    assert plain != digest()


def test_ignore_files_hold_below_their_folder_and_the_inner_one_wins(
    tmp_path: Path,
) -> None:
    for path in (
        "a.log",
        "keep.log",
        "x/a.log",
        "x/b.md",
        "build/c.md",
        "y/build/d.md",
    ):
        put(tmp_path / path, "text")
    put(tmp_path / ".gitignore", "*.log\n!keep.log\n/build/\n")
    put(tmp_path / "x" / ".gitignore", "!a.log\nb.md\n")

    assert documents(tmp_path) == ["keep.log", "x/a.log", "y/build/d.md"]
    assert not skipped(tmp_path)["build"].failed


def test_an_ignore_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    write(tmp_path, secret="No", open="Yes")
    put(tmp_path / ".gitignore", "\ufeffsecret.md\n")

    assert documents(tmp_path) == ["open.md"]


def test_our_own_ignore_file_may_take_back_what_git_ignores(tmp_path: Path) -> None:
    write(tmp_path, generated="text", draft="text")
    put(tmp_path / ".gitignore", "generated.md\n")
    put(tmp_path / ".frontdeskignore", "!generated.md\ndraft.md\n")

    assert documents(tmp_path) == ["generated.md"]


def test_dot_files_links_and_pipes_are_passed_over(tmp_path: Path) -> None:
    put(tmp_path / "docs" / "real.md", "text")
    put(tmp_path / "docs" / ".hidden.md", "text")
    put(tmp_path / "docs" / ".git" / "a.md", "text")
    put(tmp_path / "outside" / "secret.md", "text")
    docs = tmp_path / "docs"
    (docs / "link.md").symlink_to(tmp_path / "outside" / "secret.md")
    (docs / "loop").symlink_to(docs)
    (docs / "folder").symlink_to(tmp_path / "outside")
    os.mkfifo(docs / "pipe.md")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(docs / "s.md"))
        found = skipped(docs)

    assert documents(docs) == ["real.md"]
    assert set(found) == {
        *(".git", ".hidden.md", "folder", "link.md", "loop", "pipe.md", "s.md")
    }
    assert not any(entry.failed for entry in found.values())


def test_formats_that_are_not_read_are_no_failure(tmp_path: Path) -> None:
    put(tmp_path / "code.py", "print(1)")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    put(tmp_path / "empty.md", "")

    found = skipped(tmp_path)

    assert set(found) == {"code.py", "picture.png", "empty.md"}
    assert not any(entry.failed for entry in found.values())
    assert found["empty.md"].reason == "empty file"


def test_a_file_that_is_too_large_is_a_failure(tmp_path: Path) -> None:
    write(tmp_path, long="x" * 1001, short="x" * 1000)

    (long, short) = scanned(tmp_path, max_bytes=1000)

    assert isinstance(long, Skipped)
    assert long.failed
    assert "1,001 bytes" in long.reason
    assert isinstance(short, Document)


def test_names_that_nobody_can_show_are_failures(tmp_path: Path) -> None:
    for name in (b"caf\xe9.md", b"two\nlines.md", "gnp\u202edm.md".encode()):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"text")

    found = skipped(tmp_path)

    assert sorted(found) == ["caf\\xe9.md", "gnp\u202edm.md", "two\nlines.md"]
    assert all(entry.failed and "rename it" in entry.reason for entry in found.values())


def test_a_folder_whose_ignore_file_is_no_file_is_not_walked(tmp_path: Path) -> None:
    write(tmp_path, a="text")
    put(tmp_path / "x" / "b.md", "text")
    os.mkfifo(tmp_path / "x" / ".gitignore")

    assert documents(tmp_path) == ["a.md"]
    assert skipped(tmp_path)["x"].failed


def test_a_folder_nested_very_deeply_does_not_stop_the_walk(tmp_path: Path) -> None:
    write(tmp_path, z="text")
    place = os.open(tmp_path, os.O_RDONLY)
    for _ in range(60):
        os.mkdir("d" * 100, dir_fd=place)
        place, above = os.open("d" * 100, os.O_RDONLY, dir_fd=place), place
        os.close(above)
    os.close(place)

    assert documents(tmp_path) == ["z.md"]
    assert [entry.failed for entry in skipped(tmp_path).values()] == [True]


@pytest.mark.parametrize("name", ["missing", "file.md"])
def test_a_folder_that_is_none_is_unusable(tmp_path: Path, name: str) -> None:
    write(tmp_path, file="text")

    with pytest.raises(FolderUnusable, match=name):
        scanned(tmp_path / name)


def test_a_document_is_read_as_it_was_scanned(tmp_path: Path) -> None:
    write(tmp_path, a="text")
    (document,) = scanned(tmp_path, url_base="https://docs.example.com")
    assert isinstance(document, Document)

    assert read_bytes(tmp_path, document) == b"text"


@pytest.mark.parametrize("change", ["edit", "append", "remove", "link"])
def test_a_document_that_changed_since_the_scan_is_not_read(
    tmp_path: Path, change: str
) -> None:
    put(tmp_path / "docs" / "a.md", "text")
    (document,) = scanned(tmp_path / "docs")
    assert isinstance(document, Document)
    file = tmp_path / "docs" / "a.md"
    if change in ("edit", "append"):
        file.write_text("next" if change == "edit" else "text and more")
    else:
        file.rename(tmp_path / "a.md")
    if change == "link":
        file.symlink_to(tmp_path / "a.md")

    with pytest.raises(ReadError, match=r"a\.md: (changed|cannot be read)"):
        read_bytes(tmp_path / "docs", document)


def test_the_type_of_a_large_archive_is_told_by_its_end(tmp_path: Path) -> None:
    filler = struct.pack("<4s", b"PK\x03\x04") + b"\0" * 200_000
    (tmp_path / "a.zip").write_bytes(filler + b"PK\x01\x02 xl/workbook.xml")

    (found,) = scanned(tmp_path)

    assert isinstance(found, Document)
    assert found.media_type.endswith("spreadsheetml.sheet")
