"""Strings that are no ids, keys or filters: refused, and nothing is harmed by them."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.app.api.hostile import HOSTILE
from tests.databases import KINDS, database_url
from tests.keyed import Keyed, keyed

PATHS = ("/v1/keys/{}", "/v1/sources/{}", "/v1/models/{}")
REFUSED = {400, 401, 404}


def shown_as(text: str) -> list[tuple[bytes, bytes]]:
    """Return headers with `text` as a key; a server hands over no line ends."""
    value = text.encode().replace(b"\0", b"")
    return [(b"authorization", b"Bearer " + value), (b"x-api-key", value)]


async def tried(service: Keyed) -> list[tuple[str, int]]:
    seen: list[tuple[str, int]] = []
    every = await service.key("admin", "retrieve", "chat")
    async with service.caller() as stranger, service.caller(every.text) as caller:
        for text in HOSTILE:
            shown = await stranger.get("/v1/models", headers=shown_as(text))
            seen.append((f"key {text!r}", shown.status_code))
            for path in PATHS:
                placed = path.format(quote(text, safe="") or "%20")
                method = "DELETE" if "keys" in path else "GET"
                reply = await caller.request(method, placed)
                seen.append((f"{method} {path} {text!r}", reply.status_code))
            placed = f"/v1/keys/{quote(text, safe='') or '%20'}/rotate"
            turned = await caller.post(placed, json={})
            seen.append((f"rotate {text!r}", turned.status_code))
            for filter_ in ({"label": [text]}, {"path": [text]}, {"language": [text]}):
                asked = {"query": "How do I reset the hub?", "filter": filter_}
                found = await caller.post("/v1/search", json=asked)
                hits = found.json().get("hits", [])
                seen.append((f"filter {text!r}", 404 if not hits else 500))
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

        seen = await tried(service)

        assert [s for s in seen if s[1] not in REFUSED] == []
        assert (await service.keyring.find(made.key.id, "other")) == made.key
        assert {k.revoked for k in await service.keyring.list(None)} == {None}
