"""Sends an answer as server-sent events while its caller listens.

The framework's own stream leaves a generator that was never started unclosed, and
closes one that was late; here what answers is closed at once, whatever happens.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Iterator
from typing import Any

from litestar import Litestar, Request, Response
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from app import metrics
from app.api.answering import Opening, gone, stop
from app.api.frames import PING, Frames, failure
from app.api.terms import Terms
from app.errors import AppError, ShuttingDown
from app.messages import Question

STUCK_SECONDS = 60.0
"""How long a caller may take no byte."""

_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
)

_WRITE = 16 * 1024
"""Bytes from which on a write is large enough: more would wait with who reads slowly."""

log = logging.getLogger(__name__)


class StreamResponse(Response[bytes]):
    """What a route returns to have an answer sent piece by piece."""

    def __init__(self, stream: "AnswerStream") -> None:
        super().__init__(b"")
        self._stream = stream

    def to_asgi_response(
        self,
        app: Litestar | None,  # noqa: ARG002 — the framework's signature
        request: Request[Any, Any, Any],  # noqa: ARG002
        **_: Any,  # noqa: ANN401
    ) -> ASGIResponse:
        """Return what sends the answer."""
        return self._stream


class AnswerStream(ASGIResponse):
    """Sends one answer, and closes it."""

    def __init__(
        self, opening: Opening, question: Question, terms: Terms, *, address: str
    ) -> None:
        """Take over an answer.

        Args:
            opening: The answer, begun or not.
            question: What was asked.
            terms: On what terms the chat is served.
            address: Address of this service, for links.
        """
        super().__init__()
        self._opening = opening
        self._question = question
        self._terms = terms
        self._address = address
        self._sending = False
        self._last = 0.0

    async def __call__(
        self,
        scope: Scope,  # noqa: ARG002 — the framework's signature
        receive: Receive,
        send: Send,
    ) -> None:
        """Send the stream."""
        metrics.OPEN_STREAMS.inc()
        try:
            await send(
                {
                    "type": "http.response.start",
                    "status": 200,
                    "headers": list(_HEADERS),
                }
            )
            self._last = time.monotonic()
            if await self._send_all(receive, send):
                await self._put(send, b"", more=False)
        finally:
            metrics.OPEN_STREAMS.dec()
            await self._opening.aclose()

    async def _send_all(self, receive: Receive, send: Send) -> bool:
        """Send every frame; return whether the caller is still there."""
        writing = asyncio.ensure_future(self._write(send))
        pulse = asyncio.ensure_future(self._keep_alive(send))
        leaving = asyncio.ensure_future(gone(receive))
        closing = asyncio.ensure_future(self._terms.closing.wait())
        everything = (writing, pulse, leaving, closing)
        try:
            await asyncio.wait(everything, return_when=asyncio.FIRST_COMPLETED)
            if writing.done():
                return True
            await stop(writing, pulse)
            if closing.done() and not leaving.done():
                await self._put(send, failure(ShuttingDown("the service stops")))
                return True
            metrics.CANCELLED.inc()
            return False
        finally:
            await stop(*everything)

    async def _write(self, send: Send) -> None:
        try:
            answer = await self._opening.answer()
            frames = Frames(self._question, answer, address=self._address)
            async for burst in answer.bursts():
                for written in _together(map(frames.take, burst)):
                    await self._put(send, written)
            last = frames.close()
        except AppError as error:
            # The status line is long gone, so the error travels as an event.
            log.warning("answer broke off: %s: %s", type(error).__name__, error)
            last = failure(error)
        except Exception as error:
            # Uncaught, it would cut the connection, and the answer look whole.
            log.error("answer broke off", exc_info=error)  # noqa: TRY400
            last = failure(error)
        await self._put(send, last)

    async def _put(self, send: Send, body: bytes, *, more: bool = True) -> None:
        self._sending, self._last = True, time.monotonic()
        await send({"type": "http.response.body", "body": body, "more_body": more})
        self._sending = False

    async def _keep_alive(self, send: Send) -> None:
        """Send a comment when nothing else is sent; return if nothing is taken."""
        while True:
            silent = time.monotonic() - self._last
            if self._sending and silent >= STUCK_SECONDS:
                return
            if not self._sending and silent >= self._terms.ping:
                await self._put(send, PING)
            await asyncio.sleep(max(self._terms.ping - silent, self._terms.ping / 10))


def _together(frames: Iterable[bytes]) -> Iterator[bytes]:
    """Join what came together to few writes, however many frames it is."""
    waiting: list[bytes] = []
    size = 0
    for frame in frames:
        waiting.append(frame)
        size += len(frame)
        if size >= _WRITE:
            yield b"".join(waiting)
            waiting.clear()
            size = 0
    if size:
        yield b"".join(waiting)
