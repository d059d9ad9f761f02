"""``frontdesk bench --fake-upstream``: a completions API that answers by the clock.

A real HTTP server that thinks nothing: what is measured in front of it is ours. Every
piece is due at a moment counted from the request, so that no delay adds up, and is
written by a timer; nothing waits in between.
"""

import asyncio
import signal
import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import cast

import httptools

from app.errors import LoadImpossible
from app.load.fake_answers import (
    MODELS,
    Script,
    Unreadable,
    frames,
    head,
    read,
    refusal,
    whole,
)

_BURST = 64
"""Pieces written at once, where they are due: the loop has other connections."""

_BACKLOG = 2048
"""Connections that may wait to be taken."""

_LONGEST_BODY = 64 * 1024 * 1024


class _Connection(asyncio.Protocol):
    """One connection: requests are answered one after the other."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport
        self._path = b""
        self._body = bytearray()
        self._waiting: list[Callable[[], None]] = []
        self._timer: asyncio.Handle | None = None
        self._frames: Iterator[bytes] = iter(())
        self._left = 0
        self._due = 0.0
        self._paused = self._busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports inherit from none of asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        if self._timer:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            if not self._busy:
                self._answer(400, refusal("this is no HTTP/1.1 request"))
            self._transport.close()

    def on_message_begin(self) -> None:
        self._path, self._body = b"", bytearray()

    def on_url(self, url: bytes) -> None:
        self._path += url

    def on_body(self, body: bytes) -> None:
        if self._transport.is_closing():
            return
        if len(self._body) + len(body) > _LONGEST_BODY:
            self._answer(413, refusal("the body is over 64 MiB"))
            self._transport.close()
        self._body += body

    def on_message_complete(self) -> None:
        method = self._parser.get_method()
        respond = partial(self._respond, method, self._path, bytes(self._body))
        if self._busy:
            self._waiting.append(respond)  # HTTP pipelining: in order
        else:
            respond()

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        if self._busy:
            self._timer = self._loop.call_soon(self._tick)

    def _respond(self, method: bytes, path: bytes, body: bytes) -> None:
        route = path.partition(b"?")[0].rstrip(b"/")
        if route.endswith(b"/models") and method == b"GET":
            self._answer(200, MODELS)
        elif not route.endswith(b"/chat/completions"):
            self._answer(404, refusal("there are /v1/chat/completions and /v1/models"))
        elif method != b"POST":
            self._answer(405, refusal("this route takes POST"))
        else:
            self._chat(body)

    def _chat(self, body: bytes) -> None:
        script = self._script
        try:
            asked = read(body)
        except Unreadable as error:
            self._answer(400, refusal(str(error)))
            return
        self._busy = True
        self._due = time.monotonic() + script.first_byte / 1000
        if asked.stream:
            self._frames, self._left = frames(script.pieces, asked), script.pieces
        else:
            self._frames, self._left = iter((whole(script.pieces, asked),)), 1
            self._due += script.gap * (script.pieces - 1) / 1000
        self._schedule()

    def _schedule(self) -> None:
        delay = self._due - time.monotonic()
        if delay > 0:
            self._timer = self._loop.call_later(delay, self._tick)
        else:
            self._timer = self._loop.call_soon(self._tick)

    def _tick(self) -> None:
        """Write every piece that is due."""
        if self._paused or self._transport.is_closing():
            return
        # Timers know whole milliseconds: half of one is not worth another timer.
        now = time.monotonic() + 0.0005
        due: list[bytes] = []
        while self._left and self._due <= now and len(due) < _BURST:
            due.append(next(self._frames))
            self._left -= 1
            self._due += self._script.gap / 1000
        if due:
            self._transport.write(b"".join(due))
        if self._left:
            self._schedule()
        else:
            self._next()

    def _next(self) -> None:
        self._busy = False
        self._timer = None
        if self._waiting:
            self._waiting.pop(0)()
        elif not self._parser.should_keep_alive():
            self._transport.close()

    def _answer(self, status: int, body: bytes) -> None:
        self._transport.write(head(status, body))
        if not self._busy:
            self._next()


async def serve_fake(
    script: Script, port: int, on_ready: Callable[[str], None]
) -> None:
    """Answer on this machine alone until SIGINT or SIGTERM.

    Args:
        script: How requests are answered.
        port: Where to listen; 0 takes a free one.
        on_ready: Is told the base address as soon as requests are taken.

    Raises:
        LoadImpossible: The port cannot be had.
    """
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    try:
        listening = socket.create_server(("127.0.0.1", port), backlog=_BACKLOG)
    except OSError as error:
        raise LoadImpossible(
            f"cannot listen on 127.0.0.1:{port}: {error.strerror}; "
            "choose another with --port"
        ) from error
    # Said again: left out, it would be 100, and callers that come at once lose a second.
    server = await loop.create_server(
        lambda: _Connection(script), sock=listening, backlog=_BACKLOG
    )
    async with server:
        on_ready(f"http://127.0.0.1:{listening.getsockname()[1]}/v1")
        await stopped.wait()
        server.close()
        # Live answers end with the process: it only ever pretends.
