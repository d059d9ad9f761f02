"""What an evaluation shows in the terminal: a bar, tables, troubles, a comparison."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from app.evaluation.comparison import Comparison, FigureChange, QuestionChange
from app.evaluation.gate import COUNTED, Verdict, value_of
from app.evaluation.outcomes import ALL, BrokenLine, Evaluation, Figures
from app.evaluation.run import Progress

NO_BASIS = "–"
"""What stands for a figure that has nothing to be judged by."""

_SHOWN = 20
"""Troubles of one kind that are printed; the rest are counted, --json has all."""

_RANKINGS = {
    "recall@1": "R@1",
    "recall@3": "R@3",
    "recall@5": "R@5",
    "recall@10": "R@10",
    "mrr": "MRR",
    "ndcg@10": "nDCG@10",
}

_ANSWERS = {
    "false_refusals": "refused wrongly",
    "missed_refusals": "answered wrongly",
    "balanced_accuracy": "balanced",
    "facts": "facts",
    "citations": "citations",
}


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show a bar on stderr where that is a terminal; yields what moves it on."""
    console = Console(stderr=True)
    bar = Bar(
        TextColumn("asking"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task("asking", total=None)

        def show(done: int, of: int) -> None:
            bar.update(task, total=of, completed=done)

        yield show


def written(name: str, value: float | None) -> str:
    """Return a figure as people read it.

    Args:
        name: The figure's name, see `app.evaluation.gate.NAMES`.
        value: The figure.
    """
    if value is None:
        return NO_BASIS
    if name in ("mrr", "ndcg@10"):
        return f"{value:.3f}"
    return f"{value:,.0f}" if name in COUNTED else f"{value:.1%}"


def print_drafted(count: int, wanted: int) -> None:
    """Print on stderr how many questions were drafted."""
    fewer = f"; the index gives no more, {wanted} were asked for"
    print(
        f"{count} questions drafted: read and mend each before you trust a figure"
        f"{fewer if count < wanted else ''}",
        file=sys.stderr,
    )


def print_error(error: Exception) -> None:
    """Print on stderr why nothing could run."""
    print(f"error: {error}", file=sys.stderr)


def print_evaluation(evaluation: Evaluation) -> None:
    """Print the tables of `evaluation` on stdout."""
    console = Console()
    done = f"{evaluation.asked} of {evaluation.given} questions"
    state = "" if evaluation.complete else ", interrupted"
    console.print(
        f"{escape(evaluation.golden)}: {done}{state}; {escape(evaluation.road)}, "
        f"edition {escape(evaluation.edition) or NO_BASIS}",
        highlight=False,
    )
    console.print(_by_group(evaluation, _RANKINGS))
    console.print(_by_group(evaluation, _ANSWERS))
    console.print(_tokens(evaluation.figures[ALL]))
    console.print(_times(evaluation))


def print_troubles(evaluation: Evaluation) -> None:
    """Print on stderr what is wrong with lines, what to know, and which asks failed."""
    broken = [f"{evaluation.golden}, {told(line)}" for line in evaluation.broken]
    failed = [f"{o.id}: {o.error}" for o in evaluation.outcomes if o.error]
    if not evaluation.complete:
        done = f"{evaluation.asked} of {evaluation.given} questions were asked"
        print(f"interrupted: {done}", file=sys.stderr)
    _print_some("golden file", broken)
    _print_some("note", evaluation.notes)
    _print_some("no answer", failed)


def told(line: BrokenLine) -> str:
    """Return what is wrong with a line, with its number and field."""
    field = f"{line.field}: " if line.field else ""
    rest = "" if line.asked else " (left out)"
    return f"line {line.line}: {field}{line.reason}{rest}"


def print_comparison(comparison: Comparison) -> None:
    """Print what changed, on stdout."""
    console = Console()
    console.print(f"\ncompared over {comparison.questions} questions", highlight=False)
    for remark in comparison.remarks:
        console.print(f"  {escape(remark)}", highlight=False)
    # A time of every kind would bury what matters.
    figures = [c for c in comparison.figures if c.better is not None or c.group == ALL]
    if figures:
        console.print(_figure_changes(figures))
    for better, title in ((True, "better"), (False, "worse")):
        changes = [c for c in comparison.changes if c.better is better]
        console.print(f"{len(changes)} {title}", highlight=False)
        for change in changes:
            console.print(f"  {_change(change)}", highlight=False, soft_wrap=True)


def print_verdicts(verdicts: Sequence[Verdict]) -> None:
    """Print on stderr which bounds are not kept."""
    for verdict in verdicts:
        if verdict.kept:
            continue
        value = written(verdict.bound.figure, verdict.value)
        why = f"it is {value}"
        if verdict.value is None:
            why = "there is nothing to judge it by"
        print(f"gate missed: {verdict.bound.text}: {why}", file=sys.stderr)


def _print_some(kind: str, troubles: Sequence[str]) -> None:
    for trouble in troubles[:_SHOWN]:
        print(f"{kind}: {trouble}", file=sys.stderr)
    if len(troubles) > _SHOWN:
        more = len(troubles) - _SHOWN
        print(f"{kind}: {more} more; --json lists all", file=sys.stderr)


def _by_group(evaluation: Evaluation, columns: Mapping[str, str]) -> Table:
    table = Table("questions", "", *columns.values(), box=SIMPLE_HEAD, padding=(0, 1))
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
    groups = {**evaluation.figures, **evaluation.languages}
    for name, figures in groups.items():
        cells = [written(column, value_of(figures, column)) for column in columns]
        if set(cells) != {NO_BASIS}:
            table.add_row(escape(name), f"{figures.questions:,}", *cells)
    return table


def _tokens(figures: Figures) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    for title, name in (
        ("tokens sent to a model, a question", "sent"),
        ("tokens of the sources' documents, whole", "stuffed"),
        ("tokens saved", "saved"),
        ("questions that got an error", "errors"),
    ):
        table.add_row(f" {title}", written(name, value_of(figures, name)))
    return table


def _times(evaluation: Evaluation) -> Table:
    table = Table(
        "milliseconds", "p50", "p95", "questions", box=SIMPLE_HEAD, padding=(0, 1)
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for stage, latency in evaluation.stages.items():
        table.add_row(
            escape(stage),
            f"{latency.p50:,.1f}",
            f"{latency.p95:,.1f}",
            f"{latency.questions:,}",
        )
    figures = evaluation.figures[ALL]
    whole = (written("p50", figures.p50), written("p95", figures.p95))
    table.add_row("end to end", *whole, f"{figures.questions - figures.errors:,}")
    return table


def _figure_changes(changes: Sequence[FigureChange]) -> Table:
    table = Table(
        "questions", "figure", "before", "now", "", box=SIMPLE_HEAD, padding=(0, 1)
    )
    words = {True: "[green]better[/]", False: "[red]worse[/]", None: ""}
    for change in changes:
        table.add_row(
            escape(change.group),
            change.figure,
            written(change.figure, change.before),
            written(change.figure, change.after),
            words[change.better],
        )
    return table


def _change(change: QuestionChange) -> str:
    asked = change.question if len(change.question) < 60 else f"{change.question[:59]}…"
    said = f"{change.respect} {change.before} → {change.after}"
    return escape(f"{change.id}: {said}  ({asked})")
