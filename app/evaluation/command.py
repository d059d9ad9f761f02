"""``frontdesk eval``: what is read, run and written, and the code it ends with.

0 all well, 1 lines of the golden file need mending or a question got an error, 2
nothing could run, 3 a bound of ``--fail-under`` is not kept, 130 interrupted. Where
several hold, an interruption goes before a bound, and a bound before an error.
"""

import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import msgspec
from msgspec import Struct

from app.errors import AppError, EvaluationImpossible
from app.evaluation import gate
from app.evaluation.comparison import compare
from app.evaluation.drafting import Draft, draft, lines, save
from app.evaluation.embedded import open_embedded
from app.evaluation.files import STDOUT, check_writable, read_again, replace
from app.evaluation.golden import GoldenFile, read_golden
from app.evaluation.outcomes import Evaluation
from app.evaluation.road import Road
from app.evaluation.run import evaluate
from app.evaluation.terminal import (
    print_comparison,
    print_drafted,
    print_error,
    print_evaluation,
    print_troubles,
    print_verdicts,
    progress_bar,
)
from app.resources import open_resources
from app.settings import Settings
from ingest.printing import print_json

INTERRUPTED = 130


class Wishes(Struct, frozen=True, kw_only=True):
    """What a person asked of ``frontdesk eval``.

    Attributes:
        golden: The golden file.
        url: Address of a running service; "" asks in this process.
        key: What the service knows its caller by; "" for nothing.
        model: The model to ask.
        json: File for the evaluation as JSON, `STDOUT`, or "".
        html: File for the page, or "".
        compare: File of an earlier evaluation, or "".
        fail_under: Bounds, see `app.evaluation.gate`; "" for none.
    """

    golden: Path
    url: str
    key: str
    model: str
    json: str
    html: str
    compare: str
    fail_under: str


def run(settings: Settings, wishes: Wishes) -> int:
    """Evaluate, and print and write what was asked for; return the exit code.

    Raises:
        IngestError: The index or the embedding model cannot be used.
    """
    try:
        return _run(settings, wishes)
    except AppError as error:
        print_error(error)
        return 2


def make_drafts(settings: Settings, path: Path | None, count: int) -> int:
    """Draft `count` golden questions from the index; return the exit code.

    They are written to the new file `path`, or printed where that is None.

    Raises:
        IngestError: The index or the embedding model cannot be used.
    """
    try:
        if path is not None:
            check_writable(str(path))
        drafts = asyncio.run(_drafted(settings, count))
        if path is None:
            print_json(lines(drafts).rstrip(b"\n"))
        else:
            save(path, drafts)
    except AppError as error:
        print_error(error)
        return 2
    print_drafted(len(drafts), count)
    return 0


async def _drafted(settings: Settings, count: int) -> list[Draft]:
    async with open_resources(settings) as resources:
        return await draft(resources.index, resources.principal, count)


def _run(settings: Settings, wishes: Wishes) -> int:
    # What can be refused is refused before the first question.
    bounds = gate.bounds(wishes.fail_under) if wishes.fail_under else []
    before = None
    if wishes.compare:
        before = read_again(Path(wishes.compare), Evaluation, name="evaluation")
    if wishes.json == STDOUT and before is not None and not wishes.html:
        raise EvaluationImpossible(
            "--json -: there is no room for --compare; name a file for one of them"
        )
    if wishes.html == STDOUT:
        raise EvaluationImpossible("--html -: name a file for the page")
    for name in (wishes.json, wishes.html):
        check_writable(name)
    evaluation = asyncio.run(
        _evaluated(read_golden(wishes.golden), _road(settings, wishes))
    )
    _write(evaluation, before, wishes)
    verdicts = gate.judge(evaluation, bounds)
    print_troubles(evaluation)
    print_verdicts(verdicts)
    if not evaluation.complete:
        return INTERRUPTED
    if not all(verdict.kept for verdict in verdicts):
        return 3
    failed = any(outcome.error for outcome in evaluation.outcomes)
    return 1 if failed or evaluation.broken else 0


def _road(settings: Settings, wishes: Wishes) -> AbstractAsyncContextManager[Road]:
    if not wishes.url:
        return open_embedded(settings, model=wishes.model)
    # The HTTP client is imported only where it is used.
    from app.evaluation.service import open_service  # noqa: PLC0415

    return open_service(wishes.url, key=wishes.key, model=wishes.model)


async def _evaluated(
    file: GoldenFile, opening: AbstractAsyncContextManager[Road]
) -> Evaluation:
    async with opening as road:
        with progress_bar() as on_progress:
            return await evaluate(file, road, on_progress=on_progress)


def _write(evaluation: Evaluation, before: Evaluation | None, wishes: Wishes) -> None:
    encoded = msgspec.json.format(msgspec.json.encode(evaluation), indent=1)
    # Files before what is printed: who reads it may go away in the middle.
    if wishes.json and wishes.json != STDOUT:
        replace(Path(wishes.json), encoded)
    if wishes.html:
        from app.evaluation.report import page  # noqa: PLC0415

        replace(Path(wishes.html), page(evaluation, before).encode())
    if wishes.json == STDOUT:
        print_json(encoded)
    else:
        print_evaluation(evaluation)
        if before is not None:
            print_comparison(compare(before, evaluation))
