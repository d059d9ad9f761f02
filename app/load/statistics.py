"""Exchanges in numbers. Pure functions."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from app.load.runs import Exchange, Figures, Quantile, Spread

_Z = 1.96
"""Standard deviations that hold 95 % of a normal distribution on both sides."""


def quantile(ordered: Sequence[float], share: float) -> Quantile:
    """Return a quantile with its 95 % interval, whatever the distribution is.

    Args:
        ordered: Values in ascending order, at least one.
        share: Share of the values that lie below, in [0, 1].

    Returns:
        ``low <= value <= high``, each within the values given.

    Source:
        Conover, "Practical Nonparametric Statistics", 3rd ed., section 3.2: the
        ranks of the ends follow from the binomial distribution, approximated by the
        normal one. Close to the ends of a small sample the interval is the sample's.
    """
    count = len(ordered)
    value = float(np.quantile(np.asarray(ordered), share))
    spread = _Z * math.sqrt(count * share * (1 - share))
    low = max(math.floor(count * share - spread) - 1, 0)
    high = min(math.ceil(count * share + spread), count - 1)
    return Quantile(
        value=value, low=min(ordered[low], value), high=max(ordered[high], value)
    )


def spread(values: Iterable[float]) -> Spread | None:
    """Return how `values` spread, or None if there are none."""
    ordered = sorted(values)
    if not ordered:
        return None
    return Spread(
        count=len(ordered),
        mean=math.fsum(ordered) / len(ordered),
        p50=quantile(ordered, 0.5),
        p95=quantile(ordered, 0.95),
        p99=quantile(ordered, 0.99),
        most=ordered[-1],
    )


def most_live(exchanges: Iterable[Exchange]) -> int:
    """Return how many exchanges were live at once, at most."""
    steps = sorted(
        step for e in exchanges for step in ((e.began, 1), (e.ended, -1))
    )  # an end before a beginning of the same moment
    live = most = 0
    for _, change in steps:
        live += change
        most = max(most, live)
    return most


def figures(exchanges: Sequence[Exchange]) -> Figures:
    """Return the figures of a run.

    Latency counts from when a request was due, not from when it was sent: a service
    that stands still also delays the requests that could not be sent meanwhile.

    Source:
        Gil Tene, "How NOT to Measure Latency", 2015, on coordinated omission.
    """
    complete = [e for e in exchanges if e.complete]
    answered = [e for e in exchanges if not e.error]
    streamed = [e for e in complete if e.first is not None]
    seconds = max((e.ended for e in exchanges), default=0.0) / 1000
    told = all(e.tokens is not None for e in answered)
    tokens = sum(e.pieces if e.tokens is None else e.tokens for e in answered)
    waits = [e.retry_after for e in exchanges if e.retry_after is not None]
    return Figures(
        requests=len(exchanges),
        complete=len(complete),
        seconds=seconds,
        requests_per_second=len(complete) / seconds if seconds else 0.0,
        tokens_per_second=tokens / seconds if seconds else 0.0,
        tokens=tokens,
        tokens_told=told,
        first=spread(e.first - e.due for e in streamed if e.first is not None),
        total=spread(e.ended - e.due for e in complete),
        silence=spread(e.silence for e in streamed),
        wait=spread(e.began - e.due for e in exchanges),
        live=most_live(exchanges),
        errors=dict(Counter(e.error for e in exchanges if e.error).most_common()),
        faults=dict(Counter(f for e in answered for f in e.faults).most_common()),
        retry_after=max(waits, default=None),
    )
