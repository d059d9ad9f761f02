"""What changed between two runs, apart from noise."""

import numpy as np
from msgspec.structs import replace

from app.load.comparison import compare
from app.load.runs import Run
from tests.app.load.made_runs import exchange, plan, run


def sample(seed: int, *, scale: float = 1.0) -> Run:
    chance = np.random.default_rng(seed)
    times = scale * (100 + chance.exponential(20, size=500))
    return run([exchange(due=float(i), took=float(t)) for i, t in enumerate(times)])


def verdicts(before: Run, after: Run) -> set[bool | None]:
    return {change.better for change in compare(before, after).changes}


def test_two_samples_of_the_same_do_not_differ() -> None:
    assert verdicts(sample(1), sample(2)) == {None}


def test_half_the_time_is_better_and_the_double_is_worse() -> None:
    assert True in verdicts(sample(1), sample(2, scale=0.5))
    assert False not in verdicts(sample(1), sample(2, scale=0.5))
    assert False in verdicts(sample(1), sample(2, scale=2))


def test_a_difference_too_small_to_matter_is_none() -> None:
    steady = [exchange(due=float(i), took=100.0) for i in range(50)]
    slower = [exchange(due=float(i), took=101.0) for i in range(50)]

    assert verdicts(run(steady), run(slower)) == {None}


def test_what_else_differs_is_told() -> None:
    before = sample(1)
    after = replace(
        sample(1), plan=plan(concurrency=9, rate=5.0), warnings=("it was loaded",)
    )

    remarks = compare(before, after).remarks

    assert remarks == (
        "the concurrency differs: 1 before, 9 now",
        "the rate differs: none before, 5.0 now",
        "the later run has warnings: it was loaded",
    )
