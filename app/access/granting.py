"""What a new key may be: names, scopes, labels and origins that are well-formed. Pure."""

import ipaddress
import re

from msgspec import structs

from app.access.keys import Grant
from app.access.scopes import Scope
from app.errors import InvalidRequest

USUAL: tuple[Scope, ...] = ("chat", "retrieve", "conversations", "feedback")
"""Scopes of a key for which none are named: what a help desk needs, and no more."""

_MOST_ORIGINS = 100
_MOST_LABELS = 100
_LONGEST = 200

_ORIGIN = re.compile(
    r"https?://(?P<host>[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(:(?P<port>[1-9]\d{0,4}))?"
)
_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
_USUAL_PORTS = {"http": 80, "https": 443}


def checked(grant: Grant, *, now: float) -> Grant:
    """Return `grant` with what it leaves open filled in.

    Args:
        grant: What somebody asks for.
        now: Seconds since the epoch.

    Raises:
        InvalidRequest: There can be no such key; `param` names what is wrong.
    """
    _check_word(grant.tenant, "tenant")
    _check_word(grant.name, "name")
    if not 1 <= len(grant.labels) <= _MOST_LABELS:
        raise InvalidRequest(f"Give 1 to {_MOST_LABELS} labels.", param="labels")
    for label in grant.labels:
        _check_word(label, "labels")
    if grant.expires is not None and grant.expires <= now:
        raise InvalidRequest("A key cannot expire in the past.", param="expires")
    return _of_widget(grant) if grant.kind == "widget" else _of_server(grant)


def is_origin(text: str) -> bool:
    """Return whether a browser sends `text`, as it stands, as the origin of a page."""
    found = _ORIGIN.fullmatch(text)
    if not found:
        return False
    port = int(found["port"] or 0)
    scheme = text.partition(":")[0]
    return port <= 65535 and port != _USUAL_PORTS[scheme] and _is_host(found["host"])


def _is_host(host: str) -> bool:
    if host.startswith("["):
        return _is_address(host[1:-1], ipaddress.IPv6Address)
    last = host.rpartition(".")[2]
    if _NUMBER.fullmatch(last):
        return _is_address(host, ipaddress.IPv4Address)
    return all(_NAME.fullmatch(part) for part in host.split("."))


def _is_address(
    text: str, kind: type[ipaddress.IPv4Address] | type[ipaddress.IPv6Address]
) -> bool:
    try:
        return str(kind(text)) == text
    except ValueError:
        return False


def _of_widget(grant: Grant) -> Grant:
    if grant.scopes not in ((), ("session",)):
        message = "A widget's key opens sessions and nothing else: name no scopes."
        raise InvalidRequest(message, param="scopes")
    if not 1 <= len(grant.origins) <= _MOST_ORIGINS:
        message = f"A widget's key needs 1 to {_MOST_ORIGINS} origins."
        raise InvalidRequest(message, param="origins")
    for origin in grant.origins:
        if not is_origin(origin):
            raise InvalidRequest(
                f"{origin[:_LONGEST]!r} is no origin: write it as browsers send it, such "
                "as https://help.example.com or http://localhost:8080, in small "
                "letters and without a path.",
                param="origins",
            )
    return structs.replace(grant, scopes=("session",))


def _of_server(grant: Grant) -> Grant:
    if grant.origins:
        message = "Only a widget's key has origins."
        raise InvalidRequest(message, param="origins")
    if "session" in grant.scopes:
        message = "Only a widget's key has the scope session."
        raise InvalidRequest(message, param="scopes")
    return structs.replace(grant, scopes=grant.scopes or USUAL)


def _check_word(text: str, param: str) -> None:
    # What PostgreSQL cannot hold or a terminal would obey is in nobody's name.
    plain = text.isprintable() and text.strip()
    if not plain or len(text) > _LONGEST:
        message = f"`{param}` must be 1 to {_LONGEST} printable characters."
        raise InvalidRequest(message, param=param)
