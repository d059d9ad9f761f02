"""Whatever an upstream streams, what leaves here keeps the grammar of the contract.

(role -> content* -> annotations? -> finish) of each choice -> usage? -> DONE
or, anywhere before a finish: error -> DONE
"""

import os
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.api.frames import DONE, Frames, failure
from app.errors import UpstreamFailed
from app.messages import (
    Citation,
    Completion,
    Findings,
    Message,
    Piece,
    Question,
    RagOptions,
    Usage,
)
from app.upstream.relay import Relay
from tests.app.api.relaying import hit
from tests.scripted_upstream import chunk, event, usage

EXAMPLES = int(os.environ.get("GRAMMAR_STREAMS", "300"))
"""Streams to try; 10,000 at night."""

REASONS = {"stop", "length", "tool_calls", "content_filter", "function_call"}


class Cited:
    """An answer whose every choice cites its one source."""

    id = "chatcmpl-0"
    conversation_id = ""
    saved = True
    hits = (hit(),)
    findings: Findings | None = Findings(
        hits=hits, confidence=0.5, queries=("q",), edition="e"
    )
    model = "m"
    answered = True
    degraded: str | None = None
    usage = Usage(prompt=3, completion=2)

    async def bursts(self) -> AsyncIterator[Sequence[Piece]]:
        yield (Piece(),)

    async def completion(self) -> Completion:
        return Completion(choices=())

    def citations(self, index: int) -> tuple[Citation, ...]:
        return (Citation(number=1, hit=self.hits[0], start=index, end=index + 3),)

    async def aclose(self) -> None:
        return


def written(question: Question, parts: list[bytes]) -> bytes:
    """Return every byte that leaves for what an upstream sends in `parts`."""
    frames = Frames(question, Cited(), address="http://here")
    relay = Relay(limit=100_000)
    sent = b""
    try:
        for part in parts:
            for piece in relay.feed(part):
                sent += frames.take(piece)
        for piece in relay.end():
            sent += frames.take(piece)
        return sent + frames.close()
    except UpstreamFailed as error:
        return sent + failure(error)


def check(stream: bytes, *, include_usage: bool, rag: bool) -> list[dict[str, Any]]:
    """Assert that `stream` keeps the grammar; return its chunks."""
    *frames, done, nothing = stream.split(b"\n\n")
    assert (done + b"\n\n", nothing) == (DONE, b"")
    assert all(frame.startswith(b"data: {") and b"\n" not in frame for frame in frames)
    chunks = [msgspec.json.decode(frame[6:]) for frame in frames]
    if "error" in chunks[-1]:
        assert set(chunks[-1]["error"]) == {"message", "type", "param", "code"}
        _check_chunks(chunks[:-1], include_usage=include_usage)
        assert not any(c["choices"][0]["finish_reason"] for c in chunks[:-1])
        return chunks
    if include_usage:
        assert chunks[-1]["choices"] == []
        assert chunks[-1]["usage"]["total_tokens"] == 5
        chunks, last = chunks[:-1], chunks[-1]
        assert last["id"] == chunks[0]["id"]
    _check_chunks(chunks, include_usage=include_usage)
    reasons = [
        (c["choices"][0]["index"], c["choices"][0]["finish_reason"])
        for c in chunks
        if c["choices"][0]["finish_reason"]
    ]
    begun = {c["choices"][0]["index"] for c in chunks}
    assert sorted(index for index, _ in reasons) == sorted(begun)
    assert {reason for _, reason in reasons} <= REASONS
    assert ("sources" in chunks[-1]) is rag
    return chunks


def _check_chunks(chunks: list[dict[str, Any]], *, include_usage: bool) -> None:
    assert len({(c["id"], c["created"], c["model"]) for c in chunks}) <= 1
    begun: set[int] = set()
    finished: set[int] = set()
    calls: dict[tuple[int, int], str] = {}
    for c in chunks:
        assert c["object"] == "chat.completion.chunk"
        assert ("usage" in c) is include_usage
        assert c.get("usage") is None
        (choice,) = c["choices"]
        index, delta = choice["index"], choice["delta"]
        assert isinstance(delta, dict)
        assert index not in finished
        assert ("role" in delta) is (index not in begun)
        assert delta.get("role", "assistant") == "assistant"
        assert isinstance(delta.get("content", ""), str)
        begun.add(index)
        for call in delta.get("tool_calls", ()):
            key = (index, call["index"])
            assert ("id" in call) is (key not in calls)
            calls.setdefault(key, call.get("id", ""))
        if choice["finish_reason"] is not None:
            assert delta == {}
            finished.add(index)
    ids = [(index, id_) for (index, _), id_ in calls.items()]
    assert len(ids) == len(set(ids))


junk = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["index", "content", "id"]), inner, max_size=2
        )
    ),
    max_leaves=4,
)
call = st.fixed_dictionaries(
    {},
    optional={
        "index": st.integers(0, 2) | st.none(),
        "id": st.sampled_from(["a", "b", "", None]),
        "type": st.sampled_from(["function", "", None]),
        "function": st.fixed_dictionaries(
            {},
            optional={
                "name": st.sampled_from(["f", "g", "", None]),
                "arguments": st.sampled_from(["", "{", "}", None]) | st.just({"x": 1}),
            },
        ),
    },
)
delta = st.fixed_dictionaries(
    {},
    optional={
        "role": st.sampled_from(["assistant", "", None]),
        "content": st.text(max_size=8) | st.none(),
        "tool_calls": st.lists(call, max_size=2),
        "refusal": st.text(max_size=3) | st.none(),
        "reasoning_content": st.text(max_size=3),
    },
)
choice: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"delta": delta | st.none()},
    optional={
        "index": st.integers(0, 2) | st.none(),
        "finish_reason": st.sampled_from(
            [None, None, None, "stop", "length", "eos", ""]
        ),
        "logprobs": st.none() | st.just({"content": []}),
    },
)
well_meant = st.fixed_dictionaries(
    {"choices": st.lists(choice, max_size=2) | st.none()},
    optional={"id": st.text(max_size=3), "usage": st.none() | st.just(usage())},
)
broken = st.dictionaries(
    st.sampled_from(["choices", "error", "detail", "usage"]), junk, max_size=2
)
rare = st.integers(0, 9)


@st.composite
def streams(draw: st.DrawFn) -> list[bytes]:
    """Draw an upstream's stream, mostly right, cut into parts anywhere."""
    frames = [event(chunk({"role": "assistant", "content": ""}))]
    frames += [event(c) for c in draw(st.lists(well_meant, max_size=8))]
    if draw(rare) == 0:
        frames.insert(draw(st.integers(0, len(frames))), event(draw(broken)))
    if draw(rare) == 0:
        frames.append(b"data: " + draw(st.binary(max_size=9)) + b"\n\n")
    frames += [b": ping\n\n"] * draw(st.integers(0, 2)) + [DONE] * draw(
        st.integers(0, 1)
    )
    stream = b"".join(frames)
    if draw(st.booleans()):
        stream = stream.replace(b"\n", draw(st.sampled_from([b"\r\n", b"\r"])))
    if draw(rare) == 0:
        stream = stream[: draw(st.integers(0, len(stream)))]
    cuts = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    edges = [0, *cuts, len(stream)]
    return [stream[a:b] for a, b in pairwise(edges)]


def question(*, include_usage: bool = False, rag: bool = True) -> Question:
    return Question(
        model="m",
        messages=(Message(role="user", content="?"),),
        stream=True,
        include_usage=include_usage,
        rag=RagOptions(enabled=rag, include_sources="markdown" if rag else None),
    )


@settings(max_examples=EXAMPLES, deadline=None)
@given(streams(), st.booleans(), st.booleans())
def test_every_stream_keeps_the_grammar(
    parts: list[bytes], include_usage: bool, rag: bool
) -> None:
    sent = written(question(include_usage=include_usage, rag=rag), parts)

    check(sent, include_usage=include_usage, rag=rag)


def test_citations_ride_on_the_last_content_and_sources_on_the_last_chunk() -> None:
    parts = [event(chunk({"content": "Hold it [1]."}, finish="stop")), DONE]

    chunks = check(written(question(), parts), include_usage=False, rag=True)

    deltas = [c["choices"][0]["delta"] for c in chunks]
    assert [sorted(delta) for delta in deltas] == [
        ["content", "role"],
        ["content"],
        ["annotations", "content"],
        [],
    ]
    cited = deltas[2]["annotations"][0]["url_citation"]
    assert cited["url"] == f"http://here/v1/sources/{hit().chunk.id}#page=3"
    assert chunks[-1]["sources"][0]["number"] == 1
    assert deltas[2]["content"].endswith(f"- [1] Hub H2, page 3: {cited['url']}")


def test_the_checker_finds_a_stream_that_is_wrong() -> None:
    right = written(question(), [event(chunk({"content": "x"}, finish="stop"))])

    for wrong in (
        right.removesuffix(DONE),
        right.replace(b'"finish_reason":"stop"', b'"finish_reason":null'),
        right.replace(b'"role":"assistant",', b""),
        right.replace(b'"index":0', b'"index":1', 1),
    ):
        with pytest.raises(AssertionError):
            check(wrong, include_usage=False, rag=True)
