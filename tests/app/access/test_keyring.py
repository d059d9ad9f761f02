"""Keys in a database of either kind."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, event, select, text

from app.access.granting import checked
from app.access.keyring import FRESH, Keyring
from app.access.keys import DAY, Grant, digest_of
from app.access.limits import Limits
from app.database.engine import Database, open_database
from app.database.tables import keys
from app.errors import DatabaseUnavailable, InvalidRequest, NotFound
from app.settings import DatabaseSettings

WIDGET: dict[str, Any] = {"kind": "widget", "origins": ("https://a.example",)}
STRANGE = ("", "a", "key_", "key_" + "a" * 24, "' OR 1=1 --", "a\0b", "key_" + "é" * 24)


def grant(**fields: Any) -> Grant:
    return checked(Grant(**{"tenant": "acme", "name": "n", **fields}), now=0)


def written_in(folder: Path) -> str:
    return "".join(f.read_bytes().decode("latin-1") for f in folder.iterdir())


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[tuple[Keyring, Database]]:
    async with open_database(DatabaseSettings(url=url)) as database:
        ring = Keyring(database, pepper="pepper")
        yield ring, database
        await ring.close()


async def test_a_key_that_was_made_is_found_as_it_was_granted(url: str) -> None:
    rights = {
        "scopes": ("chat", "admin"),
        "labels": ("public", "stäff"),
        "limits": Limits(tokens_per_day=5, money_per_day=0.5),
        "expires": 4e9,
    }
    async with opened(url) as (ring, _):
        made = await ring.create(grant(**rights))

        found = await ring.find(made.key.id, "acme")

    assert found == made.key
    assert {name: getattr(found, name) for name in rights} == rights


async def test_what_is_kept_of_a_key_is_its_digest_under_the_pepper(url: str) -> None:
    async with opened(url) as (ring, _):
        made = await ring.create(grant())
        kept = await ring.look_up(made.key.id)

    assert kept
    assert kept.digest == digest_of(made.text, "pepper")
    assert "digest" not in msgspec.to_builtins(made.key)


async def test_no_key_stands_anywhere_in_the_database(url: str, tmp_path: Path) -> None:
    async with opened(url) as (ring, database):
        made = await ring.create(grant())
        widget = await ring.create(grant(**WIDGET))
        turned = await ring.rotate(made.key.id, "acme", grace=5)
        async with database.reading() as connection:
            rows = (await connection.execute(select(keys))).all()
    dump = repr(rows) + written_in(tmp_path)

    assert len(rows) == 3
    for shown in (made, widget, turned):
        id_, secret = shown.text.split("_")[1:]
        assert id_ in dump
        assert secret not in dump
        assert secret[:43] not in dump


async def test_a_tenant_has_its_own_keys_and_no_others(url: str) -> None:
    async with opened(url) as (ring, _):
        mine = await ring.create(grant())
        other = await ring.create(grant(tenant="other"))

        assert await ring.list("acme") == [mine.key]
        assert {key.id for key in await ring.list(None)} == {mine.key.id, other.key.id}
        for work in (
            ring.find(other.key.id, "acme"),
            ring.revoke(other.key.id, "acme"),
            ring.rotate(other.key.id, "acme", grace=5),
        ):
            with pytest.raises(NotFound, match="There is no such key"):
                await work
        assert (await ring.find(other.key.id, None)).revoked is None


@pytest.mark.parametrize("id_", STRANGE)
async def test_an_id_that_nothing_has_is_not_found(url: str, id_: str) -> None:
    async with opened(url) as (ring, _):
        for work in (
            ring.find(id_, None),
            ring.revoke(id_, None),
            ring.rotate(id_, None, grace=5),
        ):
            with pytest.raises(NotFound):
                await work


async def test_keys_are_listed_newest_first(url: str) -> None:
    async with opened(url) as (ring, _):
        made = [await ring.create(grant(name=str(number))) for number in range(3)]

        listed = await ring.list("acme")

    assert listed == [m.key for m in reversed(made)]


async def test_a_revoked_key_stays_revoked_at_its_time_and_in_the_list(
    url: str,
) -> None:
    async with opened(url) as (ring, _):
        made = await ring.create(grant())

        first = await ring.revoke(made.key.id, "acme")
        again = await ring.revoke(made.key.id, "acme")

        assert first.revoked is not None
        assert again == first
        assert await ring.list("acme") == [first]


async def test_one_who_revokes_sees_it_at_once_and_others_soon(url: str) -> None:
    async with opened(url) as (ring, database):
        made = await ring.create(grant())
        other = Keyring(database, pepper="pepper")
        for known in (ring, other):
            assert await known.look_up(made.key.id)
        await ring.revoke(made.key.id, None)

        kept = await ring.look_up(made.key.id)
        await asyncio.sleep(FRESH)
        elsewhere = await other.look_up(made.key.id)

    assert FRESH < 5
    assert kept
    assert kept.key.revoked is not None
    assert elsewhere
    assert elsewhere.key.revoked is not None


async def test_rotation_keeps_the_rights_and_both_keys_for_a_while(url: str) -> None:
    now = time.time()
    rights = {"scopes": ("chat",), "labels": ("a", "b"), "limits": Limits(streams=3)}
    async with opened(url) as (ring, _):
        old = await ring.create(grant(**rights, expires=now + 30 * DAY))

        new = await ring.rotate(old.key.id, "acme", grace=3600)
        ending = await ring.find(old.key.id, "acme")

    assert {name: getattr(new.key, name) for name in rights} == rights
    assert (new.key.tenant, new.key.replaces) == ("acme", old.key.id)
    assert new.key.expires == pytest.approx(now + 30 * DAY, abs=60)
    assert ending.expires == pytest.approx(now + 3600, abs=60)
    assert new.text != old.text


async def test_a_grace_does_not_lengthen_the_life_of_a_key(url: str) -> None:
    ends = time.time() + 60
    async with opened(url) as (ring, _):
        old = await ring.create(grant(expires=ends))
        await ring.rotate(old.key.id, "acme", grace=3600)

        assert (await ring.find(old.key.id, "acme")).expires == pytest.approx(ends)


async def test_a_key_is_rotated_once_however_many_try(url: str) -> None:
    async with opened(url) as (ring, _):
        old = await ring.create(grant())
        tries = (ring.rotate(old.key.id, "acme", grace=60) for _ in range(5))

        done = await asyncio.gather(*tries, return_exceptions=True)
        listed = await ring.list("acme")

    refused = [error for error in done if isinstance(error, InvalidRequest)]
    assert len(refused) == 4
    assert len(listed) == 2


async def test_a_key_that_is_over_is_not_rotated(url: str) -> None:
    async with opened(url) as (ring, _):
        revoked = await ring.create(grant())
        await ring.revoke(revoked.key.id, None)
        expired = await ring.create(grant(expires=5.0))

        for made in (revoked, expired):
            with pytest.raises(InvalidRequest, match="not valid any more"):
                await ring.rotate(made.key.id, None, grace=60)


async def test_limits_are_known_of_keys_that_were_looked_up(url: str) -> None:
    limits = Limits(requests_per_minute=7)
    async with opened(url) as (ring, _):
        made = await ring.create(grant(limits=limits))
        before = ring.limits(made.key.id)
        await ring.look_up(made.key.id)

        assert ring.limits(made.key.id) == limits
        assert before == ring.limits("key_of_nobody") == Limits()


async def test_origins_are_those_of_widget_keys_that_are_valid(url: str) -> None:
    async with opened(url) as (ring, database):
        await ring.create(grant(kind="widget", origins=("https://a.example",)))
        await ring.create(grant(kind="widget", origins=("https://b.example",)))
        gone = await ring.create(grant(kind="widget", origins=("https://c.example",)))
        await ring.revoke(gone.key.id, None)
        over = {"kind": "widget", "origins": ("https://d.example",), "expires": 5.0}
        await ring.create(grant(**over))

        found = await Keyring(database).origins()

    assert found == {"https://a.example", "https://b.example"}


async def test_that_a_key_was_made_is_known_and_never_forgotten(url: str) -> None:
    async with opened(url) as (ring, database):
        assert not await ring.any_made()
        made = await Keyring(database).create(grant())
        await asyncio.sleep(FRESH)
        assert await ring.any_made()

        await ring.revoke(made.key.id, None)
        async with database.writing() as connection:
            await connection.execute(text("DELETE FROM keys"))
        await asyncio.sleep(FRESH)

        assert await ring.any_made()


async def test_what_every_request_asks_is_asked_of_the_database_once(url: str) -> None:
    asked: list[str] = []

    def note(*told: Any) -> None:
        asked.append(told[2])

    event.listen(Engine, "before_cursor_execute", note)
    async with opened(url) as (ring, _):
        for _ in range(50):
            assert not await ring.any_made()
            assert not await ring.origins()
        made = await ring.create(grant())
        await asyncio.gather(*(ring.look_up(made.key.id) for _ in range(50)))
    event.remove(Engine, "before_cursor_execute", note)

    assert len([statement for statement in asked if "FROM keys" in statement]) == 3


async def test_a_revoked_key_counts_as_one_that_was_made(url: str) -> None:
    async with opened(url) as (ring, database):
        made = await ring.create(grant())
        await ring.revoke(made.key.id, None)

        assert await Keyring(database).any_made()


async def test_the_use_of_a_key_is_noted_by_the_hour_and_once(url: str) -> None:
    async with opened(url) as (ring, _):
        made = await ring.create(grant())
        for _ in range(100):
            ring.note_use(made.key)
        tasks = len(ring._noting)
        await ring.close()

        found = await ring.find(made.key.id, None)

    assert tasks == 1
    assert found.used is not None
    assert found.used % 3600 == 0
    assert 0 <= time.time() - found.used < 7200


async def test_a_key_cannot_be_looked_up_where_the_database_is_away(url: str) -> None:
    settings = DatabaseSettings(url="postgresql://postgres@127.0.0.1:1/none")
    async with open_database(settings) as database:
        ring = Keyring(database)
        for work in (ring.look_up("key_a"), ring.any_made()):
            with pytest.raises(DatabaseUnavailable):
                await work
        assert await ring.origins() == frozenset()
