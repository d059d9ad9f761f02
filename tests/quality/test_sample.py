"""What the sample's golden questions get, with extracts only."""

import asyncio
from pathlib import Path

import pytest

from tests.quality.golden import Figures, Golden, figures, load_golden, run


@pytest.fixture(scope="module")
def questions() -> list[Golden]:
    return load_golden()


@pytest.fixture(scope="module")
def told(sample_home: Path, questions: list[Golden]) -> Figures:
    return figures(asyncio.run(run(sample_home, questions)))


def test_there_are_questions_of_each_kind(questions: list[Golden]) -> None:
    kinds = [golden.kind for golden in questions]

    assert kinds.count("answerable") >= 80
    assert kinds.count("follow_up") >= 15
    assert kinds.count("unanswerable") >= 15


def test_the_right_document_is_among_the_five_hits(told: Figures) -> None:
    assert told.recall >= 0.95


def test_the_key_facts_are_in_the_extract(told: Figures) -> None:
    assert told.facts >= 0.60


def test_what_the_documents_do_not_answer_is_not_answered(told: Figures) -> None:
    assert told.known_unknown >= 0.8 * told.unanswerable


def test_what_the_documents_answer_is_rarely_refused(told: Figures) -> None:
    assert told.false_refusals <= 0.05
