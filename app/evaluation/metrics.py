"""What rankings and refusals are worth, in numbers. Pure functions.

None everywhere means that there is nothing to judge by.
"""

import math
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from app.evaluation.outcomes import CONSIDERED


def first_rank(found: Sequence[str], expected: Collection[str]) -> int:
    """Return the place of the first of `found` that is expected, from 1; 0 for none.

    Args:
        found: Distinct paths, best first.
        expected: Paths that are right.
    """
    ranks = (rank for rank, path in enumerate(found, start=1) if path in expected)
    return next(ranks, 0)


def recall(ranks: Iterable[int], *, depth: int) -> float | None:
    """Return the share of questions whose first right document is among the first.

    Args:
        ranks: Place of each question's first right document, from 1; 0 for none.
        depth: How many documents are looked at, at least 1.

    Returns:
        A share in [0, 1]; it never falls when `depth` rises. Also known as the
        hit rate or success at `depth`: one right document is enough, since all
        that are named answer the question.
    """
    return mean(0 < rank <= depth for rank in ranks)


def reciprocal_rank(ranks: Iterable[int]) -> float | None:
    """Return the mean of ``1 / rank``, in [0, 1]; 0 counts for a rank of 0."""
    return mean(1 / rank if rank else 0.0 for rank in ranks)


def ndcg(
    found: Sequence[str], expected: Collection[str], *, depth: int = CONSIDERED
) -> float:
    """Return the normalised discounted cumulative gain of binary grades.

    Args:
        found: Distinct paths, best first.
        expected: Paths that are right, at least one.
        depth: How many of `found` are looked at.

    Returns:
        A number in [0, 1]: 1 when no right path stands behind a wrong one and as
        many as fit are there.

    Source:
        Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR
        techniques", TOIS 2002, with the logarithm of base 2 from the first rank.
    """
    gains = (_discount(i) for i, path in enumerate(found[:depth]) if path in expected)
    ideal = sum(_discount(i) for i in range(min(len(set(expected)), depth)))
    return sum(gains) / ideal


def balanced_accuracy(
    false_refusals: float | None, missed_refusals: float | None
) -> float | None:
    """Return the mean of the two shares that were judged right, in [0, 1].

    Args:
        false_refusals: Share of answerable questions that were refused.
        missed_refusals: Share of unanswerable questions that were answered.
    """
    if false_refusals is None or missed_refusals is None:
        return None
    return 1 - (false_refusals + missed_refusals) / 2


def mean(values: Iterable[float | bool]) -> float | None:
    """Return the mean of `values`, or None if there are none."""
    given = list(values)
    return math.fsum(given) / len(given) if given else None


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the value below which `share` (in [0, 1]) of `values` lie, or None.

    Between two values it is interpolated.
    """
    return float(np.quantile(values, share)) if values else None


def _discount(position: int) -> float:
    return 1 / math.log2(position + 2)
