"""Streams are read however they arrive, and what they lack is told."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.load.reading import (
    AFTER_DONE,
    NO_CHOICE,
    NO_DONE,
    NO_FINISH,
    TWO_FINISHES,
    UNREADABLE,
    StreamReader,
    read_whole,
    refused,
)
from tests.scripted_upstream import DONE, chunk, event, usage

ROLE = event(chunk({"role": "assistant", "content": ""}))
TEXT = event(chunk({"content": "Hello"}))
END = event(chunk(finish="stop"))
USAGE = event({**chunk(), "choices": [], "usage": usage(10, 7)})


def read(*parts: bytes) -> tuple[StreamReader, tuple[str, ...]]:
    reader = StreamReader()
    for moment, part in enumerate(parts):
        reader.feed(part, float(moment))
    return reader, reader.end()


@given(st.data())
def test_a_stream_reads_the_same_wherever_it_is_cut(data: st.DataObject) -> None:
    stream = b"".join((ROLE, b": ping\n\n", TEXT, TEXT, END, USAGE, DONE))
    if data.draw(st.booleans()):
        stream = stream.replace(b"\n", b"\r\n")
    places = data.draw(st.sets(st.integers(1, len(stream) - 1)))
    ends = [*sorted(places), len(stream)]
    parts = [stream[a:b] for a, b in zip([0, *ends], ends, strict=False)]

    reader, faults = read(*parts)

    assert faults == ()
    assert (reader.pieces, reader.tokens, reader.error) == (2, 7, "")


@pytest.mark.parametrize(
    ("parts", "faults"),
    [
        ((ROLE, TEXT, END, DONE), ()),
        ((ROLE, TEXT, END), (NO_DONE,)),
        ((ROLE, TEXT, DONE), (NO_FINISH,)),
        ((ROLE, TEXT, END, END, DONE), (TWO_FINISHES,)),
        ((TEXT, END, event(chunk({"content": "x"}, index=1)), DONE), (NO_FINISH,)),
        ((TEXT, END, event(chunk(index=1, finish="stop")), DONE), ()),
        ((TEXT, END, DONE, USAGE), (AFTER_DONE,)),
        ((TEXT, b"data: {oops\n\n", END, DONE), (UNREADABLE,)),
        ((TEXT, END, b"data: [DONE]"), ("a frame cut off", NO_DONE)),
        ((DONE,), (NO_CHOICE,)),
        ((), (NO_CHOICE, NO_DONE)),
    ],
)
def test_what_a_stream_lacks_is_told(
    parts: tuple[bytes, ...], faults: tuple[str, ...]
) -> None:
    assert read(*parts)[1] == faults


def test_a_role_is_no_token_and_text_is() -> None:
    reader, _ = read(ROLE, TEXT, TEXT, END, DONE)

    assert reader.first == 1.0


@pytest.mark.parametrize(
    "delta",
    [{"reasoning_content": "Hm"}, {"tool_calls": [{"index": 0}]}, {"refusal": "No"}],
)
def test_thoughts_calls_and_refusals_are_tokens(delta: dict[str, Any]) -> None:
    assert read(ROLE, event(chunk(delta)))[0].first == 1.0


def test_the_longest_silence_is_after_the_first_token() -> None:
    reader = StreamReader()
    for part, moment in ((ROLE, 9.0), (TEXT, 20.0), (TEXT, 21.0), (END, 24.0)):
        reader.feed(part, moment)

    assert reader.silence == 3.0


def test_an_error_in_the_stream_is_told_by_its_code() -> None:
    error = {"error": {"message": "No.", "code": "upstream_stream_interrupted"}}

    reader, _ = read(TEXT, event(error), DONE)

    assert reader.error == "error in the stream: upstream_stream_interrupted"


@given(st.binary(max_size=60))
def test_no_body_breaks_the_reader(body: bytes) -> None:
    _, faults = read(body, b"data: " + body + b"\n\n")
    code, message = refused(body)

    # So short a stream never has both a finish and an end.
    assert faults
    assert read_whole(body).faults
    assert "\n" not in code + message


def test_a_refusal_is_told_on_one_short_line() -> None:
    body = b'{"error": {"message": "a\\nb\\u001b[31m", "code": null, "type": "limit"}}'

    assert refused(body) == ("limit", "a b[31m")
