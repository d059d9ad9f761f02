"""Golden questions to outcomes, one after the other, along a road.

One at a time, so that the milliseconds are those of a question and not of a queue.
"""

import asyncio
import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Sequence
from importlib.metadata import version

from msgspec.structs import replace

from app.errors import AppError, EvaluationImpossible
from app.evaluation.citing import Place, claim, holds, unmarked
from app.evaluation.figures import by_kind, by_language, by_stage
from app.evaluation.golden import Golden, GoldenFile, within
from app.evaluation.metrics import first_rank
from app.evaluation.outcomes import Evaluation, Outcome
from app.evaluation.road import Reply, Road
from app.messages import Message
from ingest.errors import IngestError

Progress = Callable[[int, int], None]
"""Is told how many questions are done, and of how many."""


async def evaluate(
    file: GoldenFile, road: Road, *, on_progress: Progress
) -> Evaluation:
    """Ask every question of `file`.

    Being cancelled ends the run and not what it has: the evaluation of the
    questions that were asked is returned, marked as not complete.

    Raises:
        EvaluationImpossible: There is no question, or nobody to ask.
    """
    begun = dt.datetime.now(dt.UTC)
    file = await _checked(file, road)
    outcomes: list[Outcome] = []
    editions: dict[str, None] = {}
    try:
        on_progress(0, len(file.questions))
        for numbered in file.questions:
            outcome, edition = await ask(road, numbered.golden)
            outcomes.append(outcome)
            if edition:
                editions[edition] = None
            on_progress(len(outcomes), len(file.questions))
    except asyncio.CancelledError:
        # Ctrl-C: what was asked is worth keeping. A second one is not caught here.
        pass
    return Evaluation(
        golden=file.name,
        digest=file.digest,
        date=begun.isoformat(timespec="seconds"),
        version=version("frontdesk"),
        edition=", ".join(editions),
        road=road.name,
        settings=road.settings,
        given=len(file.questions),
        asked=len(outcomes),
        complete=len(outcomes) == len(file.questions),
        broken=file.broken,
        notes=_notes(file, road, list(editions)),
        outcomes=tuple(outcomes),
        figures=by_kind(outcomes),
        languages=by_language(outcomes),
        stages=by_stage(outcomes),
    )


async def ask(road: Road, golden: Golden) -> tuple[Outcome, str]:
    """Return what becomes of a golden question, and the edition that answered."""
    outcome = Outcome(
        id=golden.id,
        kind=golden.kind,
        language=golden.language,
        question=golden.asked,
        expected=golden.documents,
    )
    try:
        reply = await road.answer(golden)
        found = await road.ranking(golden.conversation, golden.labels)
        standalone = await _standalone(road, golden)
        supported = await _supported(road, golden, reply)
    except (AppError, IngestError) as error:
        reason = str(error) or type(error).__name__
        return replace(outcome, error=reason), ""
    text = unmarked(reply.text, reply.citations)
    missing = missing_facts(text, golden.facts)
    # What a model says without a citation, it does not have from the documents.
    states = bool(reply.citations) or not reply.sent
    outcome = replace(
        outcome,
        found=found,
        rank=first_rank(found, golden.documents),
        standalone_found=standalone,
        answered=reply.answered and states,
        answer=reply.text,
        confidence=reply.confidence,
        facts=1 - len(missing) / len(golden.facts) if golden.facts else None,
        missing_facts=missing,
        citations=len(supported),
        supported=sum(supported),
        sent=reply.sent,
        stuffed=reply.stuffed,
        stages=reply.stages,
        milliseconds=round(reply.milliseconds, 1),
    )
    return outcome, reply.edition


def missing_facts(text: str, facts: Sequence[str]) -> tuple[str, ...]:
    """Return those of `facts` that `text` does not hold.

    Case, width, blanks and Markdown's emphasis make no difference.
    """
    there = _plain(text)
    return tuple(fact for fact in facts if _plain(fact) not in there)


def _plain(text: str) -> str:
    bare = re.sub(r"[*`]", "", unicodedata.normalize("NFKC", text))
    return " ".join(bare.casefold().split())


async def _standalone(road: Road, golden: Golden) -> tuple[str, ...] | None:
    if not golden.standalone:
        return None
    alone = (Message(role="user", content=golden.standalone),)
    return await road.ranking(alone, golden.labels)


async def _supported(road: Road, golden: Golden, reply: Reply) -> list[bool]:
    """Return of each citation whether what it opens holds what it stands behind.

    A refusal names the nearest documents and states nothing: it has none to judge.
    """
    if not reply.answered:
        return []
    places: dict[str, Place | None] = {}
    judged = []
    for citation in reply.citations:
        source = citation.source
        if source not in places:
            places[source] = await road.place(source, golden.labels)
        place = places[source]
        said = claim(reply.text, reply.citations, citation.start)
        judged.append(place is not None and holds(place, said))
    return judged


async def _checked(file: GoldenFile, road: Road) -> GoldenFile:
    """Return `file` with what cannot be answered left out.

    Raises:
        EvaluationImpossible: Nothing is left, or there is nobody to ask.
    """
    golden = [numbered.golden for numbered in file.questions]
    if golden:
        paths = {path for question in golden for path in question.documents}
        labels = dict.fromkeys(label for q in golden for label in q.labels)
        file = within(file, await road.held(paths, tuple(labels)))
    if not file.questions:
        first = "".join(
            f"; line {b.line}: {b.field + ': ' if b.field else ''}{b.reason}"
            for b in file.broken[:1]
        )
        raise EvaluationImpossible(f"{file.name} holds no question to ask{first}")
    return file


def _notes(file: GoldenFile, road: Road, editions: Sequence[str]) -> tuple[str, ...]:
    questions = [numbered.golden for numbered in file.questions]
    labelled = [q.id for q in questions if q.labels]
    notes = []
    if all(q.kind == "unanswerable" for q in questions):
        notes.append("no question is answerable: nothing says what is found")
    if all(q.kind != "unanswerable" for q in questions):
        notes.append("no question is unanswerable: nothing says what is refused")
    if len(editions) > 1:
        notes.append("the index changed during the run: several editions answered")
    if labelled and not road.sends_labels:
        notes.append(
            f"labels cannot be sent to a service: {', '.join(labelled)} are asked "
            "with those of its caller"
        )
    return tuple(notes)
