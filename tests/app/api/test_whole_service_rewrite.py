"""Follow-ups that the upstream rewrites, in a whole service."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.api.whole import ANSWER, Whole, text_of, whole_service
from tests.command import frontdesk
from tests.scripted_upstream import (
    Hold,
    Recorded,
    Reply,
    Wait,
    answered,
    chunk,
    either,
    refused,
    spoken,
    usage,
    written,
)

TALK = [
    {"role": "user", "content": "how many sensors fit on one Hub H2?"},
    {"role": "assistant", "content": "One Hub H2 takes up to 64 sensors."},
    {"role": "user", "content": "and on the old H1?"},
]
SILENT = Reply(before=(Hold(),))
FULL = "How many sensors fit on one Hub H1?"


@pytest.fixture(scope="module")
def rewriting(sample_home: Path) -> Iterator[Whole]:
    with whole_service(
        sample_home,
        QUESTION_REWRITE="upstream",
        QUESTION_REWRITE_TIMEOUT="2.5",
        LOG_LEVEL="debug",
    ) as whole:
        yield whole


def rewrites(request: dict[str, Any]) -> bool:
    return "You rewrite the last question" in str(request["messages"][0]["content"])


def replying(reply: Reply) -> Callable[[Recorded], Reply]:
    """Answer what is to be rewritten with `reply`, and the rest as usual."""

    def script(request: Recorded) -> Reply:
        return reply if rewrites(request.body) else either(ANSWER)(request)

    return script


def ask(whole: Whole, **fields: Any) -> Any:
    return whole.ask(messages=TALK, **fields)


def outcomes(whole: Whole) -> dict[str, float]:
    text = httpx.get(f"{whole.address}/metrics").text
    found = re.findall(r'rewrites_total\{outcome="(\w+)"\} ([\d.]+)', text)
    return {name: float(count) for name, count in found}


def test_a_follow_up_is_searched_for_in_full_as_well(rewriting: Whole) -> None:
    rewriting.says(replying(written(FULL)))

    completion = ask(rewriting)

    assert completion.choices[0].message.content == ANSWER
    assert completion.rag["queries"][0] == "and on the old H1?"
    assert completion.rag["queries"][-1] == FULL
    taken = sum(usage()[name] for name in ("prompt_tokens", "completion_tokens"))
    assert completion.rag["usage"]["rewrite_tokens"] == taken
    assert outcomes(rewriting)["used"] == 1


def test_a_stream_is_rewritten_too(rewriting: Whole) -> None:
    rewriting.says(replying(written(FULL)))

    chunks = list(ask(rewriting, stream=True))

    assert text_of(chunks) == ANSWER
    assert chunks[-1].rag["queries"][-1] == FULL


def test_what_is_asked_is_short_and_quoted(rewriting: Whole) -> None:
    rewriting.says(replying(written(FULL)))

    ask(rewriting)

    (asked,) = [body for body in rewriting.asked if rewrites(body)]
    talk = asked["messages"][1]["content"]
    assert re.match(r"<<<CONVERSATION-[0-9a-f]{24}>>>\nuser: how many", talk)
    assert (asked["temperature"], asked["max_tokens"]) == (0, 96)
    assert "stream" not in asked


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (SILENT, "late"),
        (Reply(before=(Wait(4),)), "late"),
        (spoken(FULL), "failed"),
        (refused(400, "invalid_value"), "failed"),
        (Reply((b"<html>busy</html>",), headers={"content-type": "text/html"}), "failed"),
        (Reply((b"{",), headers={"content-type": "application/json"}), "failed"),
        (written(""), "unusable"),
        (written("x" * 2000), "unusable"),
        (written("I'm sorry, I can't help with that."), "unusable"),
        (written(FULL, refusal="No."), "unusable"),
        (answered({**chunk(), "choices": []}), "failed"),
        (written("and on the OLD H1?"), "unchanged"),
    ],
)  # fmt: skip
def test_a_late_or_odd_reply_leaves_the_first_search(
    rewriting: Whole, reply: Reply, outcome: str
) -> None:
    before = outcomes(rewriting).get(outcome, 0)
    rewriting.says(replying(reply))

    completion = ask(rewriting)

    assert completion.choices[0].message.content == ANSWER
    assert len(completion.rag["queries"]) == 2
    assert outcomes(rewriting)[outcome] == before + 1


def test_what_is_late_is_cancelled(rewriting: Whole) -> None:
    cancelled = rewriting.upstream.cancelled
    rewriting.says(replying(SILENT))

    ask(rewriting)

    assert rewriting.upstream.wait_until(lambda u: u.cancelled == cancelled + 1)


def test_a_caller_who_leaves_cancels_the_rewriting(rewriting: Whole) -> None:
    cancelled = rewriting.upstream.cancelled
    rewriting.says(replying(SILENT))
    body = {"model": "frontdesk", "messages": TALK}

    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{rewriting.address}/v1/chat/completions", json=body, timeout=0.8)

    # Sooner than its own time would be up.
    assert rewriting.upstream.wait_until(
        lambda u: u.cancelled == cancelled + 1, seconds=1.2
    )
    assert not [b for b in rewriting.asked if not rewrites(b)]


@pytest.mark.parametrize(
    ("messages", "model"),
    [
        (TALK[:1], "frontdesk"),
        ([*TALK[:2], {"role": "user", "content": "thanks!"}], "frontdesk"),
        (TALK, "frontdesk-extract"),
    ],
    ids=["first question", "thanks", "extract"],
)
def test_nothing_else_is_rewritten(
    rewriting: Whole, messages: list[dict[str, str]], model: str
) -> None:
    rewriting.says(replying(written(FULL)))

    completion = rewriting.ask(messages=messages, model=model)

    assert not any(rewrites(body) for body in rewriting.asked)
    assert "rewrite_tokens" not in completion.rag["usage"]


def test_rewriting_without_an_upstream_is_a_clear_error(sample_home: Path) -> None:
    done = frontdesk(sample_home, "serve", "--port", "0", QUESTION_REWRITE="upstream")

    assert done.returncode == 2
    told = done.stderr.strip()
    assert told == "error: QUESTION_REWRITE: upstream needs OPENAI_BASE_URL"
