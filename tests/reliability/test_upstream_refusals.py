"""An upstream that gives no answer: what callers are told, and how often it is asked."""

import email.utils
import time

import pytest

from app.upstream.failures import QUOTA_CODES
from tests.reliability.recording import Seen
from tests.reliability.upstreams import ask, bad, raw, row
from tests.scripted_upstream import (
    Cut,
    Hold,
    Recorded,
    Reply,
    Script,
    answered,
    either,
    refused,
)

NO_KEY = "502 upstream_auth_error, x-should-retry false"
NO_QUOTA = "503 upstream_unavailable, x-should-retry false"
AWAY = "503 upstream_unavailable, Retry-After 5"
PAGE = b"<html><body>Bad gateway</body></html>"
HTML = {"content_type": "text/html", "retry_after_ms": "1"}
BROKEN = "502 upstream_bad_response"


def unknown_field(request: Recorded) -> Reply:
    """Refuse a field that this caller's request has."""
    message = "temperature must be at most 1"
    error = {"message": message, "param": "temperature", "code": "invalid_value"}
    return answered({"error": error}, 400)


@pytest.mark.parametrize(
    ("expected", "reply"),
    [
        row("U4", "401", f"{NO_KEY}, 1 try", refused(401, "invalid_api_key")),
        row("U4", "403", f"{NO_KEY}, 1 try", refused(403, "forbidden")),
        row("U5", "404 for the model",
            "502 upstream_error, x-should-retry false, 1 try",
            refused(404, "model_not_found")),
        row("U5", "404 in HTML", "502 upstream_error, x-should-retry false, 1 try",
            raw(404, PAGE, content_type="text/html")),
        row("U6", "400 with a field", "400 invalid_value, 1 try", unknown_field),
        row("U6", "422 of a validator", "400 invalid_value, 1 try",
            answered({"detail": [{"loc": ["body", "messages"], "msg": "too many"}]}, 422)),
        row("U6", "400 in HTML", "400 invalid_value, 1 try",
            raw(400, PAGE, content_type="text/html")),
        row("U7", "wait 120 s", "429 rate_limit_exceeded, Retry-After 120, 1 try",
            refused(429, "x", retry_after="120")),
        row("U7", "wait 11 s", "429 rate_limit_exceeded, Retry-After 11, 1 try",
            refused(429, "x", retry_after="11")),
        row("U7", "wait of 100 ms", "429 rate_limit_exceeded, Retry-After 1, 3 tries",
            refused(429, "x", retry_after_ms="100")),
        row("U7", "no wait", "429 rate_limit_exceeded, Retry-After 5, 3 tries",
            refused(429, "x")),
        row("U7", "a date that was", "429 rate_limit_exceeded, Retry-After 1, 3 tries",
            refused(429, "x", retry_after="Wed, 21 Oct 2015 07:28:00 GMT")),
        row("U7", "a wait that is no number",
            "429 rate_limit_exceeded, Retry-After 5, 3 tries",
            refused(429, "x", retry_after="nan")),
        row("U7", "503 that asks for 60 s",
            "503 upstream_unavailable, Retry-After 60, 1 try",
            refused(503, "x", retry_after="60")),
        row("U9", "500", "502 upstream_error, Retry-After 1, 3 tries",
            refused(500, "x", retry_after_ms="1")),
        row("U9", "502 with HTML", "502 upstream_error, Retry-After 1, 3 tries", raw(502, PAGE, **HTML)),
        row("U9", "503", "503 upstream_unavailable, Retry-After 1, 3 tries",
            refused(503, "x", retry_after_ms="1")),
        row("U9", "504 with HTML", "502 upstream_error, Retry-After 1, 3 tries", raw(504, PAGE, **HTML)),
        row("U9", "529", "503 upstream_unavailable, Retry-After 1, 3 tries",
            refused(529, "overloaded_error", retry_after_ms="1")),
        row("U9", "500 that says no wait", "502 upstream_error, 3 tries",
            refused(500, "x")),
        row("U9", "500 with an endless body", "502 upstream_error, Retry-After 1, 3 tries",
            Reply((b"x" * 100_000, Hold()), 500, {"retry-after-ms": "1"})),
        row("U16", "HTML with 200", f"{BROKEN}, 1 try",
            raw(200, PAGE, content_type="text/html")),
        row("U16", "gzip although refused", f"{BROKEN}, 1 try",
            raw(200, b"\x1f\x8b", content_type="application/json",
                content_encoding="gzip")),
        row("U16", "a bomb of gzip", f"{BROKEN}, 1 try",
            Reply((b"\x1f\x8b" + bytes(60_000),) * 20_000, 200,
                  {"content-type": "text/event-stream", "content-encoding": "gzip"})),
        row("U16", "gzip that is not declared", f"{BROKEN}, 1 try",
            raw(200, b"\x1f\x8b\x08\x00" + bytes(99), content_type="application/json")),
        row("U16", "an image", f"{BROKEN}, 1 try",
            raw(200, b"\x89PNG\r\n", content_type="image/png")),
        row("U18", "302 elsewhere", "502 upstream_error, x-should-retry false, 1 try",
            refused(302, "x", location="http://127.0.0.1:9/v1/chat/completions")),
        row("U18", "307 to itself", "502 upstream_error, x-should-retry false, 1 try",
            refused(307, "x", location="/v1/chat/completions")),
        row("U18", "308 without a location",
            "502 upstream_error, x-should-retry false, 1 try", refused(308, "x")),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_told_as_what_it_is(
    expected: str, reply: Script, seen: Seen
) -> None:
    with bad(reply) as (address, upstream):
        for stream in (False, True):
            upstream.requests.clear()
            told = ask(address, stream=stream, temperature=1)
            tries = len(upstream.requests)
            said = f"{told}, {tries} {'try' if tries == 1 else 'tries'}"
            seen(f"{'stream' if stream else 'whole'}: {said}")

            assert said == expected
            assert not {"Bad gateway", "No."} & {told.message}
            assert upstream.wait_until(lambda u: u.answering == 0)


@pytest.mark.parametrize(
    ("expected", "code"),
    [row("U8", code, f"{NO_QUOTA}, 1 try", code) for code in sorted(QUOTA_CODES)],
)
def test_a_spent_quota_is_not_asked_again(expected: str, code: str, seen: Seen) -> None:
    for error in ({"code": code}, {"code": "429", "type": code}):
        with bad(answered({"error": error}, 429, retry_after="1")) as (
            address,
            upstream,
        ):
            told = ask(address, stream=True)
            seen(f"{told}, {len(upstream.requests)} try")

        assert f"{told}, {len(upstream.requests)} try" == expected


@pytest.mark.row("U7", "wait 2 s, once", "an answer after 2 s, 2 tries")
def test_a_short_wait_is_obeyed(seen: Seen) -> None:
    script = (refused(429, "x", retry_after="2"), either("Hello"))
    with bad(*script, first_byte_timeout=20.0) as (address, upstream):
        start = time.monotonic()
        told = ask(address, stream=True)
        took = time.monotonic() - start

    seen(f"{told} after {took:.1f} s, {len(upstream.requests)} tries")
    assert (told.text, told.finish, len(upstream.requests)) == ("Hello", "stop", 2)
    assert took >= 2


@pytest.mark.row("U7", "until a date in an hour", "429, Retry-After about 3600, 1 try")
def test_a_wait_until_a_date_is_told_in_seconds(seen: Seen) -> None:
    date = email.utils.formatdate(time.time() + 3600, usegmt=True)
    with bad(refused(429, "x", retry_after=date)) as (address, upstream):
        told = ask(address, stream=True)

    seen(f"{told}, {len(upstream.requests)} try")
    assert (told.status, len(upstream.requests)) == (429, 1)
    assert 3500 < int(told.retry_after) <= 3600


@pytest.mark.row("U7", "wait 7 s, a stream", "429, Retry-After 7: its status waits 8 s")
def test_a_stream_does_not_wait_until_its_status_is_out(seen: Seen) -> None:
    with bad(refused(429, "x", retry_after="7"), first_byte_timeout=60.0) as (
        address,
        up,
    ):
        told = ask(address, stream=True)

    seen(told)
    assert str(told) == "429 rate_limit_exceeded, Retry-After 7"
    assert len(up.requests) == 1


@pytest.mark.row("U7", "wait 5 s, 1 s before the deadline", "429, Retry-After 5, 1 try")
def test_no_wait_outlasts_the_deadline(seen: Seen) -> None:
    busy = refused(429, "x", retry_after="5")
    with bad(busy, first_byte_timeout=1.0, total_timeout=1.0) as (address, upstream):
        both = [ask(address, stream=stream) for stream in (False, True)]

    seen(both[0])
    assert [str(told) for told in both] == [
        "429 rate_limit_exceeded, Retry-After 5"
    ] * 2
    assert len(upstream.requests) == 2


@pytest.mark.row(
    "U5", "the model's name", "the message names it, at most 100 characters"
)
def test_the_message_names_the_model_that_was_asked_for(seen: Seen) -> None:
    with bad(refused(404, "model_not_found")) as (address, _):
        told = ask(address, stream=False, model="gpt-x" + "y" * 200)

    seen(told.message[:70])
    assert "'gpt-xyyy" in told.message
    assert len(told.message) < 180


@pytest.mark.row("U6", "the field's name", "param temperature, our words")
def test_a_refused_field_is_named_in_our_words(seen: Seen) -> None:
    with bad(unknown_field) as (address, _):
        told = ask(address, stream=True)

    seen(told.message)
    assert '"param":"temperature"' in told.raw
    assert "must be at most" not in told.message
    assert "temperature" in told.message


@pytest.mark.parametrize(
    ("expected", "reset"),
    [row("U19", "FIN", "200, 1 more try at once, on a new connection", False),
     row("U19", "RST", "200, 1 more try at once, on a new connection", True)],
)  # fmt: skip
def test_a_kept_connection_that_ends_as_it_is_used_is_replaced_unseen(
    expected: str, reset: bool, seen: Seen
) -> None:
    closing = Reply(before=(Cut(reset=reset),))
    for stream in (False, True):
        with bad(either("One"), closing, either("Two")) as (address, upstream):
            first = ask(address, stream=stream)
            start = time.monotonic()
            second = ask(address, stream=stream)
            took = time.monotonic() - start

        seen(f"{second}, {upstream.connections} connections, {took:.2f} s")
        assert (first.text, second.text) == ("One", "Two")
        assert (len(upstream.requests), upstream.connections) == (3, 2)


@pytest.mark.row("U19", "closed again and again", "503, Retry-After 5, 4 tries")
def test_a_server_that_closes_every_connection_is_not_asked_for_ever(
    seen: Seen,
) -> None:
    with bad(either("One"), Reply(before=(Cut(),))) as (address, upstream):
        ask(address, stream=True)
        upstream.requests.clear()
        told = ask(address, stream=True)

    seen(f"{told}, {len(upstream.requests)} tries")
    assert (str(told), len(upstream.requests)) == (AWAY, 4)
