"""Folders that are there for a while."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingest.scratch import scratch
from tests.command import ROOT

HOLDING = """
import sys, time
from pathlib import Path
from ingest.scratch import scratch
with scratch("made-", within=Path(sys.argv[1])) as folder:
    (folder / "half").write_text("half")
    print(folder, flush=True)
    time.sleep(600)
"""


def age(*folders: Path) -> None:
    for folder in folders:
        os.utime(folder, (time.time() - 3600,) * 2)


def test_a_folder_is_gone_when_it_was_used(tmp_path: Path) -> None:
    with scratch("made-", within=tmp_path) as folder:
        (folder / "inner").mkdir()
        assert list(tmp_path.iterdir()) == [folder]

    assert not list(tmp_path.iterdir())


def test_a_folder_is_gone_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), scratch("made-", within=tmp_path):
        raise ZeroDivisionError

    assert not list(tmp_path.iterdir())


def test_what_a_killed_process_left_is_removed_and_what_is_held_stays(
    tmp_path: Path,
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        held = Path(process.stdout.readline().strip())
        age(held)
        with scratch("made-", within=tmp_path):
            stayed = held.is_dir()
        process.send_signal(signal.SIGKILL)
    assert stayed
    assert (held / "half").exists()

    with scratch("made-", within=tmp_path) as other:
        assert list(tmp_path.iterdir()) == [other]


def test_what_is_young_or_has_another_name_stays(tmp_path: Path) -> None:
    young, other, file = (tmp_path / name for name in ("made-1", "own", "made-2"))
    young.mkdir()
    other.mkdir()
    file.write_text("a file")
    age(other, file)

    with scratch("made-", within=tmp_path):
        pass

    assert sorted(tmp_path.iterdir()) == sorted([young, other, file])
