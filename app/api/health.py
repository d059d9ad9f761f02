"""Whether the service lives, whether it can answer, and its figures."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from msgspec import Struct

from app import metrics
from app.access.scopes import PUBLIC
from app.api.auth import asker
from app.logs import redacted
from app.resources import Resources


class Part(Struct, frozen=True, kw_only=True):
    """State of one thing the service stands on.

    Attributes:
        state: "up", "degraded" or "down".
        detail: What is there, or what is wrong and what to do; "" for callers who
            need not know.
    """

    state: str
    detail: str


class Readiness(Struct, frozen=True, kw_only=True):
    """Whether the service can answer.

    Attributes:
        ready: Every part that answers need is up or degraded.
        parts: State of each part by name.
    """

    ready: bool
    parts: dict[str, Part]


@get("/health/live", summary="Whether the process answers", scopes=PUBLIC)
async def show_live() -> dict[str, str]:
    """Say that the process answers; nothing else is looked at."""
    return {"status": "live"}


_TOLD = frozenset(("insights", "admin"))
"""Scopes with which one reads details, which may name addresses and models."""


@get("/health/ready", summary="Whether questions can be answered", scopes=PUBLIC)
async def show_ready(
    request: Request[Any, Any, Any], resources: NamedDependency[Resources]
) -> Response[Readiness]:
    """Say which parts are up; 503 if questions cannot be answered."""
    asking = await asker(request)
    told = asking is not None and not asking.scopes.isdisjoint(_TOLD)
    parts = {
        name: Part(state=state, detail=redacted(detail) if told else "")
        for name, (state, detail) in resources.watch.look().items()
    }
    ready = not any(part.state == "down" for part in parts.values())
    return Response(
        Readiness(ready=ready, parts=parts),
        status_code=200 if ready else 503,
        headers={} if ready else {"retry-after": "5"},
    )


@get("/metrics", include_in_schema=False, scopes=("insights", "admin"))
async def show_metrics() -> Response[bytes]:
    """Return the figures of this process for Prometheus."""
    body, media_type = metrics.exposition()
    return Response(body, media_type=media_type)
