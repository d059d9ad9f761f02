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
    bias=-0.22,
    similarity=3.10,
    coverage=0.17,
    absent=-1.94,
    lead=2.66,
    unnamed=-4.00,
    unread=1.63,
    unread_coverage=2.64,
)
"""Printed by tests/quality/fit_confidence.py; docs/confidence.md tells from what."""


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
