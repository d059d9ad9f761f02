"""No regular expression that reads questions or answers can be made to take for ever."""

import random

import pytest

import app.access
import app.api
import app.chat
import app.upstream
from tests.reliability.expressions import attacks, expressions, seconds, walked
from tests.reliability.recording import Figure
from tests.reliability.sizes import SEED, size

MOST = 20.0
"""Seconds of a busy machine; what blows up takes minutes or years."""

BOUNDED = {
    "app.chat.outgoing.markers._OPEN_MARKER[0]": 64,
    "app.chat.outgoing.page._WWW[0]": 48,
    "app.chat.outgoing.prose._WORD[0]": 48,
}
"""Expressions that look at the last characters that left, and no more of them."""

FOUND = expressions(walked(app.chat, app.api, app.upstream, app.access))


@pytest.mark.parametrize("place", FOUND)
def test_an_expression_ends_soon_on_what_nearly_matches(place: str) -> None:
    expression, used = FOUND[place]
    texts = list(attacks(expression))
    random.Random(SEED).shuffle(texts)

    slow = [
        text[:20]
        for text in texts[: size(4, 40, len(texts))]
        if seconds(expression, used, text[: BOUNDED.get(place, len(text))], MOST)
        >= MOST
    ]

    assert slow == [], SEED


def test_all_expressions_are_found(figure: Figure) -> None:
    assert len(FOUND) > 30
    assert BOUNDED.keys() <= FOUND.keys()
    figure(
        "expressions of the service that a text can hold up", f"0 of {len(FOUND)}", "0"
    )
