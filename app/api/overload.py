"""Refuses questions that would find no room, before anything else is done for them.

Whoever refuses many has little time for each: no route is looked for, no key looked
up, no body read. Who asks is not known here, so a refusal tells nothing of a key.
"""

import msgspec
from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from app.api.errors import error_body
from app.errors import Overloaded
from app.resources import Resources

_QUESTIONS = ("/v1/chat/completions", "/v1/search")

_BODY = msgspec.json.encode(error_body(Overloaded("")))
_HEADERS = [
    (b"content-type", b"application/json"),
    (b"content-length", b"%d" % len(_BODY)),
    (b"retry-after", b"1"),
]


def refuse(app: Litestar, resources: Resources) -> Litestar:
    """Let `app` refuse questions as long as `resources` have no room for them."""
    app.asgi_handler = middleware(app.asgi_handler, resources)
    return app


def middleware(app: ASGIApp, resources: Resources) -> ASGIApp:
    """Return `app` with questions refused as long as `resources` have no room."""

    async def refusing(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or not _is_new_question(scope):
            await app(scope, receive, send)
            return
        try:
            resources.refuse_if_full(answers=scope["path"] == _QUESTIONS[0])
        except Overloaded:
            # For the figures and the log, which tell requests by their route.
            scope["path_template"] = scope["path"]
            await _answer(send)
            return
        with resources.admission.coming():
            await app(scope, receive, send)

    return refusing


def _is_new_question(scope: HTTPScope) -> bool:
    """Return whether this asks what was not answered before, as far as can be told."""
    return (
        scope["path"] in _QUESTIONS
        and scope["method"] == "POST"
        and all(name != b"idempotency-key" for name, _ in scope["headers"])
    )


async def _answer(send: Send) -> None:
    await send(
        {"type": "http.response.start", "status": 503, "headers": list(_HEADERS)}
    )
    await send({"type": "http.response.body", "body": _BODY, "more_body": False})
