"""Two rankings become one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.index.fusion import fuse

rankings = st.dictionaries(st.text(max_size=3), st.floats(-1e6, 1e6), max_size=12).map(
    lambda scores: list(scores.items())
)
weights = st.floats(0, 1)


def test_scores_are_shares_of_the_best() -> None:
    fused = fuse([("a", 0.8), ("b", 0.4)], [("b", 10.0), ("c", 5.0)], weight=0.25)

    assert [id_ for id_, _ in fused] == ["b", "c", "a"]
    assert [score for _, score in fused] == pytest.approx([0.875, 0.375, 0.25])


def test_nothing_from_nothing() -> None:
    assert fuse([], [], weight=0.5) == []


@given(rankings, rankings, weights)
def test_every_id_comes_once_with_a_score_between_0_and_1(
    dense: list[tuple[str, float]], keywords: list[tuple[str, float]], weight: float
) -> None:
    fused = fuse(dense, keywords, weight=weight)

    assert {id_ for id_, _ in fused} == {id_ for id_, _ in dense + keywords}
    assert len({id_ for id_, _ in fused}) == len(fused)
    assert all(0 <= score <= 1 for _, score in fused)
    assert fused == sorted(fused, key=lambda item: (-item[1], item[0]))


@given(rankings, rankings, weights)
def test_the_order_of_a_ranking_does_not_matter(
    dense: list[tuple[str, float]], keywords: list[tuple[str, float]], weight: float
) -> None:
    assert fuse(dense, keywords, weight=weight) == fuse(
        dense[::-1], keywords[::-1], weight=weight
    )


@given(rankings, rankings)
def test_all_the_weight_on_one_side_leaves_the_other_nothing(
    dense: list[tuple[str, float]], keywords: list[tuple[str, float]]
) -> None:
    scores = dict(fuse(dense, keywords, weight=1.0))

    assert all(scores[id_] == 0 for id_, _ in keywords if id_ not in dict(dense))
