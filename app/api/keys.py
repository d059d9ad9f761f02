"""Keys of the caller's own tenant: made, listed, revoked, rotated.

Whoever may do this may grant every scope and every label of the tenant, and nothing
of another tenant's.
"""

import time
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from app.access.doorkeeper import Doorkeeper
from app.access.granting import checked
from app.access.keyring import Made
from app.access.keys import DAY, Grant, Key, Kind
from app.access.limits import Limits
from app.access.scopes import Scope
from app.api.body import decode
from app.api.idempotency import refuse_key
from ingest.documents import Principal

_ADMIN: tuple[Scope, ...] = ("admin",)
_Words = Annotated[tuple[str, ...], Meta(max_length=100)]


class KeyLimits(Limits, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much may be asked with a key; 0 is no limit besides everybody's."""


class KeyRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a new key is to be.

    Attributes:
        name: What people call it.
        kind: For a server, or for a widget on a page.
        scopes: What may be done with it; without any, what a help desk needs.
        labels: Access labels it holds; without any, the caller's.
        origins: Pages a widget's key works on.
        limits: How much may be asked with it.
        expires_in_days: Days from now, or null for never.
    """

    name: str
    kind: Kind = "secret"
    scopes: tuple[Scope, ...] = ()
    labels: _Words = ()
    origins: _Words = ()
    limits: KeyLimits = KeyLimits()
    expires_in_days: Annotated[float, Meta(gt=0, le=36_500)] | None = None


class RotateRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a key is rotated.

    Attributes:
        grace_hours: Hours for which the old key stays valid.
    """

    grace_hours: Annotated[float, Meta(ge=0, le=8760)] = 24.0


class KeyShown(Struct, frozen=True, kw_only=True):
    """A key, without what would let anybody use it.

    Times are whole seconds since the epoch, or null for never.

    Attributes:
        id: Its id.
        object: Always "key".
        name: What people call it.
        kind: For a server, or for a widget on a page.
        scopes: What may be done with it.
        labels: Access labels it holds.
        origins: Pages a widget's key works on.
        limits: How much may be asked with it.
        created: When it was made.
        expires: When it ends.
        revoked: When it was revoked.
        used: Hour in which it was last seen.
        replaces: Id of the key that it takes over from, or null.
    """

    id: str
    object: str = "key"
    name: str
    kind: Kind
    scopes: tuple[str, ...]
    labels: tuple[str, ...]
    origins: tuple[str, ...]
    limits: Limits
    created: int
    expires: int | None
    revoked: int | None
    used: int | None
    replaces: str | None


class KeyMade(KeyShown, frozen=True, kw_only=True):
    """A key that was made just now.

    Attributes:
        key: What its holder shows; it cannot be told again.
    """

    key: str


class KeyList(Struct, frozen=True, kw_only=True):
    """The keys of a tenant, newest first.

    Attributes:
        object: Always "list".
        data: The keys.
    """

    object: str = "list"
    data: tuple[KeyShown, ...]


@post(
    "/v1/keys",
    status_code=200,
    summary="Make a key",
    scopes=_ADMIN,
    before_request=refuse_key,
)
async def create_key(
    request: Request[Any, Any, Any],
    doorkeeper: NamedDependency[Doorkeeper],
    principal: NamedDependency[Principal],
) -> Response[KeyMade]:
    """Make a key of the caller's tenant; its text is told this once."""
    asked = await decode(request, KeyRequest)
    now = time.time()
    days = asked.expires_in_days
    grant = Grant(
        tenant=principal.tenant,
        name=asked.name,
        kind=asked.kind,
        scopes=tuple(dict.fromkeys(asked.scopes)),
        labels=tuple(dict.fromkeys(asked.labels)) or principal.labels,
        origins=tuple(dict.fromkeys(asked.origins)),
        limits=Limits(**msgspec.structs.asdict(asked.limits)),
        expires=None if days is None else now + days * DAY,
    )
    return _told(await doorkeeper.keyring.create(checked(grant, now=now)))


@get("/v1/keys", summary="List the keys", scopes=_ADMIN)
async def list_keys(
    doorkeeper: NamedDependency[Doorkeeper], principal: NamedDependency[Principal]
) -> KeyList:
    """Return the newest 1,000 keys of the caller's tenant, revoked ones as well."""
    found = await doorkeeper.keyring.list(principal.tenant)
    return KeyList(data=tuple(KeyShown(**_shown(key)) for key in found))


@delete("/v1/keys/{key_id:str}", status_code=200, summary="Revoke a key", scopes=_ADMIN)
async def revoke_key(
    key_id: FromPath[str],
    doorkeeper: NamedDependency[Doorkeeper],
    principal: NamedDependency[Principal],
) -> KeyShown:
    """End a key; within 5 seconds no replica takes it any more."""
    return KeyShown(**_shown(await doorkeeper.keyring.revoke(key_id, principal.tenant)))


@post(
    "/v1/keys/{key_id:str}/rotate",
    status_code=200,
    summary="Rotate a key",
    scopes=_ADMIN,
    before_request=refuse_key,
)
async def rotate_key(
    key_id: FromPath[str],
    request: Request[Any, Any, Any],
    doorkeeper: NamedDependency[Doorkeeper],
    principal: NamedDependency[Principal],
) -> Response[KeyMade]:
    """Make a key with the same rights; the old one ends after a while."""
    asked = await decode(request, RotateRequest)
    grace = asked.grace_hours * 3600
    return _told(await doorkeeper.keyring.rotate(key_id, principal.tenant, grace=grace))


def _told(made: Made) -> Response[KeyMade]:
    told = KeyMade(key=made.text, **_shown(made.key))
    return Response(told, headers={"cache-control": "no-store"})


def _shown(key: Key) -> dict[str, Any]:
    shown = msgspec.structs.asdict(key)
    del shown["tenant"]
    for name in ("created", "expires", "revoked", "used"):
        shown[name] = None if shown[name] is None else int(shown[name])
    return shown


routes = (create_key, list_keys, revoke_key, rotate_key)
