"""A run over a small golden file, with a road that answers from a table."""

import asyncio
from collections.abc import Iterable, Sequence

import pytest

from app.errors import EvaluationImpossible, UpstreamUnavailable
from app.evaluation.citing import Cited, Place
from app.evaluation.golden import Golden, GoldenFile, Numbered
from app.evaluation.outcomes import ALL, BrokenLine, Evaluation
from app.evaluation.road import Reply
from app.evaluation.run import evaluate, missing_facts
from app.messages import Message

TEXT = "Hold the pin button for 12 seconds [1]."
KNOWN = Reply(
    text=TEXT,
    answered=True,
    confidence=0.9,
    edition="000001",
    citations=(Cited(start=35, end=38, source="c1"),),
    milliseconds=12.34,
)


class Table:
    """A road that answers with what a table holds, and as known otherwise."""

    name = "table"
    sends_labels = False

    def __init__(self, **replies: Reply | Exception) -> None:
        self.settings: dict[str, str | int | float] = {}
        self.asked: list[str] = []
        self._replies = replies

    async def held(self, paths: Iterable[str], labels: Sequence[str]) -> set[str]:
        return {"reset.md", "limits.md"} & set(paths)

    async def answer(self, golden: Golden) -> Reply:
        self.asked.append(golden.id)
        reply = self._replies.get(golden.id, KNOWN)
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def ranking(
        self, messages: Sequence[Message], labels: Sequence[str]
    ) -> tuple[str, ...]:
        alone = "reset" in messages[-1].text
        return ("reset.md",) if alone else ("limits.md", "reset.md")

    async def place(self, source: str, labels: Sequence[str]) -> Place | None:
        held = {"c1": Place(text="Hold the pin button for 12 seconds.", language="en")}
        return held.get(source)


def golden(id_: str = "q1", **fields: object) -> Golden:
    made = {"kind": "answerable", "question": "How?", "documents": ("reset.md",)}
    return Golden(**{"id": id_, **made, **fields})  # type: ignore[arg-type]


def file(*questions: Golden, broken: tuple[BrokenLine, ...] = ()) -> GoldenFile:
    numbered = (Numbered(line=i, golden=q) for i, q in enumerate(questions, start=1))
    return GoldenFile(
        name="g.jsonl", digest="0", questions=tuple(numbered), broken=broken
    )


async def run(road: Table, *questions: Golden) -> Evaluation:
    return await evaluate(file(*questions), road, on_progress=lambda _done, _of: None)


async def test_an_outcome_tells_what_was_found_said_and_cited() -> None:
    asked = golden(facts=("12  SECONDS", "purple"), standalone="How to reset it?")

    told = await run(Table(), asked)

    (outcome,) = told.outcomes
    assert (outcome.found, outcome.rank) == (("limits.md", "reset.md"), 2)
    assert outcome.standalone_found == ("reset.md",)
    assert (outcome.facts, outcome.missing_facts) == (0.5, ("purple",))
    assert (outcome.citations, outcome.supported) == (1, 1)
    assert (outcome.answered, outcome.answer) == (True, TEXT)
    assert outcome.milliseconds == 12.3
    assert (told.edition, told.complete) == ("000001", True)
    assert told.figures[ALL].mrr == 0.5


async def test_what_a_model_says_without_a_citation_is_no_answer() -> None:
    shrug = Reply(
        text="I do not know.", answered=True, confidence=0.9, edition="1", sent=900
    )

    told = await run(Table(q1=shrug), golden(), golden("q2"))

    assert [o.answered for o in told.outcomes] == [False, True]


async def test_a_refusal_has_no_citation_to_judge() -> None:
    refusal = Reply(
        text="Nearest: Limits [1]",
        answered=False,
        confidence=0.1,
        edition="1",
        citations=(Cited(start=16, end=19, source="gone"),),
    )

    told = await run(Table(q1=refusal), golden())

    assert (told.outcomes[0].citations, told.figures[ALL].citations) == (0, None)


async def test_a_citation_that_opens_nothing_holds_nothing() -> None:
    citation = Cited(start=35, end=38, source="gone")
    reply = Reply(
        text=TEXT, answered=True, confidence=1, edition="1", citations=(citation,)
    )

    told = await run(Table(q1=reply), golden())

    assert (told.outcomes[0].citations, told.outcomes[0].supported) == (1, 0)


async def test_an_error_is_the_outcome_of_its_question_alone() -> None:
    road = Table(q1=UpstreamUnavailable("nobody there"))

    told = await run(road, golden(), golden("q2"))

    assert [o.error for o in told.outcomes] == ["nobody there", ""]
    assert (told.asked, told.complete) == (2, True)
    assert told.figures[ALL].errors == 1


async def test_an_interrupted_run_keeps_what_it_has() -> None:
    begun = asyncio.Event()

    class Slow(Table):
        async def answer(self, golden: Golden) -> Reply:
            if golden.id == "q2":
                begun.set()
                await asyncio.sleep(60)
            return await super().answer(golden)

    running = asyncio.create_task(run(Slow(), golden(), golden("q2"), golden("q3")))
    await begun.wait()
    running.cancel()
    told = await running

    assert [o.id for o in told.outcomes] == ["q1"]
    assert (told.asked, told.given, told.complete) == (1, 3, False)


async def test_progress_is_told_after_each_question() -> None:
    told: list[tuple[int, int]] = []

    await evaluate(
        file(golden(), golden("q2")),
        Table(),
        on_progress=lambda done, of: told.append((done, of)),
    )

    assert told == [(0, 2), (1, 2), (2, 2)]


async def test_what_figures_cannot_say_is_noted() -> None:
    unanswerable = golden("u1", kind="unanswerable", documents=())
    staff = golden("q2", labels=("staff",))

    only_unknown = await run(Table(), unanswerable)
    labelled = await run(Table(), golden(), staff)

    assert "no question is answerable" in only_unknown.notes[0]
    assert "no question is unanswerable" in labelled.notes[0]
    assert "labels cannot be sent to a service: q2" in labelled.notes[1]


async def test_an_index_that_changes_meanwhile_is_noted() -> None:
    later = Reply(text="", answered=True, confidence=1, edition="000002")

    told = await run(Table(q2=later), golden(), golden("q2"))

    assert told.edition == "000001, 000002"
    assert any("the index changed" in note for note in told.notes)


async def test_without_a_question_the_first_fault_is_told() -> None:
    with pytest.raises(EvaluationImpossible, match=r"no question.*line 1: documents"):
        await run(Table(), golden(documents=("gone.md",)))


@pytest.mark.parametrize(
    "text", ["It takes **12 seconds**.", "`12 Seconds`", "12\nseconds", "１２ seconds"]
)
def test_a_fact_is_held_however_it_is_set(text: str) -> None:
    assert missing_facts(text, ["12 seconds"]) == ()
    assert missing_facts(text, ["13 seconds"]) == ("13 seconds",)
