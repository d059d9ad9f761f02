import pytest

from app.evaluation.figures import by_kind, by_language, by_stage, figures
from app.evaluation.outcomes import ALL, STANDALONE
from tests.app.evaluation.made_outcomes import outcome, unanswerable


def test_follow_ups_stand_beside_the_same_questions_written_to_stand_alone() -> None:
    groups = by_kind(
        [
            outcome("a"),
            outcome(
                "b",
                kind="follow_up",
                found=("wrong.md",),
                standalone_found=("right.md",),
            ),
        ]
    )

    assert list(groups) == [ALL, "answerable", "follow_up", STANDALONE]
    assert groups["follow_up"].recall_5 == 0
    assert groups[STANDALONE].recall_5 == 1
    assert groups[STANDALONE].false_refusals is None
    assert groups[ALL].recall_5 == 0.5


def test_refusals_are_judged_on_both_sides() -> None:
    told = figures(
        [
            outcome("a"),
            outcome("b"),
            outcome("c", answered=False),
            outcome("d"),
            unanswerable("e"),
            unanswerable("f", answered=True),
        ]
    )

    assert told.false_refusals == 0.25
    assert told.missed_refusals == 0.5
    assert told.balanced_accuracy == 0.625


def test_what_has_no_basis_is_no_figure() -> None:
    answerable, unanswered = figures([outcome()]), figures([unanswerable()])

    assert answerable.missed_refusals is None
    assert answerable.balanced_accuracy is None
    assert answerable.facts is None
    assert answerable.citations is None
    assert answerable.sent is None
    assert answerable.saved is None
    assert unanswered.recall_1 is None
    assert unanswered.ndcg_10 is None
    assert unanswered.false_refusals is None


def test_an_error_is_counted_and_judged_by_nothing_else() -> None:
    told = figures([outcome("a"), outcome("b", error="down", found=())])

    assert (told.questions, told.errors) == (2, 1)
    assert told.recall_1 == 1


def test_citations_count_each_and_tokens_where_a_model_was_asked() -> None:
    told = figures(
        [
            outcome("a", citations=3, supported=3, sent=200, stuffed=1000),
            outcome("b", citations=1, supported=0, sent=0, stuffed=3000),
        ]
    )

    assert told.citations == 0.75
    assert told.sent == 200
    assert told.stuffed == 2000
    assert told.saved == pytest.approx(0.8)


def test_facts_are_judged_where_a_question_names_some() -> None:
    told = figures([outcome("a", facts=0.5), outcome("b", facts=1.0), outcome("c")])

    assert told.facts == 0.75
    assert told.facts_whole == 0.5


def test_languages_are_parted_where_there_are_several() -> None:
    one = by_language([outcome("a"), outcome("b", language="")])
    two = by_language([outcome("a"), outcome("b", language="de", found=())])

    assert one == {}
    assert two["en"].recall_1 == 1
    assert two["de"].recall_1 == 0


def test_stages_are_timed_over_the_questions_that_went_through_them() -> None:
    stages = by_stage(
        [
            outcome("a", stages={"embed": 10.0, "extract": 40.0}),
            outcome("b", stages={"embed": 20.0}),
        ]
    )

    assert list(stages) == ["embed", "extract"]
    assert (stages["embed"].questions, stages["embed"].p50) == (2, 15)
    assert (stages["extract"].questions, stages["extract"].p95) == (1, 40)
