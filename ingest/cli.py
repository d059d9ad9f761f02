"""The commands that write the index: ``ingest`` and ``editions``.

Results go to stdout, troubles and progress to stderr. Exit codes of `ingest`: 0 all
well, 1 some files failed, 2 nothing could run, 75 the disk is nearly full, 78 the
model or the folder of the index cannot be used, 130 interrupted.
"""

import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.errors import (
    DiskFull,
    IndexForbidden,
    IndexMismatch,
    IngestError,
    IngestInterrupted,
    ModelUnusable,
)
from ingest.settings import (
    ChunkSettings,
    EmbeddingSettings,
    IndexSettings,
    ReadSettings,
    environment,
    load,
)

if TYPE_CHECKING:
    from ingest.runs import RunSettings

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
        from ingest.command import ingest_folder
        from ingest.plan import Job

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
        report = ingest_folder(
            job, settings, name=run, dry_run=dry_run, as_json=as_json, watch=watch
        )
        if report is None:
            return
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
    from ingest.command import print_editions

    with told_errors():
        print_editions(_load_settings().index, as_json=as_json)


@editions.command("rollback")
def rollback(
    name: Annotated[
        str | None, typer.Argument(help="The edition; without it the one before.")
    ] = None,
) -> None:
    """Show readers an older edition again."""
    from ingest.command import roll_back_to

    with told_errors():
        roll_back_to(_load_settings().index, name)


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


def _load_settings() -> "RunSettings":
    from ingest.runs import RunSettings

    environ = environment(os.environ, Path.cwd())
    return RunSettings(
        index=load(IndexSettings, "INDEX_", environ),
        embedding=load(EmbeddingSettings, "EMBEDDING_", environ),
        chunk=load(ChunkSettings, "CHUNK_", environ),
        read=load(ReadSettings, "READ_", environ),
    )
