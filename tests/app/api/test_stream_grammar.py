"""Whatever an upstream streams, what leaves here keeps the grammar of the contract.

(role -> content* -> annotations? -> finish) of each choice -> usage? -> DONE
or, anywhere before a finish: error -> DONE
"""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.api.frames import DONE
from tests.app.api.grammar import check, question, written
from tests.app.api.relaying import hit
from tests.reliability.recording import Figure
from tests.reliability.sizes import size
from tests.scripted_upstream import chunk, event, usage

STREAMS = size(1_000, 10_000)

junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.text(max_size=5)
    | st.sampled_from([10**30, -(2**63) - 1, 1e308, float("nan"), float("inf")]),
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
anything = st.fixed_dictionaries(
    {"choices": st.lists(
        st.dictionaries(
            st.sampled_from(["index", "delta", "message", "finish_reason", "logprobs"]),
            junk, max_size=3,
        ),
        max_size=2,
    )},
    optional={"id": junk, "usage": junk, "system_fingerprint": junk},
)  # fmt: skip
beside = st.sampled_from(
    [b": ping\n\n", b":\n", b"event: x\nid: 1\nretry: 5\n", b"data:\n\n", b"\n\n",
     b": " + b"x" * 70_000 + b"\n", b"data: " + b" " * 70_000 + b"{}\n\n"]
)  # fmt: skip
rare = st.integers(0, 9)


def odd_event(content: object) -> bytes:
    """Return an event of JSON that may hold numbers of any size, and none."""
    return b"data: " + json.dumps(content).encode() + b"\n\n"


@st.composite
def streams(draw: st.DrawFn) -> list[bytes]:
    """Draw an upstream's stream, mostly right, cut into parts anywhere."""
    frames = [event(chunk({"role": "assistant", "content": ""}))]
    frames += [event(c) for c in draw(st.lists(well_meant, max_size=8))]
    for wrong in (broken.map(odd_event), anything.map(odd_event), beside, beside):
        if draw(rare) == 0:
            frames.insert(draw(st.integers(0, len(frames))), draw(wrong))
    if draw(rare) == 0:
        frames.append(b"data: " + draw(st.binary(max_size=9)) + b"\n\n")
    frames += [DONE] * draw(st.integers(0, 1))
    stream = b"".join(frames)
    if draw(st.booleans()):
        stream = stream.replace(b"\n", draw(st.sampled_from([b"\r\n", b"\r"])))
    if draw(rare) == 0:
        stream = stream[: draw(st.integers(0, len(stream)))]
    if draw(rare) == 0 and len(stream) < 10_000:
        return [stream[at : at + 1] for at in range(len(stream))]
    cuts = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    edges = [0, *cuts, len(stream)]
    return [stream[a:b] for a, b in pairwise(edges)]


def test_every_stream_keeps_the_grammar(figure: Figure) -> None:
    tried = 0

    @settings(max_examples=STREAMS, deadline=None)
    @given(streams(), st.booleans(), st.booleans())
    def keeps(parts: list[bytes], include_usage: bool, rag: bool) -> None:
        nonlocal tried
        tried += 1
        sent = written(question(include_usage=include_usage, rag=rag), parts)
        check(sent, include_usage=include_usage, rag=rag)

    # One that does not ends the test.
    keeps()
    figure("streams that break the grammar", f"0 of {tried:,}", "0")
    assert tried >= STREAMS


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
