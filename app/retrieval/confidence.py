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
    absent: float
    lead: float
    unnamed: float
    foreign: float
    unread: float
    unread_coverage: float


COEFFICIENTS = Coefficients(
    bias=-1.00,
    similarity=5.36,
    absent=-2.52,
    lead=2.79,
    unnamed=-4.00,
    foreign=0.68,
    unread=3.25,
    unread_coverage=2.31,
)
"""Printed by tests/quality/fit_confidence.py; docs/confidence.md tells from what."""


def confidence(found: Signals, weights: Coefficients = COEFFICIENTS) -> float:
    """Return how likely a search found an answer, in [0, 1].

    The logistic of the weighted signals; 0 where neither ranking found anything.

    Args:
        found: What the search told.
        weights: What each signal counts.
    """
    # Without a cosine and without a word in common there is nothing to go by.
    if found.unread and found.absent >= 1:
        return 0.0
    logit = weights.bias + sum(
        getattr(weights, name) * getattr(found, name)
        for name in Signals.__struct_fields__
    )
    return 1 / (1 + math.exp(-logit))
