"""Limits as a caller meets them: statuses, headers, money, streams that end early."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.limiting import duration
from tests.app.api.whole import SURE, Whole, whole_service
from tests.scripted_upstream import (
    Hold,
    Recorded,
    Reply,
    answered,
    chunk,
    event,
    usage,
)

CHAT = "/v1/chat/completions"
ASKED: dict[str, Any] = {
    "model": "frontdesk",
    "messages": [{"role": "user", "content": SURE}],
}
PRICES = '{"writer-1": {"input": 0, "output": 1}}'


def thousand(request: Recorded) -> Reply:
    """Answer with a thousand tokens, as usage tells it."""
    taken = usage(10, 1000)
    if request.body.get("stream"):
        said = event(chunk({"content": "It is open [1]."})), event(chunk(finish="stop"))
        return Reply((*said, event({**chunk(), "choices": [], "usage": taken}),
                      b"data: [DONE]\n\n"))  # fmt: skip
    message = {"role": "assistant", "content": "It is open [1]."}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return answered({"id": "c", "object": "chat.completion", "created": 1,
                     "model": "m", "choices": [choice], "usage": taken})  # fmt: skip


async def statuses(*addresses: str, times: int, **fields: Any) -> list[int]:
    """Ask every address so often, all at once; return what each was answered with."""
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(timeout=120, limits=limits) as http:
        posts = [
            http.post(f"{address}{CHAT}", json=ASKED | fields)
            for _ in range(times)
            for address in addresses
        ]
        return [reply.status_code for reply in await asyncio.gather(*posts)]


@pytest.fixture(scope="module")
def limited(sample_home: Path) -> Iterator[Whole]:
    with whole_service(
        sample_home,
        TENANT_LIMIT_REQUESTS_PER_MINUTE="4",
        TENANT_LIMIT_TOKENS_PER_MINUTE="100000",
    ) as whole:
        yield whole


def test_requests_are_counted_told_and_refused(limited: Whole) -> None:
    with httpx.Client(base_url=limited.address, timeout=60) as http:
        listed = http.get("/v1/models")
        asked = http.post(CHAT, json=ASKED)
        streamed = http.post(CHAT, json=ASKED | {"stream": True})
        wrong = http.post(CHAT, json={"model": "frontdesk"})
        refused = http.get("/v1/models")
        chat = http.post(CHAT, json=ASKED | {"stream": True})
        alive = http.get("/health/live")

    name = "x-ratelimit-remaining-requests"
    assert [reply.headers[name] for reply in (listed, asked, streamed)] == list("321")
    assert asked.headers["x-ratelimit-limit-requests"] == "4"
    assert re.fullmatch(
        r"1m0s|[1-5]?\ds|\d+ms", asked.headers["x-ratelimit-reset-requests"]
    )
    # A request that is refused for what it says counts as well, and tells nothing.
    assert wrong.status_code == 400
    assert name not in wrong.headers
    for reply in (refused, chat):
        error = reply.json()["error"]
        assert reply.status_code == 429
        assert (error["type"], error["code"]) == (
            "rate_limit_error",
            "rate_limit_exceeded",
        )
        assert 1 <= int(reply.headers["retry-after"]) <= 60
        assert reply.headers[name] == "0"
        assert "requests a minute of this tenant" in error["message"]
    assert alive.status_code == 200
    assert name not in alive.headers


def test_tokens_are_told_where_they_are_limited(sample_home: Path) -> None:
    with whole_service(
        sample_home, TENANT_LIMIT_TOKENS_PER_MINUTE="5000"
    ) as whole, httpx.Client(base_url=whole.address, timeout=60) as http:  # fmt: skip
        before = http.get("/v1/models").headers
        asked = http.post(CHAT, json=ASKED | {"max_tokens": 1000})
        after = http.get("/v1/models").headers
        large = http.post(CHAT, json=ASKED | {"max_tokens": 6000})

    name = "x-ratelimit-remaining-tokens"
    assert before["x-ratelimit-limit-tokens"] == before[name] == "5000"
    assert "x-ratelimit-limit-requests" not in before
    # What it may take is held when its headers leave; what it took, 15, is what stays.
    assert 1000 < int(asked.headers[name]) < 4000
    assert after[name] == "4985"
    assert large.status_code == 429
    assert large.headers["x-should-retry"] == "false"
    assert "shorten it" in large.json()["error"]["message"]


def test_a_service_without_limits_tells_none(whole: Whole) -> None:
    reply = httpx.post(f"{whole.address}{CHAT}", json=ASKED, timeout=60)

    assert reply.status_code == 200
    assert not [name for name in reply.headers if name.startswith("x-ratelimit")]
    assert "cost" not in reply.json()["rag"]["usage"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_budget_for_ten_lets_ten_of_two_hundred_reach_the_upstream(
    sample_home: Path, stream: bool
) -> None:
    with whole_service(
        sample_home,
        PRICE_TABLE=PRICES,
        TENANT_LIMIT_MONEY_PER_DAY="0.01",
        SERVER_CONCURRENCY="200",
    ) as whole:
        whole.says(thousand)
        found = asyncio.run(
            statuses(whole.address, times=200, max_tokens=1000, stream=stream)
        )
        calls = len(whole.asked)
        late = httpx.post(f"{whole.address}{CHAT}", json=ASKED, timeout=60)
        figures = httpx.get(f"{whole.address}/metrics").text

    assert calls == found.count(200) == 10
    assert found.count(429) == 190
    error = late.json()["error"]
    assert late.status_code == 429
    assert error["type"] == "insufficient_quota"
    assert error["code"] == "tenant_quota_exceeded"
    assert "money a day of this tenant" in error["message"]
    assert late.headers["x-should-retry"] == "false"
    assert 1 <= int(late.headers["retry-after"]) <= 86_400
    assert (
        'frontdesk_limit_refusals_total{limit="money_per_day",subject="tenant"} 191.0'
        in figures
    )
    assert "frontdesk_spent_tokens_total 10100.0" in figures
    assert "frontdesk_spent_money_total 0.01" in figures


def test_the_official_client_does_not_try_a_spent_quota_again(
    sample_home: Path,
) -> None:
    with whole_service(sample_home, TENANT_LIMIT_TOKENS_PER_DAY="1") as whole:
        patient = whole.client.with_options(max_retries=2)
        with pytest.raises(openai.RateLimitError) as caught:
            patient.chat.completions.create(
                model="frontdesk",
                messages=[{"role": "user", "content": SURE}],
            )
        figures = httpx.get(f"{whole.address}/metrics").text

    assert caught.value.code == "tenant_quota_exceeded"
    assert 'route="/v1/chat/completions",status="429"} 1.0' in figures


def test_what_an_answer_costs_is_told_with_it(sample_home: Path) -> None:
    with whole_service(sample_home, PRICE_TABLE=PRICES) as whole:
        whole.says(thousand)
        asked = whole.ask().model_dump()
        options = {"include_usage": True}
        chunks = [
            c.model_dump() for c in whole.ask(stream=True, stream_options=options)
        ]
        unsure = whole.ask("How do I bake sourdough bread?").model_dump()

    assert asked["rag"]["usage"]["cost"] == 0.001
    told = [c["rag"]["usage"] for c in chunks if c.get("rag")]
    assert told[-1]["cost"] == 0.001
    assert unsure["rag"]["usage"]["cost"] == 0


def test_a_stream_counts_until_it_is_over_or_its_reader_left(
    sample_home: Path,
) -> None:
    endless = Reply((event(chunk({"content": "It is open. " * 20})), Hold()))
    with whole_service(
        sample_home, TENANT_LIMIT_STREAMS="1", CHAT_GAP_TIMEOUT="60"
    ) as whole, httpx.Client(base_url=whole.address, timeout=60) as http:  # fmt: skip
        for _ in range(3):
            whole.says(endless)
            with http.stream("POST", CHAT, json=ASKED | {"stream": True}) as first:
                coming = first.iter_bytes()
                assert b"It is open" in next(coming)
                second = http.post(CHAT, json=ASKED | {"stream": True})
                whole_one = http.post(CHAT, json=ASKED)
            assert whole.upstream.wait_until(lambda u: u.answering == 0)
            whole.says()
            after = granted(http)

            for refused in (second, whole_one):
                assert refused.status_code == 429
                code = refused.json()["error"]["code"]
                assert code == "concurrency_limit_exceeded"
                assert int(refused.headers["retry-after"]) >= 1
                assert refused.headers["content-type"] == "application/json"
            assert after.status_code == 200


def granted(http: httpx.Client) -> httpx.Response:
    """Ask until the stream that was left is given back; a moment, not a lease."""
    for _ in range(100):
        reply = http.post(CHAT, json=ASKED)
        if reply.status_code == 200:
            break
    return reply


def test_an_upstream_that_fails_leaves_the_stream_free(sample_home: Path) -> None:
    with whole_service(sample_home, TENANT_LIMIT_STREAMS="1") as whole:
        whole.says(answered({"error": {"message": "No."}}, 401))
        failed = [
            httpx.post(f"{whole.address}{CHAT}", json=ASKED, timeout=60)
            for _ in range(3)
        ]

    assert [reply.status_code for reply in failed] == [502, 502, 502]


@given(st.floats(0, 200_000))
def test_a_duration_is_never_shorter_than_it_is(seconds: float) -> None:
    text = duration(seconds)

    if text.endswith("ms"):
        told = int(text[:-2]) / 1000
    else:
        found = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(\d+)s", text)
        assert found is not None
        hours, minutes, rest = (int(part or 0) for part in found.groups())
        told = hours * 3600 + minutes * 60 + rest
    assert seconds <= told <= seconds + 1


def test_durations_are_written_as_openai_does() -> None:
    texts = [duration(s) for s in (0, 0.012, 1, 59.2, 60, 360, 86_400)]

    assert texts == ["0s", "12ms", "1s", "1m0s", "1m0s", "6m0s", "24h0m0s"]
