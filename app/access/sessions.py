"""Tokens of visitors' sessions: signed, short-lived, bound to a key; the jwt door.

A token is signed under a secret made of its key's digest: whoever ends the key ends
its tokens, and nothing about a session is stored.
"""

import hashlib
import hmac
import re

import jwt
from msgspec import Struct

from app.access.keys import is_key_id

SECONDS = 900
"""How long a token is valid."""

CONTINUED = 86_400.0
"""Seconds after its end for which a token can still be changed for a new one."""

_AUDIENCE = "frontdesk-session"
_ALGORITHM = "HS256"
_LONGEST = 1024
_CLAIMS = ["aud", "exp", "iat", "sub"]
_SESSION = re.compile(r"sess_[0-9A-Za-z]{24}")


class Session(Struct, frozen=True, kw_only=True):
    """One visitor's session.

    Attributes:
        id: Names it; whoever holds a token of it sees its conversations.
        expires: When the token ends, in seconds since the epoch.
    """

    id: str
    expires: float


def issue(session: str, *, key_id: str, secret: bytes, now: float) -> str:
    """Return a token for a session, valid for `SECONDS` from `now` on."""
    begun = int(now)
    claims = {"aud": _AUDIENCE, "sub": session, "iat": begun, "exp": begun + SECONDS}
    return jwt.encode(claims, secret, _ALGORITHM, headers={"kid": key_id})


def looks_like_token(text: str) -> bool:
    """Return whether `text` could be a token rather than a key."""
    return text.startswith("ey") and text.count(".") == 2 and len(text) <= _LONGEST


def key_id_of(token: str) -> str | None:
    """Return the id of the key that a token names; nothing vouches for it yet."""
    try:
        named = jwt.get_unverified_header(token).get("kid")
    except jwt.InvalidTokenError:
        return None
    return named if isinstance(named, str) and is_key_id(named) else None


def read(token: str, secret: bytes) -> Session | None:
    """Return the session that `token` is for, also if it is over.

    Returns:
        None unless it is signed under `secret` and says all it must.
    """
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            # What is over may still be continued; whoever asks looks at the time.
            options={"require": _CLAIMS, "verify_exp": False, "verify_iat": False},
        )
    except jwt.InvalidTokenError:
        return None
    begun, ends, session = claims["iat"], claims["exp"], claims["sub"]
    if not (isinstance(begun, int) and isinstance(ends, int)):
        return None
    if not 0 <= ends - begun <= SECONDS or not _SESSION.fullmatch(session):
        return None
    return Session(id=session, expires=float(ends))


def secret_of(digest: str, pepper: str) -> bytes:
    """Return what tokens of the key with this digest are signed under, 32 bytes."""
    under = (pepper or _AUDIENCE).encode()
    return hmac.new(under, b"sessions of " + digest.encode(), hashlib.sha256).digest()
