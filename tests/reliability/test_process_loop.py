"""Nothing that a caller may send holds the event loop."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from tests.app.api.whole import SURE
from tests.reliability.recording import Figure, Seen
from tests.reliability.writing import JSON, writing
from tests.scripted_upstream import either
from tests.service import Running

IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 1_200_000}}  # fmt: skip
WORDS = "How do I reset the hub? It shows E-207, and [1] the light blinks. "
LONG = WORDS * (990_000 // len(WORDS))
DEEP = "".join(f"[{n}](" for n in range(100_000))


def asked(*messages: Any, **fields: Any) -> dict[str, Any]:
    last = {"role": "user", "content": SURE}
    return {"model": "frontdesk", "messages": [*messages, last], **fields}


def said(content: Any, role: str = "user") -> dict[str, Any]:
    return {"role": role, "content": content}


LARGEST = {
    "20 images, 24 MB": asked(said([IMAGE] * 20)),
    "2,000 messages": asked(*[said("Hi, how are you?"), said("Well.", "assistant")] * 999),
    "1 MB in one message": asked(said(LONG)),
    "1 MB as the question": {"model": "frontdesk", "messages": [said(LONG)]},
    "1 MB of brackets": {"model": "frontdesk", "messages": [said(DEEP)]},
    "1 MB without a blank": {"model": "frontdesk", "messages": [said("x" * 990_000)]},
    "1 MB of another script": {"model": "frontdesk", "messages": [said("リセット" * 240_000)]},
    "20 MB of fields nobody knows": asked(**{f"field_{n}": ["x" * 100] * 10 for n in range(18_000)}),
    "a schema of 1 MB": asked(response_format={"type": "json_schema", "json_schema": {"name": "s", "schema": {"enum": [WORDS] * 14_000}}}),
}  # fmt: skip


@pytest.fixture(scope="module")
def watched(sample_home: Path) -> Iterator[Running]:
    answer = either("The circuit is open [1]. " * 10)
    with writing(sample_home, answer, CHAT_CONTEXT_WINDOW="1000000") as (service, _):
        httpx.post(f"{service.address}/v1/chat/completions", json=asked(), timeout=60)
        # What its start held is told by then, and is no question's.
        time.sleep(1)
        yield service


def stalls(service: Running) -> list[dict[str, Any]]:
    """Return what the log tells of a loop that stood still."""
    lines = [msgspec.json.decode(line) for line in service.log.splitlines()]
    return [line for line in lines if line["message"].startswith("the event loop")]


@pytest.mark.parametrize(
    ("name", "stream", "key"),
    [
        pytest.param(name, stream, key, marks=pytest.mark.row("P7", f"{name}{', a stream' * stream}{', an idempotency key' * key}", "the loop is not held for 200 ms of processor time"))
        for name in LARGEST
        for stream, key in ((False, False), (True, True))
    ],
)  # fmt: skip
def test_no_question_holds_the_loop(
    name: str, stream: bool, key: bool, watched: Running, seen: Seen, figure: Figure
) -> None:
    body = json.dumps({**LARGEST[name], "stream": stream}).encode()
    headers = JSON | ({"idempotency-key": f"{name} {stream}"} if key else {})
    before = len(stalls(watched))

    reply = httpx.post(
        f"{watched.address}/v1/chat/completions",
        content=body, headers=headers, timeout=120,
    )  # fmt: skip

    assert reply.status_code < 500, reply.text[:300]
    time.sleep(0.3)
    held = stalls(watched)[before:]
    worst = max((stall["cpu"] for stall in held), default=0.0)
    places = [stall["frames"][-4:] for stall in held if stall["cpu"] >= 0.2]
    seen(f"{reply.status_code}, {worst:.2f} s")
    figure(f"the loop held by {name}", f"{worst:.2f} s", "less than 0.2 s")
    assert places == []
