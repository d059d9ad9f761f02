"""Answers a request that is sent again with what was answered the first time.

    Idempotency-Key --claim--> new       answered, recorded, kept
                           +-> finished  replayed, a stream as a stream
                           +-> running   409, come again
                           +-> other     400, the key was used for something else

What never started is not kept: what the caller got wrong, limits, a service that is
down. Of chat only whole answers are: one that broke off is worth asking again.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar import Litestar, Request, Response
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from app.api.body import json_of
from app.errors import DatabaseUnavailable, InvalidRequest, UnsupportedParameter
from app.replies import LEASE_SECONDS, Claim, Replies, Reply

_LONGEST_KEY = 255
_LONGEST_BODY = 4 * 1024 * 1024
_RECORDER = "recorder"
_REPLAYED = ("idempotent-replayed", "true")
_DONE = b"data: [DONE]"
_BROKEN = b'data: {"error":'
_NOT_STARTED = (429, 503)
_KEPT_HEADERS = (b"content-type", b"cache-control", b"x-accel-buffering")
"""What belongs to the answer; the rest tells of one request on its way."""

log = logging.getLogger(__name__)

BeforeRequest = Callable[[Request[Any, Any, Any]], Awaitable[Response[bytes] | None]]


async def answer_once(request: Request[Any, Any, Any]) -> Response[bytes] | None:
    """Return what was answered to this request before, or claim the right to answer.

    A route names this as its ``before_request``.

    Raises:
        InvalidRequest: The key is malformed, or was used for another request.
        RequestInProgress: The same request is being answered now.
        DatabaseUnavailable: Nobody can tell.
    """
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 1 <= len(key) <= _LONGEST_KEY or not key.isprintable():
        raise InvalidRequest(
            f"An idempotency key has 1 to {_LONGEST_KEY} printable characters.",
            param="Idempotency-Key",
        )
    digest = _digest(request.method, request.scope["path"], await json_of(request))
    replies: Replies | None = request.app.state.replies
    if replies is None:
        raise DatabaseUnavailable("there is no database to keep answers in")
    found = await replies.claim(request.auth, key, digest)
    if isinstance(found, Reply):
        return _replayed(found)
    request.scope["state"][_RECORDER] = _Recorder(replies, found)
    return None


async def refuse_key(request: Request[Any, Any, Any]) -> None:
    """Refuse an idempotency key where the answer holds a secret.

    Raises:
        UnsupportedParameter: There is one.
    """
    if "idempotency-key" in request.headers:
        raise UnsupportedParameter(
            "An idempotency key is not served here: the answer holds a secret, which "
            "is not kept.",
            param="Idempotency-Key",
        )


def record(app: Litestar) -> Litestar:
    """Let `app` keep the answers that `answer_once` claimed the right to."""
    app.asgi_handler = _recording(app.asgi_handler)
    return app


def is_whole(body: bytes) -> bool:
    """Return whether a stream said all that it had to say."""
    *_, last, done, rest = (b"", b"", b"", *body.rsplit(b"\n\n", 2))
    return (
        done == _DONE
        and not rest
        and not last.rpartition(b"\n\n")[2].startswith(_BROKEN)
    )


def _is_chat(scope: Scope) -> bool:
    """Return whether a request asks for an answer."""
    return scope["path"] == "/v1/chat/completions"


def _recording(app: ASGIApp) -> ASGIApp:
    async def recorded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return

        async def take(message: Message) -> None:
            recorder: _Recorder | None = scope.get("state", {}).get(_RECORDER)
            if recorder is not None and recorder.take(message):
                # Before the caller has it whole: they may ask again at once.
                await recorder.end(chat=_is_chat(scope))
            await send(message)

        try:
            await app(scope, receive, take)
        finally:
            recorder = scope.get("state", {}).get(_RECORDER)
            if recorder is not None:
                await recorder.end(chat=_is_chat(scope))

    return recorded


class _Recorder:
    """Listens to an answer on its way, and keeps it when it is over."""

    def __init__(self, replies: Replies, claim: Claim) -> None:
        self._replies = replies
        self._claim = claim
        self._status = 0
        self._headers: list[tuple[str, str]] = []
        self._body = bytearray()
        self._over = self._ended = False
        self._renewing = asyncio.create_task(self._renew())

    def take(self, message: Message) -> bool:
        """Note a message of the answer; return whether it is the last that counts."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = [
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in message.get("headers", ())
                if name in _KEPT_HEADERS
            ]
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")[: _LONGEST_BODY + 1]
            more = message.get("more_body", False)
            self._over = not more or self._body.endswith(_DONE + b"\n\n")
        return self._over

    async def end(self, *, chat: bool) -> None:
        """Keep the answer, or let the next request be answered anew."""
        if self._ended:
            return
        self._ended = True
        self._renewing.cancel()
        await asyncio.wait({self._renewing})
        try:
            if self._is_kept(chat=chat):
                headers = msgspec.json.encode(self._headers).decode()
                reply = Reply(
                    status=self._status, headers=headers, body=bytes(self._body)
                )
                await self._replies.finish(self._claim, reply)
            else:
                await self._replies.give_back(self._claim)
        except DatabaseUnavailable as error:
            # The answer is out; its lease ends by itself, and so does the claim.
            log.warning("an answer could not be kept: %s", error)

    def _is_kept(self, *, chat: bool) -> bool:
        if not self._over or len(self._body) > _LONGEST_BODY:
            return False
        if self._status < 300:
            streamed = dict(self._headers).get("content-type", "")
            return "event-stream" not in streamed or is_whole(bytes(self._body))
        begun = self._status >= 500 and self._status not in _NOT_STARTED
        return begun and not chat

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(LEASE_SECONDS / 3)
            try:
                await self._replies.renew(self._claim)
            except DatabaseUnavailable as error:
                log.warning("a claim could not be renewed: %s", error)


def _replayed(reply: Reply) -> Response[bytes]:
    given = msgspec.json.decode(reply.headers, type=list[tuple[str, str]])
    headers = dict([*given, _REPLAYED])
    # The framework names the character set again, wherever there is one.
    media_type = headers.pop("content-type", "application/json").partition(";")[0]
    return Response(
        reply.body, status_code=reply.status, headers=headers, media_type=media_type
    )


def _digest(method: str, path: str, body: dict[str, Any]) -> str:
    """Return the SHA-256 of a request, as hex digits; the order of fields is none."""
    canonical = msgspec.json.encode(body, order="deterministic")
    return hashlib.sha256(f"{method} {path}\n".encode() + canonical).hexdigest()
