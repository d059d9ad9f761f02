"""Reads documents in processes that can be thrown away.

A parser that hangs, crashes or eats memory costs one document. The processes
(`python -m ingest.readers`) are not reached by Ctrl-C, and can be killed together
with the programs they start.
"""

import asyncio
import logging
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import cast

import msgspec

from ingest.documents import Reading
from ingest.errors import ReadError
from ingest.hidden import HiddenText
from ingest.processes import LENGTH, command, environment
from ingest.readers.task import Confinement, Outcome, Task, most_answer
from ingest.scratch import scratch
from ingest.settings import ReadSettings

log = logging.getLogger(__name__)

_READS = 1000
"""Documents that one process reads before another takes its place."""

_START_SECONDS = 60.0
_EXIT_SECONDS = 5.0
_BUFFER = 1024 * 1024
_FIRST_BYTES = 1024
_SILENCES = (TimeoutError, asyncio.IncompleteReadError, ConnectionError)
_FIXED = {
    "SCARF_NO_ANALYTICS": "true",
    "UNSTRUCTURED_DISABLE_NOTICE": "1",
    # Threads of numeric libraries reserve address space and gain nothing here.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}


class Sandbox:
    """Processes that read documents, at most so many at once; see `open_sandbox`.

    Attributes:
        confinement: What the kernel sees to in them; None before the first one
            has started.
    """

    def __init__(self, settings: ReadSettings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._running: set[_Process] = set()
        self.confinement: Confinement | None = None
        self._slots: asyncio.Queue[_Process | None] = asyncio.LifoQueue()
        for _ in range(settings.workers or os.cpu_count() or 1):
            self._slots.put_nowait(None)

    async def start(self, most: int) -> None:
        """Start processes before there is something to read, `most` of them at most.

        One that does not start is told of when a document needs it.
        """
        count = min(most, self._slots.qsize())
        await asyncio.gather(*(self._start_one() for _ in range(count)))

    async def _start_one(self) -> None:
        process = await self._slots.get()
        try:
            if process is None:
                with suppress(ReadError):
                    process = await self._start("")
        finally:
            self._slots.put_nowait(process)

    async def read(
        self,
        name: str,
        data: bytes,
        media_type: str,
        hidden_text: HiddenText = "strip",
    ) -> Reading:
        """Read one document, waiting until a process is free.

        Args:
            name: The document's path.
            data: The file.
            media_type: Its IANA media type.
            hidden_text: What is done about text that nobody sees.

        Raises:
            ReadError: It could not be read, or not within the limits.
        """
        process = await self._slots.get()
        kept: _Process | None = None
        try:
            if process is None:
                process = await self._start(name)
            task = Task(name, media_type, len(data), hidden_text)
            outcome = await self._exchange(process, task, data)
            if process.reads < _READS and not outcome.exhausted:
                kept = process
        finally:
            if process is not None and kept is None:
                await self._end(process)
            self._slots.put_nowait(kept)
        if outcome.reading is None:
            raise ReadError(name, outcome.reason)
        return outcome.reading

    async def close(self) -> None:
        """End all processes."""
        for process in tuple(self._running):
            await self._end(process)

    async def _start(self, name: str) -> "_Process":
        process = await _Process.start(self._folder, self._settings)
        self._running.add(process)
        try:
            async with asyncio.timeout(_START_SECONDS):
                said = await process.receive(_FIRST_BYTES)
                confinement = msgspec.msgpack.decode(said, type=Confinement)
        except (*_SILENCES, msgspec.DecodeError) as error:
            await self._end(process)
            reason = "the process that reads documents did not start; raise READ_MEMORY"
            raise ReadError(name, reason) from error
        if self.confinement is None:
            self.confinement = confinement
            _tell(confinement)
        return process

    async def _exchange(self, process: "_Process", task: Task, data: bytes) -> Outcome:
        """Return what the process answers, or what its silence means."""
        seconds = self._settings.timeout
        try:
            async with asyncio.timeout(seconds):
                await process.send(msgspec.msgpack.encode(task), data)
                answer = await process.receive(most_answer(len(data)))
            return msgspec.msgpack.decode(answer, type=Outcome)
        except TimeoutError:
            reason = f"it took longer than {seconds:g} seconds; split it or simplify it"
        except _SILENCES:
            reason = self._why_died(await process.exit_code())
        except msgspec.DecodeError:
            reason = "the parser crashed; save the file again"
        return Outcome(reason=reason, exhausted=True)

    def _why_died(self, code: int | None) -> str:
        memory = f"{self._settings.memory // 1024 // 1024} MB of memory"
        if code == -signal.SIGKILL:
            return f"it needed more than {memory}; split it"
        if code == -signal.SIGXCPU:
            return f"it took longer than {self._settings.timeout:g} seconds; split it"
        return f"the parser crashed; the file is damaged or needs more than {memory}"

    async def _end(self, process: "_Process") -> None:
        self._running.discard(process)
        await process.end()


class _Process:
    """One process, in a session and a folder of its own."""

    def __init__(self, process: asyncio.subprocess.Process, folder: str) -> None:
        self._process = process
        self._input = cast("asyncio.StreamWriter", process.stdin)
        self._output = cast("asyncio.StreamReader", process.stdout)
        self._folder = folder
        self.reads = 0

    @classmethod
    async def start(cls, within: Path, settings: ReadSettings) -> "_Process":
        folder = tempfile.mkdtemp(dir=within)
        process = await asyncio.create_subprocess_exec(
            *command("ingest.readers", str(settings.memory), str(settings.timeout)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=folder,
            env=environment(_FIXED | {"HOME": folder, "TMPDIR": folder}),
            start_new_session=True,
            limit=_BUFFER,
        )
        return cls(process, folder)

    async def send(self, task: bytes, data: bytes) -> None:
        self._input.write(LENGTH.pack(len(task)) + task)
        self._input.write(data)
        await self._input.drain()
        self.reads += 1

    async def receive(self, most: int) -> bytes:
        """Return the next message; one that claims more bytes is no message."""
        (size,) = LENGTH.unpack(await self._output.readexactly(LENGTH.size))
        if size > most:
            raise msgspec.DecodeError("longer than any answer")
        return await self._output.readexactly(size)

    async def exit_code(self) -> int | None:
        """Return how the process ended, or None if it has not."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_EXIT_SECONDS):
                await self._process.wait()
        return self._process.returncode

    async def end(self) -> None:
        """Kill the process and what it started, and remove its folder."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.communicate()
        shutil.rmtree(self._folder, ignore_errors=True)


def _tell(confinement: Confinement) -> None:
    """Say once which protections only Python's own calls have here."""
    for what, holds in (
        ("the network", confinement.network),
        ("files of this machine", confinement.files),
        ("other processes", confinement.calls),
    ):
        if not holds:
            log.warning("documents are read without the kernel keeping off %s", what)


@asynccontextmanager
async def open_sandbox(settings: ReadSettings) -> AsyncIterator[Sandbox]:
    """Open a sandbox; its processes start when it is asked to, or first reads.

    Args:
        settings: How many processes, and what one document may take.
    """
    with scratch("frontdesk-reading-") as folder:
        sandbox = Sandbox(settings, folder)
        try:
            yield sandbox
        finally:
            await sandbox.close()
