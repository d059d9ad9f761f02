"""What upstreams send, right and wrong, and the pieces it becomes."""

from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import (
    AnswerTooLong,
    UpstreamBroken,
    UpstreamInterrupted,
)
from app.messages import Piece
from app.upstream.events import EventDecoder
from app.upstream.relay import Relay, completion_of, pieces_of
from tests.scripted_upstream import DONE, chunk, event, usage


def relayed(*parts: bytes, limit: int = 100_000) -> list[Piece]:
    relay = Relay(limit=limit)
    pieces = [piece for part in parts for piece in relay.feed(part)]
    return pieces + list(relay.end())


def text(pieces: list[Piece]) -> str:
    return "".join(piece.content for piece in pieces)


def reasons(pieces: list[Piece]) -> list[str]:
    return [piece.finish_reason for piece in pieces if piece.finish_reason]


def calls(pieces: list[Piece]) -> list[dict[str, Any]]:
    return [call for piece in pieces for call in piece.rest.get("tool_calls", ())]


HELLO = event(chunk({"role": "assistant", "content": "Hel"}))
END = event(chunk({"content": "lo"}, finish="stop")) + DONE
WHOLE = HELLO + END


@given(st.lists(st.integers(0, len(WHOLE)), max_size=8))
def test_a_stream_reads_the_same_wherever_it_was_split(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(WHOLE)]
    parts = [WHOLE[a:b] for a, b in pairwise(edges)]

    assert relayed(*parts) == relayed(WHOLE)


@pytest.mark.parametrize(
    "stream",
    [
        WHOLE.replace(b"\n", b"\r\n"),
        WHOLE.replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + WHOLE,
        b": hello\n\n" + WHOLE.replace(b"\n\n", b"\n\n: comment\n\n"),
        WHOLE.replace(b"data: ", b"data:"),
        WHOLE.replace(b"data: ", b"event: message\nid: 1\nretry: 5\ndata: "),
        b"data:\n\n" + WHOLE,
        WHOLE.replace(b'"choices":', b'\ndata: "choices":'),
        WHOLE.replace(b'"choices":', b'\ndata: "choices":').replace(b"\n", b"\r\n"),
        WHOLE.replace(b"}\n\ndata: {", b"}\ndata: {"),
        WHOLE.replace(b"}\n\ndata: {", b"}{"),
        WHOLE.removesuffix(DONE),
        WHOLE.removesuffix(b"\n\n"),
        WHOLE + HELLO,
        WHOLE.replace(b'"index":0,', b""),
        WHOLE.replace(b'"index":0', b'"index":null'),
        WHOLE.replace(b'"role":"assistant"', b'"role":""'),
        WHOLE.replace(b'"id":"chatcmpl-up",', b""),
        event({"choices": None}) + event({"choices": []}) + WHOLE,
        event({"choices": [{"index": 0, "delta": None}]}) + WHOLE,
        event({"choices": [{"index": 0}]}) + WHOLE,
        WHOLE.replace(b'"stop"', b'"eos_token"'),
        WHOLE.replace(b'"delta"', b'"message"'),
    ],
    ids=str,
)
def test_what_the_standard_allows_and_servers_do_is_read(stream: bytes) -> None:
    for parts in ((stream,), tuple(stream[i : i + 1] for i in range(len(stream)))):
        pieces = relayed(*parts)

        assert text(pieces) == "Hello"
        assert reasons(pieces) == ["stop"]


def test_every_choice_ends_with_one_reason() -> None:
    stream = b"".join(
        event(chunk({"content": "x"}, index=index, finish=finish))
        for index, finish in [(0, None), (1, "length"), (0, "stop"), (1, "stop")]
    )

    pieces = relayed(stream, DONE)

    assert [(p.index, p.finish_reason) for p in pieces if p.finish_reason] == [
        (1, "length"),
        (0, "stop"),
    ]


def test_done_without_a_reason_is_complete() -> None:
    assert reasons(relayed(HELLO, DONE)) == ["stop"]


def test_usage_in_the_last_chunk_is_an_end_even_without_done_and_reason() -> None:
    relay = Relay(limit=100_000)
    said = [*relay.feed(HELLO)]
    said += relay.feed(event(chunk({"content": "lo"}, usage=usage(7, 3))))

    assert reasons([*said, *relay.end()]) == ["stop"]
    assert relay.usage is not None
    assert (relay.usage.prompt, relay.usage.completion) == (7, 3)


@pytest.mark.parametrize("cut", [b"", HELLO, HELLO + END[:30], HELLO + b": ping\n\n"])
def test_an_answer_that_stops_in_the_middle_is_not_complete(cut: bytes) -> None:
    with pytest.raises((UpstreamInterrupted, UpstreamBroken)):
        relayed(cut)


@pytest.mark.parametrize(
    "frame",
    [
        b'data: {"choices": [\n\n',
        b"data: nonsense\n\n",
        event({"error": {"message": "overloaded"}}),
        b"event: error\n" + event({"error": "overloaded"}),
        event({"detail": "Not found"}),
        event([1]),
        event({"choices": ["x"]}),
        event({"choices": [{"delta": "x"}]}),
        event({"choices": [{"delta": {"content": 5}}]}),
        event({"choices": [{"index": 10**6, "delta": {}}]}),
        event({"choices": [{"index": -1, "delta": {}}]}),
        event({"choices": [{"delta": {"tool_calls": "x"}}]}),
        event({"choices": [{"delta": {"tool_calls": ["x"]}}]}),
        b"data: " + b"[" * 100_000 + b"\n\n",
        DONE,
    ],
    ids=lambda frame: str(frame[:50]),
)
def test_what_is_no_answer_is_refused(frame: bytes) -> None:
    with pytest.raises(UpstreamBroken):
        relayed(frame)


def test_bytes_that_are_not_utf_8_become_replacement_characters() -> None:
    stream = WHOLE.replace(b"Hel", b"H\xff").replace(b'"lo"', b'"\\ud83d"')

    assert text(relayed(stream)) == "H\ufffd\ufffd"


def test_numbers_of_any_size_can_be_written_again() -> None:
    delta = b'{"choices":[{"delta":{"content":"a","x":' + b"9" * 30 + b"}}]}"

    (piece, *_) = relayed(b"data: " + delta + delta + b"\n\n", END)

    assert msgspec.json.encode(piece.rest) == b'{"x":1e30}'


@pytest.mark.parametrize("reason", [[], {}, 5, "eos", True])
def test_an_odd_finish_reason_is_an_end(reason: object) -> None:
    chunk = {"choices": [{"delta": {"content": "a"}, "finish_reason": reason}]}

    assert reasons(relayed(event(chunk))) == ["stop"]


def test_tokens_that_nobody_can_have_used_are_not_told() -> None:
    relay = Relay(limit=1000)

    list(relay.feed(event(chunk({"content": "a"}, usage=usage(1 << 40, 3)))))

    assert relay.usage is None


def test_a_line_without_an_end_is_too_long() -> None:
    with pytest.raises(AnswerTooLong):
        relayed(*[b"data: " + b"x" * 1000] * 1000, limit=1000)


def test_an_answer_without_an_end_is_too_long() -> None:
    with pytest.raises(AnswerTooLong):
        relayed(*[event(chunk({"content": "é" * 10}))] * 1000, limit=1000)


def test_fields_of_a_delta_that_are_not_ours_pass_through() -> None:
    delta = {"reasoning_content": "Hm", "refusal": None, "annotations": [{"x": 1}]}

    pieces = relayed(event(chunk(delta)), END)

    assert pieces[0].rest == {"reasoning_content": "Hm"}


def call(**fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"tool_calls": [fields]}}]}


FIRST = {"id": "a", "function": {"name": "f", "arguments": ""}}
SECOND = {"id": "b", "function": {"name": "f", "arguments": ""}}


@pytest.mark.parametrize(
    "stream",
    [
        [{"index": 0, **FIRST}, {"index": 0, "function": {"arguments": "1"}},
         {"index": 1, **SECOND}, {"index": 1, "function": {"arguments": "2"}}],
        [{"index": 0, **FIRST}, {"index": 1, **SECOND},
         {"index": 0, "function": {"arguments": "1"}},
         {"index": 1, "function": {"arguments": "2"}}],
        [FIRST, {"function": {"arguments": "1"}}, SECOND, {"function": {"arguments": "2"}}],
        [{"index": 0, **FIRST}, {"index": 0, "id": "a", "function": {"name": "f", "arguments": "1"}},
         {"index": 0, **SECOND}, {"index": 0, "id": "b", "function": {"name": "f", "arguments": "2"}}],
        [{"index": 3, "id": "a", "type": "", "function": {"name": "f", "arguments": 1}},
         {"index": 7, "id": "b", "function": {"name": "f", "arguments": 2}}],
    ],
    ids=["right", "interleaved", "no index", "same index, all repeated", "whole, odd index"],
)  # fmt: skip
def test_parallel_tool_calls_are_never_mixed_up(stream: list[dict[str, Any]]) -> None:
    frames = [event(call(**fields)) for fields in stream]

    found = calls(relayed(*frames, event(chunk(finish="tool_calls")), DONE))

    first = {c["index"]: c for c in reversed(found)}
    assert {
        i: (c["id"], c["type"], c["function"]["name"]) for i, c in first.items()
    } == {
        0: ("a", "function", "f"),
        1: ("b", "function", "f"),
    }
    arguments = {0: "", 1: ""}
    for c in found:
        arguments[c["index"]] += c["function"]["arguments"]
    assert arguments == {0: "1", 1: "2"}
    assert sum("name" in c["function"] for c in found) == 2
    assert sum("id" in c for c in found) == 2


def test_too_many_tool_calls_are_refused() -> None:
    frames = [event(call(id=str(i), function={"name": "f"})) for i in range(200)]

    with pytest.raises(UpstreamBroken):
        relayed(*frames)


def test_a_whole_completion_becomes_the_same_pieces() -> None:
    body = event(
        {
            "system_fingerprint": "fp",
            "choices": [
                {"index": 0, "finish_reason": "tool_calls", "message": {
                    "content": None,
                    "tool_calls": [{"function": {"name": "f", "arguments": {"x": 1}}}],
                }},
                {"index": 1, "message": {"content": [{"type": "text", "text": "Hi"}]}},
            ],
            "usage": usage(),
        }
    )  # fmt: skip

    completion = completion_of(body.removeprefix(b"data: "))
    pieces = pieces_of(completion)

    assert completion.rest == {"system_fingerprint": "fp"}
    assert completion.choices[0].rest["tool_calls"][0]["function"] == {
        "name": "f",
        "arguments": '{"x":1}',
    }
    assert "index" not in completion.choices[0].rest["tool_calls"][0]
    assert [call["index"] for call in calls(pieces)] == [0]
    assert (text(pieces), reasons(pieces)) == ("Hi", ["tool_calls", "stop"])


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b'{"choices": []}', b'{"choices": [{}]}', b"<html>"]
)
def test_a_body_that_is_no_completion_is_refused(body: bytes) -> None:
    with pytest.raises(UpstreamBroken):
        completion_of(body)


@given(st.lists(st.binary(max_size=30), max_size=10))
def test_the_decoder_takes_any_bytes(parts: list[bytes]) -> None:
    split, whole = EventDecoder(limit=10_000), EventDecoder(limit=10_000)

    found = [data for part in parts for data in split.feed(part)] + split.end()

    assert found == [*whole.feed(b"".join(parts)), *whole.end()]


def test_what_was_said_before_a_bad_frame_stands() -> None:
    said: list[Piece] = []

    with pytest.raises(UpstreamBroken):
        said.extend(Relay(limit=1000).feed(HELLO + b"data: nonsense\n\n"))

    assert text(said) == "Hel"
