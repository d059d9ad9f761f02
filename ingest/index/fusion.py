"""Two rankings become one. Pure functions."""

from collections.abc import Sequence


def fuse(
    dense: Sequence[tuple[str, float]],
    keywords: Sequence[tuple[str, float]],
    *,
    weight: float,
) -> list[tuple[str, float]]:
    """Merge a ranking by cosine and a ranking by keywords into one.

    Each score is divided by the best of its own ranking, so that the two can be
    added; an id that a ranking lacks scores 0 there, and so does a negative score.

    Args:
        dense: Ids with their cosine, in any order; an id at most once.
        keywords: Ids with their keyword score, likewise.
        weight: Share of the dense ranking, in [0, 1]; the rest is the other's.

    Returns:
        Every id of either ranking once, with its score in [0, 1], best first;
        ties are ordered by id.

    Source:
        "Convex combination" in Bruch, Gai and Ingber, "An Analysis of Fusion
        Functions for Hybrid Retrieval", ACM TOIS 2023; we divide by the maximum
        where they also subtract the minimum.
    """
    scores = {id_: weight * share for id_, share in _shares(dense)}
    for id_, share in _shares(keywords):
        scores[id_] = min(scores.get(id_, 0.0) + (1 - weight) * share, 1.0)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def _shares(ranking: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """Return each id's score as a share of the best one's, at least 0."""
    best = max((score for _, score in ranking), default=0.0)
    if best <= 0:
        return [(id_, 0.0) for id_, _ in ranking]
    return [(id_, score / best if score > 0 else 0.0) for id_, score in ranking]
