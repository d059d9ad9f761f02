"""The plots of a load test. Pure; each returns a whole figure."""

from collections import Counter
from collections.abc import Sequence

from app.evaluation.frames import (
    Frame,
    amounts,
    figure,
    line,
    mark,
    plot,
    powers,
    shares,
)
from app.evaluation.markup import Markup
from app.load.runs import Exchange
from app.load.statistics import quantile

_SERIES = ("first token", "whole answer")
_POINTS = 1500
"""Points of a series that are drawn; the slowest always are."""

_SLOWEST = 100
_STEPS = 200
"""Points of a curve."""


def over_time(exchanges: Sequence[Exchange]) -> Markup:
    """Plot the latency of complete answers by when they were due."""
    title = "Latency over time"
    series = {
        name: [(e.due, value) for e, value in _latencies(exchanges, name)]
        for name in _SERIES
    }
    points = [point for drawn in series.values() for point in drawn]
    if not points:
        return figure("over-time", title, "", None, "No answer was complete.")
    frame = Frame(
        across=amounts("seconds since the start", max(p[0] for p in points) / 1000),
        up=amounts("milliseconds", max(p[1] for p in points)),
        left=66,
    )
    marks: list[Markup] = []
    for number, (name, drawn) in enumerate(series.items()):
        for due, value in thinned(drawn):
            said = f"{name}, due at {due / 1000:.2f} s: {value:,.1f} ms"
            marks.append(mark(frame.x(due / 1000), frame.y(value), number, said))
    told = "; ".join(
        f"{name}: {len(drawn):,} from {min(p[1] for p in drawn):,.1f} to "
        f"{max(p[1] for p in drawn):,.1f} ms"
        for name, drawn in series.items()
        if drawn
    )
    few = len(points) > len(marks)
    note = f"{len(marks):,} of {len(points):,} points, the slowest too." if few else ""
    return figure("over-time", title, told, plot(frame, marks, legend=_SERIES), note)


def spreading(exchanges: Sequence[Exchange]) -> Markup:
    """Plot what share of complete answers stays below each latency."""
    title = "How latency spreads"
    series = {
        name: sorted(value for _, value in _latencies(exchanges, name))
        for name in _SERIES
    }
    # Ratios are lengths here, and 0 has none.
    values = [max(v, 0.01) for drawn in series.values() for v in drawn]
    if not values:
        return figure("spreading", title, "", None, "No answer was complete.")
    frame = Frame(
        across=powers("milliseconds", (min(values), max(values))),
        up=shares("% of answers below"),
    )
    marks: list[Markup] = []
    told: list[str] = []
    for number, (name, drawn) in enumerate(series.items()):
        if not drawn:
            continue
        curve = [(quantile(drawn, i / _STEPS).value, i / _STEPS) for i in _steps()]
        points = [(frame.x(value), frame.y(share)) for value, share in curve]
        marks.append(line(points, f"line s{number}"))
        for share, word in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99")):
            value = quantile(drawn, share).value
            said = f"{name}, {word}: {value:,.1f} ms"
            marks.append(mark(frame.x(value), frame.y(share), number, said))
            told.append(said)
    note = "Marked: p50, p95 and p99. A step to the right is a ratio."
    drawn_ = plot(frame, marks, legend=_SERIES)
    return figure("spreading", title, "; ".join(told), drawn_, note)


def throughput(exchanges: Sequence[Exchange]) -> Markup:
    """Plot how many requests ended in each second, well and badly."""
    title = "Answers a second"
    whole = int(max((e.ended for e in exchanges), default=0.0) // 1000)
    if whole < 2:
        note = "This needs a run of two seconds at least."
        return figure("throughput", title, "", None, note)
    kinds = {"complete": True, "not complete": False}
    # The last second was not a whole one.
    ends = {
        name: Counter(int(e.ended // 1000) for e in exchanges if e.complete == kind)
        for name, kind in kinds.items()
    }
    seconds = range(whole)
    frame = Frame(
        across=amounts("seconds since the start", whole),
        up=amounts("requests that ended", max(max(c.values(), default=0) for c in ends.values())),
    )  # fmt: skip
    marks = [
        line([(frame.x(s + 0.5), frame.y(c[s])) for s in seconds], f"line s{number}")
        for number, c in enumerate(ends.values())
    ]
    told = "; ".join(
        f"{name}: {min(c[s] for s in seconds):,} to {max(c[s] for s in seconds):,} a second"
        for name, c in ends.items()
    )
    return figure("throughput", title, told, plot(frame, marks, legend=tuple(kinds)))


def live(exchanges: Sequence[Exchange]) -> Markup:
    """Plot how many requests were live at once."""
    title = "Requests live at once"
    if not exchanges:
        return figure("live", title, "", None, "No request ended.")
    changes = sorted(
        change for e in exchanges for change in ((e.began, 1), (e.ended, -1))
    )
    last = changes[-1][0]
    counts: list[int] = []
    now = most = position = 0
    for step in _steps():
        # The most within the step: a short rush is not lost between two points.
        most = now
        while position < len(changes) and changes[position][0] <= last * step / _STEPS:
            now += changes[position][1]
            most = max(most, now)
            position += 1
        counts.append(most)
    frame = Frame(
        across=amounts("seconds since the start", last / 1000),
        up=amounts("requests", max(counts)),
    )
    points = [
        (frame.x(last * step / _STEPS / 1000), frame.y(count))
        for step, count in zip(_steps(), counts, strict=True)
    ]
    told = f"at most {max(counts):,} requests were live at once"
    return figure("live", title, told, plot(frame, [line(points, "line s0")]))


def thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return at most `_POINTS` points: the slowest, and of the others every nth."""
    if len(points) <= _POINTS:
        return list(points)
    ordered = sorted(points, key=lambda point: point[1], reverse=True)
    rest = ordered[_SLOWEST:]
    every = -(-len(rest) // (_POINTS - _SLOWEST))
    return ordered[:_SLOWEST] + rest[::every]


def _latencies(
    exchanges: Sequence[Exchange], name: str
) -> list[tuple[Exchange, float]]:
    complete = [e for e in exchanges if e.complete]
    if name == _SERIES[1]:
        return [(e, e.ended - e.due) for e in complete]
    return [(e, e.first - e.due) for e in complete if e.first is not None]


def _steps() -> range:
    return range(_STEPS + 1)
