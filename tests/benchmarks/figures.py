"""What a benchmark tells: figures beside a baseline, lines of a plot, notes.

A benchmark is a module of this folder with a function `measure(home, *, quick)` that
returns a `Part`. ``python -m tests.benchmarks.NAME HOME`` prints one part;
``python -m tests.benchmarks`` measures all and writes docs/performance.md.
"""

import argparse
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct


class Figure(Struct, frozen=True, kw_only=True):
    """One thing measured, beside what it is compared with in the same run.

    Attributes:
        what: What was measured, as a person calls it.
        unit: Unit of `ours` and `theirs`.
        ours: The product's figure.
        baseline: What it is compared with; "" if with nothing.
        theirs: The baseline's figure; None without a baseline.
        asked: Bound of `ratio`; None if nothing is asked.
        most: The bound is from above; otherwise from below.
        low: Least ratio of a pair of rounds; None if rounds were not paired.
        high: Largest ratio of a pair.
        note: What a reader must know beside it.
    """

    what: str
    unit: str
    ours: float
    baseline: str = ""
    theirs: float | None = None
    asked: float | None = None
    most: bool = True
    low: float | None = None
    high: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float:
        """Ours over theirs; ours alone if there is no baseline."""
        return self.ours if self.theirs is None else self.ours / self.theirs

    @property
    def reached(self) -> bool | None:
        """Whether what was asked for is reached; None if nothing was."""
        if self.asked is None:
            return None
        return self.ratio <= self.asked if self.most else self.ratio >= self.asked


class Line(Struct, frozen=True):
    """One line of a plot: a name and its points, by x."""

    name: str
    points: tuple[tuple[float, float], ...]


class Plot(Struct, frozen=True, kw_only=True):
    """A plot of the page.

    Attributes:
        name: File name without its ending, such as ``throughput-by-batch``.
        title: What is seen, for people.
        across: Name of the horizontal axis, with its unit.
        up: Name of the vertical axis, with its unit.
        lines: What is drawn.
        powers: The horizontal axis shows ratios as lengths.
    """

    name: str
    title: str
    across: str
    up: str
    lines: tuple[Line, ...]
    powers: bool = False


class Part(Struct, frozen=True, kw_only=True):
    """What one benchmark told.

    Attributes:
        title: Heading of its part of the page.
        figures: Its rows.
        plots: Its plots.
        notes: Sentences below the table: how it was measured, what to know.
    """

    title: str
    figures: tuple[Figure, ...]
    plots: tuple[Plot, ...] = ()
    notes: tuple[str, ...] = ()


class Measure(Protocol):
    """Measures one part."""

    def __call__(self, home: Path, *, quick: bool) -> Part:
        """Measure.

        Args:
            home: Folder for indexes and other things that take long to make; kept.
            quick: Fewer rounds and smaller sizes, to see that it works.
        """
        ...


def paired(
    ours: Sequence[float], theirs: Sequence[float]
) -> tuple[float, float, float, float]:
    """Return median of ours, median of theirs, least and largest ratio of a pair.

    The baseline's figure is the one that the median ratio of pairs says: what made the
    machine slow in one round made both slow.
    """
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    middle = statistics.median(ours)
    return middle, middle / statistics.median(ratios), min(ratios), max(ratios)


def in_turn(
    ways: Sequence[Callable[[], float]], *, rounds: int
) -> tuple[list[float], ...]:
    """Call each of `ways` once a round, in turn; return what each told, by round."""
    found: tuple[list[float], ...] = tuple([] for _ in ways)
    for _ in range(rounds):
        for way, told in zip(ways, found, strict=True):
            told.append(way())
    return found


def shown(part: Part) -> str:
    """Return the figures of `part` as lines for a terminal."""
    lines = [part.title]
    for figure in part.figures:
        verdict = {None: "", True: "reached", False: "MISSED"}[figure.reached]
        bound = ""
        if figure.asked is not None:
            bound = f" (asked {'<=' if figure.most else '>='} {figure.asked:g})"
        beside = ""
        if figure.theirs is not None:
            beside = f" against {figure.theirs:.4g} ({figure.baseline})"
        span = ""
        if figure.low is not None and figure.high is not None:
            span = f" [{figure.low:.3g} to {figure.high:.3g}]"
        lines.append(
            f"  {figure.what}: {figure.ours:.4g} {figure.unit}{beside},"
            f" ratio {figure.ratio:.3g}{span}{bound} {verdict}".rstrip()
        )
    return "\n".join([*lines, *(f"  {note}" for note in part.notes)])


def main(measure: Measure) -> None:
    """Measure one part from the command line: HOME, --quick, --json FILE."""
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    given.home.mkdir(parents=True, exist_ok=True)
    part = measure(given.home, quick=given.quick)
    sys.stdout.write(shown(part) + "\n")
    if given.json:
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(part)))
