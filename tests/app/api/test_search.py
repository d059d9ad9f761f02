"""What ``POST /v1/search`` promises."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.command import ROOT

DOCUMENTS = ROOT / "data" / "documents"


def post(address: str, **body: Any) -> httpx.Response:
    return httpx.post(f"{address}/v1/search", json=body)


def test_a_hit_says_where_it_stands(sample_service: str) -> None:
    reply = post(sample_service, query="what does E-207 mean?", limit=3)

    found = reply.json()
    assert reply.status_code == 200
    assert found["object"] == "search.results"
    assert found["queries"]
    assert 0 <= found["confidence"] <= 1
    assert len(found["data"]) == 3
    scores = [hit["score"] for hit in found["data"]]
    assert scores == sorted(scores, reverse=True)
    assert found["data"][0].keys() == {
        "id", "score", "text", "document", "heading_path", "page", "span", "language",
        "labels",
    }  # fmt: skip
    assert "E-207" in found["data"][0]["text"]


@pytest.mark.parametrize("suffix", [".md", ".rst", ".txt", ".csv", ".json"])
def test_text_can_be_found_in_the_file_at_its_span(
    sample_service: str, suffix: str
) -> None:
    files = [p for p in DOCUMENTS.rglob(f"*{suffix}") if p.is_file()]
    checked = 0
    for file in files:
        text = file.read_text(encoding="utf-8")
        path = file.relative_to(DOCUMENTS).as_posix()
        reply = post(
            sample_service, query=text[:300], limit=50, filter={"path": path}
        ).json()
        for hit in reply["data"]:
            start, end = hit["span"]
            # A table that was cut repeats its header rows in front of its own.
            assert hit["text"].endswith(text[start:end].strip()[-200:])
            checked += 1

    assert checked >= len(files)


def test_a_conversation_is_searched_by_its_last_turn_in_context(
    sample_service: str,
) -> None:
    reply = post(
        sample_service,
        messages=[
            {"role": "user", "content": "How long does the hub H1 buffer offline?"},
            {"role": "assistant", "content": "The H1 keeps 48 hours of readings."},
            {"role": "user", "content": "And when does its support end?"},
        ],
        limit=5,
    )

    assert reply.status_code == 200
    paths = [hit["document"]["path"] for hit in reply.json()["data"]]
    assert "install/hub-h1.md" in paths


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "query"),
        ({"query": "x", "messages": [{"role": "user", "content": "x"}]}, "query"),
        ({"query": "   "}, "query"),
        ({"query": "x", "limit": 0}, "limit"),
        ({"query": "x", "limit": 51}, "limit"),
        ({"query": 7}, "query"),
        ({"query": "x", "filter": {"colour": "red"}}, "filter"),
        ({"query": "x", "filters": {"path": "x"}}, "filters"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "system", "content": "be kind"}]}, "messages"),
        ({"messages": [{"role": "king", "content": "x"}]}, "messages[0].role"),
    ],
)
def test_a_wrong_request_is_a_400_that_names_the_field(
    sample_service: str, body: dict[str, Any], param: str
) -> None:
    reply = post(sample_service, **body)

    assert reply.status_code == 400, reply.text
    assert reply.json()["error"]["type"] == "invalid_request_error"
    assert str(reply.json()["error"]["param"]).startswith(param)


def test_null_counts_as_not_given(sample_service: str) -> None:
    reply = post(
        sample_service, query="reset the hub", messages=None, limit=None, filter=None
    )

    assert reply.status_code == 200
    assert len(reply.json()["data"]) == 10


def test_staff_pages_are_not_found_by_the_public(sample_service: str) -> None:
    reply = post(sample_service, query="goodwill credits for customers", limit=50)

    paths = {hit["document"]["path"] for hit in reply.json()["data"]}
    assert not any(path.startswith("internal/") for path in paths)
    assert Path(DOCUMENTS / "internal").is_dir()
