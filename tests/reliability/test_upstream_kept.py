"""What a conversation keeps of an answer that the upstream did not give, or not whole."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.api.talking import Talks
from tests.app.api.whole import SURE, Whole, whole_service
from tests.reliability.recording import Seen
from tests.reliability.test_upstream_unreached import refusing
from tests.reliability.upstreams import HELLO, ask, row, told
from tests.scripted_upstream import (
    DONE,
    Cut,
    Hold,
    Reply,
    ScriptedUpstream,
    answered,
    chunk,
    event,
    refused,
)

QUICK = {
    "CHAT_FIRST_BYTE_TIMEOUT": "1.5",
    "CHAT_GAP_TIMEOUT": "0.7",
    "CHAT_TOTAL_TIMEOUT": "20",
    "CHAT_MAX_ANSWER_BYTES": "5000",
}

ASKED: dict[str, Any] = {
    "model": "frontdesk",
    "messages": [{"role": "user", "content": SURE}],
}


@pytest.fixture(scope="module")
def service(sample_home: Path) -> Iterator[Whole]:
    with whole_service(sample_home, **QUICK) as whole:
        yield whole


@pytest.fixture
def whole(service: Whole) -> Whole:
    """The service, whose upstream has answered well before what goes wrong."""
    service.says()
    for _ in range(3):
        service.ask()
    return service


def kept(address: str, *, stream: bool) -> tuple[str, list[tuple[str, str, str]]]:
    """Ask within a new conversation; return what is told and what is kept."""
    with Talks(address) as talks:
        conversation = talks.begin()
        within = {"rag": {"conversation_id": conversation}}
        body = {**ASKED, "stream": stream, **within}
        reply = httpx.post(f"{address}/v1/chat/completions", json=body, timeout=60)
        talks.wait_for(conversation, lambda m: m["status"] != "running")
        return str(told(reply)), talks.said(conversation)


@pytest.mark.parametrize(
    ("expected", "reply", "text"),
    [
        row("U4", "kept", "failed", refused(401, "x"), ""),
        row("U5", "kept", "failed", refused(404, "x"), ""),
        row("U6", "kept", "failed", refused(400, "x"), ""),
        row("U7", "kept", "failed", refused(429, "x", retry_after="99"), ""),
        row("U8", "kept", "failed", refused(429, "insufficient_quota"), ""),
        row("U9", "kept", "failed", refused(500, "x", retry_after_ms="1"), ""),
        row("U10", "kept", "failed", Reply(before=(Hold(),)), ""),
        row("U11", "kept", "incomplete", Reply((HELLO, Hold())), "Hello"),
        row("U12", "kept", "incomplete",
            Reply((HELLO, event(chunk({"content": "x" * 9000})), Hold())), "Hello"),
        row("U13", "kept", "incomplete", Reply((HELLO, Cut())), "Hello"),
        row("U14", "kept", "incomplete", Reply((HELLO,)), "Hello"),
        row("U15", "kept", "incomplete",
            Reply((HELLO, b"data: nonsense\n\n", Hold())), "Hello"),
        row("U16", "kept", "failed",
            answered({}, 200, content_encoding="gzip"), ""),
        row("U17", "kept", "complete", Reply((HELLO, DONE)), "Hello"),
        row("U18", "kept", "failed", refused(302, "x", location="/"), ""),
    ],
)  # fmt: skip
def test_the_question_is_kept_and_the_answer_as_far_as_it_came(
    expected: str, reply: Reply, text: str, whole: Whole, seen: Seen
) -> None:
    whole.says(reply)

    _, said = kept(whole.address, stream=True)

    seen(said[-1][2])
    assert [(role, content) for role, content, _ in said] == [
        ("user", SURE),
        ("assistant", text),
    ]
    assert said[-1][2] == expected


def test_a_refused_key_is_told_where_readiness_is_asked(whole: Whole) -> None:
    whole.says(refused(401, "x"))

    kept(whole.address, stream=False)

    part = httpx.get(f"{whole.address}/health/ready").json()["parts"]["upstream"]
    assert part["state"] == "degraded"
    assert "OPENAI_API_KEY" in part["detail"]


@pytest.mark.row(
    "U1", "kept", "failed; the breaker opens, readiness and the figure tell"
)
def test_an_upstream_that_is_away_is_left_alone_and_readiness_tells(
    sample_home: Path, seen: Seen
) -> None:
    with (
        refusing() as url,
        whole_service(sample_home, OPENAI_BASE_URL=url, **QUICK) as away,
    ):
        first, said = kept(away.address, stream=True)
        second = ask(away.address, stream=False, **ASKED)
        third = ask(away.address, stream=True, **ASKED)
        health = httpx.get(f"{away.address}/health/ready")
        figures = httpx.get(f"{away.address}/metrics").text

    part = health.json()["parts"]["upstream"]
    seen(f"{first}, {said[-1][2]}, then {third}; {part['state']}")
    assert said[-1] == ("assistant", "", "failed")
    assert first == "503 upstream_unavailable, Retry-After 5"
    # Five that reached nobody in a row: it is not asked for now.
    assert (second.status, third.status) == (503, 503)
    assert 1 <= int(third.retry_after) <= 5
    assert (health.status_code, part["state"]) == (200, "degraded")
    assert "not asked for now" in part["detail"]
    assert 'frontdesk_breaker_state{endpoint="1"} 2.0' in figures
    assert url not in figures


def test_an_upstream_that_is_well_again_is_asked_again(sample_home: Path) -> None:
    with ScriptedUpstream(answered({})) as closed:
        port = int(closed.url.split(":")[2].split("/")[0])
    with whole_service(sample_home, OPENAI_BASE_URL=closed.url, **QUICK) as away:
        statuses = {ask(away.address, stream=True, **ASKED).status for _ in range(4)}
        with ScriptedUpstream(Reply((HELLO, DONE)), port=port):
            deadline = time.monotonic() + 30
            while ask(away.address, stream=True, **ASKED).text != "Hello":
                assert time.monotonic() < deadline
                time.sleep(0.5)
            part = httpx.get(f"{away.address}/health/ready").json()["parts"]["upstream"]

    assert statuses == {503}
    assert part["state"] == "up"
