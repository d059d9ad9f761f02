from typing import Any

import pytest

from app.evaluation.comparison import Comparison, compare
from app.evaluation.outcomes import Outcome
from tests.app.evaluation.made_outcomes import evaluation, outcome, unanswerable


def compared(before: Outcome, after: Outcome) -> list[tuple[str, str, str, bool]]:
    found = compare(evaluation(before), evaluation(after))
    return [(c.respect, c.before, c.after, c.better) for c in found.changes]


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ({"found": ()}, {}, ("rank", "not found", "1", True)),
        ({}, {"found": ("x", "right.md")}, ("rank", "1", "2", False)),
        ({"answered": False}, {}, ("answered", "refused", "answered", True)),
        ({"facts": 1.0}, {"facts": 0.5}, ("facts", "100%", "50%", False)),
        ({"error": "down"}, {}, ("error", "down", "none", True)),
        (
            {"citations": 2, "supported": 1},
            {"citations": 3, "supported": 3},
            ("citations", "1 of 2", "3 of 3", True),
        ),
    ],
)
def test_a_change_is_told_in_words_and_judged(
    before: dict[str, Any], after: dict[str, Any], change: tuple[str, str, str, bool]
) -> None:
    assert compared(outcome(**before), outcome(**after)) == [change]
    (*_, better) = change
    ((*_, other),) = compared(outcome(**after), outcome(**before))
    assert other is not better


def test_answering_what_no_document_answers_is_worse() -> None:
    (change,) = compared(unanswerable(), unanswerable(answered=True))

    assert change == ("answered", "refused", "answered", False)


def test_the_same_is_no_change() -> None:
    run = evaluation(outcome(), unanswerable())

    found = compare(run, run)

    assert found == Comparison(questions=2, remarks=(), figures=(), changes=())


def test_only_questions_in_both_are_compared_and_what_differs_is_said() -> None:
    before = evaluation(
        outcome("a"), outcome("b"), outcome("gone", found=()), settings={"X": 1}
    )
    after = evaluation(
        outcome("a", found=("x", "right.md")),
        outcome("b", question="Other words?"),
        digest="1" * 64,
        edition="000002",
        settings={"X": 2},
    )

    found = compare(before, after)

    assert found.questions == 1
    assert [change.id for change in found.changes] == ["a"]
    remarks = "\n".join(found.remarks)
    assert "1 questions are in both, 2 only before, 1 only now" in remarks
    assert "edition differs: 000001 before, 000002 now" in remarks
    assert "X differs: 1 before, 2 now" in remarks
    recall = next(c for c in found.figures if c.figure == "recall@1")
    assert (recall.before, recall.after, recall.better) == (1, 0, False)


def test_that_a_run_was_interrupted_is_said() -> None:
    before = evaluation(outcome("a"), complete=False)
    after = evaluation(outcome("a"), outcome("b"))

    assert "interrupted" in compare(before, after).remarks[0]


def test_that_nothing_can_be_compared_is_said() -> None:
    found = compare(evaluation(outcome("a")), evaluation(outcome("b")))

    assert found.questions == 0
    assert "nothing can be compared" in found.remarks[0]
