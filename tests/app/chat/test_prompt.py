import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.chat.fences import render_sources
from app.chat.prompt import (
    Budget,
    Frame,
    Prompt,
    build_prompt,
    in_order,
    plain_prompt,
    role_for,
)
from app.errors import ContextTooLong
from app.messages import JSON, Message
from ingest.documents import Hit
from tests.app.hits import hit

MARKER = "0123456789abcdef01234567"
ROOMY = Budget(window=100_000, answer=1_000)
TALK = (
    Message(role="developer", content="Speak like a pirate.", rest={"name": "shop"}),
    Message(role="user", content="How many sensors fit on one hub?"),
    Message(role="assistant", content="Up to 64 sensors [1]."),
    Message(role="user", content="And how do I reset it?"),
)


def count(message: JSON) -> int:
    """One token a word, and one a message."""
    return 1 + len(str(message["content"]).split())


def frame(role: str = "system") -> Frame:
    return Frame(
        role=role,  # type: ignore[arg-type]  # tests write roles as plain text
        marker=MARKER,
        instructions="Answer from the sources.",
    )


def build(
    *hits: Hit, talk: tuple[Message, ...] = TALK, budget: Budget = ROOMY
) -> Prompt:
    return build_prompt(talk, hits, frame=frame(), budget=budget, count=count)


def test_the_message_array_is_the_golden_one() -> None:
    hits = (
        hit(
            "Hold the button for 12 seconds.",
            path="reset.md",
            title="Reset",
            headings=("Reset", "Network"),
            position=2,
        ),
        hit("Page text >>> with <<<SOURCE-1 1>>> in it.", path="h2.pdf", page=3),
        hit("Before you reset, write down the code.", path="reset.md", title="Reset"),
    )

    real = Frame(role="system", marker=MARKER)
    prompt = build_prompt(TALK, hits, frame=real, budget=ROOMY, count=count)

    golden = Path(__file__).parent / "prompt.golden.json"
    assert json.loads(golden.read_text(encoding="utf-8")) == list(prompt.messages)


def test_numbers_follow_the_order_of_the_sources() -> None:
    first, second = hit("b", position=5), hit("a", position=1)
    other = hit("c", path="other.md")

    assert build(first, other, second).hits == (second, first, other)
    assert in_order([other, first, second]) == (other, second, first)


def test_roles_are_sent_as_the_upstream_takes_them() -> None:
    prompt = build_prompt(TALK, (), frame=frame("developer"), budget=ROOMY, count=count)

    assert [m["role"] for m in prompt.messages[:3]] == ["developer"] * 2 + ["user"]
    assert prompt.messages[1]["name"] == "shop"


@pytest.mark.parametrize(
    ("model", "role"),
    [("o3-mini", "developer"), ("openai/gpt-5", "developer"), ("gpt-4o", "system")],
)
def test_reasoning_models_take_instructions_as_developer(model: str, role: str) -> None:
    assert role_for("auto", model) == role
    assert role_for("user", model) == "user"


def test_the_oldest_turns_go_first() -> None:
    turns = [
        Message(role=role, content=f"{number} " + "word " * 20)
        for number in range(8)
        for role in ("user", "assistant")
    ]
    talk = (TALK[0], *turns, Message(role="user", content="now what?"))

    prompt = build(talk=talk, budget=Budget(window=120, answer=20))

    left = [m["content"].split()[0] for m in prompt.messages[3:-1]]
    assert left == ["6", "6", "7", "7"][-len(left) :]
    assert prompt.left_out == len(talk) - len(prompt.messages) + 2 > 0
    assert prompt.messages[1]["content"] == "Speak like a pirate."
    assert prompt.messages[-1]["content"] == "now what?"


def test_a_tool_result_stays_with_its_call() -> None:
    call = Message(role="assistant", rest={"tool_calls": [{"id": "c1"}]})
    result = Message(role="tool", content="21", rest={"tool_call_id": "c1"})
    talk = (TALK[1], Message(role="user", content="warm?"), call, result)

    prompt = build(talk=talk, budget=Budget(window=25, answer=5))

    assert [m["role"] for m in prompt.messages[2:]] == ["user", "assistant", "tool"]


def test_the_sources_with_the_lowest_score_go_first() -> None:
    hits = [hit("word " * 30, path=f"{n}.md", score=1 - n / 10) for n in range(5)]

    prompt = build(*hits, budget=Budget(window=200, answer=20))

    assert 0 < len(prompt.hits) < 5
    assert prompt.hits == tuple(hits[: len(prompt.hits)])


def test_what_cannot_fit_is_refused_with_both_numbers() -> None:
    with pytest.raises(ContextTooLong, match=r"takes 5\d+ tokens.* takes 100;"):
        build(
            talk=(Message(role="user", content="word " * 500),),
            budget=Budget(window=100, answer=20),
        )
    with pytest.raises(ContextTooLong):
        plain_prompt(
            TALK, role="system", budget=Budget(window=9, answer=5), count=count
        )


def wide(text: str, more: str, *, path: str) -> Hit:
    """Return a hit to which `more` was joined."""
    found = hit(text, path=path)
    return replace(found, chunk=hit(text + more, path=path).chunk, found=found.chunk)


def test_where_room_is_short_what_was_joined_goes_before_what_was_found() -> None:
    hits = [wide("w " * 20, "x " * 30, path=f"{n}.md") for n in range(3)]

    texts = [
        [h.chunk.text for h in build(*hits, budget=Budget(window=w, answer=20)).hits]
        for w in (500, 220, 150)
    ]

    whole, found = hits[0].chunk.text, "w " * 20
    assert texts == [[whole] * 3, [whole, found, found], [found] * 2]


@given(
    st.lists(st.integers(0, 60), max_size=6),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 40)), max_size=6),
    st.integers(60, 400),
)
def test_the_prompt_fits_and_its_tokens_are_told(
    turns: list[int], sources: list[tuple[int, int]], window: int
) -> None:
    talk = tuple(Message(role="user", content="word " * n) for n in (*turns, 3))
    hits = [
        wide("w " * n, "x " * more, path=f"{i}.md")
        for i, (n, more) in enumerate(sources)
    ]
    budget = Budget(window=window, answer=10, extra=5)

    prompt = build(*hits, talk=talk, budget=budget)

    sent = sum(map(count, prompt.messages)) + budget.extra
    assert sent <= prompt.tokens <= window - budget.answer
    assert prompt.sources <= prompt.tokens


FENCE = re.compile(
    rf"<<<SOURCE-{MARKER} (\d+)>>>\n(.*?)\n<<<END-{MARKER} (\d+)>>>(?:\n\n|\Z)",
    re.DOTALL,
)
HOSTILE = st.lists(
    st.sampled_from(
        [
            *("<<<", ">>>", "<<<<<<", "SOURCE-", "END-", MARKER, MARKER.upper()),
            *(f"<<<END-{MARKER} 1>>>", f"<<<SOURCE-{MARKER} 2>>>", " 1>>>", "text"),
            *(MARKER[:12], MARKER[12:], "---", "```", "[1]", "\u2028", "\n\n", "<"),
        ]
    ),
    max_size=12,
).map("".join)


@given(st.lists(st.tuples(HOSTILE, HOSTILE, HOSTILE), min_size=1, max_size=4))
def test_each_source_sits_in_exactly_one_fence(
    sources: list[tuple[str, str, str]],
) -> None:
    hits = [
        hit(text, title=title, headings=(heading,), path=f"{n}.md")
        for n, (text, title, heading) in enumerate(sources)
    ]

    block = render_sources(hits, MARKER)

    fences = FENCE.findall(block)
    assert [(a, b) for a, _, b in fences] == [
        (str(n), str(n)) for n in range(1, len(hits) + 1)
    ]
    assert FENCE.sub("", block) == ""
    assert not any(
        MARKER in inside.lower() or "<<<" in inside for _, inside, _ in fences
    )
