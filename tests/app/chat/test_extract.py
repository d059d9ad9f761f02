import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.chat.extract import LONGEST_LIST, MOST, Extract, candidates, extract
from ingest.documents import Hit, Vectors
from ingest.keywords import terms
from tests.app.hits import hit

WORDS = ("reset", "button", "price", "light", "probe", "freezer")


def embedded(*texts: str) -> Vectors:
    """Vectors that are near each other where texts share words."""
    counts = np.array(
        [[text.lower().count(word) for word in WORDS] for text in texts], np.float32
    )
    counts = np.column_stack([counts, np.full(len(texts), 0.1, np.float32)])
    lengths = np.linalg.norm(counts, axis=1, keepdims=True)
    unit: Vectors = (counts / lengths).astype(np.float32)
    return unit


def extracted(question: str, *hits: Hit) -> Extract:
    found = candidates(hits, terms, question)
    vectors = embedded(*(candidate.text for candidate in found))
    asked = (question, embedded(question)[0])
    return extract(found, hits, vectors=vectors, question=asked, terms=terms)


RESET = hit(
    "## Reset\n\nHold the reset button for twelve seconds until the ring of the hub turns purple, then let it go and wait. "
    "The price of a hub is printed on the invoice that you were sent on the first day of the month that followed.",
    path="reset.md",
    headings=("Reset",),
)
LIGHT = hit(
    "| Light | Meaning |\n|---|---|\n| red light | fault |\n| blue light | pairing |",
    path="light.md",
)
STEPS = hit(
    "1. Open the freezer.\n2. Take the probe out.\n3. Dry the probe.\n4. Put it back.\n5. Write it down.",
    path="steps.md",
)


def test_the_sentence_that_answers_comes_word_for_word_with_its_marker() -> None:
    found = extracted("how do I reset with the button", LIGHT, RESET)

    assert "Hold the reset button for twelve seconds" in found.text
    marker = next(c for c in found.citations if c.hit is RESET)
    assert found.text[marker.start : marker.end] == f"[{marker.number}]"


def test_only_what_is_cited_is_a_source() -> None:
    found = extracted("light", LIGHT, RESET, STEPS)

    assert {c.number for c in found.citations} == set(range(1, len(found.hits) + 1))
    assert all(found.hits[c.number - 1] is c.hit for c in found.citations)


def test_a_table_row_comes_with_its_columns() -> None:
    found = extracted("what does the red light mean", LIGHT)

    assert found.text.startswith(
        "| Light | Meaning |\n|---|---|\n| red light | fault |"
    )
    assert found.text.count("| Light |") == 1


def steps_of(text: str) -> list[int]:
    """Return the numbers of the steps in an answer."""
    return [int(number) for number in re.findall(r"^(\d+)\.", text, re.MULTILINE)]


def test_a_step_brings_the_whole_list_it_stands_in() -> None:
    found = extracted("how do I dry the probe of the freezer", STEPS)

    assert steps_of(found.text) == [1, 2, 3, 4, 5]
    assert found.text.startswith("1. Open the freezer. [1]\n2. Take the probe out. [1]")


def test_a_list_with_blank_lines_between_its_steps_is_one_too() -> None:
    apart = hit("1. Open it.\n\n2. Press reset.\n\n3. Wait.\n\nOr:\n\n1. Ask us.")

    assert steps_of(extracted("reset", apart, RESET).text)[:3] == [1, 2, 3]


def test_a_second_list_is_another_one() -> None:
    both = hit("1. Open it.\n\n2. Press reset.\n\n1. Close the freezer.\n\n2. Go.")

    found = extracted("reset button light", both, RESET, LIGHT)

    assert steps_of(found.text) == [1, 2]
    assert "Close the freezer" not in found.text


def test_of_a_long_list_come_the_steps_before_and_what_there_is_room_for() -> None:
    lines = [f"{n}. Do number {n}." for n in range(1, 31)]
    lines[14] = "15. Press the reset button."
    many = hit("\n".join(lines))
    wide = hit("\n".join(f"{line} {'x' * 300}" for line in lines), path="wide.md")

    assert steps_of(extracted("reset button light", many, RESET, LIGHT).text) == [
        *range(6, 16)
    ]
    assert steps_of(extracted("reset button light", wide, RESET, LIGHT).text) == [
        14,
        15,
    ]


def test_a_list_that_begins_with_the_best_step_goes_on_behind_it() -> None:
    lines = ["1. Press the reset button.", *(f"{n}. Wait." for n in range(2, 31))]
    many = hit("\n".join(lines))

    assert steps_of(extracted("reset button light", many, RESET, LIGHT).text) == [
        *range(1, 11)
    ]


def test_only_the_best_step_brings_its_list_and_sentences_stay() -> None:
    found = extracted("how do I reset with the button", RESET, STEPS)

    assert "Hold the reset button for twelve seconds" in found.text
    assert found.hits[0] is RESET


def test_the_same_sentence_of_two_documents_is_quoted_once() -> None:
    same = [hit("Press the button to reset it.", path=f"{n}.md") for n in range(3)]

    assert len(extracted("reset", *same).citations) == 1


def test_equal_questions_have_equal_answers() -> None:
    assert extracted("reset", RESET, LIGHT) == extracted("reset", RESET, LIGHT)


def test_of_very_many_sentences_those_with_words_of_the_question_are_read() -> None:
    filler = "\n\n".join(f"Filler number {n}." for n in range(90))

    found = candidates([hit(f"{filler}\n\nThe probe is here.")], terms, "the probe")

    assert len(found) < 60
    assert "The probe is here." in [candidate.text for candidate in found]


@given(
    st.lists(
        st.text(alphabet="ab reset.\n|-1)", min_size=1, max_size=80).filter(str.strip),
        min_size=1,
        max_size=4,
    )
)
def test_everything_quoted_is_in_its_source(texts: list[str]) -> None:
    hits = [hit(text, path=f"{n}.md", title="") for n, text in enumerate(texts)]
    if not candidates(hits, terms, "reset"):
        return

    found = extracted("reset", *hits)

    start = 0
    for citation in found.citations:
        said = found.text[start : citation.start].strip()
        start = citation.end
        assert said.splitlines()[-1].strip() in citation.hit.chunk.text
    assert 1 <= len(found.citations) < MOST + LONGEST_LIST
