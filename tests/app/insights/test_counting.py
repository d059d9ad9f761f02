"""Turns become figures by day."""

import datetime as dt
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from app.insights.counting import Counts, Told, begins, documents_of, quantile
from tests.app.insights.made_turns import DAY, NOON, TODAY


def told(created: float = NOON, **more: object) -> Told:
    fields = {
        "status": "complete", "answered": True, "seconds": 1.0, "prompt_tokens": 3,
        "completion_tokens": 2, "cost": None, "documents": "[]",
    }  # fmt: skip
    return Told(created, **(fields | more))  # type: ignore[arg-type]


def test_a_day_tells_what_was_asked_on_it() -> None:
    counts = Counts(TODAY, 1)
    for seconds in range(1, 21):
        counts.turn(told(seconds=float(seconds), cost=1_000))
    counts.turn(told(answered=False, seconds=0.5))
    counts.turn(told(status="failed", answered=None, seconds=60.0))
    for rating in (1, 1, -1):
        counts.thumb(NOON, rating)

    (day,) = counts.by_day()

    assert (day.day, day.questions, day.refused, day.failed) == ("2026-11-30", 22, 1, 1)
    assert day.refusal_rate == 1 / 21
    assert (day.p50, day.p95) == (10.0, 19.0)
    assert (day.tokens, day.cost) == (110, 20_000)
    assert (day.up, day.down) == (2, 1)


def test_a_day_without_questions_is_there_and_says_nothing() -> None:
    counts = Counts(TODAY - dt.timedelta(days=2), 3)
    counts.turn(told())

    first, _, last = counts.by_day()

    assert (first.day, last.day) == ("2026-11-28", "2026-11-30")
    assert (first.questions, first.refusal_rate, first.p95, first.cost) == (
        0, None, None, None,
    )  # fmt: skip
    assert last.questions == 1


def test_a_day_begins_at_midnight_of_utc() -> None:
    counts = Counts(TODAY - dt.timedelta(days=1), 2)
    counts.turn(told(begins(TODAY)))
    counts.turn(told(begins(TODAY) - 1e-3))

    assert [day.questions for day in counts.by_day()] == [1, 1]


def test_documents_count_once_an_answer_and_not_where_there_was_none() -> None:
    counts = Counts(TODAY, 1)
    counts.turn(told(documents='["a.md", "b.md", "a.md"]'))
    counts.turn(told(documents='["a.md", "secret.md"]'))
    counts.turn(told(documents='["c.md"]', answered=False))

    found = documents_of(counts.offered, ["a.md", "b.md", "c.md", "d.md"])

    assert [(used.path, used.answers) for used in found.most_used] == [
        ("a.md", 2), ("b.md", 1),
    ]  # fmt: skip
    assert found.never_used == ("c.md", "d.md")
    assert (found.total, found.never_used_total, found.elsewhere) == (4, 2, 1)


def test_long_lists_of_documents_are_cut_and_counted() -> None:
    paths = [f"{number:03}.md" for number in range(200)]

    found = documents_of(Counter(dict.fromkeys(paths[:100], 1)), paths)

    assert len(found.most_used) == len(found.never_used) == 50
    assert found.never_used_total == 100


days = st.integers(0, 4)


@given(st.lists(st.tuples(days, st.floats(0, DAY, exclude_max=True), st.booleans())))
def test_the_days_add_up(given_: list[tuple[int, float, bool]]) -> None:
    counts = Counts(TODAY, 5)
    for day, seconds, answered in given_:
        at = begins(TODAY) + day * DAY + min(seconds, DAY - 1e-3)
        counts.turn(told(at, answered=answered))

    found = counts.by_day()

    assert [d.questions for d in found] == [
        sum(day == number for day, _, _ in given_) for number in range(5)
    ]
    total = counts.all_days()
    assert sum(d.questions for d in found) == total.questions == len(given_)
    assert sum(d.refused for d in found) == total.refused


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(0, 1))
def test_a_quantile_is_one_of_the_values_and_as_many_are_not_above_it(
    values: list[float], share: float
) -> None:
    ordered = sorted(values)

    found = quantile(ordered, share)

    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)


def test_of_nothing_there_is_no_quantile() -> None:
    assert quantile([], 0.5) is None
