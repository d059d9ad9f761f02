"""What may be asked next."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.following import MOST, Around, follow_ups, heading_of
from ingest.documents import Hit
from tests.app.hits import hit

ASKED = ("How do I reset the hub?",)


def under(*headings: str, score: float = 0.5, language: str = "en") -> Hit:
    path = f"{' '.join(headings)}.md"
    return hit(path=path, title="", headings=headings, score=score, language=language)


def suggested(
    *hits: Hit, cited: set[str] = frozenset(), asked: tuple[str, ...] = ASKED,  # type: ignore[assignment]
    language: str = "en",
) -> tuple[str, ...]:  # fmt: skip
    around = Around(hits=hits, asked=asked, language=language)
    return follow_ups(around, cited)


def test_whole_questions_go_first_then_headings_by_score() -> None:
    found = suggested(
        under("Guide", "Battery life", score=0.9),
        under("Guide", "Warranty", score=0.95),
        under("FAQ", "Can I pair two hubs?", score=0.5),
    )

    assert found == (
        "Can I pair two hubs?",
        "What about “Warranty”?",
        "What about “Battery life”?",
    )


def test_there_are_three_at_most_and_each_once() -> None:
    hits = [under("A", "Battery life"), under("B", "Battery Life:")]

    assert suggested(*hits) == ("What about “Battery life”?",)
    many = [under("A", f"Sensor model {n}", score=1 - n / 20) for n in range(9)]
    assert len(suggested(*many)) == MOST


def test_what_was_answered_from_is_not_suggested() -> None:
    told, other = under("Guide", "Red light"), under("Guide", "Blue light")

    assert suggested(told, other, cited={told.chunk.id}) == (
        "What about “Blue light”?",
    )


@pytest.mark.parametrize(
    "heading",
    ["How do I reset the hub?", "Reset the hub", "HUB RESET", "Resetting hubs"],
)
def test_what_was_just_asked_is_not_suggested(heading: str) -> None:
    assert suggested(under("Guide", heading)) == ()


def test_what_was_asked_before_is_not_suggested() -> None:
    asked = ("What about “Battery life”?", "How do I reset the hub?")

    assert suggested(under("Guide", "Battery life"), asked=asked) == ()
    assert suggested(under("Guide", "Battery"), asked=asked) == ()
    assert suggested(under("Guide", "Battery recall"), asked=asked) != ()
    coded = ("what is e-207",)
    assert suggested(under("A", "E-207 Probe open circuit"), asked=coded) == ()
    assert suggested(under("A", "E-208 Probe open circuit"), asked=coded) != ()


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("de", "Was ist mit „Garantie“?"),
        ("ja", "「Garantie」についてはどうですか。"),
        ("sv", "Garantie"),
    ],
)
def test_a_heading_is_asked_about_in_the_language_of_the_question(
    language: str, sentence: str
) -> None:
    assert suggested(under("A", "Garantie"), language=language) == (sentence,)


def test_where_the_questions_language_is_unknown_the_documents_is_taken() -> None:
    found = suggested(under("A", "Garantie", language="de"), language="")

    assert found == ("Was ist mit „Garantie“?",)


@pytest.mark.parametrize(
    ("heading", "shown"),
    [
        ("3.2 Battery life", "Battery life"),
        ("4) Battery life", "Battery life"),
        ("Q: Can it fly?", "Can it fly?"),
        ("2 years of warranty", "2 years of warranty"),
        ("  Battery\n\tlife\u2028now\x00 ", "Battery life now"),
        ("\u202eBattery\u200b life\u2066", "Battery life"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_a_heading_is_one_line_without_its_number(heading: str, shown: str) -> None:
    assert heading_of(under("A", heading)) == shown


@pytest.mark.parametrize("heading", ["Overview", "FAQ", "…", "x" * 121, "1."])
def test_a_heading_that_tells_nothing_is_not_suggested(heading: str) -> None:
    assert suggested(under("A", heading)) == ()


def test_what_scored_far_less_than_the_best_is_not_suggested() -> None:
    found = suggested(under("A", "Battery life"), under("B", "Coffee", score=0.1))

    assert found == ("What about “Battery life”?",)


def test_a_heading_of_one_word_is_told_with_its_document() -> None:
    one = hit(title="Wall mount", headings=("Wall mount", "Before"))
    two = hit(title="Wall mount", headings=("Wall mount", "Drill holes"), path="b.md")

    assert suggested(one, two) == (
        "What about “Wall mount: Before”?",
        "What about “Drill holes”?",
    )


def test_a_document_without_headings_is_suggested_by_its_title() -> None:
    assert suggested(hit(title="Prices")) == ("What about “Prices”?",)


@given(st.lists(st.text(max_size=400), max_size=8), st.text(max_size=80))
def test_whatever_headings_say_suggestions_are_short_lines(
    headings: list[str], question: str
) -> None:
    hits = [under("A", heading) for heading in headings]

    found = suggested(*hits, asked=(question,))

    assert len(found) == len(set(found)) <= MOST
    for one in found:
        assert 0 < len(one) <= 140
        assert one.isprintable() or "\u200c" in one or "\u200d" in one
