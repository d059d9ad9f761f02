"""An upstream that begins to answer, and what becomes of it: told as a caller hears it."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from tests.reliability.recording import Seen
from tests.reliability.upstreams import END, HELLO, ask, bad, raw, row
from tests.scripted_socket import Step
from tests.scripted_upstream import (
    DONE,
    Cut,
    Hold,
    Reply,
    Wait,
    answered,
    chunk,
    event,
    refused,
    spoken,
    usage,
    written,
)

CUT = "200 upstream_stream_interrupted, text 'Hello'"
BROKEN = "200 upstream_bad_response, text 'Hello'"
LONG = "200 answer_too_long"
WELL = "200, text 'Hello', stop"
WHOLE = b"".join((HELLO, END, DONE))
MORE = event(chunk({"content": "x" * 10_000}))
# What comes with a reset is lost if nobody has read it yet.
SOON = Wait(0.3)


def bytewise(stream: bytes) -> tuple[bytes, ...]:
    """Return `stream` in chunks of one byte."""
    return tuple(stream[at : at + 1] for at in range(len(stream)))


@pytest.mark.parametrize(
    ("expected", "steps"),
    [
        row("U11", "silence after the first piece",
            "200 upstream_stream_timeout, text 'Hello'", (HELLO, Hold())),
        row("U11", "silence in the middle of an event",
            "200 upstream_stream_timeout, text 'Hello'", (HELLO, b"data: {", Hold())),
        row("U12", "pieces without an end", LONG, (*[MORE] * 400, Hold())),
        row("U12", "an event of 3 MB", LONG,
            (HELLO, b"data: ", *[b"x" * 16_000] * 200, Hold())),
        row("U12", "a line of 1 GB", LONG, (HELLO, b"data: ", *[b"x" * 65_536] * 16_384)),
        row("U12", "lines that hold nothing", LONG,
            (HELLO, *[b"data:\n" * 10_000] * 300, Hold())),
        row("U12", "reasoning without an end", LONG,
            (*[event(chunk({"reasoning_content": "x" * 10_000}))] * 400, Hold())),
        row("U13", "FIN", CUT, (HELLO, Cut())),
        row("U13", "RST", CUT, (HELLO, SOON, Cut(reset=True))),
        row("U13", "FIN in the middle of an event", CUT, (HELLO, HELLO[:40], SOON, Cut())),
        row("U13", "the last chunk is missing, the answer is whole", WELL,
            (HELLO, END, DONE, Cut())),
        row("U14", "neither reason nor [DONE]", CUT, (HELLO,)),
        row("U14", "a reason, no [DONE]", WELL, (HELLO, END)),
        row("U14", "[DONE], no reason", WELL, (HELLO, DONE)),
        row("U14", "usage as the last", WELL,
            (HELLO, event({"choices": [], "usage": usage()}))),
        row("U15", "broken JSON", BROKEN, (HELLO, b'data: {"choices": [\n\n', Hold())),
        row("U15", "an error as an event", BROKEN,
            (HELLO, event({"error": {"message": "No."}}), Hold())),
        row("U15", "an error event by name", BROKEN,
            (HELLO, b"event: error\n" + event({"error": "No."}), Hold())),
        row("U15", "a detail as an event", BROKEN,
            (HELLO, event({"detail": "No."}), Hold())),
        row("U15", "a list as an event", BROKEN, (HELLO, event([1]), Hold())),
        row("U15", "an error as the first event", "502 upstream_bad_response",
            (event({"error": {"message": "No."}}), DONE)),
        row("U15", "not UTF-8", b"200, text 'H\\ufffdllo', stop".decode(
            "unicode_escape"), (WHOLE.replace(b"Hello", b"H\xffllo"),)),
        row("U15", "split at every byte", WELL, bytewise(WHOLE)),
        row("U15", "CRLF, split at every byte", WELL,
            bytewise(WHOLE.replace(b"\n", b"\r\n"))),
        row("U15", "CR alone", WELL, (WHOLE.replace(b"\n", b"\r"),)),
        row("U15", "comments", WELL,
            (b": hi\n\n" + WHOLE.replace(b"\n\n", b"\n\n: ping\n\n"),)),
        row("U15", "a byte order mark", WELL, (b"\xef\xbb\xbf" + WHOLE,)),
        row("U15", "no space after data:", WELL, (WHOLE.replace(b"data: ", b"data:"),)),
        row("U15", "two objects without a blank line", WELL,
            (WHOLE.replace(b"}\n\ndata: {", b"}\ndata: {"),)),
        row("U15", "two objects in a line", WELL,
            (WHOLE.replace(b"}\n\ndata: {", b"}{"),)),
        row("U15", "one object over two lines", WELL,
            (WHOLE.replace(b'"choices":', b'\ndata: "choices":'),)),
        row("U15", "empty data", WELL, (b"data:\n\n" + WHOLE + b"data:\n\n",)),
        row("U15", "unknown events and fields", WELL,
            (WHOLE.replace(b"data: ", b"event: odd\nid: 7\nretry: 9\nx: y\ndata: "),)),
        row("U15", "no blank line at the end", WELL, (WHOLE.removesuffix(b"\n\n"),)),
        row("U15", "more after [DONE]", WELL, (WHOLE, HELLO)),
        row("U17", "no id", WELL, (WHOLE.replace(b'"id":"chatcmpl-up",', b""),)),
        row("U17", 'role ""', WELL, (WHOLE.replace(b'"assistant"', b'""'),)),
        row("U17", "choices null", WELL, (event({"choices": None}), WHOLE)),
        row("U17", "no choices", WELL, (event({"id": "x"}), WHOLE)),
        row("U17", "delta null", WELL,
            (event({"choices": [{"index": 0, "delta": None}]}), WHOLE)),
        row("U17", "no delta", WELL, (event({"choices": [{"index": 0}]}), WHOLE)),
        row("U17", "no index", WELL, (WHOLE.replace(b'"index":0,', b""),)),
        row("U17", "an unknown reason", WELL, (WHOLE.replace(b'"stop"', b'"eos"'),)),
        row("U17", "a reason that is a list", WELL, (WHOLE.replace(b'"stop"', b"[1]"),)),
        row("U17", "two reasons", WELL, (HELLO, END, END, DONE)),
        row("U17", "message in place of delta", WELL,
            (WHOLE.replace(b'"delta"', b'"message"'),)),
        row("U17", "content in parts", WELL,
            (WHOLE.replace(b'"Hello"', b'[{"type":"text","text":"Hello"}]'),)),
        row("U17", "no usage", WELL, (WHOLE,)),
        row("U17", "usage that is nonsense", WELL,
            (HELLO, END, event({"choices": [], "usage": {"prompt_tokens": "x"}}), DONE)),
    ],
)  # fmt: skip
def test_a_stream_is_put_right_or_ends_with_an_error(
    expected: str, steps: Sequence[Step], seen: Seen
) -> None:
    with bad(Reply(tuple(steps))) as (address, upstream):
        told = ask(address, stream=True)
        dropped = upstream.wait_until(lambda u: u.answering == 0)

    text = set(told.text)
    seen(told)
    if expected == LONG:
        assert (told.code, told.finish) == ("answer_too_long", None)
        assert text <= set("Hellox")
    else:
        assert str(told) == expected
    assert told.status != 200 or told.raw.endswith("data: [DONE]\n\n")
    assert "No." not in told.raw
    # Once something came of an answer nobody is asked for another.
    assert len(upstream.requests) == 1
    assert dropped
    _check_shape(told.raw)


def _check_shape(raw_: str) -> None:
    """Assert that each chunk has what every client counts on."""
    if not raw_.startswith("data: "):
        return
    chunks = [json.loads(line[6:]) for line in raw_.split("\n\n")[:-2]]
    said = [c for c in chunks if "error" not in c]
    assert len({c["id"] for c in said}) <= 1
    for c in said:
        (choice,) = c["choices"]
        assert choice["index"] == 0
        assert isinstance(choice["delta"], dict)
        assert choice["delta"].get("role", "assistant") == "assistant"


@pytest.mark.parametrize(
    ("expected", "reply"),
    [
        row("U12", "a whole answer of 4 MB", "502 answer_too_long",
            written("x" * 4_000_000)),
        row("U13", "a whole answer is cut, FIN", "502 upstream_error",
            Reply((b'{"choices": [', SOON, Cut()), 200,
                  {"content-type": "application/json"})),
        row("U13", "a whole answer is cut, RST", "502 upstream_error",
            Reply((b'{"choices": [', SOON, Cut(reset=True)), 200,
                  {"content-type": "application/json"})),
        row("U15", "200 with an error", "502 upstream_bad_response",
            answered({"error": {"message": "No."}})),
        row("U15", "200 with broken JSON", "502 upstream_bad_response",
            raw(200, b'{"choices": [', content_type="application/json")),
        row("U15", "200 without a choice", "502 upstream_bad_response",
            answered({"choices": []})),
        row("U16", "a stream for JSON", "502 upstream_bad_response", spoken("Hello")),
        row("U17", "a whole answer without reason, id and usage",
            "200, text 'Hello', stop",
            answered({"choices": [{"message": {"content": "Hello"}}]})),
    ],
)  # fmt: skip
def test_a_whole_answer_is_put_right_or_refused(
    expected: str, reply: Reply, seen: Seen
) -> None:
    with bad(reply) as (address, upstream):
        told = ask(address, stream=False)

    seen(told)
    assert str(told) == expected
    assert "No." not in told.raw
    assert len(upstream.requests) == 1


@pytest.mark.row("U16", "JSON for a stream", "a stream: text 'Hello', stop")
def test_json_for_a_stream_is_turned_into_one(seen: Seen) -> None:
    with bad(written("Hello")) as (address, _):
        told = ask(address, stream=True)

    seen(told)
    assert str(told) == WELL
    assert told.raw.startswith("data: ")


@pytest.mark.row("U10", "no first byte", "504 upstream_timeout, 1 try")
def test_no_first_byte_is_a_504(seen: Seen) -> None:
    with bad(Reply(before=(Hold(),)), first_byte_timeout=0.5, total_timeout=0.5) as (
        address,
        upstream,
    ):
        both = [str(ask(address, stream=stream)) for stream in (False, True)]
        dropped = upstream.wait_until(lambda u: u.answering == 0)

    seen(both[0])
    assert both == ["504 upstream_timeout"] * 2
    assert len(upstream.requests) == 2
    assert dropped


@pytest.mark.row("U10", "headers are out", "pings, then the frame upstream_timeout")
def test_after_the_status_is_out_no_first_byte_is_a_frame(seen: Seen) -> None:
    silent = Reply(before=(Hold(),))
    with bad(silent, first_byte_timeout=1.0, held_back=0.2, ping=0.1) as (address, _):
        told = ask(address, stream=True)

    seen(f"{told.raw.count(': ping')} pings, {told}")
    assert str(told) == "200 upstream_timeout"
    assert told.raw.count(": ping\n\n") >= 2


@pytest.mark.row(
    "U10", "the head comes, and nothing of the body", "504 upstream_timeout"
)
def test_a_head_is_no_first_byte(seen: Seen) -> None:
    with bad(Reply((Hold(),)), first_byte_timeout=0.5) as (address, upstream):
        told = ask(address, stream=True)

    seen(told)
    assert str(told) == "504 upstream_timeout"
    assert upstream.cancelled == 1


def fixed(name: str, message: str, status: int = 400) -> Any:
    """Return a script that refuses a field, and answers without it."""

    def script(request: Any) -> Reply:
        if name in request.body:
            return refused(status, "x", message)
        whole = not request.body.get("stream")
        return written("Hello") if whole else spoken("Hello")

    return script


@pytest.mark.parametrize(
    ("expected", "name"),
    [row("U6", "max_tokens is not known", "4 tries for 3 answers", "max_tokens"),
     row("U6", "stream_options is not known", "4 tries for 3 answers",
         "stream_options")],
)  # fmt: skip
def test_a_field_that_is_not_known_is_left_out_once_and_for_all(
    expected: str, name: str, seen: Seen
) -> None:
    message = f"Unrecognized request argument supplied: {name}"
    with bad(fixed(name, message)) as (address, upstream):
        told = [ask(address, stream=True, max_tokens=9) for _ in range(3)]

    found = f"{len(upstream.requests)} tries for {len(told)} answers"
    seen(found)
    assert {str(one) for one in told} == {WELL}
    assert found == expected
