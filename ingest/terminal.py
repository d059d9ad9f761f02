"""What an ingest shows in the terminal: a bar while it runs, a report at its end."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from ingest.pace import Pace, Progress
from ingest.plan import Job, Report
from ingest.printing import print_json

_SHOWN = 20
"""Troubles of one kind that are printed; the rest are counted, --json has all."""

_SILENCE = 15.0
"""Seconds between two lines about a run where there is no terminal."""


@contextmanager
def progress_bar(
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Callable[[Progress], None]]:
    """Show on stderr how far a run is; yields what moves that on.

    A terminal shows a bar. A file or a journal gets a line now and then.

    Args:
        clock: Tells seconds; only goes forward.
    """
    console = Console(stderr=True)
    if not console.is_interactive:
        yield _line_by_line(clock)
        return
    bar = Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
        console=console,
        transient=True,
    )
    with bar:
        task = bar.add_task("reading", total=None, pace="")
        pace = Pace(clock())

        def show(progress: Progress) -> None:
            pace.note(clock(), progress)
            bar.update(
                task,
                description=progress.path[-40:] or progress.stage,
                total=progress.of,
                completed=progress.documents,
                pace=_told(pace),
            )

        yield show


def _line_by_line(clock: Callable[[], float]) -> Callable[[Progress], None]:
    """Return what prints a line about a run every quarter of a minute."""
    said = clock()
    pace = Pace(said)

    def show(progress: Progress) -> None:
        nonlocal said
        now = clock()
        pace.note(now, progress)
        if now - said >= _SILENCE:
            said = now
            print(
                f"{progress.documents:,} of {counted(progress.of)}, "
                f"{progress.chunks:,} chunks, {_told(pace)}",
                file=sys.stderr,
                flush=True,
            )

    return show


def _told(pace: Pace) -> str:
    left = pace.seconds_left
    if left is None:
        return f"{pace.chunks_per_second:.0f} chunks/s"
    minutes, seconds = divmod(round(left), 60)
    hours, minutes = divmod(minutes, 60)
    clock = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f"{pace.chunks_per_second:.0f} chunks/s, {clock} left"


def print_report_json(report: Report, _job: Job) -> None:
    """Print `report` as one line of JSON on stdout."""
    print_json(msgspec.json.encode(report))


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
    if report.hidden_text:
        print(f"hidden text: {_hidden(report, job)}", file=sys.stderr)
    print(_summary(report), flush=True)


def _hidden(report: Report, job: Job) -> str:
    """Return how much hidden text there was and what was done about it."""
    counts = ", ".join(
        f"{count:,} {kind.replace('_', ' ')}"
        for kind, count in report.hidden_text.items()
    )
    became = "kept" if job.hidden_text == "keep" else "left out"
    held = f"; {counted(report.quarantined)} quarantined" if report.quarantined else ""
    return f"{counts}: {became}{held}"


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
