"""Whether the service lives, whether it can answer, and its figures."""

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Struct

from app import metrics
from app.access.scopes import PUBLIC
from app.resources import Resources


class Part(Struct, frozen=True, kw_only=True):
    """State of one thing the service stands on.

    Attributes:
        state: "up", "degraded" or "down".
        detail: What is there, or what is wrong and what to do.
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


@get("/health/ready", summary="Whether questions can be answered", scopes=PUBLIC)
async def show_ready(resources: NamedDependency[Resources]) -> Response[Readiness]:
    """Say which parts are up; 503 if questions cannot be answered."""
    parts = {
        name: Part(state=state, detail=detail)
        for name, (state, detail) in resources.states().items()
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
