"""How much may be asked: the nouns that keys carry and ledgers keep to. Pure."""

import math
from typing import Literal

from msgspec import Struct

from app.budgets import BILLION, Limits

__all__ = [
    "Amount", "Kind", "LimitName", "Limits", "Refusal", "Standing", "Subject",
    "Verdict", "divided", "overriding",
]  # fmt: skip

Kind = Literal["session", "key", "tenant"]
"""Whose limit it is."""

LimitName = Literal[
    "money_per_day",
    "tokens_per_day",
    "streams",
    "tokens_per_minute",
    "requests_per_minute",
]
"""A field of `Limits`; the one that lasts longest is told first."""

MINUTE = 60.0
DAY = 86_400.0


class Amount(Struct, frozen=True, kw_only=True):
    """How much is asked for, or was taken.

    Attributes:
        requests: Requests.
        tokens: Tokens sent and written.
        money: In billionths of the currency.
        streams: Answers being written.
    """

    requests: int = 0
    tokens: int = 0
    money: int = 0
    streams: int = 0

    @property
    def lasts(self) -> bool:
        """Whether some of it is given back later."""
        return bool(self.tokens or self.money or self.streams)

    def __add__(self, other: "Amount") -> "Amount":
        """Return both together."""
        return Amount(
            requests=self.requests + other.requests,
            tokens=self.tokens + other.tokens,
            money=self.money + other.money,
            streams=self.streams + other.streams,
        )

    def __sub__(self, other: "Amount") -> "Amount":
        """Return what is left without `other`."""
        return Amount(
            requests=self.requests - other.requests,
            tokens=self.tokens - other.tokens,
            money=self.money - other.money,
            streams=self.streams - other.streams,
        )


class Subject(Struct, frozen=True, kw_only=True):
    """Whom limits are kept for.

    Attributes:
        kind: What it is.
        place: Name under which it is counted; one of its own.
        limits: How much it may ask.
    """

    kind: Kind
    place: str
    limits: Limits

    @property
    def money(self) -> int:
        """What it may cost a day, in billionths; 0 is no limit."""
        limit = self.limits.money_per_day
        return max(round(limit * BILLION), 1) if limit else 0

    @property
    def counts_minutes(self) -> bool:
        """Whether a limit of a minute is told with every answer."""
        limits = self.limits
        return bool(limits.requests_per_minute or limits.tokens_per_minute)

    @property
    def counts_tokens(self) -> bool:
        """Whether there is a limit of tokens or money."""
        limits = self.limits
        return bool(
            limits.tokens_per_minute or limits.tokens_per_day or limits.money_per_day
        )

    @property
    def counts_answers(self) -> bool:
        """Whether there is a limit of anything that an answer takes."""
        return self.counts_tokens or bool(self.limits.streams)


class Standing(Struct, frozen=True, kw_only=True):
    """How a limit of a minute stands.

    Attributes:
        limit: The limit.
        remaining: What is left of it.
        reset: Seconds until all of it is there again.
    """

    limit: int
    remaining: int
    reset: float


class Refusal(Struct, frozen=True, kw_only=True):
    """Which limit was reached.

    Attributes:
        limit: The limit.
        subject: Whose it is.
        wait: Seconds after which asking again may help.
    """

    limit: LimitName
    subject: Subject
    wait: float


class Verdict(Struct, frozen=True, kw_only=True):
    """What a ledger says to an amount.

    Attributes:
        refusal: Why nothing of it was granted; None if all of it was.
        requests: The tightest limit of requests a minute, or None without one.
        tokens: The tightest limit of tokens a minute, or None without one.
    """

    refusal: Refusal | None = None
    requests: Standing | None = None
    tokens: Standing | None = None


def overriding(own: Limits, usual: Limits) -> Limits:
    """Return `own` limits, with the usual one wherever there is none of its own."""
    return Limits(
        requests_per_minute=own.requests_per_minute or usual.requests_per_minute,
        tokens_per_minute=own.tokens_per_minute or usual.tokens_per_minute,
        tokens_per_day=own.tokens_per_day or usual.tokens_per_day,
        money_per_day=own.money_per_day or usual.money_per_day,
        streams=own.streams or usual.streams,
    )


def divided(limits: Limits, parts: int) -> Limits:
    """Return one of `parts` equal parts, rounded up, so that none becomes "no limit"."""
    return Limits(
        requests_per_minute=math.ceil(limits.requests_per_minute / parts),
        tokens_per_minute=math.ceil(limits.tokens_per_minute / parts),
        tokens_per_day=math.ceil(limits.tokens_per_day / parts),
        money_per_day=limits.money_per_day / parts,
        streams=math.ceil(limits.streams / parts),
    )
