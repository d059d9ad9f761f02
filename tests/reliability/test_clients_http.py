"""Odd HTTP, slow or large headers, idle connections: faults C4, C6, C7."""

import contextlib
import time
from collections.abc import Iterator

import pytest

from app.serving.connections import Bounds
from tests.app.api.relaying import relaying
from tests.raw import Answered, Caller, chat, post, request
from tests.reliability.recording import Seen
from tests.scripted_upstream import Hold, Reply, Wait, chunk, either, event, spoken

MODELS = request(path="/v1/models")
BIG = b"x-big: " + b"x" * 30_000 + b"\r\n"
SMUGGLED = b"0\r\n\r\nGET /health/live HTTP/1.1\r\nhost: x\r\n\r\n"
LIVE = b'{"status":"live"}'


def head(*lines: str, method: str = "GET", path: str = "/health/live") -> bytes:
    return "\r\n".join((f"{method} {path} HTTP/1.1", *lines, "", "")).encode("latin-1")


def row(variant: str, expected: str) -> pytest.MarkDecorator:
    return pytest.mark.row("C7", variant, expected)


HOST = "host: localhost"
CHUNKED = "transfer-encoding: chunked"
JSON = "content-type: application/json"
CHAT = {"method": "POST", "path": "/v1/chat/completions"}

ODD = [
    pytest.param(request(version="1.0"), [200], marks=row("HTTP/1.0", "200, closed")),
    pytest.param(request(version="1.0") * 2, [200], marks=row("HTTP/1.0, pipelined", "200, closed")),
    pytest.param(request() * 3, [200, 200, 200], marks=row("three requests at once", "200, 200, 200, in order")),
    pytest.param(request("HEAD"), [405], marks=row("HEAD where there is only GET", "405")),
    pytest.param(request("OPTIONS"), [204], marks=row("OPTIONS", "204, with Allow")),
    pytest.param(request(path="/health/live/"), [200], marks=row("a slash at the end", "200")),
    pytest.param(request(path="//health//live"), [200], marks=row("doubled slashes", "the same as single ones")),
    pytest.param(request(path="/v1/v1/models"), [404], marks=row("a doubled prefix", "404")),
    pytest.param(request("GET", "/health/live", "connection: upgrade", "upgrade: websocket", "sec-websocket-version: 13", "sec-websocket-key: eA=="), [200], marks=row("upgrade to a websocket", "200, as if not asked")),
    pytest.param(request("GET", "/health/live", "connection: upgrade, http2-settings", "upgrade: h2c", "http2-settings: AAMAAABkAARAAAAAAAIAAAAA"), [200], marks=row("upgrade to HTTP/2", "200, as if not asked")),
    pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400], marks=row("HTTP/2 at once", "400")),
    pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 60, [400], marks=row("TLS", "400")),
    pytest.param(b"CONNECT example.com:443 HTTP/1.1\r\nhost: example.com\r\n\r\n", [400], marks=row("CONNECT", "400, no tunnel")),
    pytest.param(request("TRACE"), [405], marks=row("TRACE", "405, nothing is repeated")),
    pytest.param(request("BREW"), [400], marks=row("a method that nobody knows", "400")),
    pytest.param(request(path="http://localhost/health/live"), [200], marks=row("an absolute target", "200, by its path")),
    pytest.param(request(path="*"), [404], marks=row("a target that is a star", "404")),
    pytest.param(request(path="/%ff%fe%00"), [404], marks=row("a path that is no text", "404")),
    pytest.param(request(path="/" + "a" * 20_000), [404], marks=row("a path of 20 KB", "404")),
    pytest.param(request(path="/" + "a" * 200_000), [431], marks=row("a path of 200 KB", "431")),
    pytest.param(b"GET /health/live HTTP/1.1\r\nhost: x\r\n" + BIG * 3 + b"\r\n", [431], marks=row("headers of 90 KB", "431")),
    pytest.param(b"GET /health/live HTTP/1.1\r\nhost: x\r\nx-endless: " + b"x" * 900_000, [431], marks=row("a header without an end", "431")),
    pytest.param(b"GET /health/live HTTP/1.1\r\nhost: x\r\n" + b"a: b\r\n" * 30_000 + b"\r\n", [431], marks=row("thirty thousand headers", "431")),
    pytest.param(head(HOST, "x-a: b\r\n folded"), [400], marks=row("a folded header", "400")),
    pytest.param(head(HOST, "x a: b"), [400], marks=row("a header with a blank in its name", "400")),
    pytest.param(head(HOST, "x-a: b\x00c"), [400], marks=row("a header with a zero byte", "400")),
    pytest.param(head(HOST, "content-length: 5", CHUNKED, JSON, **CHAT) + SMUGGLED, [400], marks=row("both lengths", "400, once")),
    pytest.param(head(HOST, "content-length: 5", "content-length: 6", JSON, **CHAT) + b"helloo", [400], marks=row("two lengths that differ", "400, once")),
    pytest.param(head(HOST, "content-length: -1", JSON, **CHAT), [400], marks=row("a length below zero", "400")),
    pytest.param(head(HOST, "content-length: 99999999999999999999", JSON, **CHAT), [400], marks=row("a length of 20 digits", "400")),
    pytest.param(head(HOST, CHUNKED, JSON, **CHAT) + b"zz\r\n", [400], marks=row("a chunk size that is none", "400")),
    pytest.param(head(HOST, CHUNKED, JSON, **CHAT) + b"fffffffffffffffff\r\n", [400], marks=row("a chunk size of 17 digits", "400")),
    pytest.param(head(HOST, CHUNKED, JSON, **CHAT) + b"2\r\n{}\r\n0\r\nx-trailer: y\r\n\r\n", [400], marks=row("a trailer after the body", "400 for its content")),
    pytest.param(head(HOST, "transfer-encoding: gzip, chunked", JSON, **CHAT) + b"2\r\n{}\r\n0\r\n\r\n", [400], marks=row("a coding nobody asked for", "400")),
    pytest.param(post(chat(), "expect: 100-continue"), [200], marks=row("expect: 100-continue", "100, then 200")),
    pytest.param(post(chat(), "expect: a-pony"), [200], marks=row("another expectation", "200")),
    pytest.param(head(), [200], marks=row("no host", "200")),
    pytest.param(request() + b"\x00\xffgarbage", [400], marks=row("garbage after a request", "400, closed")),
    pytest.param(b"\r\n\r\n" + request(), [200], marks=row("empty lines before a request", "200")),
]  # fmt: skip


def read_all(caller: Caller) -> list[Answered]:
    """Return every answer until the other side closes or says nothing more."""
    found = []
    with contextlib.suppress(TimeoutError):
        while (answer := caller.read()).status:
            found.append(answer)
    return found


@pytest.mark.parametrize(("sent", "expected"), ODD)
def test_odd_http_is_answered_and_never_with_a_failure(
    sent: bytes, expected: list[int], sample_service: str, seen: Seen
) -> None:
    start = time.monotonic()
    with Caller(sample_service, seconds=10) as caller:
        with contextlib.suppress(OSError):
            caller.send(sent)
        caller.close_writing()
        answers = read_all(caller)

    told = [answer.status for answer in answers]
    seen(", ".join(map(str, told)) or "closed")
    assert told == expected
    assert time.monotonic() - start < 9, "it hung"
    for answer in answers:
        if answer.status >= 400 and b"HEAD" not in sent:
            assert answer.headers["content-type"] == "application/json"
            assert answer.headers["x-request-id"]
            assert answer.code


@pytest.mark.row(
    "C7", "garbage in the middle of an answer", "nothing is written into it"
)
def test_nothing_is_written_into_an_answer_that_is_being_sent() -> None:  # fmt: skip
    begun = event(chunk({"content": "Open"}))
    with (
        relaying(Reply((begun, Wait(0.3), Hold()))) as (address, upstream),
        Caller(address, seconds=20) as caller,
    ):
        caller.send(post(chat(stream=True)))
        assert upstream.wait_until(lambda u: u.answering == 1)
        time.sleep(0.2)
        caller.send(b"\x00garbage\r\n\r\n" * 3)

        caller.take(10_000_000)

        assert caller._left.count(b"HTTP/1.1") == 1
        assert upstream.wait_until(lambda u: u.answering == 0)


QUICK = Bounds(connections=6, header_seconds=1.0)


@pytest.fixture(scope="module")
def quick() -> Iterator[str]:
    with relaying(either("Hi"), bounds=QUICK) as (address, _):
        yield address


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"GET /v1/models HTTP/1.1\r\nhost: x\r\nx-a: ", id="headers", marks=pytest.mark.row("C4", "headers that trickle", "408 after 10 s (here 1 s)")),
        pytest.param(b"GET /", id="the first line", marks=pytest.mark.row("C4", "a first line that trickles", "408 after 10 s (here 1 s)")),
    ],
)  # fmt: skip
def test_headers_that_trickle_are_given_up(sent: bytes, quick: str, seen: Seen) -> None:
    with Caller(quick, seconds=30) as caller:
        caller.send(sent)
        start = time.monotonic()
        caller.trickle(b"x" * 200, every=0.1)
        took = time.monotonic() - start

        answer = caller.read()

    # A reset may take the answer with it: more was on its way to who had closed.
    assert answer.status in (408, 0)
    assert took < 15
    seen(f"{answer.status or 'closed'} after {took:.1f} s")


@pytest.mark.row(
    "C4", "nothing at all is sent", "closed after 10 s (here 1 s), without a word"
)
@pytest.mark.parametrize("before", [b"", MODELS, MODELS + b"\r\n"])
def test_who_sends_nothing_is_closed(before: bytes) -> None:  # fmt: skip
    with (
        relaying(either("Hi"), bounds=QUICK, keep_alive=1) as (address, _),
        Caller(address, seconds=30) as caller,
    ):
        caller.send(before)
        if before:
            assert caller.read().status == 200

        assert caller.is_closed()


def test_the_headers_of_the_next_request_may_come_during_a_long_answer() -> None:
    script = Reply(spoken("Hi").steps, before=(Wait(2.5),))
    with (
        relaying(script, either("Hi"), bounds=QUICK) as (address, _),
        Caller(address) as caller,
    ):
        caller.send(post(chat(stream=True)))
        time.sleep(0.3)
        caller.send(MODELS[:20])

        assert caller.read().body.endswith(b"[DONE]\n\n")
        caller.send(MODELS[20:])
        assert caller.read().status == 200


@pytest.mark.row(
    "C6", "more than may be open", "the longest idle is closed, the new one answered"
)
def test_the_longest_idle_gives_way_to_a_new_connection(seen: Seen) -> None:  # fmt: skip
    bounds = Bounds(connections=6)
    with relaying(either("Hi"), bounds=bounds) as (address, _):
        idle = [Caller(address) for _ in range(6)]
        for caller in idle:
            caller.send(MODELS)
            assert caller.read().status == 200
        idle[0].send(MODELS)
        assert idle[0].read().status == 200

        with Caller(address) as new:
            new.send(MODELS)
            assert new.read().status == 200

            assert idle[1].is_closed()
            for caller in (idle[0], *idle[2:]):
                caller.send(MODELS)
                assert caller.read().status == 200
        for caller in idle:
            caller.__exit__()
    seen("the longest idle closed")


@pytest.mark.row(
    "C6", "all that may be open are answered", "503 overloaded, Retry-After 1"
)
def test_a_connection_too_many_is_refused_where_none_is_idle(seen: Seen) -> None:  # fmt: skip
    with relaying(Reply(before=(Hold(),)), bounds=QUICK) as (address, upstream):
        busy = [Caller(address) for _ in range(6)]
        for caller in busy:
            caller.send(post(chat(stream=True)))
        assert upstream.wait_until(lambda u: u.answering == 6)

        with Caller(address) as new:
            answer = new.read()

        assert (answer.status, answer.code) == (503, "overloaded")
        assert answer.headers["retry-after"] == "1"
        assert upstream.answering == 6
        for caller in busy:
            caller.__exit__()
    seen("503 overloaded, Retry-After 1")
