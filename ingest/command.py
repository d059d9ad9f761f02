"""What the commands ``ingest`` and ``editions`` do and print."""

import asyncio
import datetime as dt
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from ingest.errors import IngestError, IngestInterrupted
from ingest.index import list_editions, roll_back
from ingest.plan import Job, Report
from ingest.printing import print_json
from ingest.runs import RunSettings, foresee, ingest_told
from ingest.settings import IndexSettings
from ingest.terminal import counted, print_report, print_report_json
from ingest.watch import changes


def ingest_folder(
    job: Job,
    settings: RunSettings,
    *,
    name: str = "",
    dry_run: bool = False,
    as_json: bool = False,
    watch: bool = False,
) -> Report | None:
    """Bring the index in step with a folder, and print what came of it.

    Args:
        job: What is asked for.
        settings: How.
        name: Id of a run that a service asked for.
        dry_run: Say what would change; write nothing.
        as_json: Print the report as JSON.
        watch: Stay, and follow the folder's changes.

    Returns:
        The first report; None if another process does the run of that name.

    Raises:
        IngestError: Nothing could run, or not to its end.
    """
    printed = print_report_json if as_json else print_report
    work = foresee(job, settings) if dry_run else ingest_told(job, settings, name=name)
    report = asyncio.run(work)
    if report is None:
        return None
    printed(report, job)
    if watch and not dry_run:
        _run_until_interrupted(_follow(job, settings, printed))
    return report


def print_editions(settings: IndexSettings, *, as_json: bool) -> None:
    """Print the editions of an index, newest first.

    Raises:
        IngestError: The index cannot be read.
    """
    found = asyncio.run(list_editions(settings))
    found.reverse()
    if as_json:
        print_json(msgspec.json.encode(found))
        return
    table = Table("edition", "created", "documents", "chunks", "model", "")
    for edition in found:
        when = dt.datetime.fromtimestamp(edition.created, tz=dt.UTC)
        table.add_row(
            edition.name,
            when.strftime("%Y-%m-%d %H:%M:%S UTC"),
            f"{edition.documents:,}",
            f"{edition.chunks:,}",
            edition.fingerprint.model,
            "current" if edition.current else "",
        )
    Console().print(table)


def roll_back_to(settings: IndexSettings, name: str | None) -> None:
    """Show readers an older edition again, by its name or the one before.

    Raises:
        IngestError: There is none, or the index cannot be written.
    """
    edition = asyncio.run(roll_back(settings, name))
    print(f"edition {edition.name} answers now: {counted(edition.documents)}")


async def _follow(
    job: Job, settings: RunSettings, printed: Callable[[Report, Job], None]
) -> None:
    async for count in changes(job.folder):
        try:
            report = await ingest_told(job, settings)
        except IngestInterrupted:
            raise
        except IngestError as error:
            # The folder may be in the middle of a change: the next one tries again.
            print(f"error: {error}", file=sys.stderr)
        else:
            if report and (count or report.chunks or report.removed):
                printed(report, job)
        if not count:
            print(f"watching {job.folder}; Ctrl-C ends", file=sys.stderr)


def _run_until_interrupted(work: Coroutine[Any, Any, None]) -> None:
    try:
        asyncio.run(work)
    except KeyboardInterrupt:
        print("watching ended", file=sys.stderr)
