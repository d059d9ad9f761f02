"""Callers that leave, read slowly, or send no more: faults C1, C2, C8."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from app import metrics
from app.serving.connections import Bounds
from app.settings import ChatSettings
from tests.app.api.relaying import relaying
from tests.raw import Caller, chat, post
from tests.reliability.recording import Seen
from tests.scripted_upstream import (
    DONE,
    Hold,
    Reply,
    ScriptedUpstream,
    Wait,
    chunk,
    either,
    event,
    spoken,
    written,
)

BEGUN = event(chunk({"role": "assistant", "content": "Open"}))
ENDED = event(chunk(finish="stop")) + DONE
PIECE = event(chunk({"content": "x" * 10_000}))
LONG = ChatSettings(max_answer_bytes=100_000_000)
STUCK = Bounds(connections=1000, stuck_seconds=1.0)


def count(name: str) -> float:
    text, _ = metrics.exposition()
    lines = (line for line in text.decode().splitlines() if line.startswith(name))
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


def statuses(digit: str) -> float:
    route = "/v1/chat/completions"
    return count(f'frontdesk_requests_total{{route="{route}",status="{digit}')


def wait_for(holds: Any, *, seconds: float = 20) -> float:
    """Return how long it took until `holds()`."""
    start = time.monotonic()
    while not holds():
        assert time.monotonic() - start < seconds, "it never came"
        time.sleep(0.02)
    return time.monotonic() - start


BEFORE = Reply(before=(Hold(),))
MIDST = Reply((BEGUN, Hold()))


@pytest.mark.parametrize(
    ("stream", "script"),
    [
        pytest.param(True, BEFORE, id="before the first piece", marks=pytest.mark.row("C1", "before the first piece of a stream", "upstream closed, 499, no 5xx")),
        pytest.param(True, MIDST, id="in mid-stream", marks=pytest.mark.row("C1", "in mid-stream", "upstream closed, 200 and counted as cancelled")),
        pytest.param(False, BEFORE, id="a whole answer", marks=pytest.mark.row("C1", "while a whole answer is written", "upstream closed, 499, no 5xx")),
    ],
)  # fmt: skip
def test_a_caller_that_leaves_stops_the_upstream_and_is_no_failure(
    stream: bool, script: Reply, seen: Seen
) -> None:
    failures, left = statuses("5"), count("frontdesk_cancelled_total")
    gone = statuses("499")
    with relaying(script) as (address, upstream):
        with Caller(address) as caller:
            caller.send(post(chat(stream=stream)))
            assert upstream.wait_until(lambda u: u.answering == 1)
            time.sleep(0.2)

        took = wait_for(lambda: upstream.cancelled == 1)
        wait_for(lambda: count("frontdesk_cancelled_total") == left + 1)

    assert statuses("5") == failures
    assert statuses("499") - gone == (0 if script is MIDST else 1)
    seen(f"upstream closed after {took:.2f} s, no 5xx")


@pytest.mark.row("C1", "while the question is sent", "499, no 5xx")
def test_a_caller_that_leaves_in_its_question_is_no_failure(seen: Seen) -> None:
    failures, gone = statuses("5"), statuses("499")
    with relaying(spoken("Hi")) as (address, _):
        with Caller(address) as caller:
            caller.send(post(chat())[:-5])
            time.sleep(0.2)

        wait_for(lambda: statuses("499") == gone + 1)

    assert statuses("5") == failures
    seen("499")


@contextmanager
def stalled(script: Reply, bounds: Bounds) -> Iterator[tuple[Caller, ScriptedUpstream]]:
    with (
        relaying(script, bounds=bounds, chat=LONG) as (address, upstream),
        Caller(address, buffer=4096) as caller,
    ):
        caller.send(post(chat(stream=True)))
        assert upstream.wait_until(lambda u: u.answering == 1)
        yield caller, upstream


@pytest.mark.row(
    "C2",
    "reads nothing",
    "the upstream waits; after 60 s without a byte (here 1 s) cut, and the upstream closed",
)
def test_a_caller_that_reads_nothing_is_cut(seen: Seen) -> None:  # fmt: skip
    with stalled(Reply((PIECE,) * 3000), STUCK) as (caller, upstream):
        took = wait_for(lambda: upstream.answering == 0, seconds=60)

        # Not all was taken from the upstream: it was held back.
        assert caller.take(30_000_000) < 2_000_000
    seen(f"cut after {took:.1f} s")


@pytest.mark.row("C2", "reads slowly, and goes on", "the whole answer")
def test_a_caller_that_reads_slowly_gets_everything(seen: Seen) -> None:
    pieces = 600
    with stalled(Reply((BEGUN, *(PIECE,) * pieces, ENDED)), STUCK) as (caller, _):
        found: list[bytes] = []

        def read() -> None:
            found.append(caller.read().body)

        reading = threading.Thread(target=read)
        time.sleep(0.5)
        reading.start()
        reading.join(60)

    assert found[0].count(b"xxxxxxxxxx" * 1000) == pieces
    assert found[0].endswith(DONE)
    seen(f"{pieces} of {pieces} pieces")


def test_a_caller_that_takes_a_little_now_and_then_is_not_stuck() -> None:
    text = "x" * 1_800_000
    with (
        relaying(either(text), bounds=STUCK, chat=LONG) as (address, _),
        Caller(address, buffer=32_768) as caller,
    ):
        caller.send(post(chat()))
        # One write of the service's, which takes far longer than it may be stuck.
        for _ in range(10):
            time.sleep(0.3)
            caller.take(120_000)

        assert len(caller.read().body) > len(text)


@pytest.mark.parametrize(
    ("stream", "script"),
    [
        pytest.param(True, Reply((BEGUN, Wait(0.6), ENDED)), id="a stream", marks=pytest.mark.row("C8", "sends no more, and reads a stream", "the whole answer")),
        pytest.param(True, Reply(spoken("Hi").steps, before=(Wait(0.6),)), id="a stream, late", marks=pytest.mark.row("C8", "sends no more before a stream begins", "the whole answer")),
        pytest.param(False, Reply(written("Hi").steps, headers=written("Hi").headers, before=(Wait(0.6),)), id="a whole answer", marks=pytest.mark.row("C8", "sends no more, and reads a whole answer", "the whole answer")),
        pytest.param(False, either("Hi"), id="at once"),
    ],
)  # fmt: skip
def test_a_caller_that_sends_no_more_and_reads_gets_its_answer(
    stream: bool, script: Any, seen: Seen
) -> None:
    with relaying(script) as (address, upstream), Caller(address) as caller:
        caller.send(post(chat(stream=stream)))
        caller.close_writing()

        answer = caller.read()

        assert answer.status == 200
        assert answer.body.endswith(DONE if stream else b"}")
        assert caller.is_closed()
        assert upstream.cancelled == 0
    seen("200, whole")


def test_a_caller_of_http_1_0_that_sends_no_more_before_its_answer_is_gone() -> None:
    with relaying(BEFORE) as (address, upstream), Caller(address) as caller:
        caller.send(post(chat(), version="1.0"))
        assert upstream.wait_until(lambda u: u.answering == 1)
        caller.close_writing()

        assert caller.is_closed()
        assert upstream.wait_until(lambda u: u.cancelled == 1)
