"""Runs the sample's golden questions along the real road and prints what came out.

Extracts only: no upstream is used, so that the figures are the retrieval's own.
"""

import asyncio
import sys
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from app.chat.asking import DEFAULT_MODEL
from app.chat.question import queries
from app.messages import Filter, Message, Question
from app.resources import Resources, open_resources
from app.settings import load_settings
from tests.command import ROOT, environment, frontdesk

_HITS = 5


class Golden(Struct, frozen=True, kw_only=True):
    """A question with what is known about its answer.

    Attributes:
        id: Its name.
        kind: "answerable", "follow_up" or "unanswerable".
        question: What is asked; "" when `messages` ends with it.
        messages: The conversation of a follow-up.
        documents: Paths of the documents that answer it.
        heading: Heading of the section that answers it, in the first document.
        facts: Short texts that an answer must hold.
        language: ISO 639-1 code.
        standalone: A follow-up rewritten by hand to stand alone.
        labels: Access labels the one who asks holds beside those of everybody.
    """

    id: str
    kind: str
    question: str = ""
    messages: tuple[Message, ...] = ()
    documents: tuple[str, ...] = ()
    heading: str = ""
    facts: tuple[str, ...] = ()
    language: str = "en"
    standalone: str = ""
    labels: tuple[str, ...] = ()

    @property
    def conversation(self) -> tuple[Message, ...]:
        """The messages to send."""
        return self.messages or (Message(role="user", content=self.question),)


class Outcome(Struct, frozen=True, kw_only=True):
    """What the service did with a golden question.

    Attributes:
        golden: The question.
        rank: Rank of the first right document among the hits, from 1; 0 for none.
        answered: Whether the answer claims to know.
        facts: Share of the key facts in the answer, in [0, 1].
        confidence: As told.
    """

    golden: Golden
    rank: int
    answered: bool
    facts: float
    confidence: float


class Figures(Struct, frozen=True, kw_only=True):
    """The outcomes in numbers.

    Attributes:
        recall: Share of questions with a right document among the five hits.
        recall_follow_up: The same of the follow-ups alone.
        facts: Mean share of key facts in the extract, of answerable questions.
        whole: Share of answerable questions with every key fact in the extract.
        unanswerable: How many are not answered by the documents.
        known_unknown: How many of these were answered with "I do not know".
        false_refusals: Share of answerable questions that were refused.
    """

    recall: float
    recall_follow_up: float
    facts: float
    whole: float
    unanswerable: int
    known_unknown: int
    false_refusals: float


def load_golden(path: Path = ROOT / "data" / "golden.jsonl") -> list[Golden]:
    """Read golden questions, one JSON object a line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [msgspec.json.decode(line, type=Golden) for line in lines if line.strip()]


async def run(home: Path, questions: list[Golden]) -> list[Outcome]:
    """Ask every question of the index under `home`."""
    settings = load_settings(environment(home))
    async with open_resources(settings) as resources:
        return [await _ask(resources, golden) for golden in questions]


def figures(outcomes: list[Outcome]) -> Figures:
    """Sum up `outcomes`."""
    known = [o for o in outcomes if o.golden.kind != "unanswerable"]
    unknown = [o for o in outcomes if o.golden.kind == "unanswerable"]
    follow_ups = [o for o in known if o.golden.kind == "follow_up"]
    return Figures(
        recall=_share([o.rank > 0 for o in known]),
        recall_follow_up=_share([o.rank > 0 for o in follow_ups]),
        facts=sum(o.facts for o in known) / max(len(known), 1),
        whole=_share([o.facts == 1 for o in known]),
        unanswerable=len(unknown),
        known_unknown=sum(not o.answered for o in unknown),
        false_refusals=_share([not o.answered for o in known]),
    )


async def _ask(resources: Resources, golden: Golden) -> Outcome:
    everybody = resources.principal
    principal = replace(everybody, labels=(*everybody.labels, *golden.labels))
    found = await resources.retriever.retrieve(
        principal,
        queries(golden.conversation),
        limit=_HITS,
        filter=Filter(),
    )
    paths = [hit.chunk.path for hit in found.hits]
    ranks = [i for i, path in enumerate(paths, start=1) if path in golden.documents]
    question = Question(model=DEFAULT_MODEL, messages=golden.conversation)
    answer = await resources.answerer.answer(principal, question)
    try:
        completion = await answer.completion()
        answered = answer.answered
    finally:
        await answer.aclose()
    text = _plain(completion.choices[0].content or "")
    held = [_plain(fact) in text for fact in golden.facts]
    return Outcome(
        golden=golden,
        rank=ranks[0] if ranks else 0,
        answered=answered,
        facts=sum(held) / len(held) if held else 1.0,
        confidence=found.confidence,
    )


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _share(flags: list[bool]) -> float:
    return sum(flags) / max(len(flags), 1)


def _table(told: Figures, count: int) -> str:
    refused = f"{told.known_unknown} of {told.unanswerable}"
    return "\n".join(
        (
            f"| {count} golden questions, extracts only | |",
            "|---|---|",
            f"| right document among the 5 hits | {told.recall:.1%} |",
            f"| the same of the follow-ups alone | {told.recall_follow_up:.1%} |",
            f"| key facts in the extract | {told.facts:.1%} |",
            f"| questions with every key fact in the extract | {told.whole:.1%} |",
            f'| "I do not know" where the documents do not answer | {refused} |',
            f"| answerable questions refused | {told.false_refusals:.1%} |",
        )
    )


def main() -> None:
    """Ingest the sample, ask everything, print the table and what went wrong."""
    home = Path(sys.argv[1])
    done = frontdesk(home, "ingest", str(ROOT / "data" / "documents"))
    print(done.stdout or done.stderr)
    outcomes = asyncio.run(run(home, load_golden()))
    print(_table(figures(outcomes), len(outcomes)))
    for o in outcomes:
        wrong = (not o.rank or not o.answered) == (o.golden.kind != "unanswerable")
        if wrong or (o.facts < 1 and o.golden.kind != "unanswerable"):
            asked = o.golden.conversation[-1].text[:70]
            print(
                f"{o.golden.id:5} rank {o.rank} confidence {o.confidence:.2f} "
                f"facts {o.facts:.2f} {'' if o.answered else 'refused '}{asked}"
            )


if __name__ == "__main__":
    main()
