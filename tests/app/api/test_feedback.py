"""What the routes for feedback and insights promise, over a service of its own."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.database.engine import open_database
from app.settings import DatabaseSettings
from tests.app.insights.made_turns import keep_turns, turn
from tests.service import service

OWN, ANOTHER = "chatcmpl-own", "chatcmpl-another"


@pytest.fixture(scope="module")
def address(
    sample_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    url = f"sqlite:///{tmp_path_factory.mktemp('turns') / 'frontdesk.db'}"
    asyncio.run(_fill(url))
    with service(sample_home, DATABASE_URL=url) as address:
        yield address


async def _fill(url: str) -> None:
    now = time.time()
    rows = [
        turn("default", id=OWN, question="Is there a Zigbee hub?", answered=False,
             created=now),
        turn("default", id=ANOTHER, question="is there a zigbee hub", created=now),
        turn("other", id="chatcmpl-theirs", question="canary-of-other", created=now),
    ]  # fmt: skip
    async with open_database(DatabaseSettings(url=url)) as database:
        await keep_turns(database, *rows)


def rate(address: str, **body: Any) -> httpx.Response:
    return httpx.post(f"{address}/v1/feedback", json=body, timeout=30)


def insights(address: str, **query: Any) -> Any:
    reply = httpx.get(f"{address}/v1/insights", params=query, timeout=30)
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_a_thumb_is_given_changed_and_taken_back(address: str) -> None:
    first = rate(address, message_id=OWN, rating="up")
    again = rate(address, message_id=OWN, rating="down", comment="No!\0", user="ann")
    other = rate(address, message_id=OWN, rating="down", comment=None)

    assert (first.status_code, again.status_code, other.status_code) == (200, 200, 200)
    assert again.json() | {"created": 0, "updated": 0} == {
        "message_id": OWN, "object": "feedback", "rating": "down", "comment": "No!",
        "created": 0, "updated": 0,
    }  # fmt: skip
    assert (insights(address)["total"]["up"], insights(address)["total"]["down"]) == (
        0, 2,
    )  # fmt: skip

    for query in ("?user=ann", ""):
        gone = httpx.delete(f"{address}/v1/feedback/{OWN}{query}")
        assert gone.json() == {
            "message_id": OWN, "object": "feedback.deleted", "deleted": True,
        }  # fmt: skip
    assert insights(address)["total"]["down"] == 0


def test_answers_of_others_are_told_as_there_are_none(address: str) -> None:
    replies = [
        rate(address, message_id=id_, rating="up")
        for id_ in ("chatcmpl-theirs", "chatcmpl-none", "' OR 1=1 --", "💥", "\x7f")
    ] + [
        httpx.delete(f"{address}/v1/feedback/{id_}")
        for id_ in ("chatcmpl-theirs", "chatcmpl-none", OWN, "%00", "%ff%fe", "x" * 500)
    ]

    assert {reply.status_code for reply in replies} == {404}
    assert len({reply.text for reply in replies}) == 1


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"rating": "up"}, "message_id"),
        ({"message_id": OWN}, "rating"),
        ({"message_id": OWN, "rating": "sideways"}, "rating"),
        ({"message_id": OWN, "rating": 1}, "rating"),
        ({"message_id": OWN, "rating": "up", "comment": "x" * 2001}, "comment"),
        ({"message_id": OWN, "rating": "up", "user": "x" * 257}, "user"),
        ({"message_id": OWN, "rating": "up", "tenant": "other"}, "tenant"),
        ({"message_id": OWN, "rating": "up", "author": "key:x"}, "author"),
        ({"message_id": "", "rating": "up"}, "message_id"),
    ],
)
def test_what_is_wrong_is_named(address: str, body: dict[str, Any], param: str) -> None:
    reply = rate(address, **body)

    assert (reply.status_code, reply.json()["error"]["param"]) == (400, param)


def test_a_lone_surrogate_is_refused_and_nothing_breaks(address: str) -> None:
    body = b'{"message_id": "chatcmpl-own", "rating": "up", "comment": "\\ud800"}'

    reply = httpx.post(
        f"{address}/v1/feedback", content=body,
        headers={"content-type": "application/json"},
    )  # fmt: skip

    assert reply.status_code == 400


def test_a_rating_sent_again_with_its_key_is_answered_as_before(address: str) -> None:
    headers = {"idempotency-key": "once"}
    body = {"message_id": ANOTHER, "rating": "up"}

    first, again = (
        httpx.post(f"{address}/v1/feedback", json=body, headers=headers)
        for _ in range(2)
    )

    assert first.content == again.content
    assert httpx.delete(f"{address}/v1/feedback/{ANOTHER}").status_code == 200


def test_an_answer_can_be_rated_as_soon_as_it_is_there(address: str) -> None:
    messages = [{"role": "user", "content": "How do I bake sourdough bread?"}]
    body = {"model": "frontdesk", "messages": messages}
    answer = httpx.post(f"{address}/v1/chat/completions", json=body, timeout=30).json()

    assert rate(address, message_id=answer["id"], rating="down").status_code == 200
    topics = insights(address)["topics"]
    bread = next(topic for topic in topics if "sourdough" in topic["question"])
    assert (bread["count"], bread["unanswered"], bread["down_voted"]) == (1, 1, 1)
    assert bread["examples"][0]["id"] == answer["id"]


def test_insights_are_of_the_callers_tenant(address: str) -> None:
    rate(address, message_id=ANOTHER, rating="down", comment="none of ours")

    found = insights(address, days=2)

    topic = next(t for t in found["topics"] if "igbee" in t["question"])
    assert (topic["count"], topic["unanswered"], topic["down_voted"]) == (2, 1, 1)
    assert topic["nearest"]["path"]
    assert found["total"]["questions"] in (2, 3)
    assert len(found["by_day"]) == 2
    assert "canary-of-other" not in str(found)


@pytest.mark.parametrize("days", ["0", "367", "-1", "x", "1e3", ""])
def test_days_out_of_bounds_are_refused(address: str, days: str) -> None:
    reply = httpx.get(f"{address}/v1/insights", params={"days": days})

    assert reply.status_code == 400
    assert reply.json()["error"]["param"] == "days"
