"""The whole service when it is told to stop."""

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.api.whole import SURE
from tests.scripted_upstream import (
    Hold,
    Reply,
    ScriptedUpstream,
    chunk,
    event,
    spoken,
)
from tests.service import Running, running

DRAIN = 1
BEGUN = event(chunk({"role": "assistant", "content": "Open"}))


@pytest.fixture
def ending(sample_home: Path) -> Iterator[tuple[Running, ScriptedUpstream]]:
    """A service that gives live answers one second to end."""
    with (
        ScriptedUpstream(Reply((BEGUN, Hold()))) as upstream,
        running(
            sample_home,
            OPENAI_BASE_URL=upstream.url,
            OPENAI_API_KEY="k",
            SERVER_DRAIN=str(DRAIN),
            CHAT_MAX_ANSWER_BYTES="100000000",
        ) as service,
    ):
        yield service, upstream


def body(*, stream: bool) -> dict[str, Any]:
    said = [{"role": "user", "content": SURE}]
    return {"model": "m", "messages": said, "stream": stream}


def test_a_live_stream_is_told_that_the_service_stops(
    ending: tuple[Running, ScriptedUpstream],
) -> None:
    (address, process), upstream = (ending[0].address, ending[0].process), ending[1]
    route = f"{address}/v1/chat/completions"

    with httpx.stream("POST", route, json=body(stream=True), timeout=20) as reply:
        lines = reply.iter_lines()
        first = next(line for line in lines if "Open" in line)
        process.terminate()
        told = time.monotonic()
        rest = [line for line in lines if line]

    assert process.wait(10) == 0
    took = time.monotonic() - told
    assert first.startswith("data: ")
    assert json.loads(rest[-2].removeprefix("data: "))["error"]["code"] == (
        "shutting_down"
    )
    assert rest[-1] == "data: [DONE]"
    assert DRAIN <= took < DRAIN + 5
    assert upstream.cancelled == 1


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_an_answer_that_has_not_begun_is_refused_when_the_service_stops(
    ending: tuple[Running, ScriptedUpstream], stream: bool
) -> None:
    (address, process), upstream = (ending[0].address, ending[0].process), ending[1]
    upstream.then(stopping(process))
    told = time.monotonic()

    reply = httpx.post(
        f"{address}/v1/chat/completions", json=body(stream=stream), timeout=20
    )

    assert process.wait(10) == 0
    # Cut 3 seconds after the drain; left alone it would be kept for a minute.
    assert time.monotonic() - told < DRAIN + 15
    assert reply.status_code == 503
    assert reply.json()["error"]["code"] == "shutting_down"
    assert upstream.wait_until(lambda u: u.cancelled == 1)


def test_an_answer_that_ends_in_time_is_whole(
    ending: tuple[Running, ScriptedUpstream],
) -> None:
    (address, process), upstream = (ending[0].address, ending[0].process), ending[1]
    upstream.then(stopping(process, spoken("Open [1].")))

    reply = httpx.post(
        f"{address}/v1/chat/completions", json=body(stream=True), timeout=20
    )

    assert process.wait(10) == 0
    assert '"finish_reason":"stop"' in reply.text
    assert reply.text.endswith("data: [DONE]\n\n")
    assert "shutting_down" not in reply.text


def test_a_caller_that_reads_nothing_does_not_keep_the_service(
    ending: tuple[Running, ScriptedUpstream],
) -> None:
    (address, process), upstream = (ending[0].address, ending[0].process), ending[1]
    # More than the sockets in between can hold.
    upstream.then(Reply((event(chunk({"content": "x" * 10_000})),) * 3000))
    sent = json.dumps(body(stream=True)).encode()
    head = "\r\n".join(
        (
            "POST /v1/chat/completions HTTP/1.1",
            "host: localhost",
            "content-type: application/json",
            f"content-length: {len(sent)}\r\n\r\n",
        )
    )
    with socket.socket() as caller:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        caller.connect(("127.0.0.1", int(address.rpartition(":")[2])))
        caller.sendall(head.encode() + sent)
        assert caller.recv(12) == b"HTTP/1.1 200"
        process.terminate()
        told = time.monotonic()

        assert process.wait(20) == 0

    # Cut 3 seconds after the drain; left alone it would be kept for a minute.
    assert time.monotonic() - told < DRAIN + 15


def stopping(process: Any, reply: Reply | None = None) -> Any:
    """Return a script that ends the service as soon as the upstream is asked."""

    def script(request: Any) -> Reply:
        process.terminate()
        return reply or Reply(before=(Hold(),))

    return script
