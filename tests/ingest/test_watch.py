"""An ingest that stays and follows the folder."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.command import start
from tests.ingest.help_folder import found, make_folder


def test_changes_are_followed_until_ctrl_c(tmp_path: Path) -> None:
    docs = make_folder(tmp_path)
    process = start(tmp_path, "ingest", "docs", "--watch")
    try:
        said = said_until(process, "watching")
        (docs / "warranty.md").write_text("# Warranty\n\nHubs have three years.\n")
        wait_until_found(tmp_path, "how long is the warranty of a hub?", "warranty.md")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()

    assert process.returncode == 0, err
    assert "Traceback" not in said + err
    assert "1 added, 3 unchanged" in out


def said_until(process: "subprocess.Popen[str]", word: str) -> str:
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if word in line:
            return said
    pytest.fail(f"it never said {word!r}: {said}")


def wait_until_found(home: Path, query: str, path: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if path in found(home, query):
            return
    pytest.fail(f"{path} was not found")
