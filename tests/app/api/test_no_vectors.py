"""No route returns a vector: not by its description, and not in what it answers.

A vector can be turned back into the text it was made of.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.app.api.whole import SURE, Whole

_NUMBERS = 8
"""Numbers in a row that no answer of ours has; every model's vector has more."""

_ASKED: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {
        "model": "frontdesk",
        "messages": [{"role": "user", "content": SURE}],
        "rag": {"top_k": 5},
    },
    "/v1/search": {"query": SURE, "limit": 50},
}
"""Bodies that the routes answer in full; others are sent an empty one."""


def vectors_in(value: object) -> Iterator[object]:
    """Yield what could be a vector in a JSON value."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from vectors_in(inner)
    elif isinstance(value, list):
        numbers = [one for one in value if isinstance(one, float)]
        if len(numbers) >= _NUMBERS:
            yield value
        for inner in value:
            yield from vectors_in(inner)


def number_lists(schema: object, path: str = "") -> Iterator[str]:
    """Yield where a schema allows a list of numbers that are not whole."""
    if isinstance(schema, list):
        for place, inner in enumerate(schema):
            yield from number_lists(inner, f"{path}[{place}]")
    if isinstance(schema, dict):
        items = schema.get("items")
        if isinstance(items, dict) and items.get("type") == "number":
            yield path
        for name, inner in schema.items():
            yield from number_lists(inner, f"{path}.{name}")


@pytest.fixture(scope="module")
def description(started: Whole) -> dict[str, Any]:
    reply = httpx.get(f"{started.address}/openapi.json")
    described: dict[str, Any] = reply.json()
    return described


def test_no_answer_is_described_as_holding_a_vector(
    description: dict[str, Any],
) -> None:
    answers = {
        f"{method} {path}": operation["responses"]
        for path, item in description["paths"].items()
        for method, operation in item.items()
    }

    assert answers
    assert list(number_lists(answers)) == []
    assert list(number_lists(description["components"])) == []


def test_no_answer_holds_a_vector(whole: Whole, description: dict[str, Any]) -> None:
    answered = {}
    with httpx.Client(base_url=whole.address, timeout=30) as http:
        hit = http.post("/v1/search", json=_ASKED["/v1/search"]).json()["data"][0]
        for path, item in description["paths"].items():
            address = path.replace("{source_id}", hit["id"])
            for method in item.keys() & {"get", "post", "delete", "patch", "put"}:
                json = _ASKED.get(path, {}) if method in ("post", "patch") else None
                reply = http.request(method.upper(), address, json=json)
                answered[path] = reply.status_code
                if "json" in reply.headers.get("content-type", ""):
                    assert list(vectors_in(reply.json())) == [], path
                assert "embedding" not in reply.text or path == "/metrics", path

    assert all(answered[path] == 200 for path in _ASKED)
    assert answered["/v1/sources/{source_id}"] == 200
