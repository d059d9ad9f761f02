"""The service's end of the process that scores: starts it, asks it, ends it."""

import asyncio
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import cast

import msgspec

from app.retrieval.scoring import Loaded, Scores, Task
from ingest import processes
from ingest.errors import ModelUnusable
from ingest.processes import LENGTH

_START_SECONDS = 300.0
_STUCK_SECONDS = 30.0
"""A process that is this late with an answer does not come to any more."""

_WAITING = 8
"""Questions that wait for it at once, at most."""

_PASSED_ON = ("CUDA_VISIBLE_DEVICES", "HOME", "TMPDIR")
_FIXED = {
    "TRANSFORMERS_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    # Threads that spin while they wait take the event loop's turn.
    "OMP_WAIT_POLICY": "PASSIVE",
}


class ScorerBusy(Exception):
    """As many questions wait as may."""


class ScorerDied(Exception):
    """The process ended, or could not score."""


class Scorer:
    """A process with a loaded cross-encoder; opened by `start`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._input = cast("asyncio.StreamWriter", process.stdin)
        self._output = cast("asyncio.StreamReader", process.stdout)
        self._number = 0
        self._waiting: dict[int, tuple[asyncio.Future[Scores], float]] = {}
        self._reading: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, folder: Path, *, threads: int) -> "Scorer":
        """Start a process and wait until the model in `folder` is loaded.

        Args:
            folder: A folder that was checked.
            threads: CPU threads; 0 takes what the machine has.

        Raises:
            ModelUnusable: The model cannot be loaded.
        """
        wanted = {"OMP_NUM_THREADS": str(threads)} if threads else {}
        process = await asyncio.create_subprocess_exec(
            *processes.command("app.retrieval.scoring", str(folder), str(threads)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=processes.environment(_FIXED | wanted, _PASSED_ON),
            start_new_session=True,
        )
        scorer = cls(process)
        try:
            await scorer._load(folder)
        except BaseException:
            # Being cancelled counts too: nobody else holds this process yet.
            await scorer.end()
            raise
        return scorer

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    async def score(
        self, question: str, passages: tuple[str, ...], *, seconds: float
    ) -> tuple[float, ...]:
        """Return a logit for each passage.

        Raises:
            TimeoutError: It took longer than `seconds`.
            ScorerBusy: As many questions wait as may.
            ScorerDied: The process ended meanwhile, or the model failed.
        """
        if self._reading is None or self._reading.done():
            raise ScorerDied(self.epitaph())
        self._end_if_stuck()
        if len(self._waiting) >= _WAITING:
            raise ScorerBusy(f"{_WAITING} questions wait already")
        self._number += 1
        task = Task(self._number, question, passages, seconds)
        answer: asyncio.Future[Scores] = asyncio.get_running_loop().create_future()
        self._waiting[task.number] = answer, time.monotonic() + seconds
        # Not drained: what may wait is bounded, and so is what it takes.
        self._send(msgspec.msgpack.encode(task))
        async with asyncio.timeout(seconds):
            scores = await answer
        if scores.problem:
            raise ScorerDied(scores.problem)
        if not scores.logits:
            raise TimeoutError
        return scores.logits

    async def ended(self) -> str:
        """Wait until the process ends; return how it did."""
        if self._reading is not None:
            await asyncio.shield(self._reading)
        await self._process.wait()
        return self.epitaph()

    def epitaph(self) -> str:
        """Return in words how the process ended."""
        return processes.epitaph(self._process.returncode)

    async def end(self) -> None:
        """Kill the process, whatever it does."""
        self._kill()
        if self._reading is not None:
            await self._reading
        await self._process.communicate()

    async def _load(self, folder: Path) -> None:
        try:
            async with asyncio.timeout(_START_SECONDS):
                message = await self._receive()
        except TimeoutError as error:
            raise ModelUnusable(
                f"RERANK_MODEL: {folder} was not loaded within {_START_SECONDS:g} s"
            ) from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            await self._process.wait()
            raise ModelUnusable(
                f"RERANK_MODEL: {folder} cannot be loaded: {self.epitaph()};"
                " perhaps memory is short"
            ) from error
        loaded = msgspec.msgpack.decode(message, type=Loaded)
        if loaded.problem:
            raise ModelUnusable(f"RERANK_MODEL: {folder}: {loaded.problem}")
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        """Hand out answers until the process ends."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                message = await self._receive()
                scores = msgspec.msgpack.decode(message, type=Scores)
                answer, _ = self._waiting.pop(scores.number)
                # Who did not wait any longer has cancelled it.
                if not answer.done():
                    answer.set_result(scores)
        for answer, _ in self._waiting.values():
            if not answer.done():
                answer.set_exception(ScorerDied("its process ended"))
        self._waiting.clear()

    def _end_if_stuck(self) -> None:
        now = time.monotonic()
        if any(now > due + _STUCK_SECONDS for _, due in self._waiting.values()):
            self._kill()

    def _kill(self) -> None:
        if self._process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _send(self, message: bytes) -> None:
        self._input.write(LENGTH.pack(len(message)) + message)

    async def _receive(self) -> bytes:
        (size,) = LENGTH.unpack(await self._output.readexactly(LENGTH.size))
        return await self._output.readexactly(size)
