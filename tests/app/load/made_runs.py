"""Makes exchanges and runs; a test names only what it is about."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from app.load.runs import Exchange, Machine, Plan, Run
from app.load.statistics import figures


def plan(**given: Any) -> Plan:
    usual: dict[str, Any] = {
        "concurrency": 1,
        "rate": None,
        "requests": None,
        "seconds": None,
        "stream": True,
    }
    return Plan(**(usual | given))


def exchange(*, due: float = 0.0, took: float = 10.0, **given: Any) -> Exchange:
    """Return a complete exchange that took `took` milliseconds from when it was due."""
    usual = {"question": 0, "began": due, "ended": due + took, "first": due + took / 2}
    return Exchange(due=due, **(usual | {"pieces": 1, "tokens": 3} | given))


def run(exchanges: Sequence[Exchange], **given: Any) -> Run:
    made = Run(
        url="http://127.0.0.1:8000/v1",
        model="m",
        date="2026-11-21T05:00:00+00:00",
        version="1",
        plan=plan(),
        questions="q.txt",
        digest="d" * 64,
        distinct=1,
        finished=True,
        unsent=0,
        cut=0,
        machine=Machine(cores=2, busy=0.5, steal=0.0),
        warnings=(),
        figures=figures(exchanges),
        exchanges=tuple(exchanges),
    )
    return replace(made, **given)
