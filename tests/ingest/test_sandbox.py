"""Documents are read in processes that can be thrown away."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.errors import ReadError
from ingest.readers import read
from ingest.sandbox import open_sandbox
from ingest.settings import ReadSettings
from tests.command import ROOT
from tests.ingest.hostile.parts import (
    MARKDOWN,
    PDF,
    TEXT,
    sparse_sheet,
    text_of,
    word,
)
from tests.ingest.made_files import DOCX, XLSX, docx_file
from tests.ingest.made_pdf import pdf, words
from tests.reliability.recording import Seen

MB = 1024 * 1024
ENDLESS = word(text_of("A paragraph of some words.") * 90_000)
"""Takes minutes to read."""


def children() -> list[int]:
    """Return the reading processes that this one started."""
    tasks = Path("/proc/self/task").glob("*/children")
    pids = (int(pid) for task in tasks for pid in task.read_text().split())
    return sorted(pid for pid in pids if "ingest.readers" in known(pid, "cmdline"))


def listed(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def known(pid: int, what: str) -> str:
    """Return what the kernel tells of a process."""
    return Path(f"/proc/{pid}/{what}").read_text()


async def test_a_document_reads_as_it_does_without_a_sandbox() -> None:
    data = docx_file(("Heading 1", "Größe"), ("Normal", "Text."), table=[["a", "b"]])

    async with open_sandbox(ReadSettings(workers=1)) as sandbox:
        reading = await sandbox.read("a.docx", data, DOCX)

    assert reading == read("a.docx", data, DOCX)


async def test_processes_that_were_started_before_read_the_documents() -> None:
    async with open_sandbox(ReadSettings(workers=2)) as sandbox:
        await sandbox.start(1)
        started = children()
        reading = await sandbox.read("a.md", b"# One", MARKDOWN)

        assert len(started) == 1
        assert children() == started
        assert reading.title == "One"


async def test_more_documents_than_processes_are_all_read() -> None:
    names = [f"{number}.md" for number in range(12)]

    async with open_sandbox(ReadSettings(workers=2)) as sandbox:
        readings = await asyncio.gather(
            *(sandbox.read(name, f"# {name}".encode(), MARKDOWN) for name in names)
        )
        running = children()

    assert [reading.title for reading in readings] == names
    assert len(running) <= 2


async def test_the_reason_of_a_reader_arrives_as_it_was() -> None:
    data = pdf([words(72, 700, "x")], password="secret")

    async with open_sandbox(ReadSettings(workers=1)) as sandbox:
        with pytest.raises(ReadError) as caught:
            await sandbox.read("a/b.pdf", data, PDF)

    assert caught.value.path == "a/b.pdf"
    assert "password-protected" in caught.value.reason


@pytest.mark.row("I2", "a parser hangs", "given up after READ_TIMEOUT; others are read")
async def test_a_document_that_takes_too_long_is_given_up(seen: Seen) -> None:
    settings = ReadSettings(workers=1, timeout=2)

    async with open_sandbox(settings) as sandbox:
        with pytest.raises(ReadError, match="longer than 2 seconds") as caught:
            await sandbox.read("endless.docx", ENDLESS, DOCX)
        after = await sandbox.read("good.txt", b"good", TEXT)

    assert after.text == "good"
    seen(caught.value.reason)


@pytest.mark.row("I2", "a parser eats memory", "given up at READ_MEMORY")
@pytest.mark.row("P4", "a parser takes all memory", "only its document is lost")
async def test_a_document_that_takes_too_much_memory_is_given_up(seen: Seen) -> None:
    settings = ReadSettings(workers=1, memory=400 * MB)
    large = b"a,b,c,d\n" * 16_000_000

    async with open_sandbox(settings) as sandbox:
        with pytest.raises(ReadError, match="more than 400 MB of memory") as caught:
            await sandbox.read("large.csv", large, "text/csv")
        after = await sandbox.read("good.txt", b"good", TEXT)

    assert after.text == "good"
    seen(caught.value.reason)


@pytest.mark.row("I2", "a native parser aborts", "the parser crashed; others are read")
async def test_a_document_that_crashes_its_parser_costs_only_itself(
    seen: Seen,
) -> None:
    settings = ReadSettings(workers=1, memory=512 * MB)

    async with open_sandbox(settings) as sandbox:
        with pytest.raises(ReadError, match="the parser crashed") as caught:
            await sandbox.read("sparse.xlsx", sparse_sheet("'"), XLSX)
        after = await sandbox.read("good.txt", b"good", TEXT)

    assert after.text == "good"
    seen(caught.value.reason)


async def test_a_read_that_is_cancelled_leaves_the_sandbox_usable() -> None:
    async with open_sandbox(ReadSettings(workers=1)) as sandbox:
        await sandbox.read("warm.txt", b"warm", TEXT)
        (before,) = children()
        reading = asyncio.create_task(sandbox.read("e.docx", ENDLESS, DOCX))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reading, timeout=0.2)
        after = await sandbox.read("good.txt", b"good", TEXT)

        assert after.text == "good"
        assert before not in children()


async def test_no_process_and_no_file_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = children()

    async with open_sandbox(ReadSettings(workers=2)) as sandbox:
        await sandbox.read("a.docx", docx_file(("Normal", "x")), DOCX)
        assert listed(tmp_path)

    assert listed(tmp_path) == []
    assert children() == before


async def test_a_reading_process_knows_no_secret_and_runs_aside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary-key")
    monkeypatch.setenv("DO_NOT_TRACK", "0")

    async with open_sandbox(ReadSettings(workers=1, memory=777 * MB)) as sandbox:
        await sandbox.read("a.txt", b"a", TEXT)
        (pid,) = children()
        environment = known(pid, "environ")
        limits = known(pid, "limits")
        niceness = os.getpriority(os.PRIO_PROCESS, pid)
        group = os.getpgid(pid)

    assert "canary-key" not in environment
    assert "DO_NOT_TRACK=1" in environment.split("\0")
    assert str(777 * MB) in limits
    assert niceness > os.getpriority(os.PRIO_PROCESS, 0)
    assert group == pid


CHEAP = """
import sys
from ingest.readers import read
read("a.md", b"# Title", "text/markdown")
read("a.pdf", sys.stdin.buffer.read(), "application/pdf")
print(*sorted(set(sys.argv[1:]) & set(sys.modules)))
"""


def test_a_cheap_format_imports_no_large_library() -> None:
    large = ("unstructured", "torch", "transformers", "pandas", "spacy", "openai")

    done = subprocess.run(
        [sys.executable, "-c", CHEAP, *large],
        input=pdf([words(72, 700, "text")]),
        capture_output=True,
        cwd=ROOT,
        check=True,
    )

    assert done.stdout.split() == []


INTERRUPTED = """
import asyncio, sys
from pathlib import Path
from ingest.sandbox import open_sandbox
from ingest.settings import ReadSettings

print("imported", flush=True)

async def main():
    async with open_sandbox(ReadSettings(workers=1)) as sandbox:
        await sandbox.read("a.txt", b"a", "text/plain")
        print("reading", flush=True)
        await sandbox.read("a.docx", Path(sys.argv[1]).read_bytes(), sys.argv[2])

if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        print("stopped", flush=True)
"""


def test_ctrl_c_stops_quietly_and_the_main_module_is_imported_once(
    tmp_path: Path,
) -> None:
    script, document = tmp_path / "main.py", tmp_path / "a.docx"
    script.write_text(INTERRUPTED)
    document.write_bytes(ENDLESS)

    with subprocess.Popen(
        [sys.executable, str(script), str(document), DOCX],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        start_new_session=True,
    ) as running:
        assert running.stdout
        lines = [running.stdout.readline(), running.stdout.readline()]
        os.killpg(running.pid, signal.SIGINT)
        rest, errors = running.communicate(timeout=30)

    assert [*lines, rest] == ["imported\n", "reading\n", "stopped\n"]
    assert errors == ""
