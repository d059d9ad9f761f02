"""Callers that take little of the processor, which the service needs as well."""

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import Struct

_WORDS = ("reset", "pair", "update", "install", "restart", "replace", "charge", "mount")
_THINGS = ("hub", "probe", "camera", "sensor", "gateway", "battery", "display", "valve")
_numbers = itertools.count()


class Exchange(Struct, frozen=True):
    """One request and what came of it.

    Attributes:
        status: Its status; 0 where there was no answer.
        seconds: From when it was due until its last byte.
        body: The answer.
        ended: When it ended, in seconds of `time.monotonic`.
    """

    status: int
    seconds: float
    body: bytes
    ended: float


def question(*, stream: bool = False, **fields: Any) -> bytes:
    """Return the body of a question that nobody asked before."""
    number = next(_numbers)
    words = f"How do I {_WORDS[number % 8]} the {_THINGS[number // 8 % 8]} {number}?"
    said = [{"role": "user", "content": words}]
    asked = {"model": "frontdesk", "messages": said, "stream": stream, **fields}
    return json.dumps(asked).encode()


class Callers:
    """Connections to one service, opened as they are needed and used again."""

    def __init__(self, address: str) -> None:
        host, port = address.removeprefix("http://").split(":")
        self._place = (host, int(port))
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(
        self,
        body: bytes = b"",
        *,
        method: str = "POST",
        path: str = "/v1/chat/completions",
        due: float | None = None,
        headers: str = "",
    ) -> Exchange:
        """Send a request and read its answer to the end."""
        start = time.monotonic() if due is None else due
        status, said = 0, b""
        writer: asyncio.StreamWriter | None = None
        try:
            reader, writer = await self._connection()
            writer.write(
                f"{method} {path} HTTP/1.1\r\nhost: localhost\r\n{headers}"
                f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
                .encode() + body
            )  # fmt: skip
            status, said, kept = await _answer(reader)
            if kept:
                self._idle.append((reader, writer))
                writer = None
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            # Being cancelled counts too: the caller leaves.
            if writer is not None:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
        now = time.monotonic()
        return Exchange(status, now - start, said, now)

    async def aclose(self) -> None:
        """Close every connection."""
        for _, writer in self._idle:
            writer.close()
        for _, writer in self._idle:
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        self._idle.clear()

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return await asyncio.open_connection(*self._place, limit=1 << 22)


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head[9:12])
    body = b""
    if b"transfer-encoding: chunked" in head:
        while size := int(await reader.readline(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
    else:
        length = head.partition(b"content-length:")[2].split(b"\r\n")[0]
        body = await reader.readexactly(int(length or 0))
    return status, body, b"connection: close" not in head


async def closed_loop(
    callers: Callers, *, count: int, seconds: float
) -> list[Exchange]:
    """Let `count` callers ask one after the other."""
    end = time.monotonic() + seconds

    async def caller() -> list[Exchange]:
        found = []
        while time.monotonic() < end:
            found.append(await callers.ask(question()))
        return found

    lists = await asyncio.gather(*(caller() for _ in range(count)))
    return [exchange for found in lists for exchange in found]


async def open_loop(
    callers: Callers,
    *,
    rate: float,
    seconds: float,
    body: Callable[[], bytes] = question,
) -> list[Exchange]:
    """Ask so many times a second, whatever becomes of the earlier questions."""
    start = time.monotonic()
    tasks = []
    for number in range(int(rate * seconds)):
        due = start + number / rate
        while (left := due - time.monotonic()) > 0:  # noqa: ASYNC110 - time is no event
            await asyncio.sleep(left)
        tasks.append(asyncio.ensure_future(callers.ask(body(), due=due)))
    return await asyncio.gather(*tasks)


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of `values` lies; 0 for none."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def memory_of(process: int) -> int:
    """Return the bytes that a process has in memory."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    line = next(row for row in status.splitlines() if row.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def files_of(process: int) -> int:
    """Return how many file descriptors a process has."""
    return len(list(Path(f"/proc/{process}/fd").iterdir()))
