"""Reads bodies of requests: neither too slowly, nor more of them at once than fit.

What a body takes is given back when its request is over, not when it is read: what was
made of it lives as long.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from litestar import Litestar, Request
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException, InternalServerException
from litestar.types import ASGIApp, Receive, Scope, Send

from app import metrics
from app.api.errors import ClientGone
from app.errors import Overloaded

BODY_SECONDS = 30.0

LEAST_RATE = 1024
"""Bytes a second at which they may take longer."""

_HELD = "held_body"


class _Held:
    """What one request holds of the room for bodies."""

    def __init__(self, room: "Room") -> None:
        self.room = room
        self.body: bytes | None = None
        self._size = 0

    def take(self, size: int) -> None:
        self.room.take(size)
        self._size += size

    def give_back(self) -> None:
        self.room.left += self._size


class Room:
    """Room for so many bytes of bodies.

    Attributes:
        left: Bytes for which there still is room.
        seconds: How long a caller may take to send one, however slowly.
    """

    def __init__(self, size: int, *, seconds: float = BODY_SECONDS) -> None:
        self.left = size
        self.seconds = seconds

    def take(self, size: int) -> None:
        """Take room for `size` bytes.

        Raises:
            Overloaded: There is not as much.
        """
        if size > self.left:
            metrics.OVERLOAD_REFUSALS.labels("bodies").inc()
            raise Overloaded("no room for another body")
        self.left -= size


def hold(app: Litestar, room: Room) -> Litestar:
    """Let requests of `app` hold bodies, together no more than there is room for."""
    app.asgi_handler = _holding(app.asgi_handler, room)
    return app


async def body_of(request: Request[Any, Any, Any]) -> bytes:
    """Read the body of a request, once.

    Raises:
        HTTPException: It is too large or too slow.
        Overloaded: There is no room for it now.
        ClientGone: The caller left before it was whole.
    """
    held: _Held = request.scope["state"][_HELD]
    if held.body is None:
        pieces: list[bytes] = []
        async for piece in pieces_of(request):
            held.take(len(piece))
            pieces.append(piece)
        held.body = b"".join(pieces)
    return held.body


async def pieces_of(request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
    """Yield the body of a request as it comes; nothing of it is held here.

    Raises:
        HTTPException: It is too large or too slow.
        ClientGone: The caller left before it was whole.
    """
    held: _Held = request.scope["state"][_HELD]
    received = 0
    begun = time.monotonic()
    stream = aiter(request.stream())
    while True:
        due = begun + max(held.room.seconds, received / LEAST_RATE)
        try:
            async with asyncio.timeout(due - time.monotonic()):
                piece = await anext(stream, None)
        except TimeoutError as error:
            raise HTTPException(status_code=408) from error
        except InternalServerException as error:
            # The framework has no name of its own for this.
            raise ClientGone from error
        if piece is None:
            return
        received += len(piece)
        yield piece


def _holding(app: ASGIApp, room: Room) -> ASGIApp:
    async def held(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        holding = scope.setdefault("state", {})[_HELD] = _Held(room)
        try:
            await app(scope, receive, send)
        finally:
            holding.give_back()

    return held
