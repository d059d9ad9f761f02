"""The page of figures tells what was measured, and what was missed."""

import pytest

from tests.benchmarks.__main__ import page
from tests.benchmarks.figures import Figure, Part, in_turn, paired, shown


def figure(what: str, ours: float, theirs: float, asked: float) -> Figure:
    return Figure(
        what=what, unit="ms", ours=ours, baseline="bare", theirs=theirs, asked=asked
    )


FAST = figure("fast", ours=1.0, theirs=4.0, asked=0.5)
SLOW = figure("slow", ours=3.0, theirs=4.0, asked=0.5)


def test_a_bound_is_on_the_ratio_and_without_a_baseline_on_the_figure() -> None:
    assert FAST.reached is True
    assert SLOW.reached is False
    assert Figure(what="a", unit="s", ours=1.5, asked=2.0).reached is True
    assert Figure(what="a", unit="", ours=0.9, asked=0.97, most=False).reached is False
    assert Figure(what="a", unit="s", ours=1.5).reached is None


def test_what_slows_both_of_a_pair_does_not_move_the_ratio() -> None:
    ours, theirs, low, high = paired([1.0, 10.0, 1.0], [4.0, 40.0, 4.0])

    assert ours / theirs == pytest.approx(0.25)
    assert (low, high) == (0.25, 0.25)


def test_ways_are_measured_in_turn() -> None:
    order: list[str] = []

    def way(name: str) -> float:
        order.append(name)
        return 1.0

    in_turn((lambda: way("a"), lambda: way("b")), rounds=2)

    assert order == ["a", "b", "a", "b"]


def test_the_page_marks_what_was_missed_and_counts_what_was_kept() -> None:
    part = Part(title="Relay", figures=(FAST, SLOW))

    told = page({"relay": part}, [], quick=False)

    rows = {row.split(" | ")[0]: row for row in told.splitlines() if "| bare |" in row}
    assert "**missed**" in rows["| slow"]
    assert "**missed**" not in rows["| fast"]
    assert "1 of 2 bounds are kept" in told
    assert "quick run" not in told
    assert "MISSED" in shown(part)


def test_rows_of_earlier_releases_stay() -> None:
    told = page({}, ["| 0.0.9 | 2026-01-01 | 1 / 2 ms | 3 / 4 ms |"], quick=True)

    assert "| 0.0.9 | 2026-01-01 |" in told
    assert "quick run" in told
