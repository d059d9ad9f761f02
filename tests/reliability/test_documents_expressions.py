"""No regular expression that reads documents or folders can be made to take for ever."""

import random
import re
from typing import Any

import pytest

from tests.reliability.expressions import attacks, expressions, seconds
from tests.reliability.recording import Figure
from tests.reliability.sizes import SEED, size

MOST = 20.0
"""Seconds of a busy machine; what blows up takes minutes or years."""

BOUNDED = {
    "ingest.readers.markdown._OWN_ID[0]": 250,
    "ingest.readers.table._VALUE[0]": 80,
}
"""Expressions whose subject is cut to this many characters where they are used."""

FOUND = expressions()


@pytest.mark.parametrize("place", FOUND)
def test_an_expression_ends_soon_on_what_nearly_matches(place: str) -> None:
    expression, used = FOUND[place]
    texts = list(attacks(expression))
    random.Random(SEED).shuffle(texts)

    slow = [
        text[:20]
        for text in texts[: size(6, 80, len(texts))]
        if seconds(expression, used, text[: BOUNDED.get(place, len(text))], MOST)
        >= MOST
    ]

    assert slow == [], SEED


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
