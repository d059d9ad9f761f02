"""The short way to read a chunk tells what the long way tells."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.errors import UpstreamFailed
from app.messages import Piece
from app.upstream.relay import Relay
from tests.scripted_upstream import event, usage

fields: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"delta": st.dictionaries(
        st.sampled_from(["content", "role", "refusal", "reasoning_content", "x"]),
        st.none() | st.text(max_size=3),
    )},
    optional={
        "index": st.integers(-1, 2) | st.none(),
        "finish_reason": st.sampled_from([None, "", "stop"]),
        "logprobs": st.none() | st.just({"content": []}),
        "stop_reason": st.none(),
    },
)  # fmt: skip
told = st.fixed_dictionaries(
    {"choices": st.lists(fields, max_size=2)},
    optional={
        "system_fingerprint": st.sampled_from([None, "a", "b"]),
        "usage": st.sampled_from([None, usage()]),
        "error": st.none(),
        "detail": st.none(),
    },
)


@given(st.lists(told, max_size=6))
def test_a_chunk_reads_the_same_the_short_way_and_the_long_way(
    chunks: list[dict[str, Any]],
) -> None:
    def with_a_field_that_says_nothing(chunk: dict[str, Any]) -> dict[str, Any]:
        choices = [{**c, "delta": {**c["delta"], "y": None}} for c in chunk["choices"]]
        return {**chunk, "choices": choices}

    def read(chunks: list[dict[str, Any]]) -> object:
        relay = Relay(limit=100_000)
        pieces: list[Piece] = []
        try:
            for chunk in chunks:
                pieces += relay.feed(event(chunk))
            pieces += relay.end()
        except UpstreamFailed as error:
            return pieces, type(error), relay.rest
        return pieces, relay.usage, relay.rest

    assert read(chunks) == read([*map(with_a_field_that_says_nothing, chunks)])
