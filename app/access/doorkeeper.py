"""Who is asking: a key, a visitor's session, or nobody while there are no keys."""

import hmac
import ipaddress
import logging
import time
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from msgspec import Struct

from app.access import sessions
from app.access.attempts import Attempts
from app.access.keyring import Kept, Keyring
from app.access.keys import Key, digest_of, id_of, new_id
from app.errors import (
    DatabaseUnavailable,
    Forbidden,
    InvalidRequest,
    NotAuthenticated,
    TooManyAttempts,
)
from app.settings import Settings
from ingest.documents import Principal
from ingest.errors import SettingsError

T = TypeVar("T")

OF_VISITORS = frozenset(("chat", "feedback", "conversations"))
"""What may be done in a session; of conversations, only its own are there."""

_WHERE = "Send it as `Authorization: Bearer …` or `x-api-key: …`"
_INVALID = (
    "This key is not valid. Check that it was copied whole, or ask for a new one."
)
_NO_DIGEST = "0" * 64

log = logging.getLogger(__name__)


class Caller(Struct, frozen=True, kw_only=True):
    """What a request tells of who sent it.

    Attributes:
        shown: The key or token in its headers, or "".
        misplaced: Whether its address holds a key.
        address: Where it came from, such as ``192.0.2.7``.
        origin: Origin of the page that sent it, or "".
        host: What the caller takes our name to be, or "".
    """

    shown: str
    misplaced: bool
    address: str
    origin: str
    host: str


class Doorkeeper:
    """Tells who is asking by the keys of a keyring."""

    def __init__(
        self, keyring: Keyring, settings: Settings, *, anybody: Principal
    ) -> None:
        """Look at callers.

        Args:
            keyring: The keys.
            settings: Where the service listens, and how many wrong keys it hears.
            anybody: Who everybody is as long as there are no keys.
        """
        self.keyring = keyring
        self._anybody = anybody
        self._own = is_loopback(settings.server.host)
        self._listens = settings.server.host
        self._public = _name_in(settings.server.public_url)
        self._attempts = Attempts(settings.access.failures)

    async def refuse_unguarded(self) -> bool:
        """Make sure that nobody but this machine reaches a service without keys.

        Returns:
            Whether a key is wanted.

        Raises:
            SettingsError: Others would reach it.
        """
        try:
            guarded = await self.keyring.any_made()
        except DatabaseUnavailable as error:
            # Whoever comes meanwhile is refused: a key cannot be looked up either.
            log.warning("keys: %s", error)
            return True
        if not guarded and not self._own:
            raise SettingsError(
                f"SERVER_HOST: on {self._listens} others would reach a service without "
                "keys: make one with `frontdesk keys create --name …`, or listen on "
                "127.0.0.1"
            )
        return guarded

    async def wants_keys(self) -> bool:
        """Return whether callers need a key; so it is said while nobody can tell."""
        try:
            return not self._own or await self.keyring.any_made()
        except DatabaseUnavailable:
            return True

    async def admit(self, caller: Caller) -> Principal:
        """Return who `caller` is.

        Raises:
            NotAuthenticated: No key was shown, or none that is valid.
            TooManyAttempts: The caller's address showed too many wrong ones.
            Forbidden: The key is for pages of other origins.
            DatabaseUnavailable: The key cannot be looked up.
        """
        if self._own and not await self.keyring.any_made():
            self._refuse_rebound(caller)
            return self._anybody
        if caller.misplaced:
            raise NotAuthenticated(
                f"A key in an address ends up in logs and histories. {_WHERE}, and "
                "make a new one: this one was seen.",
            )
        if not caller.shown:
            message = f"This needs a key. {_WHERE}."
            raise NotAuthenticated(message, code="missing_api_key")
        if sessions.looks_like_token(caller.shown):
            return await self._visitor(caller)
        return await self._holder(caller)

    async def open_session(self, key_id: str, earlier: str) -> tuple[str, str]:
        """Begin a session for the visitor of a page, or go on with an earlier one.

        Args:
            key_id: The widget's key, which was shown.
            earlier: A token of the session to go on with, or "".

        Returns:
            The token, and the id of the session.

        Raises:
            Forbidden: The key is not a widget's.
            InvalidRequest: The earlier session is over for good, or of another key.
        """
        kept = await self.keyring.look_up(key_id) if key_id else None
        if kept is None or kept.key.kind != "widget":
            raise Forbidden("Sessions are opened with a key made for a widget.")
        now = time.time()
        session = new_id("sess_")
        secret = sessions.secret_of(kept.digest, self.keyring.pepper)
        if earlier:
            before = sessions.read(earlier, secret)
            if before is None or before.expires + sessions.CONTINUED <= now:
                message = "This session cannot be continued; begin a new one."
                raise InvalidRequest(message, param="session")
            session = before.id
        return sessions.issue(session, key_id=key_id, secret=secret, now=now), session

    async def _holder(self, caller: Caller) -> Principal:
        digest = digest_of(caller.shown, self.keyring.pepper)

        def proof(kept: Kept | None) -> bool | None:
            # Compared also where there is nothing to compare with: it takes as long.
            same = hmac.compare_digest(digest, kept.digest if kept else _NO_DIGEST)
            return (same and kept is not None) or None

        key, _ = await self._proved(caller, id_of(caller.shown), proof)
        if key.kind == "widget":
            _refuse_elsewhere(key, caller)
        return _principal(key, frozenset(key.scopes))

    async def _visitor(self, caller: Caller) -> Principal:
        def proof(kept: Kept | None) -> sessions.Session | None:
            digest = kept.digest if kept else _NO_DIGEST
            secret = sessions.secret_of(digest, self.keyring.pepper)
            found = sessions.read(caller.shown, secret)
            return found if kept and kept.key.kind == "widget" else None

        named = sessions.key_id_of(caller.shown)
        key, session = await self._proved(caller, named, proof)
        if session.expires <= time.time():
            message = "This session is over; ask for another token."
            raise NotAuthenticated(message, code="expired_api_key")
        _refuse_elsewhere(key, caller)
        return _principal(key, OF_VISITORS, session.id)

    async def _proved(
        self, caller: Caller, id_: str | None, proof: Callable[[Kept | None], T | None]
    ) -> tuple[Key, T]:
        """Return the key of this id and the proof that `caller` holds it."""
        wait = self._attempts.wait(caller.address)
        if wait and proof(self.keyring.recall(id_ or "")) is None:
            raise TooManyAttempts(
                "Too many wrong keys came from this address. Please wait.",
                retry_after=wait,
            )
        kept = await self.keyring.look_up(id_) if id_ else None
        proved = proof(kept)
        if kept is None or proved is None or kept.key.revoked is not None:
            self._attempts.note(caller.address)
            raise NotAuthenticated(_INVALID)
        if kept.key.expired(time.time()):
            message = "This key has expired; ask for a new one."
            raise NotAuthenticated(message, code="expired_api_key")
        self.keyring.note_use(kept.key)
        return kept.key, proved

    def _refuse_rebound(self, caller: Caller) -> None:
        """Refuse a page that made its own name lead to this machine."""
        name = _name_in(f"//{caller.host}")
        if not name or not (is_loopback(name) or name == self._public):
            raise Forbidden(
                "Without keys this service answers to localhost only: set "
                "SERVER_PUBLIC_URL to the name it is reached by, or make a key with "
                "`frontdesk keys create`.",
                code="origin_not_allowed",
            )


def is_loopback(host: str) -> bool:
    """Return whether `host` can only be this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _name_in(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _refuse_elsewhere(key: Key, caller: Caller) -> None:
    # Compared letter by letter: the key's origins are written as browsers send them.
    if caller.origin not in key.origins:
        raise Forbidden(
            "This key is not for this page: its origin is none of the key's.",
            code="origin_not_allowed",
        )


def _principal(key: Key, scopes: frozenset[str], session: str = "") -> Principal:
    return Principal(
        tenant=key.tenant,
        labels=key.labels,
        scopes=scopes,
        key_id=key.id,
        session=session,
    )
