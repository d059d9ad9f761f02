"""What an ingest shows in the terminal: a bar while it runs, a report at its end."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from ingest.pipeline import Progress
from ingest.plan import Job, Report

_SHOWN = 20
"""Troubles of one kind that are printed; the rest are counted, --json has all."""


@contextmanager
def progress_bar() -> Iterator[Callable[[Progress], None]]:
    """Show a bar on stderr; yields what moves it on."""
    bar = Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("reading", total=None, rate="")

        def show(progress: Progress) -> None:
            seconds = bar.tasks[task].elapsed or 0.001
            bar.update(
                task,
                description=progress.path[-40:],
                total=progress.of,
                completed=progress.documents,
                rate=f"{progress.chunks / seconds:.0f} chunks/s",
            )

        yield show


def print_json(report: Report, _job: Job) -> None:
    """Print `report` as one line of JSON on stdout."""
    print(msgspec.json.encode(report).decode(), flush=True)


def print_report(report: Report, job: Job) -> None:
    """Print what went wrong on stderr and one line of result on stdout."""
    for kind, troubles in (
        ("failed", report.failures),
        ("left out", report.skipped),
        ("note", report.warnings),
    ):
        for trouble in troubles[:_SHOWN]:
            print(f"{kind}: {trouble.path}: {trouble.reason}", file=sys.stderr)
        if len(troubles) > _SHOWN:
            more = len(troubles) - _SHOWN
            print(f"{kind}: {more} more; --json lists all", file=sys.stderr)
    if report.kept:
        print(
            f"note: {counted(report.kept)} of the index are not in {job.folder} and "
            "stay; --delete-missing forgets them",
            file=sys.stderr,
        )
    print(_summary(report), flush=True)


def _summary(report: Report) -> str:
    counts = [
        f"{count} {word}"
        for count, word in (
            (len(report.added), "added"),
            (len(report.edited), "edited"),
            (len(report.moved), "moved"),
            (len(report.removed), "removed"),
            (report.unchanged, "unchanged"),
            (len(report.failures), "failed"),
        )
        if count
    ]
    told = ", ".join(counts) or "nothing to do"
    if report.edition is None:
        return f"would be: {told}; nothing was written"
    edition = report.edition
    return (
        f"{told}; edition {edition.name} holds {counted(edition.documents)} in "
        f"{edition.chunks:,} chunks ({report.seconds:.1f} s)"
    )


def counted(documents: int) -> str:
    """Return "1 document", "1,200 documents"."""
    return f"{documents:,} document{'' if documents == 1 else 's'}"
