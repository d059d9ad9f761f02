"""What is kept cannot be asked for without saying who asks."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from app.access.meter import Meter
from app.conversations.history import History
from app.conversations.personal import Personal
from app.conversations.store import Conversations
from app.insights import opinions, reading
from app.insights.gathering import Gatherer
from app.insights.suggesting import MostAsked
from app.replies import Replies
from app.retrieval.late_index import LateIndex
from app.retrieval.retriever import Retriever
from ingest.documents import Principal

KEPT = (
    Conversations, History, Personal, Gatherer, Replies, Meter, LateIndex, Retriever, MostAsked,
    opinions, reading,
)  # fmt: skip

ABOUT_NOBODY = {
    "LateIndex.start", "LateIndex.close",
    # The meter's own work, and tabs that a principal opened.
    "Meter.renewing",
    # Whoever holds a claim was given it as a principal.
    "Replies.renew", "Replies.finish", "Replies.give_back",
}  # fmt: skip
"""What tells nobody anything."""


def asked(holder: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield what can be asked of a class or a module, by name."""
    for name, function in inspect.getmembers(holder, inspect.isfunction):
        waits = inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(
            inspect.unwrap(function)
        )
        where = getattr(holder, "__name__", "").rpartition(".")[2]
        own = function.__module__ == getattr(holder, "__module__", holder.__name__)
        if waits and own and not name.startswith("_"):
            yield f"{where}.{name}", function


@pytest.mark.parametrize("holder", KEPT, ids=lambda holder: holder.__name__)
def test_nothing_can_be_asked_without_a_principal(holder: Any) -> None:
    found = dict(asked(holder))

    assert found
    for name, function in found.items():
        if name not in ABOUT_NOBODY:
            parameters = inspect.signature(function).parameters
            kinds = [parameter.annotation for parameter in parameters.values()]
            assert Principal in kinds[:3], name
            needed = parameters[_name_of(parameters)]
            assert needed.default is inspect.Parameter.empty, name


def _name_of(parameters: Mapping[str, inspect.Parameter]) -> str:
    return next(n for n, p in parameters.items() if p.annotation is Principal)
