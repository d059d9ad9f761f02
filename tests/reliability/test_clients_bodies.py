"""Bodies that are huge, endless, trickle, or are no JSON: faults C4, C5, P4."""

import contextlib
import time
from collections.abc import Iterator

import pytest

from app.api.uploading import Room
from app.errors import Overloaded
from tests.app.api.relaying import relaying
from tests.raw import Caller, chat, post, request
from tests.reliability.recording import Seen
from tests.scripted_upstream import either

CHAT = ("POST", "/v1/chat/completions", "content-type: application/json")
LARGE = 100_000
"""What the service under test takes: `tests.app.api.relaying` says so."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with relaying(either("Hi")) as (address, _):
        yield address


def sent(address: str, *pieces: bytes, seconds: float = 30) -> tuple[int, str]:
    """Return status and code of what comes of pieces that are sent."""
    with Caller(address, seconds=seconds) as caller:
        with contextlib.suppress(OSError):
            for piece in pieces:
                caller.send(piece)
        answer = caller.read()
        return answer.status, answer.code


@pytest.mark.row(
    "C4", "a body that is announced as too large", "413, before it is read"
)
def test_a_body_announced_as_too_large_is_refused_unread(address: str, seen: Seen) -> None:  # fmt: skip
    told = sent(address, request(*CHAT, f"content-length: {LARGE + 1}"))

    seen(told)
    assert told == (413, "request_too_large")


@pytest.mark.row("C4", "a body without an end", "413")
def test_a_body_without_an_end_is_refused_at_the_limit(address: str, seen: Seen) -> None:  # fmt: skip
    start = request(*CHAT, "transfer-encoding: chunked")
    piece = b"2710\r\n" + b" " * 10_000 + b"\r\n"

    told = sent(address, start, *[piece] * 11)

    seen(told)
    assert told == (413, "request_too_large")


@pytest.mark.row("C4", "a body that goes on after its answer", "closed within 10 s")
def test_a_body_that_goes_on_after_its_answer_is_closed(address: str, seen: Seen) -> None:  # fmt: skip
    with Caller(address, seconds=30) as caller:
        caller.send(request(*CHAT, "content-length: 999999"))
        assert caller.read().status == 413
        start = time.monotonic()

        left = caller.trickle(b" " * 400, every=0.05)

        took = time.monotonic() - start
    assert left < 400
    assert took < 20
    seen(f"closed after {took:.1f} s")


@pytest.mark.row("C4", "a body that trickles", "408 after 30 s below 1 KB/s (here 1 s)")
def test_a_body_that_trickles_is_given_up(seen: Seen) -> None:
    body, room = chat(), Room(1_000_000, seconds=1.0)
    with (
        relaying(either("Hi"), room=room) as (address, _),
        Caller(address, seconds=30) as caller,
    ):
        caller.send(post(body)[: -len(body)])
        start = time.monotonic()
        with contextlib.suppress(OSError):
            for byte in body[:20]:
                caller.send(bytes([byte]))
                time.sleep(0.1)

        answer = caller.read()

        took = time.monotonic() - start
    assert (answer.status, answer.code) == (408, "request_timeout")
    assert took < 15
    seen(f"408 after {took:.1f} s")


def test_a_body_that_is_slow_and_steady_may_take_longer() -> None:
    body, room = chat(question="x" * 20_000), Room(1_000_000, seconds=0.5)
    with (
        relaying(either("Hi"), room=room) as (address, _),
        Caller(address, seconds=30) as caller,
    ):
        caller.send(post(body)[: -len(body)])
        for at in range(0, len(body), 4_000):
            caller.send(body[at : at + 4_000])
            time.sleep(0.3)

        assert caller.read().status == 200


HALF = b'{"model": "m", "messages": [{"role": "user", "content": '

BROKEN = [
    ("nothing", b"", "invalid_json"),
    ("half of it", HALF, "invalid_json"),
    ("bytes that are no UTF-8", HALF + b'"\xff\xfe"}]}', "invalid_json"),
    ("a lone surrogate", HALF + rb'"\ud800"}]}', "invalid_json"),
    ("nested 5,000 deep", HALF + b"[" * 5_000 + b"]" * 5_000 + b"}]}", "invalid_json"),
    ("nested 45,000 deep, unclosed", b"[" * 45_000, "invalid_json"),
    ("nested in keys", b'{"a":' * 15_000, "invalid_json"),
    ("NaN", b'{"temperature": NaN}', "invalid_json"),
    ("1e999", b'{"temperature": 1e999}', "invalid_json"),
    ("an integer of 5,000 digits", b'{"seed": ' + b"9" * 5_000 + b"}", "invalid_json"),
    ("a list", b"[]", "invalid_type"),
    ("a string", b'"x"', "invalid_type"),
    ("null", b"null", "invalid_type"),
    ("n below zero", chat(n=-1), "invalid_value"),
    ("n of 2^63", chat(n=2**63), "invalid_value"),
    ("a seed of 2^80", chat(seed=2**80), ""),
]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(body, code, id=name, marks=pytest.mark.row("C5", name, "400"))
        for name, body, code in BROKEN
    ],
)
def test_what_is_no_question_is_refused_with_400(
    body: bytes, code: str, address: str, seen: Seen
) -> None:
    status, told = sent(address, post(body))

    seen(f"{status} {told}")
    assert status == 400
    assert told == code or not code


@pytest.mark.row("C5", "a zero byte in a text", "200, without it")
def test_a_zero_byte_is_taken_out(seen: Seen) -> None:
    with relaying(either("Hi")) as (address, upstream):
        status, _ = sent(address, post(chat(question="a\0b")))

        assert status == 200
        assert upstream.requests[0].body["messages"][-1]["content"] == "ab"
    seen("200")


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "gzip, gzip"])
@pytest.mark.row("C4", "a body that is compressed, perhaps a bomb", "415, unread")
def test_a_compressed_body_is_refused(coding: str, address: str, seen: Seen) -> None:
    told = sent(address, post(b"\x1f\x8b" + b"x" * 100, f"content-encoding: {coding}"))

    seen(told)
    assert told == (415, "unsupported_media_type")


@pytest.mark.row(
    "P4",
    "more bodies at once than there is room for",
    "503 overloaded, Retry-After 1; room again once they are answered",
)
def test_bodies_take_no_more_room_than_there_is(seen: Seen) -> None:  # fmt: skip
    room = Room(150_000)
    body = chat(question="x" * 60_000)
    with relaying(either("Hi"), room=room) as (address, _):
        waiting = [Caller(address) for _ in range(2)]
        for caller in waiting:
            caller.send(post(body)[:-1])
        _wait_until_left(room, below=35_000)

        told = sent(address, post(body))

        assert told == (503, "overloaded")
        assert sent(address, post(chat())) == (200, "")
        waiting[0].send(body[-1:])
        assert waiting[0].read().status == 200
        waiting[1].__exit__()
        _wait_until_left(room, above=149_999)
        assert sent(address, post(body)) == (200, "")
        waiting[0].__exit__()
    assert room.left == 150_000
    seen(told)


def _wait_until_left(room: Room, *, below: int = 1 << 40, above: int = -1) -> None:
    start = time.monotonic()
    while not above < room.left < below:
        assert time.monotonic() - start < 20
        time.sleep(0.02)


def test_what_was_not_taken_is_not_given_back() -> None:
    room = Room(10)
    room.take(10)

    with pytest.raises(Overloaded):
        room.take(1)
    assert room.left == 0
