"""No regular expression that reads documents or folders can be made to take for ever."""

import re
from typing import Any

import pytest

from tests.reliability.expressions import attacks, expressions, seconds, slow
from tests.reliability.recording import Figure
from tests.reliability.sizes import SEED

BOUNDED = {
    "ingest.readers.markdown._OWN_ID[0]": 250,
    "ingest.readers.table._VALUE[0]": 80,
}
"""Expressions whose subject is cut to this many characters where they are used."""

FOUND = expressions()


@pytest.mark.parametrize("place", FOUND)
def test_an_expression_ends_soon_on_what_nearly_matches(place: str) -> None:
    longest = BOUNDED.get(place)

    assert slow(*FOUND[place], short=6, whole=80, longest=longest) == [], SEED


@pytest.mark.parametrize("pattern", [r"(?:a|a)*b", r"(a+)+$", r"^(\s*\n)*x"])
def test_an_expression_that_blows_up_is_seen(pattern: str) -> None:
    expression: re.Pattern[Any] = re.compile(pattern)

    taken = [
        seconds(expression, frozenset(), text, 0.3)
        for text in list(attacks(expression))
    ]

    assert max(taken) >= 0.3


def test_all_expressions_are_found(figure: Figure) -> None:
    assert len(FOUND) > 50
    assert BOUNDED.keys() <= FOUND.keys()
    figure("expressions that a text can hold up", f"0 of {len(FOUND)}", "0")
