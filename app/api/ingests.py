"""Runs of the ingest: asked for, followed, and what came of the last ones."""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from app.api.auth import refuse_other_pages
from app.api.body import require_nothing
from app.documents.desk import Desk
from app.documents.places import may_see
from app.errors import NotFound
from ingest.documents import Principal
from ingest.logbook import KEPT
from ingest.logged import By, Run, State
from ingest.plan import Report, Trouble

_MOST = 200
"""Entries of each list of a report that are shown."""


class ShownTrouble(Struct, frozen=True, kw_only=True):
    """What is to be known about a file.

    Attributes:
        path: The file.
        reason: What is wrong and what to do.
    """

    path: str
    reason: str


class ShownReport(Struct, frozen=True, kw_only=True):
    """What a run did. Lists hold the first 200 that the caller may be told of.

    Attributes:
        added: How many documents are new.
        edited: How many changed.
        moved: How many have another path.
        removed: How many were forgotten.
        kept: How many left the folder and stay in the index.
        unchanged: How many needed nothing.
        chunks: Chunks written.
        seconds: Seconds it took.
        failures: Files that could not be taken in; an older version still answers.
        skipped: Files that are no documents.
        warnings: What was left out of documents.
        hidden: Entries of the lists that concern documents this key may not see.
        edition: Name of the edition it published, or "".
    """

    added: int
    edited: int
    moved: int
    removed: int
    kept: int
    unchanged: int
    chunks: int
    seconds: float
    failures: tuple[ShownTrouble, ...]
    skipped: tuple[ShownTrouble, ...]
    warnings: tuple[ShownTrouble, ...]
    hidden: int
    edition: str


class ShownRun(Struct, frozen=True, kw_only=True):
    """A run as it is shown. Times are whole seconds since the epoch.

    Attributes:
        id: Its id.
        object: Always "ingest".
        state: "waiting", "running", "done" (also with failures of single files),
            "failed" or "stopped": then nothing was published.
        by: Who began it: "service" or "command".
        created: When it was asked for.
        started: When it began, or null.
        finished: When it ended, or null.
        done: Documents done, of those to be read.
        of: Documents to be read.
        stage: "reading", "embedding", "publishing", or "" where none runs.
        current: Path of the document it was at last, or "" if the caller may not see it.
        report: What it did, or null.
        reason: Why it failed or stopped, or what it waits for; or "".
    """

    id: str
    object: str = "ingest"
    state: State
    by: By
    created: int
    started: int | None
    finished: int | None
    done: int
    of: int
    stage: str
    current: str
    report: ShownReport | None
    reason: str


class RunList(Struct, frozen=True, kw_only=True):
    """The runs that are remembered, newest first.

    Attributes:
        object: Always "list".
        data: The runs.
    """

    object: str = "list"
    data: tuple[ShownRun, ...]


@post(
    "/v1/ingests",
    status_code=202,
    summary="Bring the index in step with the folder",
    scopes=("ingest",),
    before_request=refuse_other_pages,
)
async def begin_ingest(
    request: Request[Any, Principal, Any], desk: NamedDependency[Desk]
) -> ShownRun:
    """Ask for a run; one that waits already is the one."""
    await require_nothing(request)
    return _shown(await desk.ask(request.auth), request.auth)


@get("/v1/ingests", summary="List runs of the ingest", scopes=("ingest", "insights"))
async def list_ingests(
    request: Request[Any, Principal, Any], desk: NamedDependency[Desk]
) -> RunList:
    """Return the last runs over the caller's documents, whoever began them."""
    found = await desk.ingests.runs(request.auth.tenant)
    return RunList(data=tuple(_shown(run, request.auth) for run in found[:KEPT]))


@get(
    "/v1/ingests/{run_id:str}",
    summary="Show one run of the ingest",
    scopes=("ingest", "insights"),
)
async def show_ingest(
    run_id: FromPath[str],
    request: Request[Any, Principal, Any],
    desk: NamedDependency[Desk],
) -> ShownRun:
    """Return how far a run is, or what came of it."""
    for run in await desk.ingests.runs(request.auth.tenant):
        if run.id == run_id:
            return _shown(run, request.auth)
    raise NotFound("There is no such run.")


def _shown(run: Run, principal: Principal) -> ShownRun:
    return ShownRun(
        id=run.id,
        state=run.state,
        by=run.by,
        created=int(run.created),
        started=None if run.started is None else int(run.started),
        finished=None if run.finished is None else int(run.finished),
        done=run.done,
        of=run.of,
        stage=run.stage,
        current=run.current if may_see(principal, run.labels) else "",
        report=_report(run.report, principal) if run.report else None,
        reason=run.reason,
    )


def _report(report: Report, principal: Principal) -> ShownReport:
    every = (*report.failures, *report.skipped, *report.warnings)
    hidden = sum(not may_see(principal, one.labels) for one in every)
    return ShownReport(
        added=len(report.added),
        edited=len(report.edited),
        moved=len(report.moved),
        removed=len(report.removed),
        kept=report.kept,
        unchanged=report.unchanged,
        chunks=report.chunks,
        seconds=round(report.seconds, 3),
        failures=_troubles(report.failures, principal),
        skipped=_troubles(report.skipped, principal),
        warnings=_troubles(report.warnings, principal),
        hidden=hidden,
        edition=report.edition.name if report.edition else "",
    )


def _troubles(
    troubles: tuple[Trouble, ...], principal: Principal
) -> tuple[ShownTrouble, ...]:
    seen = [one for one in troubles if may_see(principal, one.labels)]
    return tuple(ShownTrouble(path=one.path, reason=one.reason) for one in seen[:_MOST])


routes = (begin_ingest, list_ingests, show_ingest)
