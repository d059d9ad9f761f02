"""Scoring in the process, without the process: the model is a function here."""

import math
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.retrieval.rerank import in_order
from app.retrieval.scoring import Task, scored
from tests.app.hits import hit

NEVER = math.inf


def by_length(_question: str, passages: Sequence[str]) -> list[float]:
    return [float(len(passage)) for passage in passages]


@given(st.lists(st.text(max_size=30), min_size=1, max_size=20))
def test_every_passage_gets_its_own_score(passages: list[str]) -> None:
    task = Task(7, "q", tuple(passages), 1.0)

    found = scored(task, by_length, until=NEVER)

    assert found.number == 7
    assert found.logits == tuple(float(len(passage)) for passage in passages)


def test_it_stops_when_nobody_waits_any_longer() -> None:
    calls = []

    def slow(question: str, passages: Sequence[str]) -> list[float]:
        calls.append(len(passages))
        time.sleep(0.05)
        return by_length(question, passages)

    task = Task(1, "q", ("passage",) * 1000, 1.0)
    found = scored(task, slow, until=time.monotonic() + 0.12)

    assert (found.logits, found.problem) == ((), "")
    assert 1 <= len(calls) <= 3


@pytest.mark.parametrize("error", [RuntimeError("out of memory"), ValueError("odd")])
def test_a_model_that_fails_says_why(error: Exception) -> None:
    def fail(question: str, passages: Sequence[str]) -> list[float]:
        raise error

    found = scored(Task(1, "q", ("p",), 1.0), fail, until=NEVER)

    assert str(error) in found.problem


def test_no_number_is_no_score() -> None:
    def lost(question: str, passages: Sequence[str]) -> list[float]:
        return [math.nan]

    found = scored(Task(1, "q", ("p",), 1.0), lost, until=NEVER)

    assert found.logits == ()
    assert found.problem


@given(
    st.lists(st.floats(0, 1), max_size=12),
    st.lists(st.floats(-1e3, 1e3), max_size=12),
)
def test_a_new_order_loses_no_hit_and_keeps_scores_falling(
    scores: list[float], logits: list[float]
) -> None:
    hits = [
        hit(f"t{n}", position=n, score=score)
        for n, score in enumerate(sorted(scores, reverse=True))
    ]
    logits = logits[: len(hits)]

    found = in_order(hits, logits)

    first = sorted(range(len(logits)), key=lambda n: -logits[n])
    rest = range(len(logits), len(hits))
    assert [h.chunk.id for h in found] == [hits[n].chunk.id for n in (*first, *rest)]
    told = [h.score for h in found]
    assert told == sorted(told, reverse=True)
    assert all(0 <= score <= 1 for score in told)
