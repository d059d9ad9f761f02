"""Outcomes and evaluations for tests: name what the test is about."""

from typing import Any

from app.evaluation.figures import by_kind, by_language, by_stage
from app.evaluation.metrics import first_rank
from app.evaluation.outcomes import Evaluation, Outcome


def outcome(id_: str = "q1", **fields: Any) -> Outcome:
    """Return a right answer to an answerable question, but for `fields`."""
    made = {
        "kind": "answerable",
        "language": "en",
        "question": f"What is {id_}?",
        "expected": ("right.md",),
        "found": ("right.md", "wrong.md"),
        "answered": True,
        "answer": "It is this [1].",
        "confidence": 0.9,
        "milliseconds": 20.0,
        **fields,
    }
    rank = first_rank(made["found"], made["expected"])
    return Outcome(**{"id": id_, "rank": rank, **made})


def unanswerable(id_: str = "u1", **fields: Any) -> Outcome:
    """Return a refused question that no document answers, but for `fields`."""
    made = {"kind": "unanswerable", "expected": (), "answered": False, **fields}
    return outcome(id_, **made)


def evaluation(*outcomes: Outcome, **fields: Any) -> Evaluation:
    """Return the evaluation of `outcomes`."""
    made = {
        "golden": "golden.jsonl",
        "digest": "0" * 64,
        "date": "2026-11-21T10:00:00+00:00",
        "version": "0.1.0",
        "edition": "000001",
        "road": "embedded",
        "given": len(outcomes),
        "asked": len(outcomes),
        "outcomes": outcomes,
        "figures": by_kind(outcomes),
        "languages": by_language(outcomes),
        "stages": by_stage(outcomes),
    }
    return Evaluation(**{**made, **fields})
