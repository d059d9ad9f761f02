import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation.metrics import (
    balanced_accuracy,
    first_rank,
    mean,
    ndcg,
    percentile,
    recall,
    reciprocal_rank,
)

PATHS = st.sampled_from([f"{letter}.md" for letter in "abcdefghijkl"])
RANKINGS = st.lists(PATHS, unique=True, max_size=10)
EXPECTED = st.sets(PATHS, min_size=1)
RANKS = st.lists(st.integers(0, 10), min_size=1)
SHARES = st.floats(0, 1)


@given(RANKS, st.integers(1, 9))
def test_looking_deeper_never_finds_less(ranks: list[int], depth: int) -> None:
    shallow, deep = recall(ranks, depth=depth), recall(ranks, depth=depth + 1)

    assert shallow is not None
    assert deep is not None
    assert 0 <= shallow <= deep <= 1


@given(RANKS)
def test_the_reciprocal_rank_lies_between_the_recalls(ranks: list[int]) -> None:
    first, mean_reciprocal, ten = (
        recall(ranks, depth=1), reciprocal_rank(ranks), recall(ranks, depth=10)
    )  # fmt: skip

    assert first is not None
    assert mean_reciprocal is not None
    assert ten is not None
    assert first - 1e-9 <= mean_reciprocal <= ten + 1e-9


@given(RANKINGS, EXPECTED)
def test_the_rank_is_where_the_first_right_one_stands(
    found: list[str], expected: set[str]
) -> None:
    rank = first_rank(found, expected)

    assert not expected & set(found[: max(rank - 1, 0)])
    assert (rank == 0) == (not expected & set(found))
    assert rank == 0 or found[rank - 1] in expected


@given(RANKINGS, EXPECTED)
def test_the_gain_is_a_share_and_one_for_the_best_order(
    found: list[str], expected: set[str]
) -> None:
    gain = ndcg(found, expected)

    assert 0 <= gain <= 1 + 1e-9
    assert ndcg(sorted(expected)[:10], expected) == pytest.approx(1)
    assert (gain == 0) == (not expected & set(found))


@given(RANKINGS.filter(lambda found: len(found) > 1), EXPECTED, st.data())
def test_moving_a_right_one_up_never_lowers_the_gain(
    found: list[str], expected: set[str], data: st.DataObject
) -> None:
    place = data.draw(st.integers(1, len(found) - 1))
    moved = found.copy()
    if moved[place] in expected:
        moved[place - 1 : place + 1] = moved[place], moved[place - 1]

    assert ndcg(moved, expected) >= ndcg(found, expected) - 1e-9


def test_the_gain_of_a_known_ranking_is_that_of_the_book() -> None:
    gain = ndcg(["x", "a", "y", "b"], {"a", "b"})

    ideal = 1 + 1 / math.log2(3)
    assert gain == pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / ideal)


@given(SHARES, SHARES)
def test_balanced_accuracy_is_between_what_both_sides_got(
    false_refusals: float, missed_refusals: float
) -> None:
    balanced = balanced_accuracy(false_refusals, missed_refusals)

    right = sorted((1 - false_refusals, 1 - missed_refusals))
    assert balanced is not None
    assert right[0] - 1e-9 <= balanced <= right[1] + 1e-9


def test_of_nothing_there_is_no_figure() -> None:
    figures = (
        mean([]),
        recall([], depth=5),
        reciprocal_rank([]),
        percentile([], 0.5),
        balanced_accuracy(0.1, None),
        balanced_accuracy(None, 0.1),
    )

    assert set(figures) == {None}


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_percentiles_lie_within_their_values(values: list[float]) -> None:
    half, most = percentile(values, 0.5), percentile(values, 0.95)

    assert half is not None
    assert most is not None
    assert min(values) - 1e-6 <= half <= most + 1e-6 <= max(values) + 2e-6
