"""Ids that nobody can guess and that tell nothing. Pure but for chance."""

import secrets
import string

_LETTERS = string.ascii_letters + string.digits


def new_id(prefix: str) -> str:
    """Return `prefix` and 24 random base62 digits, 142 bits of chance."""
    return prefix + "".join(secrets.choice(_LETTERS) for _ in range(24))
