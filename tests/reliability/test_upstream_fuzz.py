"""Bytes of an upstream, spoiled in every way, on their road to a caller.

    recorded stream --spoiled--> relay --> frames

Whatever comes, the only thing that comes out besides pieces is that the upstream
failed; and it is the same wherever the bytes were split.
"""

import random
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise

from app.api.frames import Frames
from app.errors import UpstreamFailed
from app.messages import Piece
from app.upstream.relay import Relay
from tests.app.api.grammar import Cited, question
from tests.reliability.recording import Figure
from tests.reliability.sizes import SEED, size
from tests.scripted_upstream import DONE, chunk, event, spoken, usage

LIMIT = 4000

STRUCTURE = (
    b"\n", b"\r", b"\r\n", b"\n\n", b"data:", b"data: ", b": ", b"[DONE]", b"event: x",
    b"{", b"}", b"[", b"]", b'"', b"\\", b"\\u", b"\\ud800", b",", b":", b"null", b"-1",
    b"1e999", b"NaN", b"9" * 25, b"0.5", b"\xef\xbb\xbf", b"\xff", b"\xc3", b"\x00",
    b'{"error":{"message":"no"}}', b'"choices":', b'"delta":', b'"index":', b"true",
    b'"usage":', b'"tool_calls":', b'"finish_reason":', b"[" * 300, b'{"a":' * 300,
    b"x" * 700, b"data:\n" * 300,
)  # fmt: skip


def _calls() -> Iterator[bytes]:
    first = {"index": 0, "id": "a", "type": "function",
             "function": {"name": "f", "arguments": ""}}  # fmt: skip
    yield event(chunk({"role": "assistant", "content": None, "tool_calls": [first]}))
    more = {"index": 0, "function": {"arguments": '{"x": 1}'}}
    yield event(chunk({"tool_calls": [more]}))
    yield event(chunk(finish="tool_calls"))
    yield DONE


RECORDED = (
    b"".join(part for part in spoken("Hel", "lo ", "wörld").steps if type(part) is bytes),
    b"".join(_calls()),
    b": hello\n\n" + event(chunk({"content": "Hi", "reasoning_content": "Hm"}))
    + event(chunk({"content": "!"}, index=1, finish="length", usage=usage())),
    event({"choices": [{"delta": {"content": "", "x": [1, -2, 0.5]}}]}) * 2 + DONE,
    event(chunk({"content": "a"}, logprobs={"content": []})).replace(b"\n", b"\r\n") * 3
    + DONE,
)  # fmt: skip


def spoiled(dice: random.Random) -> bytes:
    """Return a recorded stream with something done to it."""
    stream = bytearray(dice.choice(RECORDED))
    for _ in range(dice.randrange(1, 6)):
        at, to = sorted(dice.randrange(len(stream) + 1) for _ in range(2))
        match dice.randrange(6):
            case 0 if at < len(stream):
                stream[at] ^= 1 << dice.randrange(8)
            case 1:
                del stream[at:to]
            case 2:
                stream[at:at] = stream[at:to]
            case 3:
                stream[at:at] = dice.choice(RECORDED)[: to - at]
            case _:
                stream[at:at] = dice.choice(STRUCTURE)
    return bytes(stream)


def split(stream: bytes, dice: random.Random) -> list[bytes]:
    """Cut `stream` into parts: at a few places, or at every byte."""
    if dice.randrange(4) == 0:
        return [stream[i : i + 1] for i in range(len(stream))]
    places = sorted(dice.randrange(len(stream) + 1) for _ in range(dice.randrange(6)))
    edges = [0, *places, len(stream)]
    return [stream[a:b] for a, b in pairwise(edges)]


def read(parts: list[bytes]) -> tuple[list[Piece], str, object]:
    """Return the pieces of a stream, the error it ended with, and what it told."""
    relay = Relay(limit=LIMIT)
    frames = Frames(question(), Cited(), address="http://here")
    pieces: list[Piece] = []
    error = ""
    try:
        for part in parts:
            for piece in relay.feed(part):
                frames.take(piece)
                pieces.append(piece)
        pieces.extend(relay.end())
    except UpstreamFailed as failed:
        error = type(failed).__name__
    return [_known(piece) for piece in pieces], error, (relay.usage, relay.rest)


def _known(piece: Piece) -> Piece:
    """Return `piece` without the ids that are made up for calls that have none."""
    calls = [
        {**call, "id": "made up"}
        if str(call.get("id", "")).startswith("call_")
        else call
        for call in piece.rest.get("tool_calls", ())
    ]
    rest = piece.rest | {"tool_calls": calls} if calls else piece.rest
    return Piece(
        index=piece.index,
        content=piece.content,
        rest=rest,
        logprobs=piece.logprobs,
        finish_reason=piece.finish_reason,
    )


def test_spoiled_bytes_read_the_same_wherever_they_were_split(figure: Figure) -> None:
    dice, number = random.Random(SEED), size(5_000, 200_000)
    different = 0

    for _ in range(number):
        stream = spoiled(dice)
        whole = repr(read([stream]))
        if repr(read(split(stream, dice))) != whole:
            different += 1
            print(repr(stream))

    figure(
        "spoiled streams read otherwise when split", f"{different} of {number:,}", "0"
    )
    assert different == 0


def test_a_line_without_an_end_takes_no_more_room_than_an_answer_may() -> None:
    relay = Relay(limit=2_000_000)
    part = b"data: " + b"x" * 16_000
    tracemalloc.start()
    failed = ""

    for _ in range(1_000_000_000 // len(part)):
        try:
            list(relay.feed(part))
        except UpstreamFailed as error:
            failed = type(error).__name__
            break

    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert failed == "AnswerTooLong"
    assert most < 8_000_000


def test_lines_that_hold_nothing_take_no_room_for_ever() -> None:
    relay, failed = Relay(limit=100_000), ""

    for _ in range(1000):
        try:
            list(relay.feed(b"data:\n" * 1000))
        except UpstreamFailed as error:
            failed = type(error).__name__
            break

    assert failed == "AnswerTooLong"
