"""What is remembered of questions and answers, over an answerer that a test writes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from app.api.errors import code_of
from app.chat.memory import Memory
from app.chat.remembered import Remembered
from app.errors import (
    ContextTooLong,
    DatabaseUnavailable,
    Forbidden,
    UpstreamInterrupted,
    UpstreamUnavailable,
)
from app.messages import (
    JSON,
    Choice,
    Citation,
    Completion,
    Findings,
    Message,
    Piece,
    Question,
    Usage,
)
from ingest.documents import Principal
from tests.app.api.relaying import hit
from tests.app.conversations.made import ACME, Opened, opened, principal

WHY = Question(model="m", messages=(Message(role="user", content="Why?"),), user="ann")


class Said:
    """An answer in pieces; a piece of None breaks it off."""

    hits = (hit(),)
    findings: Findings | None = Findings(
        hits=hits, confidence=0.75, queries=("why",), edition="e1"
    )
    model = "writer"
    answered = True
    degraded: str | None = None
    follow_ups = ("And then?",)
    usage = Usage(prompt=7, completion=2, cost=5)

    def __init__(self, *texts: str | None, unended: bool = False) -> None:
        self.closed = False
        self._texts = texts
        self._unended = unended

    async def bursts(self) -> AsyncIterator[Sequence[Piece]]:
        for text in self._texts:
            if text is None:
                raise UpstreamInterrupted("cut")
            yield [Piece(content=text)]
        if not self._unended:
            yield [Piece(finish_reason="stop")]

    async def completion(self) -> Completion:
        text = "".join(filter(None, self._texts))
        return Completion(choices=(Choice(content=text),))

    def citations(self, index: int) -> tuple[Citation, ...]:
        return ()

    async def aclose(self) -> None:
        self.closed = True


class Saying:
    """Answers with what it is given, or refuses."""

    def __init__(self, said: Said | Exception) -> None:
        self.said = said
        self.asked: list[Question] = []

    async def answer(self, principal: Principal, question: Question) -> Said:
        self.asked.append(question)
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


def memory(here: Opened | None, said: Said | Exception, **settings: Any) -> Memory:
    kept = None
    if here is not None:
        kept = replace(here.kept, settings=replace(here.kept.settings, **settings))
    return Memory(Saying(said), kept, code_of=code_of, closing=asyncio.Event())


async def read(answer: Remembered) -> str:
    try:
        return "".join([p.content async for b in answer.bursts() for p in b])
    finally:
        await answer.aclose()


async def recorded(here: Opened) -> list[JSON]:
    await here.kept.recorder.flush()
    told = [t async for t in here.kept.personal.export(ACME, None)]
    return [t for t in told if t["object"] == "turn"]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'frontdesk.db'}"


async def test_a_question_is_recorded_with_its_figures_and_without_its_answer(
    url: str,
) -> None:
    async with opened(url) as here:
        who = replace(ACME, key_id="k1")
        answer = await memory(here, Said("So", ".")).answer(who, WHY)
        text = await read(answer)
        (found,) = await recorded(here)

    assert text == "So."
    assert found["id"] == answer.id
    assert {k: found[k] for k in ("question", "answer", "status", "error")} == {
        "question": "Why?", "answer": "", "status": "complete", "error": "",
    }  # fmt: skip
    assert {k: found[k] for k in ("user", "key_id", "model", "documents")} == {
        "user": "ann", "key_id": "k1", "model": "writer", "documents": ("hub.md",),
    }  # fmt: skip
    assert (found["answered"], found["confidence"]) == (True, 0.75)
    assert found["usage"]["prompt"] == 7
    assert found["usage"]["cost"] == 5
    assert found["seconds"] > 0


@pytest.mark.parametrize(
    ("record", "questions"), [("questions", ["Why?"]), ("figures", [""]), ("off", [])]
)
async def test_what_is_recorded_is_a_setting(
    url: str, record: str, questions: list[str]
) -> None:
    async with opened(url) as here:
        answer = await memory(here, Said("So."), record=record).answer(ACME, WHY)
        await answer.completion()
        await answer.aclose()

        assert [t["question"] for t in await recorded(here)] == questions


async def test_of_a_long_question_the_beginning_is_recorded(url: str) -> None:
    long = replace(WHY, messages=(Message(role="user", content="x" * 9000),))
    async with opened(url) as here:
        await read(await memory(here, Said("So.")).answer(ACME, long))

        (found,) = await recorded(here)
        assert len(found["question"]) == 4000


@pytest.mark.parametrize(
    ("said", "status", "error"),
    [
        (Said("So", None), "incomplete", "upstream_stream_interrupted"),
        (Said(None), "failed", "upstream_stream_interrupted"),
        (Said("So", unended=True), "incomplete", "upstream_stream_interrupted"),
    ],
)
async def test_how_an_answer_ended_is_recorded(
    url: str, said: Said, status: str, error: str
) -> None:
    async with opened(url) as here:
        answer = await memory(here, said).answer(ACME, WHY)
        with pytest.raises(UpstreamInterrupted):
            await read(answer)

        (found,) = await recorded(here)
        assert (found["status"], found["error"]) == (status, error)
        assert found["answered"] is None
        assert said.closed


async def test_an_answer_that_nobody_read_was_cancelled(url: str) -> None:
    async with opened(url) as here:
        answer = await memory(here, Said("So.")).answer(ACME, WHY)
        await answer.aclose()
        await answer.aclose()

        assert [t["status"] for t in await recorded(here)] == ["cancelled"]


async def test_what_the_upstream_refused_has_failed_and_what_we_refuse_is_nothing(
    url: str,
) -> None:
    async with opened(url) as here:
        with pytest.raises(UpstreamUnavailable):
            await memory(here, UpstreamUnavailable("no")).answer(ACME, WHY)
        with pytest.raises(ContextTooLong):
            await memory(here, ContextTooLong("no")).answer(ACME, WHY)

        found = await recorded(here)
        assert [(t["status"], t["error"]) for t in found] == [
            ("failed", "upstream_unavailable")
        ]


async def test_a_question_that_does_not_fit_its_conversation_has_failed(
    url: str,
) -> None:
    async with opened(url) as here:
        begun = await here.begin()
        within = replace(WHY, conversation_id=begun.id)
        with pytest.raises(ContextTooLong):
            await memory(here, ContextTooLong("no")).answer(ACME, within)
        await here.kept.recorder.flush()

        assert await here.texts(begun) == [("Why?", "", "failed")]


async def test_only_who_may_see_conversations_continues_one(url: str) -> None:
    visitor = replace(principal(session="s1"), scopes=frozenset({"chat"}))
    chatter = replace(ACME, scopes=frozenset({"chat"}))
    async with opened(url) as here:
        begun = await here.begin(visitor)
        within = replace(WHY, conversation_id=begun.id)
        with pytest.raises(Forbidden):
            await memory(here, Said("So.")).answer(chatter, within)
        await read(await memory(here, Said("So.")).answer(visitor, within))

        assert await here.texts(begun) == [("Why?", "So.", "complete")]


async def test_without_a_database_nothing_is_recalled_and_answers_go_on() -> None:
    with pytest.raises(DatabaseUnavailable):
        await memory(None, Said("So.")).answer(
            ACME, replace(WHY, conversation_id="conv_" + "a" * 24)
        )

    answer = await memory(None, Said("So.")).answer(ACME, WHY)
    assert await read(answer) == "So."
    assert answer.id.startswith("chatcmpl-")
