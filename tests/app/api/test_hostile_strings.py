"""Strings that are no ids, keys or filters: refused, and nothing is harmed by them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from app.access.scopes import SCOPES
from app.api.openapi import described
from tests.app.api.hostile import HOSTILE
from tests.databases import KINDS, database_url
from tests.keyed import Keyed, keyed

REFUSED = {400, 401, 404, 415}

FILTERS = ("label", "path", "language", "version", "document")


def shown_as(text: str) -> list[tuple[bytes, bytes]]:
    """Return headers with `text` as a key; a server hands over no line ends."""
    value = text.encode().replace(b"\0", b"")
    return [(b"authorization", b"Bearer " + value), (b"x-api-key", value)]


def operations(service: Keyed) -> list[tuple[str, str, list[str]]]:
    """Return method, path and texts in the query of every operation described."""
    paths = described(service.app)["paths"]
    return [
        (
            method.upper(),
            path,
            [p["name"] for p in of.get("parameters", ()) if texts(p)],
        )
        for path, item in paths.items()
        for method, of in item.items()
    ]


def texts(parameter: dict[str, Any]) -> bool:
    return parameter["in"] == "query" and "string" in str(parameter["schema"])


def placed(path: str, text: str) -> str:
    """Return `path` with `text` in the place of each of its parameters."""
    return re.sub(r"\{[^}]+\}", lambda _: quote(text, safe="") or "%20", path)


async def by_key(service: Keyed) -> list[tuple[str, int]]:
    """Return what comes of every string that is shown as a key."""
    async with service.caller() as stranger:
        return [
            (
                text,
                (await stranger.get("/v1/models", headers=shown_as(text))).status_code,
            )
            for text in HOSTILE
        ]


async def by_id(service: Keyed, caller: httpx.AsyncClient) -> list[tuple[str, int]]:
    """Return what comes of every string in the place of every id."""
    taking = [(m, path) for m, path, _ in operations(service) if "{" in path]
    assert len(taking) >= 9
    seen = []
    for number, (method, path) in enumerate(taking):
        body: dict[str, Any] | None = None if method in ("GET", "DELETE") else {}
        # A third of them each: every one of them meets many operations.
        for text in HOSTILE[number % 3 :: 3]:
            reply = await caller.request(method, placed(path, text), json=body)
            seen.append((f"{method} {path} {text!r}", reply.status_code))
    return seen


async def by_filter(service: Keyed, caller: httpx.AsyncClient) -> list[tuple[str, int]]:
    """Return what comes of every string that something is searched or listed by."""
    seen = []
    for text in HOSTILE:
        for name in FILTERS:
            asked = {"query": "How do I reset the hub?", "filter": {name: [text]}}
            found = await caller.post("/v1/search", json=asked)
            hits = found.json().get("hits", [])
            seen.append((f"filter {name} {text!r}", 500 if hits else 404))
        for method, path, names in operations(service):
            for name in names if method == "GET" and "{" not in path else ():
                reply = await caller.get(path, params={name: text})
                seen.append((f"{path} {name} {text!r}", reply.status_code))
    return seen


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database_url(request.param, tmp_path) as url:
        yield url


async def test_no_string_is_more_than_a_string(
    url: str, sample_home: Path, tmp_path: Path
) -> None:
    assert len(set(HOSTILE)) >= 100
    quiet = {"ACCESS_FAILURES": "0"}
    async with keyed(sample_home, tmp_path, url=url, **quiet) as service:
        made = await service.key("chat", tenant="other")

        every = await service.key(*(s for s in SCOPES if s != "session"))
        async with service.caller(every.text) as caller:
            shown = await by_key(service)
            named = await by_id(service, caller)
            filtered = await by_filter(service, caller)

        assert [s for s in shown if s[1] != 401] == []
        assert [s for s in named if s[1] not in REFUSED] == []
        # A list of nothing is an answer as well.
        assert [s for s in filtered if s[1] not in REFUSED | {200}] == []
        assert (await service.keyring.find(made.key.id, "other")) == made.key
        assert {k.revoked for k in await service.keyring.list(None)} == {None}
