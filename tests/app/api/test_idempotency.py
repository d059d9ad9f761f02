"""The same request sent again: through the whole service."""

import concurrent.futures
import itertools
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from app.api.idempotency import is_whole
from tests.app.api.whole import ANSWER, SURE, Whole
from tests.scripted_upstream import Cut, Reply, chunk, either, event

_numbers = itertools.count()


@pytest.fixture
def key() -> str:
    """An idempotency key nobody used yet."""
    return f"key-{next(_numbers)}"


def post(whole: Whole, key: str, content: str = SURE, **fields: Any) -> httpx.Response:
    messages = [{"role": "user", "content": content}]
    return httpx.post(
        f"{whole.address}/v1/chat/completions",
        json={"model": "frontdesk", "messages": messages, **fields},
        headers={"Idempotency-Key": key},
        timeout=60,
    )


@pytest.mark.row(
    "C3", "with an idempotency key, again", "the first answer, one upstream call"
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_second_try_gets_the_first_answer_and_costs_no_call(
    whole: Whole, key: str, stream: bool
) -> None:
    whole.says()
    first = post(whole, key, stream=stream)
    second = post(whole, key, stream=stream)

    assert first.status_code == second.status_code == 200
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["content-type"] == first.headers["content-type"]
    assert second.content == first.content
    assert len(whole.asked) == 1


def test_the_official_client_reads_a_replayed_stream(whole: Whole, key: str) -> None:
    whole.says()
    said = [
        "".join(
            chunk.choices[0].delta.content or ""
            for chunk in whole.ask(stream=True, extra_headers={"Idempotency-Key": key})
        )
        for _ in range(2)
    ]

    assert said == [ANSWER, ANSWER]


def test_the_order_of_fields_does_not_make_another_request(
    whole: Whole, key: str
) -> None:
    whole.says()
    post(whole, key, temperature=0, seed=1)
    again = post(whole, key, seed=1, temperature=0)

    assert again.headers["idempotent-replayed"] == "true"


@pytest.mark.row("C3", "with the key of another request", "400 idempotency_key_reused")
def test_a_key_for_another_request_is_refused(whole: Whole, key: str) -> None:
    whole.says()
    post(whole, key)

    with pytest.raises(openai.BadRequestError) as caught:
        whole.ask("What does error E-101 mean?", extra_headers={"Idempotency-Key": key})
    assert caught.value.code == "idempotency_key_reused"
    assert caught.value.param == "Idempotency-Key"


@pytest.mark.row("C3", "twenty at once with one key", "one upstream call, one answer")
def test_twenty_at_once_are_one_call_and_one_answer(whole: Whole, key: str) -> None:
    whole.says()
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda _: post(whole, key), range(20)))

    bodies = {reply.content for reply in replies if reply.status_code == 200}
    busy = [reply for reply in replies if reply.status_code != 200]
    assert len(bodies) == 1
    assert {reply.status_code for reply in busy} <= {409}
    assert all(reply.headers["retry-after"] == "1" for reply in busy)
    assert len(whole.asked) == 1


@pytest.mark.row("C3", "with the key of an answer that broke off", "asked anew")
def test_an_answer_that_broke_off_is_asked_anew(whole: Whole, key: str) -> None:
    whole.says(Reply((event(chunk({"content": "Half of"})), Cut())), either(ANSWER))
    first = post(whole, key, stream=True)
    second = post(whole, key, stream=True)

    assert b'"error"' in first.content
    assert b'"error"' not in second.content
    assert "idempotent-replayed" not in second.headers


def test_a_refused_request_does_not_use_up_its_key(whole: Whole, key: str) -> None:
    whole.says()
    assert post(whole, key, temperature=9).status_code == 400
    assert post(whole, key, temperature=1).status_code == 200


@pytest.mark.parametrize("bad", ["", "x" * 256])
def test_a_malformed_key_is_refused(whole: Whole, bad: str) -> None:
    reply = post(whole, bad)

    assert reply.status_code == 400
    assert reply.json()["error"]["param"] == "Idempotency-Key"


def test_an_answer_is_kept_in_the_database_alone(
    whole: Whole, key: str, sample_home: Path
) -> None:
    whole.says()
    post(whole, key)

    with sqlite3.connect(sample_home / "data" / "frontdesk.db") as database:
        row = database.execute("SELECT status FROM replies WHERE key = ?", (key,))
        assert row.fetchone() == (200,)
    database.close()


@pytest.mark.parametrize(
    ("body", "whole"),
    [
        (b'data: {"a":1}\n\ndata: [DONE]\n\n', True),
        (b'data: {"a":1}\n\n: ping\n\ndata: [DONE]\n\n', True),
        (b'data: {"error":{}}\n\ndata: [DONE]\n\n', False),
        (b'data: {"a":1}\n\ndata: {"error":{}}\n\ndata: [DONE]\n\n', False),
        (b'data: {"a":1}\n\n', False),
        (b'data: {"a":1}\n\ndata: [DONE]', False),
        (b"", False),
    ],
)
def test_a_stream_is_whole_if_it_ends_well(body: bytes, whole: bool) -> None:
    assert is_whole(body) is whole
