"""An answer of the upstream while it arrives: bytes under limits of time and size."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import cast

import aiohttp
import httpx2
from msgspec.structs import replace

from app.errors import (
    AnswerTooLong,
    UpstreamBroken,
    UpstreamFailed,
    UpstreamInterrupted,
    UpstreamStalled,
)
from app.messages import JSON, Completion, Piece, Usage
from app.settings import ChatSettings
from app.upstream.failures import Failure
from app.upstream.patience import Patience
from app.upstream.refusals import Failed
from app.upstream.relay import Relay, completion_of, pieces_of

UNFORESEEN = (httpx2.InvalidURL, RuntimeError, ValueError)
"""What the HTTP client raises of what it was not made for, such as odd addresses."""

TRANSPORT = (
    httpx2.HTTPError, httpx2.StreamError, aiohttp.ClientError, OSError, *UNFORESEEN,
)  # fmt: skip
"""What a broken connection raises; the SDK does not translate it in mid-body."""

FRAMING = 1024 * 1024
"""Bytes that a whole answer may have beyond its text."""

_STREAM_TYPES = frozenset(
    ("", "text/event-stream", "text/plain", "application/octet-stream")
)
"""What servers call a stream of events."""

_END = 0.1
"""Seconds that the end of a body may take after the answer said that it is over."""


def media_type(response: httpx2.Response) -> str:
    """Return a response's media type without parameters; "" if none is given."""
    given: str = response.headers.get("content-type", "")
    return given.partition(";")[0].strip().lower()


async def close(response: httpx2.Response) -> None:
    """Drop the connection of `response` at once."""
    # The connection may be broken already, and is thrown away either way.
    with suppress(*TRANSPORT):
        await response.aclose()


async def read_whole(
    response: httpx2.Response, *, limit: int, on_first: Callable[[], object] = int
) -> bytes:
    """Read a whole body.

    Args:
        response: The response; it is closed in any case.
        limit: Most bytes to read.
        on_first: Called when the first bytes have come.

    Raises:
        Failed: It is longer, or the connection broke. Another endpoint may be asked
            only if nothing had come.
    """
    body = bytearray()
    try:
        async for data in response.aiter_raw():
            if data and not body:
                on_first()
            body += data
            if len(body) > limit:
                raise _too_long()
    except TRANSPORT as error:
        message = "the upstream stopped in the middle"
        gone = UpstreamFailed(message)
        raise Failed(Failure("cut", gone, elsewhere=not body)) from error
    finally:
        await close(response)
    return bytes(body)


def _too_long() -> Failed:
    long = AnswerTooLong("the upstream's answer is over the limit")
    return Failed(Failure("too_long", long, elsewhere=False))


def whole_of(body: bytes) -> Completion:
    """Read an answer that came as a whole.

    Raises:
        Failed: It is no completion.
    """
    try:
        return completion_of(body)
    except UpstreamBroken as error:
        raise Failed(Failure("bad_frame", error)) from error


class UpstreamStream:
    """An answer in pieces, those together that came together; must be closed.

    Attributes:
        usage: Tokens, once the upstream has told them; final after the end.
        rest: ``system_fingerprint`` and ``service_tier``, if given.
    """

    def __init__(
        self,
        response: httpx2.Response,
        settings: ChatSettings,
        *,
        until: float,
        on_broken: Callable[[Failure], None],
    ) -> None:
        """Take over a response.

        Args:
            response: It, with its body unread.
            settings: How long and how big an answer may be.
            until: The loop's time by which the answer must be whole.
            on_broken: Called when it breaks off after it had begun.
        """
        self.usage: Usage | None = None
        self.rest: JSON = {}
        self._response = response
        self._gap = settings.gap_timeout
        self._patience = Patience(until=until)
        self._limit = settings.max_answer_bytes
        self._on_broken = on_broken
        self._relay = Relay(limit=settings.max_answer_bytes)
        # Not `aiter_raw`, which puts two more generators around each read.
        self._bytes = aiter(cast(AsyncIterator[bytes], response.stream))
        self._ready: list[Piece] = []
        self._over = False
        self._failure: UpstreamFailed | None = None

    async def begin(self) -> None:
        """Wait for the first bytes of the body, so that an error there is seen.

        Raises:
            Failed: They are no answer, or there are none.
        """
        kind = media_type(self._response)
        if kind == "application/json":
            completion = whole_of(
                await read_whole(self._response, limit=self._limit + FRAMING)
            )
            self.usage, self.rest = completion.usage, completion.rest
            self._ready = pieces_of(completion)
            self._over = True
            return
        if kind not in _STREAM_TYPES:
            other = UpstreamBroken(f"the upstream answered with {kind[:40]!r}")
            raise Failed(Failure("content_type", other))
        await self._read_more()
        self._patience.limit_gap(self._gap)
        if self._failure and not self._ready:
            raise self._failed(self._failure) from self._failure

    def _failed(self, error: UpstreamFailed) -> Failed:
        """Tell what it means that there is an error in place of an answer."""
        failure = _failure(error)
        if failure.reason == "cut":
            message = "the upstream stopped before its answer"
            failure = replace(failure, error=UpstreamFailed(message))
        return Failed(failure)

    def __aiter__(self) -> AsyncIterator[Sequence[Piece]]:
        return self

    async def __anext__(self) -> Sequence[Piece]:
        """Return the next pieces, at least one.

        Raises:
            UpstreamInterrupted: The upstream stopped, stalled or said too much.
            UpstreamBroken: What came is no answer.
        """
        while not self._ready:
            if self._failure:
                self._on_broken(_failure(self._failure))
                raise self._failure
            if self._over:
                await self._finish()
                raise StopAsyncIteration
            await self._read_more()
        ready, self._ready = self._ready, []
        return ready

    async def aclose(self) -> None:
        """Drop the connection at once."""
        self._over = True
        self._patience.stop()
        await close(self._response)

    async def _finish(self) -> None:
        """Read to the end of the body, so that its connection serves the next call."""
        with suppress(TimeoutError, *TRANSPORT):
            async with asyncio.timeout(_END):
                async for _ in self._bytes:
                    pass
        await self.aclose()

    async def _read_more(self) -> None:
        """Read what comes next; a failure waits until what came before is taken."""
        try:
            data = await self._next_bytes()
            if data is not None:
                self._ready.extend(self._relay.feed(data))
            self._over = data is None or self._relay.done
            if self._over:
                self._ready.extend(self._relay.end())
        except (UpstreamInterrupted, UpstreamBroken) as error:
            self._failure = error
            await self.aclose()
        self.usage, self.rest = self._relay.usage, self._relay.rest

    async def _next_bytes(self) -> bytes | None:
        """Return the next bytes, or None at the end of the body."""
        try:
            with self._patience:
                return await anext(self._bytes, None)
        except TRANSPORT as error:
            raise UpstreamInterrupted("the connection broke") from error


def _failure(error: UpstreamFailed) -> Failure:
    reasons: dict[type[UpstreamFailed], str] = {
        UpstreamStalled: "stall",
        AnswerTooLong: "too_long",
        UpstreamBroken: "bad_frame",
    }
    reason = reasons.get(type(error), "cut")
    return Failure(reason, error, elsewhere=reason != "too_long")
