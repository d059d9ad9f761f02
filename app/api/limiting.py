"""Counts every request of a principal, and tells callers how their limits stand."""

import math
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from app.access.limits import Standing
from app.access.noting import Noted
from app.resources import Resources
from ingest.documents import Principal


async def count(
    connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler
) -> None:
    """Count a request of whoever `app.api.auth.admit` found; public routes are free.

    Raises:
        LimitReached: There are as many a minute as there may be.
    """
    principal: Principal | None = connection.scope.get("auth")
    if principal is not None:
        held: Resources = connection.app.state.resources
        await held.meter.count(principal)


def headers_of(noted: Noted) -> list[tuple[bytes, bytes]]:
    """Return the headers that tell how limits of a minute stand, if there are any."""
    headers = []
    for name, standing in (("requests", noted.requests), ("tokens", noted.tokens)):
        if standing is not None:
            headers += _headers(name, standing)
    return headers


def _headers(name: str, standing: Standing) -> list[tuple[bytes, bytes]]:
    told = {
        "limit": str(standing.limit),
        "remaining": str(standing.remaining),
        "reset": duration(standing.reset),
    }
    return [
        (f"x-ratelimit-{what}-{name}".encode(), text.encode())
        for what, text in told.items()
    ]


def duration(seconds: float) -> str:
    """Return a duration as OpenAI writes it: ``12ms``, ``1s``, ``6m0s``, ``1h0m0s``."""
    if 0 < seconds < 1:
        return f"{math.ceil(seconds * 1000)}ms"
    minutes, rest = divmod(math.ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
