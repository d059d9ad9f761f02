"""Who is asking: every request becomes a principal before anything else happens."""

from typing import Any

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from app.errors import Forbidden
from app.resources import Resources

DECLARED = "scopes"
"""Where a route says which scopes it wants one of: a keyword of its decorator."""


async def admit(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Let a request in that may call this route, and note who it is.

    Raises:
        Forbidden: The principal holds none of the route's scopes.
    """
    wanted = handler.opt[DECLARED]
    if not wanted:
        return
    held: Resources = connection.app.state.resources
    principal = held.principal
    if principal.scopes.isdisjoint(wanted):
        raise Forbidden(f"This needs a key with the scope {' or '.join(wanted)}.")
    connection.scope["auth"] = principal


def refuse_undeclared(service: Litestar) -> None:
    """Make sure that every route says who may call it.

    Raises:
        LookupError: One does not; its path is named.
    """
    for route in service.routes:
        for handler in getattr(route, "route_handlers", ()):
            # The framework's own answer to OPTIONS tells the methods only.
            own = handler.handler_name != "options_handler"
            if own and DECLARED not in handler.opt:
                raise LookupError(f"{route.path} declares no scopes")
