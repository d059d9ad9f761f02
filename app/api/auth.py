"""Who is asking: every request becomes a principal before anything else happens."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from litestar import Litestar, Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from app.access.doorkeeper import Caller, Doorkeeper
from app.errors import (
    DatabaseUnavailable,
    Forbidden,
    NotAuthenticated,
    TooManyAttempts,
)
from app.messages import Message
from app.resources import Resources
from ingest.documents import Principal

DECLARED = "scopes"
"""Where a route says which scopes it wants one of: a keyword of its decorator."""

_NAMES = frozenset(
    ("accesstoken", "apikey", "authorization", "key", "token", "xapikey")
)
"""What a key in an address is called, in small letters and without dashes."""

_KEY = re.compile(r"[rw]k_[0-9A-Za-z]{24}_")


async def admit(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Let a request in that may call this route, and note who it is.

    Raises:
        NotAuthenticated: It shows no key, or none that is valid.
        TooManyAttempts: Its address showed too many wrong ones.
        Forbidden: The principal holds none of the route's scopes, or is on a page
            that the key is not for.
        DatabaseUnavailable: The key cannot be looked up.
    """
    if _tells_methods(handler):
        return
    wanted = handler.opt[DECLARED]
    if not wanted:
        return
    principal = await _doorkeeper(connection).admit(caller_of(connection))
    if principal.scopes.isdisjoint(wanted):
        raise Forbidden(f"This needs a key with the scope {' or '.join(wanted)}.")
    connection.scope["auth"] = principal


async def asker(connection: ASGIConnection[Any, Any, Any, Any]) -> Principal | None:
    """Return who asks on a route that anybody may call; None if that is not known."""
    try:
        return await _doorkeeper(connection).admit(caller_of(connection))
    except (NotAuthenticated, TooManyAttempts, Forbidden, DatabaseUnavailable):
        return None


def refuse_own_system(principal: Principal, messages: Sequence[Message]) -> None:
    """Refuse instructions of a caller who may only ask.

    Raises:
        Forbidden: A message claims to be from whoever runs the service.
    """
    if "chat:system" in principal.scopes:
        return
    for position, message in enumerate(messages):
        if message.role in ("system", "developer"):
            raise Forbidden(
                f"A {message.role} message needs a key with the scope chat:system.",
                param=f"messages[{position}].role",
            )


async def refuse_other_pages(request: Request[Any, Principal, Any]) -> None:
    """Refuse what a page of another origin sends, as long as there are no keys.

    A route that changes documents names this as its ``before_request``: without keys a
    page that somebody has open could else reach a service on their machine.

    Raises:
        Forbidden: It is such a page's.
    """
    principal = request.auth
    if principal.key_id or principal.session:
        return
    origin = request.headers.get("origin", "")
    elsewhere = request.headers.get("sec-fetch-site", "") in ("cross-site", "same-site")
    if elsewhere or (origin and urlsplit(origin).netloc != request.headers.get("host")):
        raise Forbidden(
            "Without keys, documents are kept from this service's own pages only.",
            code="origin_not_allowed",
        )


def caller_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    """Return what a request tells of who sent it."""
    headers = connection.headers
    return Caller(
        shown=_shown(headers.get("authorization", ""), headers.get("x-api-key", "")),
        misplaced=_misplaced(connection.scope["query_string"]),
        address=connection.client.host if connection.client else "",
        origin=_origin(connection),
        host=headers.get("host", ""),
    )


def _origin(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Return the origin of the page that asks, or "".

    A browser names no origin when a page reads from its own server. It says then that
    the two are the same, in a header that no page can set.
    """
    headers = connection.headers
    named = headers.get("origin", "")
    if named or headers.get("sec-fetch-site", "") != "same-origin":
        return named
    return f"{connection.scope['scheme']}://{headers.get('host', '')}"


def refuse_undeclared(service: Litestar) -> None:
    """Make sure that every route says who may call it.

    Raises:
        LookupError: One does not; its path is named.
    """
    for route in service.routes:
        for handler in getattr(route, "route_handlers", ()):
            if not _tells_methods(handler) and DECLARED not in handler.opt:
                raise LookupError(f"{route.path} declares no scopes")


def _tells_methods(handler: BaseRouteHandler) -> bool:
    """Return whether this is the framework's own answer to OPTIONS, and no more."""
    return handler.handler_name == "options_handler"


def _doorkeeper(connection: ASGIConnection[Any, Any, Any, Any]) -> Doorkeeper:
    held: Resources = connection.app.state.resources
    if held.doorkeeper is None:
        raise DatabaseUnavailable("none was opened to look keys up in")
    return held.doorkeeper


def _shown(authorization: str, api_key: str) -> str:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip()
    return api_key.strip()


def _misplaced(query: bytes) -> bool:
    """Return whether a request's address holds a key, or something called so."""
    given = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    return any(_is_key(name, value) for name, value in given)


def _is_key(name: str, value: str) -> bool:
    plain = name.lower().replace("-", "").replace("_", "")
    return plain in _NAMES or bool(_KEY.search(name) or _KEY.search(value))
