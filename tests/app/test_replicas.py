"""Two services on one PostgreSQL and one Redis behave as one."""

import concurrent.futures
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import Struct

from tests.databases import database_url, redis_url
from tests.keys import make_key
from tests.scripted_upstream import ScriptedUpstream, either
from tests.service import service

ANSWER = "The circuit of the probe is open [1]."
SURE = "What does error E-207 mean?"


class Pair(Struct, frozen=True):
    """Two addresses of one service, a key for both, and their upstream."""

    first: httpx.Client
    second: httpx.Client
    upstream: ScriptedUpstream


@pytest.fixture(scope="module")
def pair(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    home = tmp_path_factory.mktemp("pair")
    with (
        database_url("postgresql", home) as url,
        redis_url() as redis,
        ScriptedUpstream(either(ANSWER)) as upstream,
    ):
        shared = {
            "DATABASE_URL": url,
            "REDIS_URL": redis,
            "OPENAI_BASE_URL": upstream.url,
            "OPENAI_API_KEY": "k",
            "CHAT_MODEL": "writer-1",
        }
        scopes = ("chat", "conversations", "feedback", "insights", "admin")
        asked = [part for scope in scopes for part in ("--scope", scope)]
        key = make_key(sample_home, "--name", "pair", *asked, **shared)
        headers = {"authorization": f"Bearer {key}"}
        with (
            service(sample_home, **shared) as one,
            service(sample_home, **shared) as other,
            httpx.Client(base_url=one, headers=headers, timeout=60) as first,
            httpx.Client(base_url=other, headers=headers, timeout=60) as second,
        ):
            yield Pair(first, second, upstream)


def ask(client: httpx.Client, content: str = SURE, **more: Any) -> httpx.Response:
    once = more.pop("once", "")
    return client.post(
        "/v1/chat/completions",
        json={
            "model": "frontdesk",
            "messages": [{"role": "user", "content": content}],
            **more,
        },
        headers={"idempotency-key": once} if once else {},
    )


def test_a_conversation_goes_on_at_either(pair: Pair) -> None:
    begun = pair.first.post("/v1/conversations", json={}).raise_for_status().json()
    rag = {"conversation_id": begun["id"]}
    for client in (pair.first, pair.second, pair.first):
        ask(client, rag=rag).raise_for_status()

    told = pair.second.get(f"/v1/conversations/{begun['id']}/messages").json()["data"]

    assert [message["role"] for message in told] == ["user", "assistant"] * 3
    history = pair.upstream.requests[-1].body["messages"]
    assert [m["content"] for m in history if m["role"] == "assistant"] == [ANSWER] * 2


def test_turns_of_both_at_once_are_all_kept(pair: Pair) -> None:
    begun = pair.first.post("/v1/conversations", json={}).raise_for_status().json()
    rag = {"conversation_id": begun["id"]}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        clients = [pair.first, pair.second] * 4
        replies = list(pool.map(lambda client: ask(client, rag=rag), clients))

    assert {reply.status_code for reply in replies} == {200}
    told = pair.first.get(f"/v1/conversations/{begun['id']}/messages?limit=100").json()
    ids = {m["id"] for m in told["data"] if m["role"] == "assistant"}
    assert ids == {reply.json()["id"] for reply in replies}


def test_a_request_is_answered_once_whoever_is_asked(pair: Pair) -> None:
    pair.upstream.requests.clear()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        clients = [pair.first, pair.second] * 4
        replies = list(pool.map(lambda client: ask(client, once="pair-1"), clients))
    again = [ask(client, once="pair-1") for client in (pair.first, pair.second)]

    bodies = {r.content for r in (*replies, *again) if r.status_code == 200}
    assert {r.status_code for r in replies} <= {200, 409}
    assert {r.headers["idempotent-replayed"] for r in again} == {"true"}
    assert len(bodies) == 1
    assert len(pair.upstream.requests) == 1


def test_feedback_finds_the_answer_of_the_other(pair: Pair) -> None:
    answer = ask(pair.first).raise_for_status().json()["id"]
    given = {"message_id": answer, "rating": "down", "comment": "wrong probe"}

    assert pair.second.post("/v1/feedback", json=given).status_code == 200


def test_a_revoked_key_ends_at_both(pair: Pair) -> None:
    made = pair.first.post(
        "/v1/keys", json={"name": "short", "scopes": ["chat"]}
    ).json()
    headers = {"authorization": f"Bearer {made['key']}"}
    before = {c.get("/v1/models", headers=headers).status_code for c in pair_of(pair)}
    pair.second.delete(f"/v1/keys/{made['id']}").raise_for_status()

    after = until_refused(pair, headers)

    assert before == {200}
    assert after == {401}


def pair_of(pair: Pair) -> tuple[httpx.Client, httpx.Client]:
    return pair.first, pair.second


def until_refused(pair: Pair, headers: dict[str, str]) -> set[int]:
    """Ask both for 5 seconds, and return what they said last."""
    deadline = time.monotonic() + 5
    said: set[int] = set()
    while said != {401} and time.monotonic() < deadline:
        time.sleep(0.2)
        said = {c.get("/v1/models", headers=headers).status_code for c in pair_of(pair)}
    return said
