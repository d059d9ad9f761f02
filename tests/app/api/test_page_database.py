"""What a page says of keys while nobody can be asked whether there are any."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.access.keyring import FRESH
from tests.databases import faulty_url
from tests.keyed import Keyed, keyed
from tests.reliability.faultproxy import FaultProxy


@pytest.fixture
def way(tmp_path: Path) -> Iterator[tuple[str, FaultProxy]]:
    """The URL of a database, and the way to it."""
    with faulty_url(tmp_path) as found:
        yield found


async def access(service: Keyed) -> str:
    async with service.caller() as nobody:
        told: str = (await nobody.get("/v1/page")).json()["access"]
    return told


@pytest.mark.parametrize("known", ["open", "keys"])
async def test_a_page_says_what_was_known_before_the_database_was_gone(
    way: tuple[str, FaultProxy], sample_home: Path, tmp_path: Path, known: str
) -> None:
    url, proxy = way
    async with keyed(sample_home, tmp_path, url=url) as service:
        if known == "keys":
            await service.key("chat")
        before = await access(service)
        proxy.cut()
        await asyncio.sleep(FRESH)
        away = await access(service)

    assert (before, away) == (known, known)


async def test_where_nothing_is_known_a_page_asks_for_a_key_until_it_is(
    way: tuple[str, FaultProxy], sample_home: Path, tmp_path: Path
) -> None:
    url, proxy = way
    proxy.cut()
    async with keyed(sample_home, tmp_path, url=url) as service:
        away = await access(service)
        proxy.mend()
        async with asyncio.timeout(5):
            while await access(service) != "open":  # noqa: ASYNC110 - nothing tells when
                await asyncio.sleep(0.05)

    assert away == "keys"
