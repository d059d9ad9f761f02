"""No regular expression that reads questions or answers can be made to take for ever."""

import pytest

import app.access
import app.api
import app.chat
import app.upstream
from tests.reliability.expressions import expressions, slow, walked
from tests.reliability.recording import Figure
from tests.reliability.sizes import SEED

BOUNDED = {
    "app.chat.outgoing.markers._OPEN_MARKER[0]": 64,
    "app.chat.outgoing.page._WWW[0]": 48,
    "app.chat.outgoing.prose._WORD[0]": 48,
}
"""Expressions that look at the last characters that left, and no more of them."""

FOUND = expressions(walked(app.chat, app.api, app.upstream, app.access))


@pytest.mark.parametrize("place", FOUND)
def test_an_expression_ends_soon_on_what_nearly_matches(place: str) -> None:
    longest = BOUNDED.get(place)

    assert slow(*FOUND[place], short=4, whole=40, longest=longest) == [], SEED


def test_all_expressions_are_found(figure: Figure) -> None:
    assert len(FOUND) > 30
    assert BOUNDED.keys() <= FOUND.keys()
    figure(
        "expressions of the service that a text can hold up", f"0 of {len(FOUND)}", "0"
    )
