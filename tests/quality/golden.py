"""Runs the sample's golden questions along the real road and prints what came out.

Extracts only: no upstream is used, so that the figures are the retrieval's own.
"""

import asyncio
import sys
from pathlib import Path

from app.chat.asking import DEFAULT_MODEL
from app.evaluation.embedded import open_embedded
from app.evaluation.gate import value_of
from app.evaluation.golden import Golden, GoldenFile, read_golden
from app.evaluation.outcomes import ALL, STANDALONE, Evaluation, Outcome
from app.evaluation.run import evaluate
from app.evaluation.terminal import written
from app.settings import load_settings
from tests.command import ROOT, environment, frontdesk

SAMPLE = ROOT / "data" / "golden.jsonl"

_ROWS = (
    ("right document among the 5 found", ALL, "recall@5"),
    ("the same of the follow-ups alone", "follow_up", "recall@5"),
    ("the same of the follow-ups rewritten to stand alone", STANDALONE, "recall@5"),
    ("key facts in the extract", ALL, "facts"),
    ("questions with every key fact in the extract", ALL, "facts_whole"),
    ("citations that open what they are cited for", ALL, "citations"),
    ("answered although the documents do not answer", ALL, "missed_refusals"),
    ("answerable questions refused", ALL, "false_refusals"),
)


def load_golden(path: Path) -> list[Golden]:
    """Read golden questions; every line must be right."""
    file = read_golden(path)
    assert file.broken == (), file.broken
    return [numbered.golden for numbered in file.questions]


def run(home: Path, file: GoldenFile) -> Evaluation:
    """Ask every question of the index under `home`, in this process."""

    async def asked() -> Evaluation:
        settings = load_settings(environment(home))
        async with open_embedded(settings, model=DEFAULT_MODEL) as road:
            return await evaluate(file, road, on_progress=lambda _done, _of: None)

    return asyncio.run(asked())


def table(evaluation: Evaluation) -> str:
    """Return the figures as a table."""
    rows = [
        f"| {title} | {written(name, value_of(evaluation.figures[group], name))} |"
        for title, group, name in _ROWS
    ]
    head = f"| {evaluation.asked} golden questions, extracts only | |"
    return "\n".join((head, "|---|---|", *rows))


def _line(outcome: Outcome) -> str:
    facts = "–" if outcome.facts is None else f"{outcome.facts:.2f}"
    return (
        f"{outcome.id:5} rank {outcome.rank} confidence {outcome.confidence:.2f} "
        f"facts {facts} {'' if outcome.answered else 'refused '}{outcome.question[:70]}"
    )


def main() -> None:
    """Ingest the sample, ask everything, print the table and what went wrong."""
    home = Path(sys.argv[1])
    done = frontdesk(home, "ingest", str(ROOT / "data" / "documents"))
    print(done.stdout or done.stderr)
    evaluation = run(home, read_golden(SAMPLE))
    print(table(evaluation))
    for outcome in evaluation.outcomes:
        found = not outcome.expected or outcome.rank in range(1, 6)
        right = outcome.answered == bool(outcome.expected)
        if not (found and right and outcome.facts in (None, 1)):
            print(_line(outcome))


if __name__ == "__main__":
    main()
