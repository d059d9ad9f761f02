"""``frontdesk bench``: what is read, run and written, and the code it ends with.

0 every request got a complete answer, 1 some did not, 2 nothing could run, 130
interrupted.
"""

import asyncio
from pathlib import Path

import msgspec
import uvloop
from msgspec import Struct

from app.errors import AppError, LoadImpossible
from app.evaluation.files import STDOUT, check_writable, read_again, replace
from app.load.comparison import Comparison, compare
from app.load.fake_answers import Script
from app.load.fake_upstream import serve_fake
from app.load.generator import generate
from app.load.machine import allow_connections
from app.load.page import page
from app.load.questions import Questions, read_questions
from app.load.runs import Plan, Run
from app.load.target import open_target
from app.load.terminal import (
    end_progress,
    print_comparison,
    print_error,
    print_ready,
    print_run,
    print_troubles,
    print_warning,
    show_progress,
)
from ingest.printing import print_json

INTERRUPTED = 130

_REQUESTS, _SECONDS = 100, 60.0
_CALLERS, _MOST_LIVE = 8, 1000
_FAKE = 20_000
"""Connections the fake upstream would like to hold."""


class Wishes(Struct, frozen=True, kw_only=True):
    """What a person asked of ``frontdesk bench``.

    Attributes:
        url: Base address of the service.
        key: What it knows its caller by; "" for nothing.
        model: The model to ask; "" for the first it lists.
        questions: File of questions; None for ours.
        plan: How much is asked, and how.
        timeout: Seconds a request may take.
        json: File for the run as JSON, `STDOUT`, or "".
        html: File for the page, or "".
        compare: File of an earlier run, or "".
    """

    url: str
    key: str
    model: str
    questions: Path | None
    plan: Plan
    timeout: float
    json: str
    html: str
    compare: str


def plan_of(
    concurrency: int | None,
    rate: float | None,
    requests: int | None,
    seconds: float | None,
    *,
    stream: bool,
    distinct: bool,
) -> Plan:
    """Return the plan of what was given, with sane bounds for what was not."""
    if requests is None and seconds is None:
        requests, seconds = _REQUESTS, _SECONDS
    most = _CALLERS if rate is None else _MOST_LIVE
    return Plan(
        concurrency=most if concurrency is None else concurrency,
        rate=rate,
        requests=requests,
        seconds=seconds,
        stream=stream,
        distinct=distinct,
    )


def run(wishes: Wishes) -> int:
    """Put load on a service; print and write what was asked for.

    Returns:
        The exit code.
    """
    try:
        return _run(wishes)
    except AppError as error:
        print_error(error)
        return 2


def fake(script: Script, port: int) -> int:
    """Serve a fake upstream until it is told to stop; return the exit code."""
    try:
        allow_connections(_FAKE)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve_fake(script, port, print_ready))
    except AppError as error:
        print_error(error)
        return 2
    return 0


def _run(wishes: Wishes) -> int:
    # What can be refused is refused before the first question.
    questions = read_questions(wishes.questions)
    before = None
    if wishes.compare:
        before = read_again(Path(wishes.compare), Run, name="run")
    if wishes.html == STDOUT:
        raise LoadImpossible("--html -: name a file for the page")
    for name in (wishes.json, wishes.html):
        check_writable(name)
    may = allow_connections(wishes.plan.concurrency)
    if may < wishes.plan.concurrency:
        raise LoadImpossible(
            f"--concurrency {wishes.plan.concurrency}: this process may hold only "
            f"{may} connections; raise ulimit -n"
        )
    for note in questions.notes:
        print_warning(note)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(_generated(wishes, questions))
    end_progress()
    _write(found, compare(before, found) if before else None, wishes)
    print_troubles(found)
    if not found.finished:
        return INTERRUPTED
    return 0 if found.figures.complete == found.figures.requests > 0 else 1


async def _generated(wishes: Wishes, questions: Questions) -> Run:
    opening = open_target(
        wishes.url,
        key=wishes.key,
        stream=wishes.plan.stream,
        distinct=wishes.plan.distinct,
        patience=wishes.timeout,
    )
    async with opening as target:
        await target.prepare(wishes.model, questions)
        return await generate(target, wishes.plan, questions, on_progress=show_progress)


def _write(found: Run, comparison: Comparison | None, wishes: Wishes) -> None:
    encoded = msgspec.json.format(msgspec.json.encode(found), indent=1)
    if wishes.json == STDOUT:
        print_json(encoded)
    else:
        print_run(found)
        if comparison is not None:
            print_comparison(comparison)
        if wishes.json:
            replace(Path(wishes.json), encoded)
    if wishes.html:
        replace(Path(wishes.html), page(found, comparison).encode())
