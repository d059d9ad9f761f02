"""A reading process that dies, hangs or starts others costs one file, and leaves nothing."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.errors import ReadError
from ingest.processes import LENGTH
from ingest.readers.task import most_answer
from ingest.sandbox import Sandbox, open_sandbox
from ingest.settings import ReadSettings
from tests.command import ROOT
from tests.ingest.hostile.parts import sparse_sheet
from tests.ingest.hostile.sheets import repeated
from tests.ingest.made_files import DOCX, ORG, XLSX
from tests.ingest.test_sandbox import ENDLESS, children, known
from tests.reliability.recording import Seen

LONG_ORG = "".join(f"{' ' * n}- item\n" for n in range(1300)).encode()
"""Takes pandoc, which the reading process starts, more than a minute."""


def group(leader: int) -> list[int]:
    """Return the living processes of a process group."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, number = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(number) == leader and state != "Z":
            found.append(int(stat.parent.name))
    return found


def until(what: Callable[[], bool], seconds: float = 60) -> bool:
    """Wait for something; tell whether it came."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.05)
    return what()


def answer_as(pid: int, said: bytes) -> None:
    """Write to the pipe that a reading process answers by."""
    (answers,) = [
        fd
        for fd in Path(f"/proc/{pid}/fd").iterdir()
        if int(fd.name) > 2 and str(fd.readlink()).startswith("pipe:")
    ]
    with answers.open("wb", buffering=0) as pipe:
        pipe.write(said)


async def read_good(sandbox: Sandbox) -> str:
    return (await sandbox.read("good.txt", b"good", "text/plain")).text


@pytest.mark.row("I2", "a parser's own program hangs", "killed with the whole group")
async def test_a_program_that_a_parser_started_is_killed_with_it(seen: Seen) -> None:
    async with open_sandbox(ReadSettings(workers=1, timeout=6)) as sandbox:
        await sandbox.read("warm.org", b"Some words\n", ORG)
        (leader,) = children()
        reading = asyncio.create_task(sandbox.read("long.org", LONG_ORG, ORG))
        started = await asyncio.to_thread(until, lambda: len(group(leader)) > 1)
        with pytest.raises(ReadError, match="longer than 6 seconds") as caught:
            await reading
        # Four seconds later its own limit of processor time would end it.
        ended = await asyncio.to_thread(until, lambda: not group(leader), 2)
        good = await read_good(sandbox)

    assert started
    assert (ended, good) == (True, "good")
    seen(f"{caught.value.reason}; 0 processes left")


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        pytest.param(
            number,
            reason,
            marks=pytest.mark.row("I2", f"the process dies of {number.name}", reason),
        )
        for number, reason in (
            (signal.SIGSEGV, "the parser crashed"),
            (signal.SIGABRT, "the parser crashed"),
            (signal.SIGBUS, "the parser crashed"),
            (signal.SIGKILL, "it needed more than"),
            (signal.SIGXCPU, "it took longer than"),
        )
    ],
)
async def test_a_process_that_dies_is_replaced_and_costs_one_document(
    number: signal.Signals, reason: str, seen: Seen
) -> None:
    async with open_sandbox(ReadSettings(workers=1)) as sandbox:
        await read_good(sandbox)
        (pid,) = children()
        reading = asyncio.create_task(sandbox.read("a.docx", ENDLESS, DOCX))
        await asyncio.sleep(0.3)
        os.kill(pid, number)
        with pytest.raises(ReadError, match=reason) as caught:
            await reading
        good = await read_good(sandbox)
        after = children()

    assert good == "good"
    assert pid not in after
    seen(caught.value.reason)


async def test_a_text_many_times_as_large_as_its_file_does_not_arrive() -> None:
    async with open_sandbox(ReadSettings(workers=1)) as sandbox:
        with pytest.raises(ReadError, match="many times as large as the file"):
            await sandbox.read("a.xlsx", repeated(30), XLSX)
        good = await read_good(sandbox)

    assert good == "good"


@pytest.mark.row("I2", "a process claims to answer without end", "it costs the file")
async def test_a_process_that_claims_a_longer_answer_than_any_is_ended(
    seen: Seen,
) -> None:
    async with open_sandbox(ReadSettings(workers=1, timeout=20)) as sandbox:
        await read_good(sandbox)
        (pid,) = children()
        reading = asyncio.create_task(sandbox.read("a.docx", ENDLESS, DOCX))
        await asyncio.sleep(0.3)
        answer_as(pid, LENGTH.pack(most_answer(len(ENDLESS)) + 1))
        with pytest.raises(ReadError, match="the parser crashed") as caught:
            await reading
        good = await read_good(sandbox)
        after = children()

    assert good == "good"
    assert pid not in after
    seen(caught.value.reason)


async def test_a_sheet_that_spans_too_much_is_refused_before_it_is_parsed() -> None:
    settings = ReadSettings(workers=1, memory=512 * 1024 * 1024)

    async with open_sandbox(settings) as sandbox:
        with pytest.raises(ReadError, match="more than 5,000,000 cells"):
            await sandbox.read("a.xlsx", sparse_sheet('"'), XLSX)


async def test_a_process_may_take_cpu_time_for_one_document_only() -> None:
    async with open_sandbox(ReadSettings(workers=1, timeout=7)) as sandbox:
        await read_good(sandbox)
        (pid,) = children()
        (line,) = [row for row in known(pid, "limits").splitlines() if "cpu" in row]

    assert int(line.split()[3]) <= 7 + 10


KILLED = """
import asyncio, sys
from pathlib import Path
from ingest.sandbox import open_sandbox
from ingest.settings import ReadSettings
from tests.ingest.test_sandbox import ENDLESS, children
from tests.ingest.made_files import DOCX

async def main():
    async with open_sandbox(ReadSettings(workers=1)) as sandbox:
        await sandbox.read("a.txt", b"a", "text/plain")
        print(children()[0], flush=True)
        await sandbox.read("a.docx", ENDLESS, DOCX)

asyncio.run(main())
"""


@pytest.mark.row("P1", "ingest is killed while it reads", "no reading process is left")
def test_no_reading_process_outlives_the_one_that_started_it(
    tmp_path: Path, seen: Seen
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        text=True,
    ) as running:
        assert running.stdout
        leader = int(running.stdout.readline())
        time.sleep(0.5)
        running.kill()
        running.wait()

        # It would go on reading for longer.
        gone = until(lambda: group(leader) == [], 5)

    assert gone
    seen("0 left")
