"""What an operator sees at three in the morning."""

import json
import re
from pathlib import Path

import httpx
import pytest

from tests.command import frontdesk
from tests.service import service


def test_a_service_with_an_index_is_ready(sample_service: str) -> None:
    reply = httpx.get(f"{sample_service}/health/ready")

    assert reply.status_code == 200
    assert reply.json()["parts"]["index"]["state"] == "up"


def test_figures_name_the_stages_of_a_question(sample_service: str) -> None:
    asked = httpx.post(f"{sample_service}/v1/search", json={"query": "reset the hub"})

    figures = httpx.get(f"{sample_service}/metrics").text

    assert "embed;dur=" in asked.headers["server-timing"]
    assert 'stage="embed"' in figures
    assert 'stage="search"' in figures


def test_a_service_without_an_index_starts_says_so_and_finds_it_later(
    tmp_path: Path,
) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "reset.md").write_text("# Reset\n\nHold the pin button for 12 seconds.\n")
    with service(tmp_path) as address:
        early = httpx.get(f"{address}/health/ready")
        asked = httpx.post(f"{address}/v1/search", json={"query": "reset"})
        assert frontdesk(tmp_path, "ingest", "docs").returncode == 0
        later = wait_until_ready(address)

    assert early.status_code == 503
    assert "frontdesk ingest" in early.json()["parts"]["index"]["detail"]
    assert asked.status_code == 503
    assert asked.json()["error"]["code"] == "retrieval_unavailable"
    assert asked.headers["retry-after"]
    assert later.status_code == 200


def wait_until_ready(address: str) -> httpx.Response:
    for _ in range(40):
        reply = httpx.get(f"{address}/health/ready", timeout=5)
        if reply.status_code == 200:
            return reply
        httpx.get(f"{address}/health/live", timeout=5)
        import time

        time.sleep(0.1)
    return reply


def test_the_description_of_the_api_is_served_from_here(sample_service: str) -> None:
    schema = httpx.get(f"{sample_service}/openapi.json").json()

    assert schema["openapi"].startswith("3.")
    assert {"/v1/chat/completions", "/v1/search", "/v1/models"} <= schema[
        "paths"
    ].keys()


@pytest.mark.parametrize(
    ("path", "required", "some"),
    [
        ("/v1/chat/completions", ["model", "messages"], {"stream", "tools", "rag"}),
        ("/v1/search", [], {"query", "messages", "limit", "filter"}),
    ],
)
def test_the_description_tells_what_a_question_looks_like(
    sample_service: str, path: str, required: list[str], some: set[str]
) -> None:
    schema = httpx.get(f"{sample_service}/openapi.json").json()

    body = schema["paths"][path]["post"]["requestBody"]
    referred = body["content"]["application/json"]["schema"]["$ref"]
    struct = schema["components"]["schemas"][referred.rpartition("/")[2]]
    assert body["required"] is True
    assert struct.get("required", []) == required
    assert some <= struct["properties"].keys()


def test_every_reference_of_the_description_leads_somewhere(
    sample_service: str,
) -> None:
    text = httpx.get(f"{sample_service}/openapi.json").text

    known = json.loads(text)["components"]["schemas"].keys()
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    assert {"ChatRequest", "SearchRequest", "SearchResults", "ErrorBody"} <= named
    assert named <= known


def test_the_description_is_the_same_at_both_its_addresses(sample_service: str) -> None:
    one, other = (
        httpx.get(f"{sample_service}{path}").json()
        for path in ("/openapi.json", "/openapi/json")
    )

    assert one == other


def test_a_web_socket_is_answered_like_any_other_request(sample_service: str) -> None:
    upgrade = {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "sec-websocket-version": "13",
    }

    reply = httpx.get(f"{sample_service}/nothing", headers=upgrade)

    assert reply.status_code == 404
    assert reply.json()["error"]["code"] == "not_found"
    assert "x-request-id" in reply.headers
