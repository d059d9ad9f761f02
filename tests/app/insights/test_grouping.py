"""Questions that ask alike become one topic, whatever order they come in."""

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.insights.figures import Topic
from app.insights.grouping import (
    UNRELATED,
    Asked,
    likeness,
    topics_of,
    wordings_of,
)
from ingest.documents import Vectors
from tests.app.shelf import Letters

questions = st.builds(
    Asked,
    id=st.uuids().map(str),
    question=st.text("ab c?", min_size=1, max_size=6).filter(str.strip),
    asked=st.integers(0, 5).map(float),
    unanswered=st.booleans(),
    down_voted=st.booleans(),
    comment=st.sampled_from(["", "no"]),
)
several = st.lists(questions, max_size=30, unique_by=lambda one: one.id)


def topics(asked: list[Asked], least: float = 0.9) -> list[Topic]:
    wordings = wordings_of(asked)
    texts = [wording[0].question for wording in wordings]
    return topics_of(wordings, embedded(texts), least=least)


def embedded(texts: list[str]) -> Vectors:
    return Letters().embed_passages(texts or [""])[: len(texts)]


def asked(question: str, at: float = 0.0, **more: object) -> Asked:
    fields = {"id": f"{question}{at}", "unanswered": True} | more
    return Asked(question=question, asked=at, **fields)  # type: ignore[arg-type]


@given(several, st.floats(-1, 1))
def test_every_question_counts_in_exactly_one_topic(
    given_: list[Asked], least: float
) -> None:
    found = topics(given_, least)

    assert sum(topic.count for topic in found) == len(given_)
    assert sum(t.unanswered for t in found) == sum(one.unanswered for one in given_)
    assert sum(t.down_voted for t in found) == sum(one.down_voted for one in given_)
    shown = [example.id for topic in found for example in topic.examples]
    assert len(shown) == len(set(shown))
    assert set(shown) <= {one.id for one in given_}


@given(several, st.randoms())
def test_the_order_of_the_questions_makes_no_difference(
    given_: list[Asked], dice: random.Random
) -> None:
    shuffled = list(given_)
    dice.shuffle(shuffled)

    assert topics(shuffled) == topics(given_)


@given(several)
def test_topics_come_with_the_most_frequent_first(given_: list[Asked]) -> None:
    counts = [topic.count for topic in topics(given_)]

    assert counts == sorted(counts, reverse=True)


@given(several)
def test_nothing_is_alike_that_is_not_worded_alike_where_all_must_be_equal(
    given_: list[Asked],
) -> None:
    assert len(topics(given_, least=1.5)) == len(wordings_of(given_))


def test_case_blanks_and_end_marks_make_no_wording() -> None:
    same = ("Reset the hub?", "reset  the hub", "RESET\nTHE HUB!?", " Reset the hub… ")

    (wording,) = wordings_of([asked(text, at) for at, text in enumerate(same)])

    assert [one.asked for one in wording] == [3, 2, 1, 0]


def test_a_topic_is_called_by_what_is_asked_most_and_shows_the_newest() -> None:
    given_ = [
        asked("abc", 1),
        asked("ABC", 2),
        asked("abc", 3),
        asked("abcc", 9, comment="still no"),
        asked("zzz", 4),
    ]

    first, second = topics(given_)

    assert (first.question, first.count, first.last_asked) == ("abc", 4, 9)
    assert [example.asked for example in first.examples] == [3, 9]
    assert first.examples[1].comment == "still no"
    assert (second.question, second.count) == ("zzz", 1)


def test_a_long_question_is_shortened() -> None:
    (topic,) = topics([asked("long " * 200)])

    assert len(topic.question) == len(topic.examples[0].question) == 300
    assert topic.question.endswith("…")


def test_a_model_to_which_all_texts_are_alike_needs_more_likeness() -> None:
    plain = np.eye(len(UNRELATED), dtype=np.float32)
    leaning = plain + 1.0
    leaning /= np.linalg.norm(leaning, axis=1, keepdims=True)

    assert likeness(plain) < likeness(leaning) < 1
    assert float(leaning[0] @ leaning[1]) < likeness(leaning)
