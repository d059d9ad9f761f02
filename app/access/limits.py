"""How much may be asked: the noun that keys carry and ledgers keep to."""

from typing import Annotated

from msgspec import Meta, Struct

_Count = Annotated[int, Meta(ge=0)]


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
    money_per_day: Annotated[float, Meta(ge=0)] = 0.0
    streams: _Count = 0
