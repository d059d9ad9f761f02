import pytest

from app.errors import EvaluationImpossible
from app.evaluation.gate import NAMES, bounds, judge
from tests.app.evaluation.made_outcomes import evaluation, outcome, unanswerable


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("recall@5=0.9", ["recall@5>=0.9"]),
        ("recall@5>=0.9, facts=0.6,", ["recall@5>=0.9", "facts>=0.6"]),
        ("follow_up.mrr=.7", ["follow_up.mrr>=0.7"]),
        ("de.false_refusals <= 0.05", ["de.false_refusals<=0.05"]),
        ("all.p95<=800", ["p95<=800"]),
    ],
)
def test_bounds_are_read_as_they_are_written(text: str, written: list[str]) -> None:
    assert [bound.text for bound in bounds(text)] == written


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("recall@6=0.9", "use questions, errors, recall@1"),
        ("recall@5", "write FIGURE=NUMBER"),
        ("recall@5=most", "'most' is no number"),
        ("recall@5=90", "lies in 0 to 1"),
        ("recall@5=nan", "0 or more"),
        ("recall@5<=0.9", "good when large: write recall@5>=0.9"),
        ("false_refusals=0.1", "good when small: write false_refusals<=0.1"),
        ("false_refusals>=0.1", "good when small"),
        ("followup.recall@5=0.9", "no group 'followup'"),
        (" , ", "no bound"),
    ],
)
def test_a_bound_that_makes_no_sense_is_refused_with_a_way_out(
    text: str, reason: str
) -> None:
    with pytest.raises(EvaluationImpossible) as caught:
        bounds(text)

    assert "--fail-under" in str(caught.value)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("recall@5=0.5", True),
        ("recall@5=0.51", False),
        ("missed_refusals<=0", True),
        ("false_refusals<=0.4", False),
        ("false_refusals<=0.5", True),
        ("de.recall@1=0.1", False),
        ("unanswerable.questions>=1", True),
    ],
)
def test_a_bound_is_kept_up_to_its_limit(text: str, kept: bool) -> None:
    run = evaluation(
        outcome("a"),
        outcome("b", found=(), answered=False, language="de"),
        unanswerable("c"),
    )

    (verdict,) = judge(run, bounds(text))

    assert verdict.kept is kept


@pytest.mark.parametrize(
    "text", ["facts=0", "sent<=1000", "standalone.recall@5=0", "fr.recall@5=0"]
)
def test_a_figure_without_a_basis_keeps_no_bound(text: str) -> None:
    (verdict,) = judge(evaluation(outcome()), bounds(text))

    assert (verdict.value, verdict.kept) == (None, False)


def test_every_figure_can_be_bound() -> None:
    for name in NAMES:
        signs = []
        for sign in ("<=", ">="):
            try:
                bounds(f"{name}{sign}0.5")
            except EvaluationImpossible:
                continue
            signs.append(sign)
        assert len(signs) == 1, name
