"""How likely the hits hold an answer, from what a search tells anyway. Pure.

It measures whether the documents are about what is asked, not whether they entail
an answer: nothing here reads. docs/confidence.md tells how far that goes.
"""

import math

from msgspec import Struct

from app.retrieval.signals import Signals


class Coefficients(Struct, frozen=True, kw_only=True):
    """Weight of each signal in the logit of the confidence, and its bias."""

    bias: float
    similarity: float
    coverage: float
    absent: float
    lead: float
    unnamed: float
    unread: float
    unread_coverage: float


COEFFICIENTS = Coefficients(
    bias=-2.5,
    similarity=5.0,
    coverage=1.3,
    absent=-1.0,
    lead=3.0,
    unnamed=-3.0,
    unread=0.0,
    unread_coverage=3.0,
)
"""Printed by tests/quality/fit_confidence.py."""


def confidence(found: Signals, weights: Coefficients = COEFFICIENTS) -> float:
    """Return how likely a search found an answer, in [0, 1].

    The logistic of the weighted signals.

    Args:
        found: What the search told.
        weights: What each signal counts.
    """
    logit = weights.bias + sum(
        getattr(weights, name) * getattr(found, name)
        for name in Signals.__struct_fields__
    )
    return 1 / (1 + math.exp(-logit))
