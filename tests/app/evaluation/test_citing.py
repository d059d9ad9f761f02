import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation.citing import Cited, Place, claim, holds, unmarked

PLACE = Place(
    text="Reset\nHold the pin button for 12 seconds. The light turns purple.",
    language="en",
)


def markers(text: str) -> list[Cited]:
    found = re.finditer(r"\[\d\]", text)
    return [Cited(start=m.start(), end=m.end(), source=m[0]) for m in found]


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("Hold it. [1] It turns on. [2]", ["Hold it.", "It turns on."]),
        ("Hold it [1][2].", ["Hold it", "Hold it"]),
        ("It is long. Hold it [1].", ["Hold it"]),
        ("A line.\n\n1. Hold it. [1]\n2. Let go. [2]", ["Hold it.", "Let go."]),
        ("Version 4.2.1 is out. [1]", ["Version 4.2.1 is out."]),
        ("```\nreset --all\n```\n[1]", ["reset --all"]),
        ("[1] Hold it.", [""]),
    ],
)
def test_a_marker_stands_behind_the_sentence_in_front_of_it(
    text: str, claims: list[str]
) -> None:
    found = markers(text)

    assert [claim(text, found, marker.start) for marker in found] == claims


@given(st.text(alphabet="ab. \n[]1-*`", max_size=60))
def test_without_markers_every_other_sign_stays(text: str) -> None:
    found = markers(text)

    bare = unmarked(text, found)

    outside = re.sub(r"\[\d\]", "", text)
    assert bare.replace(" ", "") == outside.replace(" ", "")
    assert len(bare) <= len(outside)


@pytest.mark.parametrize(
    ("said", "held"),
    [
        ("Hold the pin button for 12 seconds.", True),
        ("You hold the *pin button* for 12 seconds", True),
        ("Hold the pin button for 120 seconds.", False),
        ("Hold the pin button for 5 seconds.", False),
        ("The warranty covers dropped devices.", False),
        ("", False),
    ],
)
def test_a_place_holds_what_has_its_numbers_and_most_of_its_words(
    said: str, held: bool
) -> None:
    assert holds(PLACE, said) is held
