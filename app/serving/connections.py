"""One connection of a caller, held to bounds that the server itself does not know.

    headers  in 10 s and 64 KiB                        else 408, 431
    answers  must be taken: no byte for 60 s           else cut
    many     the longest idle gives way to a new one   else 503

What a caller does not read is kept in 8 KiB here and 32 in the system: the system
alone would keep megabytes, and tell only after many of them that someone reads.

A caller that sends no more may still read: whether they do is found out by writing.
"""

import asyncio
import socket
from typing import ClassVar

import httptools
import msgspec
from msgspec import Struct
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from app import metrics
from app.api.errors import ErrorBody, ErrorObject
from app.ids import new_id

_INVALID = "invalid_request_error"
_BROKEN = (400, ErrorObject(
    message="This is no HTTP request.", type=_INVALID, param=None, code="invalid_value",
))  # fmt: skip
_LATE = (408, ErrorObject(
    message="The headers came too slowly.", type=_INVALID, param=None,
    code="request_timeout",
))  # fmt: skip
_LARGE = (431, ErrorObject(
    message="The headers are too large.", type=_INVALID, param=None,
    code="request_too_large",
))  # fmt: skip
_FULL = (503, ErrorObject(
    message="The service is overloaded. Please try again.",
    type="service_unavailable_error", param=None, code="overloaded",
))  # fmt: skip

_HEADER = 32
"""Bytes that a header takes beside its name and value, as HTTP/2 counts them."""

_WAITING = 8 * 1024
"""Bytes that wait to be written from which on no more is written."""

_SENT = 16 * 1024
"""Bytes that the system keeps of what is not read, which it counts twice."""

_PROCESSING = b"HTTP/1.1 102 Processing\r\n\r\n"
_PING = b"8\r\n: ping\n\n\r\n"
"""A comment in a stream, as a chunk of its own."""

_PROBE, _PROBES = 0.25, 5.0
"""Seconds to the second look at who sends no more, and between later ones at most."""


class Bounds(Struct, frozen=True, kw_only=True):
    """What one connection, and all of them, may take.

    Attributes:
        connections: Most that are open at once.
        header_seconds: How long headers may take.
        header_bytes: How long they may be.
        stuck_seconds: How long a caller may take no byte of an answer.
    """

    connections: int
    header_seconds: float = 10.0
    header_bytes: int = 64 * 1024
    stuck_seconds: float = 60.0


class Connection(HttpToolsProtocol):
    """A connection; `connections_of` makes the class for one server.

    Attributes:
        bounds: What it may take.
        idle: Those that wait for a request, the longest first.
    """

    bounds: ClassVar[Bounds]
    idle: ClassVar["dict[Connection, None]"]

    _begun = _half_closed = False
    _fed = 0
    _late: asyncio.TimerHandle | None = None
    _stuck: asyncio.TimerHandle | None = None
    _probing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as the server has it
        """Take a connection, in place of an idle one if there are too many."""
        super().connection_made(transport)
        taken = transport.get_extra_info("socket")
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SENT)
        transport.set_write_buffer_limits(_WAITING)
        if len(self.connections) > self.bounds.connections and not self._make_room():
            metrics.OVERLOAD_REFUSALS.labels("connections").inc()
            self._refuse(*_FULL)
            return
        self.idle[self] = None
        self._wait_for_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.idle.pop(self, None)
        for timer in (self._late, self._stuck, self._probing):
            if timer:
                timer.cancel()
        super().connection_lost(exc)

    def eof_received(self) -> bool:  # type: ignore[override] # the server returns nothing
        """Go on answering who sends no more, as long as they read."""
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete or cycle.more_body:
            return False
        if cycle.scope["http_version"] == "1.0" and not cycle.response_started:
            # There is nothing that could be written to them before the answer.
            return False
        cycle.keep_alive = False
        self._probe(_PROBE)
        return True

    def data_received(self, data: bytes) -> None:
        """Read what arrived."""
        if self._rests() and not self._late:
            self._wait_for_headers()
        if self._begun:
            self._fed += len(data)
        super().data_received(data)
        if self._begun and self._fed > self.bounds.header_bytes:
            self._refuse(*_LARGE)

    def on_message_begin(self) -> None:
        """Begin to read a request."""
        self.idle.pop(self, None)
        self._begun, self._fed = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Begin to answer a request, or refuse it."""
        self._begun = False
        if self._late:
            self._late.cancel()
            self._late = None
        size = len(self.url) + sum(
            _HEADER + len(name) + len(value) for name, value in self.headers
        )
        if size > self.bounds.header_bytes:
            self._refuse(*_LARGE)
            # What else is read of it is nobody's.
            raise httptools.HttpParserError("the headers are too large")
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        if not self.transport.is_closing() and self._rests():
            self.idle[self] = None

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the server's signature
        """Refuse what is no request; nothing is written into an answer that is sent."""
        self._refuse(*_BROKEN)

    def pause_writing(self) -> None:
        """Stop writing to who does not read, and watch whether they begin to."""
        super().pause_writing()
        self._watch_reading()

    def resume_writing(self) -> None:
        """Write again."""
        if self._stuck:
            self._stuck.cancel()
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that was idle for too long, whether all was read or not."""
        super().timeout_keep_alive_handler()
        self._watch_reading()

    def _rests(self) -> bool:
        """Return whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _make_room(self) -> bool:
        """Close the connection that was idle the longest; return whether there is one."""
        other = next(iter(self.idle), None)
        if other is None:
            return False
        del self.idle[other]
        other.transport.close()
        return True

    def _wait_for_headers(self) -> None:
        self._late = self.loop.call_later(self.bounds.header_seconds, self._on_late)

    def _on_late(self) -> None:
        self._late = None
        if self._begun:
            self._refuse(*_LATE)
        else:
            self.transport.close()

    def _watch_reading(self) -> None:
        left = self.transport.get_write_buffer_size()
        self._stuck = self.loop.call_later(
            self.bounds.stuck_seconds, self._on_stuck, left
        )

    def _on_stuck(self, before: int) -> None:
        left = self.transport.get_write_buffer_size()
        if left >= before:
            self.transport.abort()
        else:
            self._watch_reading()

    def _probe(self, wait: float) -> None:
        """Write what changes nothing: to who is gone it cannot be written twice."""
        cycle: RequestResponseCycle = self.cycle
        if self.transport.is_closing() or cycle.response_complete:
            return
        if not self.pipeline and not cycle.response_started:
            self.transport.write(_PROCESSING)
        elif not self.pipeline and cycle.chunked_encoding and not self._is_full():
            self.transport.write(_PING)
        self._probing = self.loop.call_later(wait, self._probe, min(2 * wait, _PROBES))

    def _is_full(self) -> bool:
        return self.transport.get_write_buffer_size() > _WAITING

    def _refuse(self, status: int, error: ErrorObject) -> None:
        """Answer what never became a request, and close."""
        if self.transport.is_closing():
            return
        if self._rests() or not self.cycle.response_started:
            self.transport.write(_answer(status, error))
            metrics.REQUESTS.labels("unmatched", str(status)).inc()
        self.transport.close()


def connections_of(bounds: Bounds) -> type[Connection]:
    """Return the class of the connections of one server."""

    class Bounded(Connection):
        pass

    Bounded.bounds = bounds
    Bounded.idle = {}
    return Bounded


def _answer(status: int, error: ErrorObject) -> bytes:
    body = msgspec.json.encode(ErrorBody(error))
    retry = b"retry-after: 1\r\n" if status == 503 else b""
    return (
        STATUS_LINE[status]
        + b"content-type: application/json\r\ncontent-length: %d\r\n" % len(body)
        + b"x-request-id: %s\r\n" % new_id("req_").encode()
        + retry
        + b"connection: close\r\n\r\n"
        + body
    )
