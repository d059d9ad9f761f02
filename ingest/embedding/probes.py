"""Compares a compiled model with the original on a few texts."""

import numpy as np

from ingest.documents import Vectors

FLOOR = 0.9995
"""Least cosine of a compiled model's vector to the original's."""

ROUNDED_FLOOR = 0.97
"""The same of a model in int8, which is below `FLOOR` by its nature: MiniLM reaches
.985 to .995. What is far below is broken, not rounded."""

PROBES = (
    "How do I reset my password?",
    "Straße, CAFÉ & naïve façade: 東京 42 % (Ελληνικά, русский) <b>#1</b>",
    "The hub keeps readings of the last days and sends them on. " * 60,
)
"""Short; accents, case and scripts; longer than most models can take."""


def agreement(ours: Vectors, theirs: Vectors) -> float:
    """Return the least cosine between rows, in [-1, 1]; -1 if shapes differ.

    Args:
        ours: Vectors of unit length, shape (n, dim).
        theirs: Vectors of unit length, shape (n, dim).
    """
    if ours.shape != theirs.shape or not np.isfinite(ours).all():
        return -1.0
    return float(np.min(np.sum(ours * theirs, axis=1)))
