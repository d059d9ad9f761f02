"""How much is tried: a little in every run of the tests, more where figures are made."""

import os
import random

LEVEL = os.environ.get("RELIABILITY", "short")
if LEVEL not in ("short", "whole", "long"):
    raise ValueError(f"RELIABILITY is short, whole or long, not {LEVEL!r}")

SEED = int(os.environ.get("RELIABILITY_SEED", "0")) or random.SystemRandom().randrange(
    1, 1 << 31
)
"""Of everything random; RELIABILITY_SEED repeats a run."""


def size(short: int, whole: int, long: int | None = None) -> int:
    """Return how many to try.

    Args:
        short: In ``make test``.
        whole: In ``make reliability``.
        long: In ``make reliability-long``; None tries as many as in `whole`.
    """
    return {"short": short, "whole": whole, "long": long or whole}[LEVEL]
