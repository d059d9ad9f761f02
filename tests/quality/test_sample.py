"""What the sample's golden questions get, with extracts only."""

from pathlib import Path

import pytest

from app.evaluation.golden import GoldenFile, read_golden
from app.evaluation.outcomes import ALL, Figures
from tests.quality.golden import SAMPLE, run


@pytest.fixture(scope="module")
def golden() -> GoldenFile:
    return read_golden(SAMPLE)


@pytest.fixture(scope="module")
def groups(sample_home: Path, golden: GoldenFile) -> dict[str, Figures]:
    return run(sample_home, golden).figures


def test_there_are_questions_of_each_kind(golden: GoldenFile) -> None:
    kinds = [numbered.golden.kind for numbered in golden.questions]

    assert golden.broken == ()
    assert kinds.count("answerable") >= 80
    assert kinds.count("follow_up") >= 15
    assert kinds.count("unanswerable") >= 15


def test_the_right_document_is_among_the_five_found(
    groups: dict[str, Figures],
) -> None:
    assert (groups[ALL].recall_5 or 0) >= 0.95


def test_the_key_facts_are_in_the_extract(groups: dict[str, Figures]) -> None:
    assert (groups[ALL].facts or 0) >= 0.60


def test_what_the_documents_do_not_answer_is_not_answered(
    groups: dict[str, Figures],
) -> None:
    missed = groups[ALL].missed_refusals

    assert missed is not None
    assert missed <= 0.2


def test_what_the_documents_answer_is_rarely_refused(
    groups: dict[str, Figures],
) -> None:
    refused = groups[ALL].false_refusals

    assert refused is not None
    # Nothing of the confidence is fitted to the sample; where it was, this was .034.
    assert refused <= 0.07
