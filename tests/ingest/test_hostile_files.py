"""Whatever bytes a file holds, the run goes on and nothing of this machine shows."""

import gc
import json
import os
import random
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

from ingest.errors import ReadError
from ingest.readers import media_type_of, read
from ingest.sandbox import Sandbox, open_sandbox
from ingest.settings import ReadSettings
from tests.command import ROOT
from tests.ingest.help_folder import found, report
from tests.ingest.hostile import CANARY, Hostile, Place, hostile_files
from tests.ingest.hostile.parts import TEXT
from tests.ingest.test_sandbox import children
from tests.ingest.watching import watched
from tests.reliability.recording import Figure, Seen
from tests.reliability.sizes import SEED, size

SETTINGS = ReadSettings(workers=1, timeout=20, memory=512 * 1024 * 1024)
MOST_GROWTH = 50 * 1024 * 1024
_LOOKED_AT = 64 * 1024


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


@pytest.fixture
def place(tmp_path: Path, server: socket.socket) -> Place:
    secret = tmp_path / "secret.txt"
    secret.write_text(CANARY)
    address = f"http://127.0.0.1:{server.getsockname()[1]}/"
    return Place(str(secret), address)


def resident() -> int:
    """Return the bytes of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def chosen(place: Place) -> list[Hostile]:
    """Return all files, or some: those that take long are for longer runs."""
    files = list(hostile_files(place))
    most = size(160, len(files))
    if most < len(files):
        files = random.Random(SEED).sample([f for f in files if not f.costly], most)
    return files


def written(folder: Path, place: Place, files: Sequence[Hostile]) -> Path:
    """Write files to a new folder, by a process whose memory is not ours."""
    folder.mkdir()
    subprocess.run(
        [
            *(sys.executable, "-m", "tests.ingest.hostile", str(folder)),
            *(place.secret, place.address, *(file.name for file in files)),
        ],
        cwd=ROOT,
        check=True,
        timeout=240,
    )
    return folder


async def outcome(sandbox: Sandbox, name: str, data: bytes) -> tuple[str, str]:
    """Return what was read of a file, and why nothing was."""
    media_type = media_type_of(name, data[:_LOOKED_AT], data[-_LOOKED_AT:])
    if media_type is None:
        return "", "not a format that is read"
    try:
        return (await sandbox.read(name, data, media_type)).text, ""
    except ReadError as error:
        return "", error.reason


def is_as_expected(file: Hostile, text: str, reason: str) -> bool:
    """Tell whether a file was refused for its reason, or read without harm."""
    if file.reason:
        return re.search(file.reason, reason) is not None
    return file.shown in text and CANARY not in text


def test_each_hostile_file_has_a_name_and_an_expected_end(place: Place) -> None:
    files = list(hostile_files(place))

    assert len({file.name for file in files}) == len(files) >= 150
    assert [file.name for file in files if bool(file.reason) == bool(file.shown)] == []


@pytest.mark.row("I2", "hostile files of every format", "each costs itself alone")
async def test_every_hostile_file_is_refused_for_its_reason_or_read_harmlessly(
    tmp_path: Path,
    place: Place,
    server: socket.socket,
    monkeypatch: pytest.MonkeyPatch,
    figure: Figure,
    seen: Seen,
) -> None:
    files = chosen(place)
    folder = written(tmp_path / "files", place, files)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    wrong: dict[str, str] = {}
    most = before = resident()

    with watched(Path(place.secret)) as secret:
        async with open_sandbox(SETTINGS) as sandbox:
            for file in files:
                data = (folder / file.name).read_bytes()
                text, reason = await outcome(sandbox, file.name, data)
                if not is_as_expected(file, text, reason):
                    wrong[file.name] = reason or text[:200]
                del data, text
                most = max(most, resident())
                good = await sandbox.read("good.txt", b"still reading", TEXT)
                assert good.text == "still reading", file.name
        is_untouched = secret.is_untouched
    gc.collect()
    grown = resident() - before

    assert wrong == {}
    assert is_untouched
    with pytest.raises(BlockingIOError):
        server.accept()
    # In between it holds the text of a document of 12 MB.
    assert grown < MOST_GROWTH
    assert most - before < 2 * MOST_GROWTH
    assert list((tmp_path / "temporary").iterdir()) == []
    assert children() == []
    handled = f"{len(files)} of {len(files)}"
    seen(f"{handled}; a good file after each was read")
    figure(
        "hostile files handled with the right reason", handled, "N of N, 150 or more"
    )
    figure("host files read by hostile documents", "0", "0")
    figure("connections made by hostile documents", "0", "0")
    told = f"{grown / 1e6:.0f} MB; {(most - before) / 1e6:.0f} MB in between"
    figure("main process RSS growth over hostile files", told, "< 50 MB")


GUARDED = (
    *("word.pdf", "many.docx", "bomb.docx", "lying-small.docx", "over.docx"),
    *("twice.docx", "climbing-0.docx", "link.docx", "locked.docx", "package.docx"),
    *("lying-sum.docx", "outside.docx", "hidden-utf16.docx", "hidden-ebcdic.docx"),
    *("hidden-split.docx", "part-9.docx", "pages.pdf", "binary.md"),
    *("user-AES-256.pdf", "deep.json", "parts.eml", "front-toml-keys.md", "zeros.txt"),
)


@cache
def known_files() -> dict[str, Hostile]:
    """Return all files, which reach for what is not there, by name."""
    files = hostile_files(Place("/nowhere", "http://127.0.0.1:9/"))
    return {file.name: file for file in files}


@pytest.mark.parametrize("name", GUARDED)
def test_each_guard_stops_what_it_is_for(name: str) -> None:
    file = known_files()[name]
    data = file.make()
    media_type = media_type_of(name, data[:_LOOKED_AT], data[-_LOOKED_AT:]) or ""

    try:
        text, reason = read(name, data, media_type).text, ""
    except ReadError as error:
        text, reason = "", error.reason

    assert is_as_expected(file, text, reason), reason


WITHOUT_KERNEL = """
import asyncio, json, sys
from ingest.readers.seccomp import take_away
from ingest.sandbox import open_sandbox
from tests.ingest.hostile import Place, includes
from tests.ingest.test_hostile_files import SETTINGS, is_as_expected, outcome

assert take_away(frozenset({"landlock_create_ruleset", "unshare", "seccomp"}), 38)

async def main():
    wrong = []
    async with open_sandbox(SETTINGS) as sandbox:
        for file in includes(Place(*sys.argv[1:])):
            told = await outcome(sandbox, file.name, file.make())
            if not is_as_expected(file, *told):
                wrong.append(file.name)
        print(json.dumps([wrong, sandbox.confinement.files]))

asyncio.run(main())
"""


def test_no_document_fetches_anything_where_the_kernel_does_not_stop_it(
    place: Place, server: socket.socket
) -> None:
    with watched(Path(place.secret)) as secret:
        done = subprocess.run(
            [sys.executable, "-c", WITHOUT_KERNEL, place.secret, place.address],
            capture_output=True,
            cwd=ROOT,
            timeout=240,
            check=True,
        )
        is_untouched = secret.is_untouched

    assert json.loads(done.stdout) == [[], False]
    assert is_untouched
    with pytest.raises(BlockingIOError):
        server.accept()


def test_a_watch_sees_a_file_that_is_opened(place: Place) -> None:
    with watched(Path(place.secret)) as secret:
        before = secret.is_untouched
        Path(place.secret).read_text()
        after = secret.is_untouched

    assert (before, after) == (True, False)


COMMANDED = frozenset(
    {
        *("bomb.docx", "laughs.docx", "locked.docx", "package.pptx", "twice.docx"),
        *("sparse.xlsx", "pages.pdf", "user-AES-256.pdf", "cut-49.pdf", "deep.json"),
        *("parts.eml", "binary.md", "unseen.xlsx", "zip.txt", "hidden.epub"),
    }
)


def test_the_command_reports_each_hostile_file_and_takes_in_the_good_ones(
    tmp_path: Path, place: Place
) -> None:
    files = [file for file in hostile_files(place) if file.name in COMMANDED]
    docs = written(tmp_path / "docs", place, files)
    (docs / "a-good.md").write_text("# Reset\n\nHold the pin button of the hub.\n")
    (docs / "zz-good.md").write_text("# Invoices\n\nInvoices come in March.\n")

    told = report(tmp_path, code=1, READ_TIMEOUT="10", READ_MEMORY=str(SETTINGS.memory))

    reasons = {trouble["path"]: trouble["reason"] for trouble in told["failures"]}
    assert len(files) == len(COMMANDED)
    assert reasons.keys() == COMMANDED
    assert [f.name for f in files if not re.search(f.reason, reasons[f.name])] == []
    assert sorted(told["added"]) == ["a-good.md", "zz-good.md"]
    assert found(tmp_path, "when do invoices come?")[0] == "zz-good.md"
