"""What a load test shows in the terminal: progress, tables, warnings, a comparison."""

import sys

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.load.comparison import QUANTILES, SPREADS, Comparison
from app.load.runs import Run, Spread

_VERDICTS = {True: "[green]better[/]", False: "[red]worse[/]", None: ""}


def print_error(error: Exception) -> None:
    """Print on stderr why nothing could run."""
    print(f"error: {error}", file=sys.stderr)


def print_warning(warning: str) -> None:
    """Print on stderr a reason to distrust the figures."""
    print(f"warning: {warning}", file=sys.stderr)


def print_ready(url: str) -> None:
    """Print the base address of the fake upstream on stdout."""
    print(url, flush=True)


def show_progress(done: int, bad: int) -> None:
    """Overwrite one line of stderr where that is a terminal."""
    # Not rich: its bar is drawn by a thread, which the requests would wait for.
    if sys.stderr.isatty():
        print(f"\r{done:,} requests, {bad:,} bad ", end="", file=sys.stderr, flush=True)


def end_progress() -> None:
    """Take the line of `show_progress` away."""
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def print_run(run: Run) -> None:
    """Print the tables of `run` on stdout."""
    console = Console()
    console.print(headline(run), highlight=False, soft_wrap=True, markup=False)
    console.print(_latencies(run))
    table = Table.grid(padding=(0, 2))
    for name, value in summary(run):
        table.add_row(f" {name}", escape(value))
    console.print(table)


def print_troubles(run: Run) -> None:
    """Print on stderr what went wrong in `run`, and why it may not be trusted."""
    if not run.finished:
        print(
            f"interrupted: {run.figures.requests:,} requests had ended; {run.cut:,} "
            "were live and are not counted",
            file=sys.stderr,
        )
    for kind, count in run.figures.errors.items():
        print(f"error: {count:,} × {kind}", file=sys.stderr)
    for fault, count in run.figures.faults.items():
        print(f"incomplete: {count:,} × {fault}", file=sys.stderr)
    for warning in run.warnings:
        print_warning(warning)


def print_comparison(comparison: Comparison) -> None:
    """Print what changed, on stdout."""
    console = Console()
    console.print(f"\ncompared with {comparison.since}", highlight=False)
    for remark in comparison.remarks:
        console.print(f"  {remark}", highlight=False, markup=False, soft_wrap=True)
    table = Table("figure", "before", "now", "change", "", box=SIMPLE_HEAD)
    for column in table.columns[1:4]:
        column.justify = "right"
    for change in comparison.changes:
        ratio = "–" if change.ratio is None else f"× {change.ratio:.2f}"
        table.add_row(
            change.figure,
            number(change.before),
            number(change.after),
            ratio,
            _VERDICTS[change.better],
        )
    console.print(table)
    console.print(
        " better and worse are said where the 95 % intervals lie apart by over 2 %",
        highlight=False,
    )


def headline(run: Run) -> str:
    """Return in a line what was asked of whom."""
    plan = run.plan
    how = f"{plan.concurrency:,} at once"
    if plan.rate is not None:
        how = f"{plan.rate:g} requests a second, at most {plan.concurrency:,} at once"
    streams = "streamed" if plan.stream else "whole"
    return f"{run.url}, model {run.model}: {how}, {streams}"


def summary(run: Run) -> list[tuple[str, str]]:
    """Return the figures that are no latency: names and values in words."""
    figures = run.figures
    named = run.questions or "built in"
    repeated = figures.requests / run.distinct if run.distinct else 0.0
    counted = "" if figures.tokens_told else " (pieces, where no usage was told)"
    rows = [
        ("requests", f"{figures.requests:,} in {figures.seconds:,.1f} s"),
        ("complete answers", f"{figures.complete:,}{_share(run)}"),
        ("complete answers a second", f"{figures.requests_per_second:,.1f}"),
        ("tokens a second", f"{figures.tokens_per_second:,.0f}{counted}"),
        ("live at once, at most", f"{figures.live:,}"),
        (
            "different questions",
            f"{run.distinct:,} ({named}), each asked {repeated:,.1f} times",
        ),
        ("this machine", _machine(run)),
    ]
    if run.unsent:
        rows.insert(2, ("due and never sent", f"{run.unsent:,}"))
    if figures.retry_after is not None:
        rows.append(("asked to wait, at most", f"{figures.retry_after:g} s"))
    return rows


def spreads(run: Run) -> list[tuple[str, Spread]]:
    """Return the latencies there are, by their names in words."""
    named = [(name, getattr(run.figures, field)) for field, name in SPREADS.items()]
    if run.plan.rate is not None:
        named.append(("sent late by, ms", run.figures.wait))
    return [(name, spread) for name, spread in named if spread is not None]


def number(value: float) -> str:
    """Return a figure with as many digits as are worth reading."""
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"


def _latencies(run: Run) -> Table:
    table = Table("from when it was due", *QUANTILES, "max", "mean", box=SIMPLE_HEAD)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, spread in spreads(run):
        values = [getattr(spread, quantile).value for quantile in QUANTILES]
        cells = map(number, (*values, spread.most, spread.mean))
        table.add_row(name, *cells)
    return table


def _share(run: Run) -> str:
    figures = run.figures
    if not figures.requests or figures.complete == figures.requests:
        return ""
    return f" ({figures.complete / figures.requests:.1%})"


def _machine(run: Run) -> str:
    machine = run.machine
    parts = [f"{machine.cores} cores"]
    if machine.busy is not None:
        parts.append(f"{machine.busy:.0%} in use")
    parts.append(f"bench took {machine.own:.2f} cores")
    parts.append(f"came late by {number(machine.lag_p99)} ms at p99")
    return ", ".join(parts)
