"""The service's end of the process that searches an edition: starts, asks, ends it."""

import asyncio
import socket
import subprocess
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from ingest import processes
from ingest.documents import Chunk, Hit, Principal
from ingest.errors import IndexDamaged, IndexUnusable
from ingest.index import tasks
from ingest.index.base import Holding, IndexQuery, Stored
from ingest.index.editions import Manifest
from ingest.index.filters import Condition

T = TypeVar("T")

STUCK_SECONDS = 30.0
"""A process that is this late with an answer does not come to any more."""

_EXIT_SECONDS = 5.0

_FIXED = {
    # Arenas of threads that never run at once would only take memory.
    "MALLOC_ARENA_MAX": "2",
    "OPENBLAS_NUM_THREADS": "1",
}

_nothing = msgspec.msgpack.Decoder(type(None))
_count = msgspec.msgpack.Decoder(int)
_hits = msgspec.msgpack.Decoder(list[Hit])
_chunks = msgspec.msgpack.Decoder(list[Chunk])
_listing = msgspec.msgpack.Decoder(list[Stored])
_holdings = msgspec.msgpack.Decoder(list[Holding])
_failure = msgspec.msgpack.Decoder(tasks.Failure)


class Searcher(asyncio.Protocol):
    """A running process; made by `start`, given an edition by `open`.

    It answers one task after the other, in order. A caller that goes away meanwhile
    is none the worse: its answer is thrown away.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._transport: asyncio.WriteTransport | None = None
        self._number = 0
        self._waiting: dict[int, _Waiting] = {}
        self._part = bytearray()
        self._missing = 0
        self._burial: asyncio.Task[None] | None = None
        self._buried = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    @classmethod
    async def start(cls) -> "Searcher":
        """Start a process. It is told what to open while it still starts."""
        ours, theirs = socket.socketpair()
        try:
            process = await asyncio.to_thread(_spawn, theirs)
            searcher = cls(process)
            await searcher._loop.create_unix_connection(lambda: searcher, sock=ours)
        except BaseException:  # cancelled as well: without us the process ends
            ours.close()
            raise
        return searcher

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the process has ended, or is about to."""
        return self._transport is None

    async def open(self, folder: str, told: Manifest, *, floor: int) -> None:
        """Open an edition in a private copy.

        Raises:
            DiskFull: Less space is left than a copy needs.
            IndexDamaged: The edition is not what was published.
            IndexForbidden: This user may not use the folder.
            IndexUnusable: The process died.
        """
        await self._ask(tasks.Open(folder, told, floor), _nothing)

    async def search(self, principal: Principal, query: IndexQuery) -> list[Hit]:
        """Return the best hits of both rankings, fused."""
        return await self._ask(tasks.Search(principal, query), _hits)

    async def chunks(self, ids: Sequence[str]) -> list[Chunk]:
        """Return the chunks that have these ids, in any order."""
        return await self._ask(tasks.Chunks(list(ids)), _chunks)

    async def matching(self, conditions: tuple[Condition, ...]) -> list[Chunk]:
        """Return the chunks that fulfil `conditions`, in any order."""
        return await self._ask(tasks.Matching(conditions), _chunks)

    async def listing(self, conditions: tuple[Condition, ...]) -> list[Stored]:
        """Return the documents whose first points fulfil `conditions`, by path."""
        return await self._ask(tasks.Listing(conditions), _listing)

    async def holdings(self, conditions: tuple[Condition, ...]) -> list[Holding]:
        """Do the same, for those who look after the documents."""
        return await self._ask(tasks.Holdings(conditions), _holdings)

    async def count(self, conditions: tuple[Condition, ...]) -> int:
        """Return how many points fulfil `conditions`."""
        return await self._ask(tasks.Count(conditions), _count)

    def epitaph(self) -> str:
        """Return in words how the process ended."""
        how = processes.epitaph(self._process.poll())
        return f"the index cannot be searched until it is open again: {how}"

    def end_if_stuck(self, patience: float) -> None:
        """Kill the process if somebody has waited for it for `patience` seconds."""
        oldest = next(iter(self._waiting.values()), None)
        if oldest and self._loop.time() > oldest.since + patience:
            self._process.kill()

    async def end(self) -> None:
        """Let the process answer what it was asked, and remove its private copy."""
        if waiting := [one.answer for one in self._waiting.values()]:
            await asyncio.wait(waiting, timeout=STUCK_SECONDS)
        if self._transport:
            self._transport.close()
        await self._buried.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; see `asyncio.Protocol`."""
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Hand out the answers that are complete; see `asyncio.Protocol`."""
        if self._part:
            self._part += data
            if len(self._part) < self._missing:
                return
            data, self._part = bytes(self._part), bytearray()
        view, start = memoryview(data), 0
        self._missing = tasks.HEAD.size
        while len(data) - start >= tasks.HEAD.size:
            size, number, failed = tasks.HEAD.unpack_from(data, start)
            end = start + tasks.HEAD.size + size
            if end > len(data):
                self._missing = end - start
                break
            self._answered(number, failed, view[start + tasks.HEAD.size : end])
            start = end
        self._part += view[start:]

    def connection_lost(self, _exc: Exception | None) -> None:
        """Tell whoever waits; see `asyncio.Protocol`."""
        self._transport = None
        self._burial = self._loop.create_task(self._bury())

    async def _ask(self, task: tasks.Task, decoder: "msgspec.msgpack.Decoder[T]") -> T:
        if self._transport is None:
            raise IndexUnusable(self.epitaph())
        self._number = (self._number + 1) & 0xFFFFFFFF
        answer: asyncio.Future[T] = self._loop.create_future()
        self._waiting[self._number] = _Waiting(answer, decoder, self._loop.time())
        message = tasks.encoder.encode(task)
        head = tasks.HEAD.pack(len(message), self._number, 0)
        self._transport.write(head + message)
        return await answer

    def _answered(self, number: int, failed: int, message: memoryview) -> None:
        waiting = self._waiting.pop(number)
        if waiting.answer.done():
            return
        if failed:
            waiting.answer.set_exception(_failure.decode(message).error())
            return
        try:
            answer = waiting.decoder.decode(message)
        except msgspec.ValidationError as error:
            damaged = IndexDamaged(f"a point holds no chunk: {error}")
            waiting.answer.set_exception(damaged)
        else:
            waiting.answer.set_result(answer)

    async def _bury(self) -> None:
        await asyncio.to_thread(_wait, self._process)
        for waiting in self._waiting.values():
            if not waiting.answer.done():
                waiting.answer.set_exception(IndexUnusable(self.epitaph()))
        self._waiting.clear()
        self._buried.set()


class _Waiting:
    """Somebody who waits for an answer."""

    __slots__ = ("answer", "decoder", "since")

    def __init__(
        self,
        answer: "asyncio.Future[Any]",
        decoder: "msgspec.msgpack.Decoder[Any]",
        since: float,
    ) -> None:
        self.answer = answer
        self.decoder = decoder
        self.since = since


def _spawn(line: socket.socket) -> subprocess.Popen[bytes]:
    with line:
        return subprocess.Popen(  # noqa: S603 - a command of ours
            processes.command("ingest.index.searching"),
            stdin=line.fileno(),
            stdout=subprocess.DEVNULL,
            env=processes.environment(_FIXED),
            # Ctrl-C is for the service, which still answers who has asked.
            start_new_session=True,
        )


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_EXIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
