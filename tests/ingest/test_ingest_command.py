"""What ``frontdesk ingest`` promises the person who keeps the docs."""

import json
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.command import frontdesk, start

PAGES = {
    "reset.md": "# Reset\n\nHold the pin button for twelve seconds.\n",
    "billing.md": "# Billing\n\nInvoices are sent on the first of the month.\n",
    "deep/limits.md": "# Limits\n\nA hub takes at most 64 sensors.\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    docs = tmp_path / "docs"
    for name, text in PAGES.items():
        path = docs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return docs


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


def test_a_second_run_over_an_unchanged_folder_writes_nothing(
    folder: Path, tmp_path: Path
) -> None:
    first = report(tmp_path)
    before = files_of(tmp_path)

    second = report(tmp_path)

    assert len(first["added"]) == 3
    assert second["unchanged"] == 3
    assert second["chunks"] == 0
    assert second["edition"]["name"] == first["edition"]["name"]
    assert files_of(tmp_path) == before


def test_edited_moved_and_deleted_files_are_followed(
    folder: Path, tmp_path: Path
) -> None:
    report(tmp_path)
    (folder / "reset.md").write_text("# Reset\n\nHold the button for thirty seconds.\n")
    (folder / "deep/limits.md").rename(folder / "limits.md")
    (folder / "billing.md").unlink()

    told = report(tmp_path)

    assert told["edited"] == ["reset.md"]
    assert told["moved"] == [["deep/limits.md", "limits.md"]]
    assert told["removed"] == ["billing.md"]
    assert "billing.md" not in found(tmp_path, "when are invoices sent?")
    assert found(tmp_path, "how many sensors can a hub take?")[0] == "limits.md"


def test_keep_missing_keeps_documents_that_left(folder: Path, tmp_path: Path) -> None:
    report(tmp_path)
    (folder / "billing.md").unlink()

    told = report(tmp_path, "--keep-missing")

    assert told["removed"] == []
    assert told["kept"] == 1
    assert found(tmp_path, "when are invoices sent?")[0] == "billing.md"


def test_another_folder_does_not_empty_the_index(folder: Path, tmp_path: Path) -> None:
    report(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    (other / "warranty.md").write_text("# Warranty\n\nHubs have three years.\n")

    done = frontdesk(tmp_path, "ingest", "other", "--json")

    assert done.returncode == 0
    assert json.loads(done.stdout)["kept"] == 3
    assert found(tmp_path, "when are invoices sent?")[0] == "billing.md"


def test_one_bad_file_is_reported_and_the_rest_goes_on(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\n" + b"garbage" * 50)
    (folder / "blank.md").write_text("---\ntitle: nothing\n---\n\n")

    told = report(tmp_path, code=1)

    assert {failure["path"] for failure in told["failures"]} == {
        "broken.pdf",
        "blank.md",
    }
    assert all(len(failure["reason"]) > 10 for failure in told["failures"])
    assert len(told["added"]) == 3


def test_a_dry_run_says_what_would_change_and_writes_nothing(
    folder: Path, tmp_path: Path
) -> None:
    done = frontdesk(tmp_path, "ingest", "docs", "--dry-run")

    assert done.returncode == 0
    assert "3 added" in done.stdout
    assert not (tmp_path / "index" / "CURRENT").exists()
    assert frontdesk(tmp_path, "editions").stdout.count("current") == 0


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (("nowhere",), {}, "nowhere"),
        (("empty",), {}, "empty"),
        (("docs",), {"CHUNK_SIZ": "200"}, "CHUNK_SIZ"),
        (("docs",), {"CHUNK_SIZE": "many"}, "CHUNK_SIZE"),
        (("docs",), {"EMBEDDING_MODEL": "./no-such-model"}, "no-such-model"),
        (("docs",), {"INDEX_URL": "sqlite:index"}, "INDEX_URL"),
        (("docs",), {"INDEX_URL": "http://127.0.0.1:9"}, "127.0.0.1:9"),
    ],
)
def test_what_cannot_run_says_what_is_wrong_without_a_traceback(
    folder: Path,
    tmp_path: Path,
    arguments: tuple[str, ...],
    variables: dict[str, str],
    said: str,
) -> None:
    (tmp_path / "empty").mkdir()

    done = frontdesk(tmp_path, "ingest", *arguments, **variables)

    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_disk_below_the_floor_stops_with_75_and_loses_nothing(
    folder: Path, tmp_path: Path
) -> None:
    report(tmp_path)
    (folder / "new.md").write_text("# New\n\nSomething new.\n")

    done = frontdesk(tmp_path, "ingest", "docs", INDEX_DISK_FLOOR=str(10**18))

    assert done.returncode == 75
    assert "INDEX_DISK_FLOOR" in done.stderr
    assert "Traceback" not in done.stderr
    assert found(tmp_path, "when are invoices sent?")[0] == "billing.md"


def many_pages(folder: Path, count: int) -> None:
    words = random.Random(7)
    for number in range(count):
        text = " ".join(words.choice(WORDS) for _ in range(400))
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
    assert len(report(tmp_path)["added"]) < 120


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


def ids_of(home: Path) -> set[tuple[str, int]]:
    program = (
        "import asyncio, os\n"
        "from ingest.documents import Principal\n"
        "from ingest.index import open_index\n"
        "from ingest.settings import IndexSettings\n"
        "async def main():\n"
        "    index = await open_index(IndexSettings(url=os.environ['INDEX_URL']), None)\n"
        "    who = Principal(tenant='default', labels=('public',))\n"
        "    for known in await index.documents(who):\n"
        "        for chunk in await index.document(who, known.document_id):\n"
        "            print(chunk.id, chunk.position)\n"
        "    await index.close()\n"
        "asyncio.run(main())\n"
    )
    import sys

    from tests.command import environment

    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(home),
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.split() for line in done.stdout.splitlines()]
    return {(id_, int(position)) for id_, position in rows}


def wait_for_draft(home: Path, process: "subprocess.Popen[str]") -> None:
    for _ in range(600):
        if (home / "index" / "draft").exists() or process.poll() is not None:
            return
        time.sleep(0.05)
    pytest.fail("the run did not begin to write")


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


def test_editions_are_listed_and_rolled_back(folder: Path, tmp_path: Path) -> None:
    report(tmp_path)
    (folder / "billing.md").unlink()
    report(tmp_path)

    rolled = frontdesk(tmp_path, "editions", "rollback")

    assert rolled.returncode == 0, rolled.stderr
    assert "billing.md" in found(tmp_path, "when are invoices sent?")
    listed = json.loads(frontdesk(tmp_path, "editions", "--json").stdout)
    assert [edition["current"] for edition in listed] == [False, True]
