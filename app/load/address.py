"""The address of a service: as it is asked, and as people may see it. Pure."""

import re
from urllib.parse import urlsplit

from app.errors import LoadImpossible


def base_of(url: str) -> str:
    """Return the base address of a service, without a slash at its end.

    Raises:
        LoadImpossible: It is no address.
    """
    given = url.strip().rstrip("/")
    try:
        parts = urlsplit(given)
        usable = (
            parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        )
    except ValueError:
        usable = False
    if not usable or re.search(r"\s", given) or parts.query or parts.fragment:
        raise LoadImpossible(f"{url!r} is not an address such as http://127.0.0.1:8000")
    return given if parts.path else f"{given}/v1"


def shown(url: str) -> str:
    """Return an address without the password it may hold."""
    return re.sub(r"//[^/@]*@", "//", url)


def has_password(url: str) -> bool:
    """Return whether an address names who is asking."""
    return "@" in urlsplit(url).netloc
