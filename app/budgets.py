"""Settings of what may be asked, what it costs, and where it is counted."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from ingest.errors import SettingsError

_Count = Annotated[int, Meta(ge=0)]
_Money = Annotated[float, Meta(ge=0, le=9_000_000)]
_PerMillion = Annotated[float, Meta(ge=0, le=1_000_000)]

BILLION = 1_000_000_000
"""Money is counted in billionths of the price table's currency."""

ANY_MODEL = "*"
"""Name of the row of the price table for every model without a row."""


class Limits(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How much one key, tenant or session may ask; 0 is no limit.

    Attributes:
        requests_per_minute: Requests of any kind.
        tokens_per_minute: Tokens sent to the upstream and written by it.
        tokens_per_day: The same, in a day of UTC.
        money_per_day: What these cost, in the currency of the price table.
        streams: Answers being written at the same time.
    """

    requests_per_minute: _Count = 0
    tokens_per_minute: _Count = 0
    tokens_per_day: _Count = 0
    money_per_day: _Money = 0.0
    streams: _Count = 0


class KeyLimits(Limits, frozen=True, kw_only=True, omit_defaults=True):
    """What a key may ask that says nothing else (``KEY_LIMIT_…``); 0 is no limit."""

    streams: _Count = 8


class TenantLimits(Limits, frozen=True, kw_only=True, omit_defaults=True):
    """What all keys of a tenant may ask together (``TENANT_LIMIT_…``)."""


class SessionLimits(Limits, frozen=True, kw_only=True, omit_defaults=True):
    """What a visitor's session may ask (``SESSION_LIMIT_…``); 0 is no limit."""

    requests_per_minute: _Count = 20
    streams: _Count = 2


class LimitsSettings(Struct, frozen=True, kw_only=True):
    """How limits are kept (``LIMITS_…``).

    Attributes:
        replicas: Services that share the limits: while Redis is down, each keeps to
            its part of them.
        lease: Seconds after which what a dead process had reserved is free again.
    """

    replicas: Annotated[int, Meta(ge=1, le=10_000)] = 1
    lease: Annotated[float, Meta(ge=1, le=3600)] = 60.0


class RedisSettings(Struct, frozen=True, kw_only=True):
    """Where services count limits together (``REDIS_…``).

    Attributes:
        url: ``redis://host:port/number`` and the like; "" counts in each process.
        timeout: Seconds one count may take.
        prefix: What the names of all keys begin with.
    """

    url: Annotated[str, Meta(pattern="^((rediss?|unix)://.+)?$")] = ""
    timeout: Annotated[float, Meta(gt=0)] = 0.05
    prefix: Annotated[str, Meta(pattern="^[A-Za-z0-9_.:-]+$")] = "frontdesk"


class PriceSettings(Struct, frozen=True, kw_only=True):
    """What models cost (``PRICE_…``).

    Attributes:
        table: JSON by name of the model, in money for a million tokens, such as
            ``{"gpt-4o-mini": {"input": 0.15, "cached": 0.075, "output": 0.6}}``;
            the name ``*`` means every other model.
    """

    table: str = ""


class Price(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a million tokens of a model cost.

    Attributes:
        input: Tokens sent.
        output: Tokens written.
        cached: Tokens sent that the upstream had cached; None costs as `input`.
    """

    input: _PerMillion
    output: _PerMillion
    cached: _PerMillion | None = None


def price_table(settings: PriceSettings) -> dict[str, Price]:
    """Return the price of each model that has one, by its name.

    Raises:
        SettingsError: It is no JSON object, or the row of a model is none; the
            message names the model.
    """
    if not settings.table.strip():
        return {}
    try:
        rows = msgspec.json.decode(settings.table, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError as error:
        raise SettingsError(
            f"PRICE_TABLE: {error}; it is one JSON object, by name of the model"
        ) from error
    return {model: _price(model, row) for model, row in rows.items()}


def _price(model: str, row: msgspec.Raw) -> Price:
    try:
        return msgspec.json.decode(row, type=Price)
    except msgspec.DecodeError as error:
        raise SettingsError(f"PRICE_TABLE: {model}: {error}") from error
