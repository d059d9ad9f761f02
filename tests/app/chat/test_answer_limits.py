"""However an answer ends, what it took is counted and the rest is given back."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from app.budgets import PriceSettings, TenantLimits
from app.chat.writing import Answer
from app.errors import (
    ContextTooLong,
    LimitReached,
    QuotaSpent,
    RetrievalUnavailable,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from app.messages import JSON, Completion, Piece, Question, Usage
from app.settings import ChatSettings, QuestionSettings, Settings
from ingest.errors import IndexUnreachable
from tests.app.chat.made_answers import answerer, ask, says
from tests.app.chat.writers import Script, ScriptedStream
from tests.app.shelf import EVERYBODY

PRICES = PriceSettings(table='{"*": {"input": 1, "output": 2}}')
ONE_AT_A_TIME = Settings(tenant_limit=TenantLimits(streams=1), price=PRICES)
TOLD = Usage(prompt=70, completion=30)


def settings(**limits: Any) -> Settings:
    return Settings(tenant_limit=TenantLimits(**limits), price=PRICES)


class Never(Script):
    """An upstream that never begins."""

    async def complete(
        self, prompt: Sequence[JSON], parameters: JSON, *, model: str
    ) -> Completion:
        return await asyncio.Future()

    async def stream(
        self, prompt: Sequence[JSON], parameters: JSON, *, model: str
    ) -> ScriptedStream:
        return await asyncio.Future()


async def read(answer: Answer) -> None:
    async for _ in answer.bursts():
        pass


async def read_one(answer: Answer) -> None:
    async for _ in answer.bursts():
        return


async def leave(_: Answer) -> None:
    """Read nothing at all."""


@pytest.mark.parametrize("reading", [read, read_one, leave])
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("script", [None, Script(*says("Hold", " it"), usage=TOLD)])
async def test_an_answer_that_was_closed_holds_nothing(
    reading: Any, stream: bool, script: Script | None
) -> None:
    busy = answerer(upstream=script, settings=ONE_AT_A_TIME)
    for _ in range(3):
        answer = await busy.answer(EVERYBODY, ask(stream=stream))
        with pytest.raises(LimitReached):
            await busy.answer(EVERYBODY, ask(stream=stream))
        await reading(answer)
        await answer.aclose()
        await answer.aclose()


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("script", "question", "error"),
    [
        (Script(failure=UpstreamUnavailable("gone")), ask(), UpstreamUnavailable),
        (Script(failure=UpstreamTimeout("late")), ask(), UpstreamTimeout),
        (Script(window=50), ask("reset the hub " * 2000), ContextTooLong),
    ],
)
async def test_an_answer_that_failed_holds_nothing(
    script: Script, question: Question, error: type[Exception], stream: bool
) -> None:
    busy = answerer(upstream=script, settings=ONE_AT_A_TIME)
    for _ in range(3):
        with pytest.raises(error):
            await busy.answer(EVERYBODY, replace(question, stream=stream))


async def test_a_search_that_failed_holds_nothing() -> None:
    broken = IndexUnreachable("no answer")
    busy = answerer(broken=broken, upstream=Script(), settings=ONE_AT_A_TIME)
    for _ in range(3):
        with pytest.raises(RetrievalUnavailable):
            await busy.answer(EVERYBODY, ask())


@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer_that_is_cancelled_at_any_moment_holds_nothing(
    stream: bool,
) -> None:
    busy = answerer(upstream=Never(), settings=ONE_AT_A_TIME)
    for moment in range(40):
        asking = asyncio.ensure_future(busy.answer(EVERYBODY, ask(stream=stream)))
        for _ in range(moment):
            await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking


async def test_what_the_upstream_tells_is_what_is_charged() -> None:
    script = Script(*says("Hold it [1]."), usage=TOLD)
    answer = await answerer(upstream=script, settings=settings()).answer(
        EVERYBODY, ask()
    )

    told = (await answer.completion()).usage
    await answer.aclose()

    assert told is not None
    assert told.cost == (70 * 1 + 30 * 2) * 1000


async def test_whoever_leaves_is_charged_for_what_came_so_far() -> None:
    pieces = [Piece(content=f"word{i} ") for i in range(200)]
    call = {"tool_calls": [{"index": 0, "function": {"arguments": "x" * 4000}}]}
    spoken, calling = Script(*pieces), Script(Piece(rest=call), *pieces)
    costs: list[Usage] = []
    for script in (spoken, calling):
        busy = answerer(upstream=script, settings=settings(tokens_per_day=100_000))
        answer = await busy.answer(EVERYBODY, ask(stream=True))
        await read_one(answer)
        await answer.aclose()
        costs.append(answer.usage)

    words, calls = costs
    assert words.prompt > 0
    assert 0 < words.completion < 20
    # What came beside the text is no free lunch.
    assert calls.completion > 500
    assert words.cost == (words.prompt + 2 * words.completion) * 1000


async def test_tokens_are_reserved_before_the_upstream_is_asked() -> None:
    script = Script(*says("Hold it."), usage=TOLD)
    busy = answerer(upstream=script, settings=settings(tokens_per_day=3000))
    first = await busy.answer(EVERYBODY, ask(stream=True, max_tokens=2000))
    with pytest.raises(QuotaSpent):
        await busy.answer(EVERYBODY, ask(stream=True, max_tokens=2000))
    await read(first)
    await first.aclose()
    second = await busy.answer(EVERYBODY, ask(stream=True, max_tokens=2000))
    await second.aclose()

    assert len(script.sent) == 2


async def test_every_choice_is_reserved() -> None:
    busy = answerer(upstream=Script(*says("a")), settings=settings(tokens_per_day=3000))

    with pytest.raises(QuotaSpent):
        await busy.answer(EVERYBODY, ask(max_tokens=1000, n=4))


class Asked(Script):
    """An upstream that keeps what it was asked for beside the prompt."""

    def __init__(self, *pieces: Piece) -> None:
        super().__init__(*pieces)
        self.parameters: JSON = {}

    async def complete(
        self, prompt: Sequence[JSON], parameters: JSON, *, model: str
    ) -> Completion:
        self.parameters = parameters
        return await super().complete(prompt, parameters, model=model)


@pytest.mark.parametrize(
    ("limits", "asked", "sent"),
    [
        ({}, {}, {}),
        ({"tokens_per_day": 9000}, {}, {"max_completion_tokens": 64}),
        ({"money_per_day": 9}, {"max_tokens": 5}, {"max_tokens": 5}),
    ],
)
async def test_where_tokens_are_limited_the_upstream_is_told_how_many(
    limits: dict[str, Any], asked: JSON, sent: JSON
) -> None:
    script = Asked(*says("a"))
    own = replace(settings(**limits), chat=ChatSettings(answer_tokens=64))
    answer = await answerer(upstream=script, settings=own).answer(
        EVERYBODY, ask(**asked)
    )
    await answer.aclose()

    assert script.parameters == sent


async def test_extracts_take_no_tokens_and_no_money() -> None:
    busy = answerer(settings=settings(tokens_per_day=1, money_per_day=1e-9))
    for _ in range(3):
        answer = await busy.answer(EVERYBODY, ask())
        completion = await answer.completion()
        await answer.aclose()

        assert completion.usage is not None
        assert completion.usage.cost == 0


def follow_up() -> Question:
    turns = [
        replace(ask(text).messages[0], role=role)
        for role, text in (
            ("user", "how do I reset the hub with the button?"),
            ("assistant", "Hold the reset button for twelve seconds."),
            ("user", "and then?"),
        )
    ]
    return replace(ask(), messages=tuple(turns))


async def test_rewriting_a_follow_up_is_counted_too() -> None:
    script = Script(*says("how do I reset the hub?"), usage=TOLD)
    rewriting = replace(settings(), question=QuestionSettings(rewrite="upstream"))
    answer = await answerer(upstream=script, settings=rewriting).answer(
        EVERYBODY, follow_up()
    )

    told = (await answer.completion()).usage
    await answer.aclose()

    assert len(script.sent) == 2
    assert told is not None
    assert told.rewrite == 100
    assert told.cost == 2 * (70 * 1 + 30 * 2) * 1000


async def test_a_spent_budget_lets_not_even_rewriting_reach_the_upstream() -> None:
    script = Script(*says("Hold it [1]."), usage=TOLD)
    own = replace(
        settings(tokens_per_day=10), question=QuestionSettings(rewrite="upstream")
    )

    with pytest.raises(QuotaSpent):
        await answerer(upstream=script, settings=own).answer(EVERYBODY, follow_up())

    assert script.sent == []
