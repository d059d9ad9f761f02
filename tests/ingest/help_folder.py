"""A small folder of help pages, and what an ingest of it made."""

import json
import random
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.command import frontdesk

PAGES = {
    "reset.md": "# Reset\n\nHold the pin button for twelve seconds.\n",
    "billing.md": "# Billing\n\nInvoices are sent on the first of the month.\n",
    "deep/limits.md": "# Limits\n\nA hub takes at most 64 sensors.\n",
}


def report(home: Path, *arguments: str, code: int = 0, **variables: str) -> Any:
    done = frontdesk(home, "ingest", "docs", "--json", *arguments, **variables)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def found(home: Path, query: str) -> list[str]:
    done = frontdesk(home, "search", query, "--json")
    assert done.returncode == 0, done.stderr
    return [hit["document"]["path"] for hit in json.loads(done.stdout)["data"]]


def files_of(home: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in (home / "index" / "editions").rglob("*")
        if path.is_file()
    }


def make_folder(home: Path) -> Path:
    """Write the pages into ``docs`` under `home`."""
    docs = home / "docs"
    for name, text in PAGES.items():
        path = docs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return docs


def many_pages(folder: Path, count: int, *, words: int = 400) -> None:
    chance = random.Random(7)
    for number in range(count):
        text = " ".join(chance.choice(WORDS) for _ in range(words))
        (folder / f"page-{number:03}.md").write_text(f"# Page {number}\n\n{text}.\n")


WORDS = [
    "hub",
    "sensor",
    "reset",
    "invoice",
    "probe",
    "light",
    "button",
    "alarm",
    "limit",
    "door",
    "freezer",
    "network",
    "cable",
    "battery",
    "plan",
    "export",
    "reading",
    "token",
    "account",
    "calibration",
    "firmware",
    "repeater",
]


def wait_for_draft(home: Path, process: "subprocess.Popen[str]") -> None:
    for _ in range(600):
        if (home / "index" / "draft").exists() or process.poll() is not None:
            return
        time.sleep(0.05)
    pytest.fail("the run did not begin to write")
