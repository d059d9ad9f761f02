"""An index in a folder whose disk is full, or cannot be written."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.command import environment, frontdesk
from tests.ingest.help_folder import make_folder, many_pages, report
from tests.reliability.index_contents import published
from tests.reliability.index_store import changes_in, index_of, search, told, until
from tests.reliability.recording import Seen
from tests.service import running, service

MB = 1 << 20
NOBODY = 65534


@contextmanager
def small_disk(place: Path, size: int) -> Iterator[Path]:
    """Mount a disk of so many bytes that is full when it is full."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(place)]
    subprocess.run(mount, check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(disk: Path, *, leaving: int) -> Path:
    """Fill a disk up to so many bytes; return the file that takes them."""
    free = os.statvfs(disk)
    taken = max(free.f_bavail * free.f_frsize - leaving, 0)
    file = disk / "somebody-elses"
    with file.open("wb") as writing:
        os.posix_fallocate(writing.fileno(), 0, taken)
    return file


def for_root(test: Callable[..., None]) -> Callable[..., None] | None:
    """Leave a test out where disks cannot be mounted."""
    return test if os.geteuid() == 0 else None


def made(home: Path, place: dict[str, str]) -> Any:
    done = frontdesk(home, "ingest", "docs", "--json", **place)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@for_root
@pytest.mark.row(
    "I7", "in the middle of a run", "75 and disk_full; the published serves; resumable"
)
def test_an_ingest_stops_before_the_disk_is_full_and_goes_on_when_it_is_not(
    tmp_path: Path, seen: Seen
) -> None:
    docs = make_folder(tmp_path)
    with small_disk(tmp_path / "disk", 512 * MB) as disk:
        place = {"INDEX_URL": f"file:{disk}/index", "INDEX_DISK_FLOOR": str(64 * MB)}
        made(tmp_path, place)
        many_pages(docs, 20)
        others = fill(disk, leaving=64 * MB + 60 * MB)

        full = frontdesk(tmp_path, "ingest", "docs", **place)
        kept = published(disk / "index")
        others.unlink()
        after = made(tmp_path, place)

    assert full.returncode == 75, full.stderr
    assert "disk_full" in full.stderr
    assert "INDEX_DISK_FLOOR" in full.stderr
    assert kept is not None
    assert len(kept.vectors) == 3
    assert after["edition"]["documents"] == 23
    assert after["chunks"] == 0
    seen(f"exit code {full.returncode}; the rest came when there was space")


@for_root
@pytest.mark.row(
    "Q9",
    "the service starts on a full disk",
    "ready 503, conversations answer; opens when space is back",
)
def test_a_full_disk_keeps_the_index_shut_and_the_service_up(
    tmp_path: Path, seen: Seen
) -> None:
    make_folder(tmp_path)
    with small_disk(tmp_path / "disk", 512 * MB) as disk:
        place = {"INDEX_URL": f"file:{disk}/index", "INDEX_DISK_FLOOR": str(64 * MB)}
        made(tmp_path, place)
        others = fill(disk, leaving=MB)
        with running(tmp_path, **place) as serving:
            status, state, detail = index_of(serving.address)
            refused = told(search(serving.address))
            kept = httpx.get(f"{serving.address}/v1/conversations").status_code
            time.sleep(3)
            lines = changes_in(serving.log)
            others.unlink()
            until(lambda: index_of(serving.address)[0] == 200)
            answered = search(serving.address).status_code

    assert (status, state, kept, answered) == (503, "down", 200, 200)
    assert refused == "503 retrieval_unavailable, Retry-After 5"
    assert "MB free on this disk" in detail
    assert lines == 1
    seen(f"ready {status}, {refused}, conversations {kept}; {answered} with space")


@for_root
@pytest.mark.row(
    "Q9", "it fills up while the service runs", "questions are answered, health tells"
)
def test_a_disk_that_fills_up_stops_no_answer(tmp_path: Path, seen: Seen) -> None:
    docs = make_folder(tmp_path)
    with small_disk(tmp_path / "disk", 512 * MB) as disk:
        place = {"INDEX_URL": f"file:{disk}/index", "INDEX_DISK_FLOOR": str(8 * MB)}
        made(tmp_path, place)
        with service(tmp_path, **place) as address:
            (docs / "new.md").write_text("# New\n\nAbout a wall.\n")
            made(tmp_path, place)
            until(lambda: "000002" in index_of(address)[2])
            until(lambda: len(list((disk / "index" / "readers").glob("*-*"))) == 1)
            (docs / "newer.md").write_text("# Newer\n\nAbout a door.\n")
            others = fill(disk, leaving=0)
            answers = {search(address).status_code for _ in range(5)}
            full = frontdesk(tmp_path, "ingest", "docs", **place)
            still = search(address).status_code
            others.unlink()

    assert answers == {200}
    assert (full.returncode, still) == (75, 200)
    seen(f"answers {answers.pop()}, ingest {full.returncode}")


def read_only(place: Path) -> list[str]:
    """Return what makes a folder one that nothing can be written to, for a command."""
    mount = f"mount --bind {place} {place} && mount -o remount,bind,ro {place}"
    return ["unshare", "--mount", "sh", "-c", f'{mount} && exec "$@"', "sh"]


def as_nobody(_place: Path) -> list[str]:
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


@for_root
@pytest.mark.parametrize(
    ("refusing", "command"),
    [
        pytest.param(
            read_only,
            ("ingest", "docs"),
            marks=pytest.mark.row(
                "Q12", "read-only file system, ingest", "exit code 78, path and user"
            ),
        ),
        pytest.param(
            read_only,
            ("serve", "--port", "0"),
            marks=pytest.mark.row(
                "Q12", "read-only file system, serve", "exit code 78, path and user"
            ),
        ),
        pytest.param(
            as_nobody,
            ("ingest", "docs"),
            marks=pytest.mark.row(
                "Q12", "another owner", "exit code 78, path and user"
            ),
        ),
    ],
    ids=["read-only ingest", "read-only serve", "another owner"],
)
def test_a_folder_that_cannot_be_written_is_named_with_its_user(
    tmp_path: Path,
    refusing: Callable[[Path], list[str]],
    command: tuple[str, ...],
    seen: Seen,
) -> None:
    docs = make_folder(tmp_path)
    report(tmp_path)
    (docs / "new.md").write_text("# New\n\nAbout a wall.\n")
    opened_for_all(tmp_path)

    done = subprocess.run(
        [*refusing(tmp_path / "index"), sys.executable, "-W", "ignore", "-m",
         "app.cli", *command],
        cwd=tmp_path,
        env=environment(tmp_path, DATABASE_URL="sqlite+aiosqlite:////tmp/none.db"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )  # fmt: skip

    assert done.returncode == 78, done.stderr
    assert "Traceback" not in done.stderr
    (said,) = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert str(tmp_path / "index") in said
    assert "cannot be used by user" in said
    seen(f"exit code {done.returncode}; {said[-60:]}")


def opened_for_all(home: Path) -> None:
    """Let everybody read, but write nothing, down to `home`."""
    for place in (home, *home.parents):
        if place != Path("/") and place.stat().st_mode & 0o005 != 0o005:
            place.chmod(place.stat().st_mode | 0o055)
