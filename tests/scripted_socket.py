"""The wire under the scripted upstream: requests read, replies sent, step by step."""

import asyncio
import json
import socket
import struct
from typing import Any

from msgspec import Struct, field

JSON_TYPE = {"content-type": "application/json"}
STREAM_TYPE = {"content-type": "text/event-stream; charset=utf-8"}


class Wait(Struct, frozen=True):
    """Say nothing for some seconds."""

    seconds: float


class Hold(Struct, frozen=True):
    """Say nothing until the client leaves or the server is stopped."""


class Cut(Struct, frozen=True):
    """Close the connection in the middle of the body; `reset` sends RST."""

    reset: bool = False


Step = bytes | Wait | Hold | Cut


class Reply(Struct, frozen=True):
    """What one request is answered with.

    Attributes:
        steps: The body: bytes are sent at once, each in a chunk of its own.
        status: HTTP status.
        headers: Header fields; framing and length are added.
        before: Steps taken before the status line; bytes are not allowed here.
    """

    steps: tuple[Step, ...] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=STREAM_TYPE.copy)
    before: tuple[Step, ...] = ()


class Recorded(Struct, frozen=True):
    """A request as it arrived; `body` is {} where it was not JSON."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


async def left(reader: asyncio.StreamReader) -> None:
    # Looking at the buffer leaves the next request of the connection unread.
    while not reader.at_eof() and reader.exception() is None:  # noqa: ASYNC110 — a reader has no event for its end
        await asyncio.sleep(0.005)


async def read_request(reader: asyncio.StreamReader) -> Recorded:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ")
    fields = (line.partition(":") for line in head[1:] if line)
    headers = {name.lower(): value.strip() for name, _, value in fields}
    raw = await reader.readexactly(int(headers.get("content-length", 0)))
    try:
        body = json.loads(raw)
    except ValueError:
        body = {}
    return Recorded(method, path, headers, body)


async def send(reply: Reply, writer: asyncio.StreamWriter) -> bool:
    """Send `reply`; return whether the connection can be used again."""
    for step in reply.before:
        if not await take(step, writer):
            return False
    fields = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
    head = f"HTTP/1.1 {reply.status} Scripted\r\n{fields}"
    writer.write(f"{head}transfer-encoding: chunked\r\n\r\n".encode("latin-1"))
    for step in reply.steps:
        if not await take(step, writer):
            return False
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    return True


async def take(step: Step, writer: asyncio.StreamWriter) -> bool:
    match step:
        case bytes() if step:
            writer.write(b"%x\r\n%b\r\n" % (len(step), step))
            await writer.drain()
        case Wait(seconds):
            await asyncio.sleep(seconds)
        case Hold():
            await asyncio.Event().wait()
        case Cut(reset):
            if reset:
                now = struct.pack("ii", 1, 0)
                raw = writer.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
                writer.transport.abort()
            return False
    return True
