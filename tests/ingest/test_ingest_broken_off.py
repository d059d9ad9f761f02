"""What an ingest that was broken off leaves behind."""

import random
import signal
import time
from pathlib import Path

import pytest

from tests.command import frontdesk, start
from tests.ingest.help_folder import (
    ids_of,
    make_folder,
    many_pages,
    report,
    wait_for_draft,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path)


def test_an_interrupted_run_exits_with_130_and_the_next_goes_on(
    folder: Path, tmp_path: Path
) -> None:
    report(tmp_path)
    many_pages(folder, 120)
    process = start(tmp_path, "ingest", "docs")
    wait_for_draft(tmp_path, process)

    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)

    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert report(tmp_path)["edition"]["documents"] == 123


def test_a_killed_run_leaves_the_published_and_the_next_makes_the_whole(
    folder: Path, tmp_path: Path
) -> None:
    many_pages(folder, 40)
    unbroken = tmp_path / "unbroken"
    unbroken.mkdir()
    (unbroken / "docs").symlink_to(folder)
    report(unbroken)
    moments = random.Random(11)

    for _ in range(10):
        process = start(tmp_path, "ingest", "docs")
        time.sleep(moments.uniform(0.3, 3.0))
        process.kill()
        process.communicate()
    report(tmp_path)

    assert ids_of(tmp_path) == ids_of(unbroken)


def test_a_second_ingest_at_once_says_who_holds_the_lock(
    folder: Path, tmp_path: Path
) -> None:
    many_pages(folder, 150)
    first = start(tmp_path, "ingest", "docs")
    wait_for_draft(tmp_path, first)

    second = frontdesk(tmp_path, "ingest", "docs")

    assert second.returncode == 2
    assert str(first.pid) in second.stderr
    first.communicate(timeout=300)
    assert first.returncode == 0
