"""Every route of the service by every scope: allowed if it declares it, else refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, get

from app.access.doorkeeper import OF_VISITORS
from app.access.scopes import SCOPES
from app.api.auth import admit, refuse_undeclared
from tests.keyed import PAGE, Keyed, keyed

EVERYBODYS = {
    "/", "/assets/{name:str}", "/demo", "/desk", "/favicon.ico", "/health/live", "/health/ready",
    "/logo", "/openapi.json", "/openapi", "/v1/page", "/widget.js",
}  # fmt: skip
"""What is open to anybody, on purpose; a new one is written down here as well."""


def routes(app: Any) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yield method, path and declared scopes of every route."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if handler.handler_name == "options_handler":
                continue
            for method in sorted(handler.http_methods):
                yield method, route.path, frozenset(handler.opt["scopes"])


def filled(path: str) -> str:
    """Return a path of a route, with something in the place of each parameter."""
    return "/".join("x" if part.startswith("{") else part for part in path.split("/"))


async def shown(service: Keyed) -> dict[str, tuple[str, frozenset[str]]]:
    """Return what callers show who hold each scope alone, and what they hold."""
    secret = [scope for scope in SCOPES if scope != "session"]
    keys: dict[str, tuple[str, frozenset[str]]] = {
        scope: ((await service.key(scope)).text, frozenset((scope,)))
        for scope in secret
    }
    widget = await service.widget()
    keys["session"] = (widget.text, frozenset(("session",)))
    keys["a visitor"] = (await service.visitor(widget), OF_VISITORS)
    return keys


async def test_a_route_is_open_to_the_scopes_it_declares_and_to_no_other(
    sample_home: Path, tmp_path: Path
) -> None:
    tried = 0
    async with keyed(sample_home, tmp_path) as service:
        declared = list(routes(service.app))
        for name, (key, held) in (await shown(service)).items():
            async with service.caller(key, origin=PAGE) as caller:
                for method, path, wanted in declared:
                    reply = await caller.request(method, filled(path))
                    tried += 1

                    allowed = not wanted or not held.isdisjoint(wanted)
                    case = f"{method} {path} by {name}: {reply.status_code}"
                    assert reply.status_code != 401, case
                    assert reply.status_code < 500, case
                    assert (reply.status_code == 403) == (not allowed), case

    assert tried == len(declared) * (len(SCOPES) + 1)
    assert len(declared) >= 15


async def test_nobody_without_a_key_gets_further_than_what_is_everybodys(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(sample_home, tmp_path) as service:
        await service.key("chat")
        async with service.caller() as nobody:
            for method, path, wanted in routes(service.app):
                reply = await nobody.request(method, filled(path))

                everybodys = path in EVERYBODYS or path.startswith("/openapi/")
                assert (not wanted) == everybodys, path
                assert (reply.status_code == 401) == bool(wanted), path


def test_a_route_that_declares_nothing_stops_the_service_from_starting() -> None:
    @get("/v1/forgotten")
    async def forgotten() -> None: ...

    with pytest.raises(LookupError, match="/v1/forgotten declares no scopes"):
        refuse_undeclared(Litestar([forgotten], guards=[admit], openapi_config=None))
