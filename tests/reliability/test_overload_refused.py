"""A question without room is refused before anything else is done for it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.app.api.whole import SURE, whole_service
from tests.raw import Caller, chat, post, request
from tests.reliability.recording import Seen
from tests.scripted_upstream import Hold, Reply

KEY = {"Idempotency-Key": "asked before"}


@pytest.fixture(scope="module")
def full(sample_home: Path) -> Iterator[str]:
    """The address of a service that takes one answer at a time, and has one."""
    with (
        whole_service(
            sample_home,
            SERVER_STREAMS="1",
            SERVER_CORS_ORIGINS="https://help.example.com",
            CHAT_FIRST_BYTE_TIMEOUT="600",
        ) as service,
        Caller(service.address) as caller,
    ):
        before = httpx.post(
            f"{service.address}/v1/chat/completions",
            content=chat(question=SURE),
            headers={"content-type": "application/json", **KEY},
            timeout=60,
        )
        assert before.status_code == 200, before.text
        service.says(Reply((Hold(),)))
        caller.send(post(chat(question=SURE, stream=True)))
        assert service.upstream.wait_until(lambda it: bool(it.requests), seconds=30)
        yield service.address


@pytest.mark.row(
    "P4",
    "no room, and a body that never comes",
    "503 overloaded at once, Retry-After 1: neither caller nor body is looked at",
)
def test_a_question_without_room_is_refused_before_its_body_comes(
    full: str, seen: Seen
) -> None:
    with Caller(full, seconds=10) as caller:
        sent = request(
            "POST",
            "/v1/chat/completions",
            "content-type: application/json",
            "content-length: 100000",
            "origin: https://help.example.com",
        )
        # Where there is room, who calls us so would be refused with 403.
        caller.send(sent.replace(b"host: localhost", b"host: desk.example.com"))
        answer = caller.read()

    seen(f"{answer.status} {answer.code}, Retry-After {answer.headers['retry-after']}")
    assert (answer.status, answer.code) == (503, "overloaded")
    assert answer.headers["retry-after"] == "1"
    # What every answer has, this one has as well.
    assert answer.headers["x-request-id"].startswith("req_")
    assert answer.headers["access-control-allow-origin"] == "https://help.example.com"


def test_a_refusal_is_counted_under_its_route(full: str) -> None:
    with Caller(full) as caller:
        caller.send(post(chat()))
        assert caller.read().status == 503

    figures = httpx.get(f"{full}/metrics").text
    route = 'route="/v1/chat/completions",status="503"'
    assert f"frontdesk_requests_total{{{route}}}" in figures


def test_what_was_answered_already_is_told_again_although_there_is_no_room(
    full: str,
) -> None:
    again = httpx.post(
        f"{full}/v1/chat/completions",
        content=chat(question=SURE),
        headers={"content-type": "application/json", **KEY},
        timeout=30,
    )

    assert again.headers["idempotent-replayed"] == "true"


def test_a_search_has_room_where_no_answer_has(full: str) -> None:
    found = httpx.post(f"{full}/v1/search", json={"query": "hub"}, timeout=30)

    assert found.status_code == 200
