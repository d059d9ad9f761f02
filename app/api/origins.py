"""Which pages may call the API from a browser: CORS, by an exact list.

Nothing of a browser's own, such as a cookie, counts as a key here, so that no answer
allows credentials.

Source:
    Fetch standard, section "CORS protocol".
"""

import re
from collections.abc import Awaitable, Callable

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from app.access.granting import is_origin
from ingest.errors import SettingsError

Origins = Callable[[], Awaitable[frozenset[str]]]
"""Returns the origins of all widget keys that are valid."""

_Headers = list[tuple[bytes, bytes]]

_METHODS = b"GET, HEAD, POST, PATCH, PUT, DELETE"
_FOR_ALL = (b"access-control-allow-origin", b"*")
_MAY_SEND = re.compile(
    r"accept|authorization|content-type|idempotency-key|x-api-key|x-conversation-id|"
    r"x-request-id|x-stainless-[a-z-]{1,40}"
)
_MAY_READ = (
    b"x-request-id, retry-after, idempotent-replayed, x-ratelimit-limit-requests, "
    b"x-ratelimit-remaining-requests, x-ratelimit-reset-requests, "
    b"x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, "
    b"x-ratelimit-reset-tokens"
)
_OPEN = "/v1/page"
"""What every page may read: it is the same for all, and holds nothing secret."""

_REMEMBERED = b"600"
"""Seconds for which a browser believes the answer to its question."""


def listed(setting: str) -> frozenset[str]:
    """Return the origins that a setting lists, separated by commas.

    Raises:
        SettingsError: One is no origin as browsers send it.
    """
    origins = frozenset(o.strip() for o in setting.split(",") if o.strip())
    for origin in sorted(origins):
        if not is_origin(origin):
            raise SettingsError(
                f"SERVER_CORS_ORIGINS: {origin} is no origin: write it as browsers "
                "send it, such as https://help.example.com"
            )
    return origins


def share(app: Litestar, *, listed: frozenset[str], of_widgets: Origins) -> Litestar:
    """Let pages call `app` whose origins are `listed`, or are a widget key's."""
    app.asgi_handler = middleware(app.asgi_handler, listed, of_widgets)
    return app


def middleware(app: ASGIApp, listed: frozenset[str], of_widgets: Origins) -> ASGIApp:
    """Return `app` with its answers shared with the pages of some origins."""

    async def shared(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        given = dict(scope["headers"])
        origin = given.get(b"origin", b"").decode("latin-1")
        allowed = bool(origin) and (origin in listed or origin in await of_widgets())
        added = _answer_headers(origin) if allowed else [(b"vary", b"Origin")]
        if scope["path"] == _OPEN:
            allowed, added = True, [_FOR_ALL]
        wish = given.get(b"access-control-request-method")
        if scope["method"] == "OPTIONS" and origin and wish is not None:
            asked = given.get(b"access-control-request-headers", b"")
            await _answer(send, added, _allowance(asked) if allowed else [])
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = list(message.get("headers", ()))
                # What every page may read says so itself.
                if all(name != b"access-control-allow-origin" for name, _ in said):
                    said += added
                message["headers"] = said
            await send(message)

        await app(scope, receive, sending)

    return shared


async def _answer(send: Send, added: _Headers, allowance: _Headers) -> None:
    headers = [*added, *allowance]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _answer_headers(origin: str) -> _Headers:
    return [
        (b"vary", b"Origin"),
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-expose-headers", _MAY_READ),
    ]


def _allowance(asked: bytes) -> _Headers:
    names = (name.strip() for name in asked.decode("latin-1").lower().split(","))
    may = ", ".join(name for name in names if _MAY_SEND.fullmatch(name))
    return [
        (b"access-control-allow-methods", _METHODS),
        (b"access-control-allow-headers", may.encode()),
        (b"access-control-max-age", _REMEMBERED),
    ]
