"""Keys: what they allow, the text a person copies, and the digest that is kept. Pure.

    rk_ 3kZ…  _ Xw81…  9aQx2B
    kind id     secret  checksum

The checksum tells a slip of the pen from a key without asking the database, and lets
scanners of repositories know a key for certain.
"""

import hashlib
import hmac
import re
import secrets
import string
import zlib
from typing import Literal

from msgspec import Struct

from app.access.limits import Limits
from app.access.scopes import Scope

Kind = Literal["secret", "widget"]
"""A secret key is for servers; a widget's may be seen by anybody, and opens sessions."""

DAY = 86_400.0

_PREFIXES: dict[Kind, str] = {"secret": "rk_", "widget": "wk_"}
_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_ID, _SECRET, _CHECKSUM = 24, 43, 6
"""Digits: 24 hold 142 random bits, 43 hold 32 bytes, 6 hold a CRC of 32 bits."""

_TEXT = re.compile(
    rf"[rw]k_([0-9A-Za-z]{{{_ID}}})_[0-9A-Za-z]{{{_SECRET}}}([0-9A-Za-z]{{{_CHECKSUM}}})"
)
_KEY_ID = re.compile(rf"key_[0-9A-Za-z]{{{_ID}}}")


class Grant(Struct, frozen=True, kw_only=True):
    """What a new key is to allow.

    Attributes:
        tenant: Whose documents and conversations it opens.
        name: What people call it.
        kind: For a server, or for a widget on a page.
        scopes: What may be done with it.
        labels: Access labels it holds.
        origins: Pages a widget's key works on, such as ``https://example.com``.
        limits: How much may be asked with it, besides what holds for everybody.
        expires: Seconds since the epoch, or None for never.
    """

    tenant: str
    name: str
    kind: Kind = "secret"
    scopes: tuple[Scope, ...] = ()
    labels: tuple[str, ...] = ("public",)
    origins: tuple[str, ...] = ()
    limits: Limits = Limits()
    expires: float | None = None


class Key(Grant, frozen=True, kw_only=True):
    """A key that was made. Its secret is not kept, and its digest is not part of it.

    Times are seconds since the epoch.

    Attributes:
        id: ``key_`` and the digits that its text begins with.
        created: When it was made.
        revoked: When it was revoked, or None.
        used: Hour in which it was last seen, or None.
        replaces: Id of the key that it takes over from, or None.
    """

    id: str
    created: float
    revoked: float | None = None
    used: float | None = None
    replaces: str | None = None

    def expired(self, now: float) -> bool:
        """Return whether its time is over."""
        return self.expires is not None and self.expires <= now


def new_id(prefix: str) -> str:
    """Return `prefix` and 24 random digits; nobody can guess it."""
    return prefix + "".join(secrets.choice(_DIGITS) for _ in range(_ID))


def new_text(kind: Kind) -> str:
    """Return the text of a new key; nobody can guess it."""
    number = int.from_bytes(secrets.token_bytes(32))
    text = f"{new_id(_PREFIXES[kind])}_{_base62(number, _SECRET)}"
    return text + _checksum(text)


def id_of(text: str) -> str | None:
    """Return the id of the key with this text, or None if there can be no such key."""
    found = _TEXT.fullmatch(text)
    if not found or not hmac.compare_digest(found[2], _checksum(text[:-_CHECKSUM])):
        return None
    return f"key_{found[1]}"


def is_key_id(text: str) -> bool:
    """Return whether a key could have this id."""
    return _KEY_ID.fullmatch(text) is not None


def digest_of(text: str, pepper: str) -> str:
    """Return what is kept of a key's text: 64 hex digits.

    Args:
        text: All of it. A key has 256 random bits, so that no slow hash is needed.
        pepper: Secret of the service to hash it under, or "".
    """
    if pepper:
        return hmac.new(pepper.encode(), text.encode(), hashlib.sha256).hexdigest()
    return hashlib.sha256(text.encode()).hexdigest()


def _checksum(text: str) -> str:
    return _base62(zlib.crc32(text.encode()), _CHECKSUM)


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
