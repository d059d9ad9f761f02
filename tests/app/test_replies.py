"""Answers kept by idempotency key, in both databases."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app.database.engine import open_database
from app.errors import InvalidRequest, RequestInProgress
from app.replies import KEPT_SECONDS, LEASE_SECONDS, Claim, Replies, Reply
from app.settings import DatabaseSettings
from ingest.documents import Principal
from tests.databases import KINDS, database_url

WHO = Principal(tenant="t", labels=("public",), key_id="k1")
REPLY = Reply(status=200, headers="[]", body=b"\x00\xff answer")


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database_url(request.param, tmp_path) as url:
        yield url


class Clock:
    """Seconds that a test sets forward."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_a_finished_answer_comes_back_byte_for_byte(url: str) -> None:
    async with open_database(DatabaseSettings(url=url)) as database:
        replies = Replies(database)
        claim = await replies.claim(WHO, "once", "d")
        assert isinstance(claim, Claim)
        await replies.finish(claim, REPLY)

        assert await replies.claim(WHO, "once", "d") == REPLY


async def test_a_key_used_for_another_request_is_refused(url: str) -> None:
    async with open_database(DatabaseSettings(url=url)) as database:
        replies = Replies(database)
        await replies.claim(WHO, "once", "d")

        with pytest.raises(InvalidRequest) as caught:
            await replies.claim(WHO, "once", "other")
        assert caught.value.code == "idempotency_key_reused"


@pytest.mark.parametrize(
    "other",
    [
        msgspec.structs.replace(WHO, tenant="u"),
        msgspec.structs.replace(WHO, key_id="k2"),
        msgspec.structs.replace(WHO, session="s1"),
    ],
)
async def test_nobody_finds_the_answers_of_others(url: str, other: Principal) -> None:
    async with open_database(DatabaseSettings(url=url)) as database:
        replies = Replies(database)
        claim = await replies.claim(WHO, "once", "d")
        assert isinstance(claim, Claim)
        await replies.finish(claim, REPLY)

        assert isinstance(await replies.claim(other, "once", "d"), Claim)


async def test_of_many_at_once_one_may_answer(url: str) -> None:
    async with open_database(DatabaseSettings(url=url)) as database:
        several = [Replies(database) for _ in range(20)]
        found = await asyncio.gather(
            *(replies.claim(WHO, "once", "d") for replies in several),
            return_exceptions=True,
        )

        assert sum(isinstance(one, Claim) for one in found) == 1
        assert sum(isinstance(one, RequestInProgress) for one in found) == 19


async def test_what_was_given_back_is_answered_anew(url: str) -> None:
    async with open_database(DatabaseSettings(url=url)) as database:
        replies = Replies(database)
        claim = await replies.claim(WHO, "once", "d")
        assert isinstance(claim, Claim)
        await replies.give_back(claim)

        assert isinstance(await replies.claim(WHO, "once", "other"), Claim)


async def test_a_dead_process_keeps_its_claim_for_a_lease(url: str) -> None:
    async with open_database(DatabaseSettings(url=url)) as database:
        clock = Clock()
        replies = Replies(database, clock=clock)
        claim = await replies.claim(WHO, "once", "d")
        assert isinstance(claim, Claim)

        clock.now += LEASE_SECONDS - 1
        await replies.renew(claim)
        clock.now += LEASE_SECONDS - 1
        with pytest.raises(RequestInProgress):
            await replies.claim(WHO, "once", "d")
        clock.now += 2
        assert isinstance(await replies.claim(WHO, "once", "d"), Claim)


async def test_an_answer_is_kept_for_a_day(url: str) -> None:
    async with open_database(DatabaseSettings(url=url)) as database:
        clock = Clock()
        replies = Replies(database, clock=clock)
        claim = await replies.claim(WHO, "once", "d")
        assert isinstance(claim, Claim)
        await replies.finish(claim, REPLY)

        clock.now += KEPT_SECONDS - 1
        assert await replies.claim(WHO, "once", "d") == REPLY
        clock.now += 2
        assert isinstance(await replies.claim(WHO, "once", "d"), Claim)
