"""What the figures of a run always hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.load.runs import Exchange
from app.load.statistics import figures, most_live, quantile, spread
from tests.app.load.made_runs import exchange

times = st.floats(min_value=0, max_value=1e7)


@given(st.lists(times, min_size=1), st.floats(min_value=0, max_value=1))
def test_a_quantile_lies_in_its_interval_and_that_in_the_sample(
    values: list[float], share: float
) -> None:
    ordered = sorted(values)

    found = quantile(ordered, share)

    assert ordered[0] <= found.low <= found.value <= found.high <= ordered[-1]


@given(st.lists(times, min_size=1))
def test_quantiles_rise(values: list[float]) -> None:
    found = spread(values)

    assert found is not None
    assert found.p50.value <= found.p95.value <= found.p99.value <= found.most
    assert found.count == len(values)


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
def test_nineteen_of_twenty_intervals_hold_the_true_quantile(share: float) -> None:
    chance = np.random.default_rng(7)
    true = float(-np.log(1 - share))

    held = 0
    for _ in range(400):
        found = quantile(sorted(chance.exponential(size=2000)), share)
        held += found.low <= true <= found.high

    assert 0.93 <= held / 400 <= 1.0


def test_nothing_has_no_spread() -> None:
    assert spread([]) is None


@given(st.lists(st.tuples(times, st.floats(min_value=0.001, max_value=1e5))))
def test_no_more_are_live_than_there_are_and_at_least_one(
    spans: list[tuple[float, float]],
) -> None:
    made = [exchange(due=due, took=took) for due, took in spans]

    most = most_live(made)

    assert min(len(made), 1) <= most <= len(made)


def test_one_caller_has_one_request_live() -> None:
    assert most_live([exchange(due=0), exchange(due=10), exchange(due=20)]) == 1


def test_latency_counts_from_when_a_request_was_due() -> None:
    late = Exchange(question=0, due=100, began=600, first=650, ended=700, tokens=1)

    found = figures([late])

    assert found.first is not None
    assert found.total is not None
    assert found.wait is not None
    assert found.first.most == 550
    assert found.total.most == 600
    assert found.wait.most == 500


def test_only_complete_answers_have_a_latency() -> None:
    made = [
        exchange(took=10),
        exchange(took=9999, error="429 rate_limit_exceeded", retry_after=2.0),
        exchange(took=5555, error="429 rate_limit_exceeded", retry_after=7.0),
        exchange(took=8888, faults=("no [DONE]",)),
    ]

    found = figures(made)

    assert found.total is not None
    assert found.total.most == 10
    assert (found.requests, found.complete) == (4, 1)
    assert found.errors == {"429 rate_limit_exceeded": 2}
    assert found.faults == {"no [DONE]": 1}
    assert found.retry_after == 7


def test_pieces_count_where_no_usage_is_told() -> None:
    found = figures([exchange(tokens=5), exchange(tokens=None, pieces=2)])

    assert (found.tokens, found.tokens_told) == (7, False)
