"""Keys while their database is away, and when it is back."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.access.keyring import FRESH
from app.access.keys import new_text
from tests.databases import faulty_url
from tests.keyed import PAGE, Keyed, keyed
from tests.reliability.faultproxy import FaultProxy


@pytest.fixture
def way(tmp_path: Path) -> Iterator[tuple[str, FaultProxy]]:
    """The URL of a database, and the way to it."""
    with faulty_url(tmp_path) as found:
        yield found


async def models(service: Keyed, key: str, origin: str = "") -> httpx.Response:
    async with service.caller(key, origin=origin) as caller:
        return await caller.get("/v1/models")


async def test_keys_are_neither_taken_nor_refused_while_nobody_can_look_them_up(
    way: tuple[str, FaultProxy], sample_home: Path, tmp_path: Path
) -> None:
    url, proxy = way
    async with keyed(sample_home, tmp_path, url=url) as service:
        made, widget = await service.key("chat"), await service.widget()
        shown = (made.text, new_text("secret"), await service.visitor(widget))
        assert (await models(service, made.text)).status_code == 200
        assert (await models(service, shown[2], PAGE)).status_code == 200

        proxy.cut()
        await asyncio.sleep(FRESH)
        away = [await models(service, key, PAGE) for key in shown]
        proxy.mend()
        for _ in range(300):
            if (await models(service, shown[0], PAGE)).status_code != 503:
                break
            await asyncio.sleep(0.1)
        back = [(await models(service, key, PAGE)).status_code for key in shown]

    for reply in away:
        assert reply.status_code == 503
        assert reply.json()["error"]["code"] == "database_unavailable"
        assert int(reply.headers["retry-after"]) >= 1
        # A page can read why, as long as its origin was known before.
        assert reply.headers["access-control-allow-origin"] == PAGE
    assert back == [200, 401, 200]


async def test_the_first_key_closes_a_service_whose_database_was_away(
    way: tuple[str, FaultProxy], sample_home: Path, tmp_path: Path
) -> None:
    url, proxy = way
    async with keyed(sample_home, tmp_path, url=url) as service:
        before = await models(service, "")
        proxy.cut()
        await asyncio.sleep(FRESH)
        away = await models(service, "")
        proxy.mend()
        key = await service.key("chat")
        await asyncio.sleep(FRESH)
        after = await models(service, "")
        held = await models(service, key.text)

    # While it is away nobody makes the first key either.
    assert [r.status_code for r in (before, away)] == [200, 200]
    assert [r.status_code for r in (after, held)] == [401, 200]
