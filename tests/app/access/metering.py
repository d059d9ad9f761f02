"""Meters for tests: real ones, over a ledger in this process."""

from collections.abc import Mapping
from typing import Any

import msgspec

from app.access.ledger import LocalLedger
from app.access.limits import Limits
from app.access.meter import Meter
from app.settings import load_settings
from ingest.documents import Principal

CALLER = Principal(tenant="acme", labels=("public",), key_id="k1")
NOBODY = Principal(tenant="acme", labels=("public",))
PRICES = '{"m": {"input": 1, "cached": 0.5, "output": 4}}'


def meter(own: Mapping[str, Any] | None = None, **variables: str) -> Meter:
    """Return a meter; `own` are the limits of key k1."""
    limits = msgspec.convert(own or {}, Limits)
    settings = load_settings({"KEY_LIMIT_STREAMS": "0", **variables})
    return Meter(
        LocalLedger(settings.limits.lease),
        settings,
        lambda key_id: limits if key_id == "k1" else Limits(),
    )
