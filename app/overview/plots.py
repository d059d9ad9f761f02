"""The plots of insights, each over the days. Pure; each returns a whole figure."""

from collections.abc import Mapping, Sequence

from app.evaluation.frames import (
    BOTTOM,
    HEIGHT,
    Axis,
    Frame,
    amounts,
    figure,
    line,
    mark,
    plot,
)
from app.evaluation.markup import Markup, tag
from app.insights.figures import Day

_LABELS = 6
"""Days that are named below a plot."""

_LEFT = 66.0
"""Width that the amounts beside a plot take: some are small fractions."""

_MARKED = 45
"""Most days whose points are marked: more would hide the line."""


def questions(days: Sequence[Day]) -> Markup:
    """Plot how many questions were answered, refused, and ended with an error."""
    parts = {
        "answered": [float(d.questions - d.refused - d.failed) for d in days],
        "not known": [float(d.refused) for d in days],
        "error": [float(d.failed) for d in days],
    }
    return _stacked("questions", "Questions a day", "questions", days, parts)


def refusals(days: Sequence[Day]) -> Markup:
    """Plot the share of questions whose answer was not known."""
    rates = [None if d.refusal_rate is None else d.refusal_rate * 100 for d in days]
    return _lines(
        "refusals", "Told that the answer is not known", "% of answers", days,
        {"refused": rates}, most=5.0,
    )  # fmt: skip


def waiting(days: Sequence[Day]) -> Markup:
    """Plot how long answers took."""
    series = {"p50, the median": [d.p50 for d in days], "p95": [d.p95 for d in days]}
    return _lines("waiting", "Seconds to a whole answer", "seconds", days, series)


def tokens(days: Sequence[Day]) -> Markup:
    """Plot the tokens that were sent and written."""
    thousands = {"tokens": [d.tokens / 1000 for d in days]}
    return _stacked("tokens", "Tokens a day", "thousands of tokens", days, thousands)


def costs(days: Sequence[Day]) -> Markup:
    """Plot what answers cost."""
    if all(day.cost is None for day in days):
        note = "No price is known of any answer: the price table has none."
        return figure("costs", "Cost a day", "", None, note)
    paid = {"cost": [(day.cost or 0) / 1e9 for day in days]}
    label = "in the price table's currency"
    return _stacked("costs", "Cost a day", label, days, paid)


def thumbs(days: Sequence[Day]) -> Markup:
    """Plot what people thought of answers."""
    given = {"up": [float(d.up) for d in days], "down": [float(d.down) for d in days]}
    return _stacked("thumbs", "Thumbs a day", "thumbs", days, given)


def _stacked(
    name: str,
    title: str,
    label: str,
    days: Sequence[Day],
    parts: Mapping[str, Sequence[float]],
) -> Markup:
    """Plot amounts by day as columns, one part upon the other."""
    sums = [sum(values) for values in zip(*parts.values(), strict=True)]
    if not any(sums):
        return figure(name, title, "", None, "There is nothing to show.")
    frame = Frame(across=_across(days), up=_amounts(label, max(sums)), left=_LEFT)
    below = [0.0] * len(days)
    marks: list[Markup] = []
    for series, (kind, values) in enumerate(parts.items()):
        for i, value in enumerate(values):
            if value:
                said = f"{days[i].day}, {kind}: {value:,.10g}"
                marks.append(_column(frame, i, (below[i], value), series, said))
            below[i] += value
    told = "; ".join(f"{kind}: {sum(v):,.10g} in all" for kind, v in parts.items())
    legend = tuple(parts) if len(parts) > 1 else ()
    return figure(name, title, told, plot(frame, marks, legend=legend))


def _lines(
    name: str,
    title: str,
    label: str,
    days: Sequence[Day],
    series: Mapping[str, Sequence[float | None]],
    *,
    most: float = 0.0,
) -> Markup:
    """Plot figures by day as lines, which break off at days without any."""
    known = [v for values in series.values() for v in values if v is not None]
    if not known:
        return figure(name, title, "", None, "Nothing was answered.")
    up = _amounts(label, max(*known, most))
    frame = Frame(across=_across(days), up=up, left=_LEFT)
    marks: list[Markup] = []
    for number, (kind, values) in enumerate(series.items()):
        for run in _runs(values):
            points = [(frame.x(i), frame.y(value)) for i, value in run]
            marks.append(line(points, f"line s{number}"))
            shown = run if len(days) <= _MARKED or len(run) == 1 else []
            marks += [
                mark(frame.x(i), frame.y(v), number, f"{days[i].day}, {kind}: {v:,.4g}")
                for i, v in shown
            ]
    told = "; ".join(
        f"{kind}: {min(given):,.4g} to {max(given):,.4g}"
        for kind, values in series.items()
        if (given := [v for v in values if v is not None])
    )
    legend = tuple(series) if len(series) > 1 else ()
    return figure(name, title, told, plot(frame, marks, legend=legend))


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """Return the stretches of values that follow each other, with their places."""
    runs: list[list[tuple[int, float]]] = [[]]
    for i, value in enumerate(values):
        if value is not None:
            runs[-1].append((i, value))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _across(days: Sequence[Day]) -> Axis:
    """Return the axis of days, some of them named, the last one always."""
    last = len(days) - 1
    every = max(-(-len(days) // _LABELS), 1)
    named = range(last % every, last + 1, every)
    ticks = tuple((float(i), days[i].day[5:]) for i in named)
    label = f"days of UTC, month and day, until {days[last].day}"
    return Axis(label=label, low=-0.6, high=last + 0.6, ticks=ticks)


def _amounts(label: str, most: float) -> Axis:
    """Return an axis from 0 to a round number, also for amounts far below one."""
    if most >= 1:
        return amounts(label, most)
    scale = 1.0
    while most * scale < 1:
        scale *= 10
    raised = amounts(label, most * scale)
    ticks = tuple((at / scale, f"{at / scale:,.10g}") for at, _ in raised.ticks)
    return Axis(label=label, low=0.0, high=raised.high / scale, ticks=ticks)


def _column(
    frame: Frame, place: int, span: tuple[float, float], series: int, said: str
) -> Markup:
    """Return a part of a day's column: where it begins, and how high it is."""
    left, right = frame.x(place - 0.4), frame.x(place + 0.4)
    bottom, top = frame.y(span[0]), frame.y(span[0] + span[1])
    return tag(
        "rect", tag("title", said), x=left, y=min(top, HEIGHT - BOTTOM),
        width=max(right - left, 0.6), height=max(bottom - top, 0.6),
        class_=f"bar s{series}",
    )  # fmt: skip
