"""A call of one tenant at what another has, and the usual ways to make one."""

import random
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct, field

from tests.isolation.desk import Party

JSON = dict[str, Any]


class Call(Struct, frozen=True, kw_only=True):
    """One request.

    Attributes:
        method: HTTP method.
        path: Path with its query.
        body: JSON to send, or None.
        headers: Besides who asks.
        foreign: It names something of another tenant: the answer must be 404.
        session: It is sent in a visitor's session instead of with the secret key.
        widget: It is sent with the widget's key instead.
    """

    method: str
    path: str
    body: JSON | None = None
    headers: dict[str, str] = field(default_factory=dict)
    foreign: bool = False
    session: bool = False
    widget: bool = False


Attack = Callable[[Party, Party, random.Random], Call]
"""Makes a call of the first party at what the second has."""


def at(
    method: str,
    path: str,
    what: str,
    body: JSON | None = None,
    *,
    session: bool = False,
) -> Attack:
    """Return an attack on a path that holds an id."""

    def attack(_: Party, victim: Party, dice: random.Random) -> Call:
        return Call(
            method=method,
            path=path.format(victim.ids[what]),
            body=body,
            foreign=True,
            session=session,
        )

    return attack


def plain(
    method: str, path: str, body: JSON | None = None, *, session: bool = False
) -> Attack:
    """Return a call that names nobody's thing: what it tells must be one's own."""
    return lambda _me, _victim, _dice: Call(
        method=method, path=path, body=body, session=session
    )


def both(
    method: str, path: str, what: str, body: JSON | None = None
) -> Sequence[Attack]:
    """Return attacks on another's id with a key, in a session, and on one's own in it.

    What a tenant's key may see of its conversations, a visitor of it may not.
    """

    def visiting(me: Party, _: Party, dice: random.Random) -> Call:
        return Call(
            method=method,
            path=path.format(me.ids[what]),
            body=body,
            foreign=True,
            session=True,
        )

    return (
        at(method, path, what, body),
        at(method, path, what, body, session=True),
        visiting,
    )


def of_user(method: str, path: str) -> Attack:
    """Return a call that names a user of another tenant."""
    return lambda _me, victim, _dice: Call(
        method=method, path=path.format(victim.ids["user"])
    )
