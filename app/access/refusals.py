"""How a reached limit is told: which one, whose, and when to ask again.

Callers learn of no number: the tokens of a tenant tell what its other keys asked.
"""

from app import metrics
from app.access.limits import Amount, LimitName, Refusal, Subject
from app.errors import LimitReached, QuotaSpent

_WHAT: dict[LimitName, str] = {
    "requests_per_minute": "requests a minute",
    "tokens_per_minute": "tokens a minute",
    "tokens_per_day": "tokens a day",
    "money_per_day": "money a day",
    "streams": "answers at the same time",
}

_STREAM_SECONDS = 2.0
"""Seconds to wait for an answer that is being written to end."""

_HELD_SECONDS = 1.0
"""Seconds to wait for what running answers hold and may give back."""


def refusal_error(refusal: Refusal, amount: Amount) -> LimitReached:
    """Return the error that tells a refusal of `amount`, and count it."""
    metrics.LIMIT_REFUSALS.labels(refusal.limit, refusal.subject.kind).inc()
    limit, whose = refusal.limit, f"this {refusal.subject.kind}"
    what = _WHAT[limit]
    if limit == "streams":
        return LimitReached(
            f"The limit of {what} of {whose} is reached. Please try again when one "
            "of them has ended.",
            retry_after=_STREAM_SECONDS,
            code="concurrency_limit_exceeded",
        )
    if _never_fits(refusal, amount):
        said = (
            f"This question and its answer may take {amount.tokens} tokens, more than "
            f"the limit of {what} of {whose} allows for one. Please shorten it, or ask "
            "for fewer tokens."
        )
        if limit == "tokens_per_minute":
            return LimitReached(said, retry_after=refusal.wait, retry=False)
        return QuotaSpent(said, retry_after=refusal.wait)
    if limit in ("tokens_per_day", "money_per_day"):
        return QuotaSpent(
            f"The limit of {what} of {whose} leaves no room for this until midnight UTC.",
            retry_after=refusal.wait,
        )
    return LimitReached(
        f"The limit of {what} of {whose} is reached. Please try again a little later.",
        retry_after=refusal.wait or _HELD_SECONDS,
    )


def unpriced(subject: Subject, model: str, *, wait: float) -> QuotaSpent:
    """Return the error that tells of a limit of money and a model without a price."""
    return QuotaSpent(
        f"There is a limit of money a day of this {subject.kind}, and the model "
        f"{model!r} has no price: the operator of this service must name one.",
        retry_after=wait,
    )


def _never_fits(refusal: Refusal, amount: Amount) -> bool:
    limits = refusal.subject.limits
    if refusal.limit == "tokens_per_minute":
        return amount.tokens > limits.tokens_per_minute
    return refusal.limit == "tokens_per_day" and amount.tokens > limits.tokens_per_day
