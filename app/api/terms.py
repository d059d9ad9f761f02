"""On what terms the chat is served: names of models, limits, our own address."""

import asyncio
import re
import secrets
import time

from msgspec import Struct, field

from app.api.request import RequestRules
from app.errors import ModelNotFound
from app.settings import Settings

_HOST = re.compile(r"[A-Za-z0-9.\-_]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")


class Terms(Struct, frozen=True, kw_only=True):
    """What the chat routes need to know besides what answers.

    Attributes:
        models: Names that are listed, the usual one first.
        any_model: Other names are passed on to the upstream.
        created: When the models came to be, in seconds since the epoch.
        public_url: Address people reach the service by; "" takes each request's.
        rules: How requests are checked.
        closing: Set when answers that are still being written must end.
        held_back: Seconds for which a stream's status waits for the upstream's;
            after them the stream begins, and a failure can only be a frame.
        ping: Seconds of silence after which a comment keeps a stream alive.
    """

    models: tuple[str, ...]
    any_model: bool
    created: int
    public_url: str
    rules: RequestRules
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    held_back: float = 8.0
    ping: float = 10.0

    def check_model(self, name: str) -> None:
        """Refuse a model that nobody serves.

        Raises:
            ModelNotFound: There is none of this name.
        """
        if name not in self.models and not self.any_model:
            known = ", ".join(self.models)
            raise ModelNotFound(f"There is no model {name!r}; there is {known}.")

    def address(self, scheme: str, host: str) -> str:
        """Return the address of this service, for links, without a slash at its end.

        Args:
            scheme: The request's, used where no address is set.
            host: Its ``Host`` header; one that is no host is not repeated.
        """
        if self.public_url or not _HOST.fullmatch(host):
            return self.public_url.rstrip("/")
        return f"{scheme}://{host}"


def terms_of(settings: Settings, models: tuple[str, ...]) -> Terms:
    """Return the terms that `settings` name, for a service of `models`."""
    # Pseudonyms stay the same over restarts where there is a secret to make them of.
    secret = settings.upstream.api_key.encode() or secrets.token_bytes(32)
    return Terms(
        models=models,
        any_model=bool(settings.upstream.base_url) and not settings.chat.model,
        created=int(time.time()),
        public_url=settings.server.public_url,
        rules=RequestRules(max_n=settings.chat.max_n, pseudonym_key=secret),
    )
