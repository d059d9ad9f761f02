"""What says the same is shown once; what contradicts is shown beside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.retrieval.duplicates import once
from ingest.documents import Hit
from tests.app.hits import hit

PAGE = (
    "To reset the hub, hold the button on its back until the ring turns purple. "
    "Let go, wait for the ring to turn green, and pair every sensor again."
)


def both(better: str, later: str, language: str = "en") -> list[Hit]:
    return [
        hit(better, path="a.md", language=language),
        hit(later, path="b.md", language=language),
    ]


def test_what_reads_the_same_is_shown_once() -> None:
    first = hit("Press the  button.", path="a.md")
    again = hit("press the **button**", path="b.md")
    other = hit("Press the other button.", path="c.md")

    assert once([first, again, other]) == [first, other]


@pytest.mark.parametrize(
    ("better", "later"),
    [
        (f"Home > Help. {PAGE} Was this page of any use?", PAGE),
        (PAGE.replace("Let go,", "Note: Let go,"), PAGE),
        (PAGE, PAGE[PAGE.index("Let go") :]),
    ],
)
def test_what_stands_in_a_better_hit_is_not_shown_again(
    better: str, later: str
) -> None:
    hits = both(better, later)

    assert once(hits) == hits[:1]


@pytest.mark.parametrize(
    ("better", "later"),
    [
        (PAGE, PAGE.replace("purple", "amber")),
        (PAGE, f"{PAGE} It takes a while."),
        (PAGE.replace("hold", "do not hold"), PAGE),
        (PAGE.replace("hold", "never hold"), PAGE),
        (PAGE.replace("hold", "don't hold"), PAGE),
        (PAGE.replace("the button", "the 2 button"), PAGE),
        ("Never: " + PAGE.replace("hub", "old hub"), PAGE),
        ("Can the hub be reset? Yes, it can.", "Yes, it can."),
        (f"Do not, after an update, {PAGE}", PAGE),
        (f"It is wrong to say: {PAGE}", PAGE),
        (f"1{PAGE.replace('To reset', '5 minutes to reset')}", PAGE),
        (PAGE, "Pair every sensor again, wait for the ring, and let go."),
    ],
)
def test_what_contradicts_or_adds_is_shown(better: str, later: str) -> None:
    hits = both(better, later)

    assert once(hits) == hits


def test_where_we_know_no_negation_nothing_may_stand_in_between() -> None:
    hits = both(PAGE.replace("hub", "old hub"), PAGE, language="pl")

    assert once(hits) == hits
    assert once(both(f"Home. {PAGE}", PAGE, language="pl")) == [
        hit(f"Home. {PAGE}", path="a.md", language="pl")
    ]


WORDS = st.lists(st.sampled_from(["the", "hub", "is", "not", "red", "12"]), max_size=60)


@given(st.lists(WORDS.map(" ".join), max_size=6))
def test_every_word_that_was_found_is_still_there(texts: list[str]) -> None:
    hits = [hit(text, path=f"{n}.md") for n, text in enumerate(texts)]

    kept = once(hits)

    assert kept == [one for one in hits if one in kept]
    assert once(kept) == kept
    said = [set(one.chunk.text.split()) for one in kept]
    assert all(any(set(text.split()) <= own for own in said) for text in texts)
