"""Keys in the database: made, listed, revoked, rotated; remembered for a moment.

A revoked key's row stays: once there was a key, the service is never open again.
"""

import asyncio
import logging
import time
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Row,
    exists,
    insert,
    or_,
    select,
    true,
    update,
)

from app.access.keys import Grant, Key, digest_of, id_of, is_key_id, new_text
from app.access.limits import Limits
from app.access.remembered import Remembered
from app.database.engine import Database
from app.database.retrying import tried_again
from app.database.tables import keys
from app.errors import DatabaseUnavailable, InvalidRequest, NotFound

FRESH = 3.0
"""Seconds for which what was read is believed: a revoked key ends within 5 s."""

_REMEMBERED = 10_000
_LISTED = 1000
_HOUR = 3600.0
_NONE = "There is no such key."
_PACKED = ("scopes", "labels", "origins", "limits")

log = logging.getLogger(__name__)


class Made(Struct, frozen=True):
    """A key that was made just now.

    Attributes:
        key: The key.
        text: What its holder shows; it cannot be told again.
    """

    key: Key
    text: str


class Kept(Struct, frozen=True):
    """What is kept of a key.

    Attributes:
        key: The key.
        digest: Digest of its text, 64 hex digits; it never leaves the service.
    """

    key: Key
    digest: str


class Keyring:
    """The keys of a database."""

    def __init__(self, database: Database, *, pepper: str = "") -> None:
        """Keep keys in `database`, hashed under `pepper` unless that is ""."""
        self.pepper = pepper
        self._database = database
        self._kept = Remembered(self._read, seconds=FRESH, most=_REMEMBERED)
        self._origins = Remembered(self._read_origins, seconds=FRESH, most=1)
        self._any = Remembered(self._read_any, seconds=FRESH, most=1)
        self._made = self._read_before = False
        self._used: dict[str, float] = {}
        self._noting: set[asyncio.Task[None]] = set()

    @tried_again
    async def create(self, grant: Grant) -> Made:
        """Make a key.

        Raises:
            DatabaseUnavailable: Nothing was made.
        """
        made = _made(grant, now=time.time())
        async with self._database.writing() as connection:
            await connection.execute(insert(keys).values(self._row(made)))
        return made

    async def list(self, tenant: str | None) -> list[Key]:
        """Return the keys of `tenant`, or of all if None: the 1,000 newest, newest first."""
        wanted = (
            select(keys)
            .where(_of(tenant))
            .order_by(keys.c.created.desc(), keys.c.id)
            .limit(_LISTED)
        )
        async with self._database.reading() as connection:
            return [_key(row) for row in await connection.execute(wanted)]

    async def find(self, id_: str, tenant: str | None) -> Key:
        """Return the key of this id.

        Raises:
            NotFound: There is none, or not in `tenant`.
        """
        wanted = select(keys).where(*_mine(id_, tenant))
        async with self._database.reading() as connection:
            row = (await connection.execute(wanted)).one_or_none()
        return _key(_found(row))

    @tried_again
    async def revoke(self, id_: str, tenant: str | None) -> Key:
        """End a key now; one that was revoked before stays as it is.

        Raises:
            NotFound: There is none, or not in `tenant`.
        """
        mine = _mine(id_, tenant)
        ending = update(keys).where(*mine, keys.c.revoked.is_(None))
        async with self._database.writing() as connection:
            await connection.execute(ending.values(revoked=time.time()))
            row = (await connection.execute(select(keys).where(*mine))).one_or_none()
        self._kept.forget(id_)
        self._origins.forget("")
        return _key(_found(row))

    @tried_again
    async def rotate(self, id_: str, tenant: str | None, *, grace: float) -> Made:
        """Make a key with the rights of another, which ends `grace` seconds from now.

        Raises:
            NotFound: There is none, or not in `tenant`.
            InvalidRequest: It is over, or was rotated before.
        """
        now = time.time()
        wanted = select(keys).where(*_mine(id_, tenant)).with_for_update()
        async with self._database.writing() as connection:
            old = _key(_found((await connection.execute(wanted)).one_or_none()))
            after = select(keys.c.id).where(keys.c.replaces == id_)
            _refuse_over(old, (await connection.execute(after)).scalar(), now)
            made = _made(_renewed(old, now), now=now, replaces=id_)
            await connection.execute(insert(keys).values(self._row(made)))
            ends = min(now + grace, old.expires or now + grace)
            ending = update(keys).where(keys.c.id == id_).values(expires=ends)
            await connection.execute(ending)
        self._kept.forget(id_)
        return made

    async def look_up(self, id_: str) -> Kept | None:
        """Return what is kept of the key of this id, at most `FRESH` seconds old."""
        return await self._kept.get(id_)

    def recall(self, id_: str) -> Kept | None:
        """Return what was read of this key last, without asking the database."""
        return self._kept.recall(id_)

    def limits(self, id_: str) -> Limits:
        """Return the limits of a key that was looked up; none for another one."""
        kept = self.recall(id_)
        return kept.key.limits if kept else Limits()

    async def origins(self) -> frozenset[str]:
        """Return the origins of all widget keys that are valid, as far as is known."""
        try:
            return await self._origins.get("") or frozenset()
        except DatabaseUnavailable:
            # What is asked for is refused anyhow; their pages shall read why.
            return self._origins.recall("") or frozenset()

    async def any_made(self) -> bool:
        """Return whether a key was ever made, valid or not; true stays true.

        Raises:
            DatabaseUnavailable: It cannot be read, and never was.
        """
        if not self._made:
            try:
                self._made = bool(await self._any.get(""))
            except DatabaseUnavailable:
                # While it is away nobody makes the first key either.
                if not self._read_before:
                    raise
            self._read_before = True
        return self._made

    def note_use(self, key: Key) -> None:
        """Write down, some time, the hour in which `key` is used."""
        hour = time.time() // _HOUR * _HOUR
        if max(self._used.get(key.id, 0.0), key.used or 0.0) >= hour:
            return
        if len(self._used) >= _REMEMBERED:
            self._used.clear()
        self._used[key.id] = hour
        noting = asyncio.create_task(self._write_use(key.id, hour))
        self._noting.add(noting)
        noting.add_done_callback(self._noting.discard)

    async def close(self) -> None:
        """Wait for what is being written down."""
        if self._noting:
            await asyncio.wait(self._noting)

    async def _write_use(self, id_: str, hour: float) -> None:
        older = or_(keys.c.used.is_(None), keys.c.used < hour)
        noting = update(keys).where(keys.c.id == id_, older).values(used=hour)
        try:
            async with self._database.writing() as connection:
                await connection.execute(noting)
        except DatabaseUnavailable as error:
            log.info("the hour of a key's use was not noted: %s", error)

    async def _read(self, id_: str) -> Kept | None:
        async with self._database.reading() as connection:
            wanted = select(keys).where(keys.c.id == id_)
            row = (await connection.execute(wanted)).one_or_none()
        return Kept(_key(row), row.digest) if row is not None else None

    async def _read_origins(self, _: str) -> frozenset[str]:
        now = time.time()
        valid = or_(keys.c.expires.is_(None), keys.c.expires > now)
        wanted = select(keys.c.origins).where(
            keys.c.kind == "widget", keys.c.revoked.is_(None), valid
        )
        async with self._database.reading() as connection:
            found = (await connection.execute(wanted)).scalars()
            return frozenset(o for listed in found for o in msgspec.json.decode(listed))

    async def _read_any(self, _: str) -> bool:
        async with self._database.reading() as connection:
            wanted = select(exists(select(keys.c.id)))
            return bool((await connection.execute(wanted)).scalar())

    def _row(self, made: Made) -> dict[str, Any]:
        row = msgspec.structs.asdict(made.key)
        packed = {name: msgspec.json.encode(row[name]).decode() for name in _PACKED}
        return row | packed | {"digest": digest_of(made.text, self.pepper)}


def _of(tenant: str | None) -> ColumnElement[bool]:
    return true() if tenant is None else keys.c.tenant == tenant


def _mine(id_: str, tenant: str | None) -> tuple[ColumnElement[bool], ...]:
    """Return what picks the key of this id in `tenant`.

    Raises:
        NotFound: No key could have this id; a database might not even hold it.
    """
    if not is_key_id(id_):
        raise NotFound(_NONE)
    return keys.c.id == id_, _of(tenant)


def _made(grant: Grant, *, now: float, replaces: str | None = None) -> Made:
    text = new_text(grant.kind)
    id_ = id_of(text)
    rights = msgspec.structs.asdict(grant)
    return Made(Key(**rights, id=str(id_), created=now, replaces=replaces), text)


def _renewed(old: Key, now: float) -> Grant:
    """Return the rights of `old`, for as long a time as it had."""
    names = Grant.__struct_fields__
    rights = {name: getattr(old, name) for name in names}
    if old.expires is not None:
        rights["expires"] = now + (old.expires - old.created)
    return Grant(**rights)


def _refuse_over(old: Key, successor: str | None, now: float) -> None:
    if successor is not None:
        raise InvalidRequest(f"{old.id} was rotated before: {successor} takes over.")
    if old.revoked is not None or old.expired(now):
        raise InvalidRequest(f"{old.id} is not valid any more; make a new key.")


def _found(row: "Row[Any] | None") -> "Row[Any]":
    if row is None:
        raise NotFound(_NONE)
    return row


def _key(row: "Row[Any]") -> Key:
    found = {name: getattr(row, name) for name in Key.__struct_fields__}
    unpacked = {name: msgspec.json.decode(found[name]) for name in _PACKED}
    return msgspec.convert(found | unpacked, Key)
