"""Reads one address of the completions API: where it is, and who asks. Pure."""

import base64
from urllib.parse import SplitResult, unquote, urlsplit

from msgspec import Struct

from ingest.errors import SettingsError


class Address(Struct, frozen=True):
    """One address.

    Attributes:
        url: The address without user and password, which may be shown.
        headers: What says who asks, where the address does.
    """

    url: str
    headers: dict[str, str]


def address_of(text: str) -> Address:
    """Read an address.

    A user and a password in it are sent as HTTP's basic authentication, which takes
    the place of a key: a request has one ``Authorization``.

    Args:
        text: An address as ``OPENAI_BASE_URL`` has it, percent-encoded.

    Raises:
        SettingsError: No request can go there; the message does not quote it, for it
            may hold a password.
    """
    try:
        parts = urlsplit(text)
        _require_host(parts)
    except ValueError:
        raise SettingsError(
            "OPENAI_BASE_URL: no address with a host and a port; percent-encode what "
            "is special in a user or a password"
        ) from None
    user, at, host = parts.netloc.rpartition("@")
    url = parts._replace(netloc=host).geturl()
    return Address(url, _authorization(user) if at else {})


def _require_host(parts: SplitResult) -> None:
    """Raise ValueError unless there is a host that can be looked up."""
    # Labels may be too long, or empty; the HTTP client finds out as it asks.
    (parts.hostname or ".").removesuffix(".").encode("idna")
    if not parts.hostname or parts.port == 0:
        raise ValueError(parts.netloc)


def _authorization(user: str) -> dict[str, str]:
    said = ":".join(unquote(part) for part in user.partition(":")[::2])
    encoded = base64.b64encode(said.encode()).decode("ascii")
    return {"Authorization": f"Basic {encoded}"}
