"""The grammar of a stream that leaves here, and what is needed to have one.

(role -> content* -> annotations? -> finish) of each choice -> usage? -> DONE
or, anywhere before a finish: error -> DONE
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

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
    follow_ups = ()
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


def question(*, include_usage: bool = False, rag: bool = True) -> Question:
    """Return a question whose answer is streamed."""
    return Question(
        model="m",
        messages=(Message(role="user", content="?"),),
        stream=True,
        include_usage=include_usage,
        rag=RagOptions(enabled=rag, include_sources="markdown" if rag else None),
    )
