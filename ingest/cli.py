"""The commands that write the index: ``ingest`` and ``editions``.

Results go to stdout, troubles and progress to stderr. Exit codes of `ingest`: 0 all
well, 1 some files failed, 2 nothing could run, 75 the disk is nearly full, 78 the
model or the folder of the index cannot be used, 130 interrupted.
"""

import asyncio
import datetime as dt
import gc
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from ingest.errors import (
    DiskFull,
    IndexForbidden,
    IndexMismatch,
    IngestError,
    IngestInterrupted,
    ModelUnusable,
)
from ingest.index import list_editions, roll_back
from ingest.plan import Job, Report
from ingest.printing import print_json
from ingest.runs import RunSettings, foresee, ingest_told
from ingest.settings import (
    ChunkSettings,
    EmbeddingSettings,
    IndexSettings,
    ReadSettings,
    environment,
    load,
)
from ingest.terminal import counted, print_report, print_report_json
from ingest.watch import changes

_NICENESS = 10
"""By how much an ingest gives way to other processes; where none runs, it is as fast."""


def ingest(
    folder: Annotated[Path, typer.Argument(help="The folder of documents.")],
    url_base: Annotated[
        str,
        typer.Option(
            help="Address the folder is published under; citations link there."
        ),
    ] = "",
    tenant: Annotated[str, typer.Option(help="Whose documents these are.")] = "default",
    label: Annotated[
        list[str] | None,
        typer.Option(help="Access label of documents that declare none. Repeatable."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change; write nothing.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON.")
    ] = False,
    delete_missing: Annotated[
        bool | None,
        typer.Option(
            "--delete-missing/--keep-missing",
            help="Forget documents that left the folder, or keep them. Without "
            "either they are forgotten, unless all of them left, or more than ten "
            "and more than half.",
        ),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Stay, and follow the folder's changes.")
    ] = False,
    run: Annotated[
        str, typer.Option(hidden=True, help="Id of the run that a service asked for.")
    ] = "",
) -> None:
    """Bring the index in step with FOLDER.

    New and edited files are indexed, missing ones are forgotten, the rest are left
    alone. A running service shows the result within two seconds. Exits with 1 if
    any file failed, with 2 if nothing could run, with 75 if the disk is nearly full,
    with 78 if the model or the index's folder cannot be used and with 130 if
    interrupted.
    """
    # Whoever asks questions meanwhile goes first.
    os.nice(_NICENESS)
    # Whoever heeds Ctrl-C at the time heeds it: nothing is raised within a loop.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    with told_errors():
        settings = _load_settings()
        job = Job(
            folder=folder,
            tenant=tenant,
            labels=tuple(label or ("public",)),
            url_base=url_base,
            forget_missing=delete_missing,
            max_bytes=settings.read.max_bytes,
            hidden_text=settings.read.hidden_text,
        )
        printed = print_report_json if as_json else print_report
        work = (
            foresee(job, settings) if dry_run else ingest_told(job, settings, name=run)
        )
        report = asyncio.run(work)
        if report is None:
            return
        printed(report, job)
        if watch and not dry_run:
            _run_until_interrupted(_follow(job, settings, printed))
    # The system takes everything back at once; looking for what nobody holds any
    # more, as an interpreter does that ends, takes a quarter of a second.
    gc.freeze()
    sys.exit(1 if report.failures else 0)


editions = typer.Typer(
    help="List the editions of the index, or roll back to an older one.",
    invoke_without_command=True,
)


@editions.callback()
def list_all(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the editions of the index, newest first."""
    if context.invoked_subcommand:
        return
    with told_errors():
        found = asyncio.run(list_editions(_load_settings().index))
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


@editions.command("rollback")
def rollback(
    name: Annotated[
        str | None, typer.Argument(help="The edition; without it the one before.")
    ] = None,
) -> None:
    """Show readers an older edition again."""
    with told_errors():
        edition = asyncio.run(roll_back(_load_settings().index, name))
        print(f"edition {edition.name} answers now: {counted(edition.documents)}")


@contextmanager
def told_errors() -> Iterator[None]:
    """Turn errors raised on purpose into one line and an exit code."""
    try:
        yield
    except IngestInterrupted as error:
        print(f"interrupted: {error}", file=sys.stderr)
        sys.exit(130)
    except IngestError as error:
        kind = "error: disk_full" if isinstance(error, DiskFull) else "error"
        print(f"{kind}: {error}", file=sys.stderr)
        sys.exit(_code_of(error))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)


def _code_of(error: IngestError) -> int:
    """Return the exit code that tells a supervisor what to do."""
    if isinstance(error, DiskFull):
        return os.EX_TEMPFAIL
    if isinstance(error, ModelUnusable | IndexForbidden | IndexMismatch):
        # Starting again does not help: somebody must set or mend it.
        return os.EX_CONFIG
    return 2


def _load_settings() -> RunSettings:
    environ = environment(os.environ, Path.cwd())
    return RunSettings(
        index=load(IndexSettings, "INDEX_", environ),
        embedding=load(EmbeddingSettings, "EMBEDDING_", environ),
        chunk=load(ChunkSettings, "CHUNK_", environ),
        read=load(ReadSettings, "READ_", environ),
    )


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
