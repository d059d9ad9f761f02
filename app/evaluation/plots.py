"""The plots of an evaluation. Pure; each returns a whole figure.

Every one says in words what it shows, and says why where there is nothing to show.
"""

import math
from collections.abc import Mapping, Sequence

from app.evaluation.frames import (
    BOTTOM,
    HEIGHT,
    TOP,
    Axis,
    Frame,
    amounts,
    figure,
    label,
    line,
    mark,
    plot,
    powers,
    shares,
    shortened,
)
from app.evaluation.markup import Markup, tag
from app.evaluation.metrics import mean
from app.evaluation.outcomes import KINDS, STANDALONE, Figures, Latency, Outcome

GROUP_NAMES = {
    "answerable": "answerable",
    "follow_up": "follow-up",
    "unanswerable": "unanswerable",
    STANDALONE: "follow-up, rewritten by hand",
}
"""Groups in words."""

_DEPTHS = (1, 3, 5, 10)
_BINS = 10
_MOST_STAGES = 9


def recall(groups: Mapping[str, Figures]) -> Markup:
    """Plot the share of questions whose right document is among the first k."""
    found = {
        name: [getattr(groups[name], f"recall_{depth}") for depth in _DEPTHS]
        for name in (*KINDS, STANDALONE)
        if name in groups and groups[name].recall_1 is not None
    }
    title = "Right document among the first k"
    if not found:
        return figure("recall", title, "", None, "No question has a right document.")
    least = min(min(values) for values in found.values())
    frame = Frame(
        across=Axis(
            label="k, documents looked at",
            low=-0.3,
            high=len(_DEPTHS) - 0.7,
            ticks=tuple((i, str(depth)) for i, depth in enumerate(_DEPTHS)),
        ),
        up=shares("% of questions", low=min(math.floor(least * 4) / 4, 0.75)),
    )
    marks: list[Markup] = []
    told: list[str] = []
    for series, (name, values) in enumerate(found.items()):
        points = [(frame.x(i), frame.y(value)) for i, value in enumerate(values)]
        marks.append(line(points, f"line s{series}"))
        for (x, y), depth, value in zip(points, _DEPTHS, values, strict=True):
            said = f"{GROUP_NAMES[name]}, first {depth}: {value:.1%}"
            marks.append(mark(x, y, series, said))
            told.append(said)
    names = [GROUP_NAMES[name] for name in found]
    return figure("recall", title, "; ".join(told), plot(frame, marks, legend=names))


def confidences(outcomes: Sequence[Outcome], threshold: float | None) -> Markup:
    """Plot how confidence spreads, apart for what can be answered and what cannot.

    Args:
        outcomes: Those without an error.
        threshold: Confidence below which is refused; None where it is not known.
    """
    title = "Confidence, and where it refuses"
    kinds = {
        "answerable": [o.confidence for o in outcomes if o.expected],
        "unanswerable": [o.confidence for o in outcomes if not o.expected],
    }
    if not all(kinds.values()):
        note = "This needs both answerable and unanswerable questions."
        return figure("confidence", title, "", None, note)
    parts = {name: _histogram(values) for name, values in kinds.items()}
    most = max(max(values) for values in parts.values())
    frame = Frame(across=_confidence_axis(), up=amounts("% of its kind", most * 110))
    marks: list[Markup] = []
    told: list[str] = []
    for series, (name, values) in enumerate(parts.items()):
        for i, share in enumerate(values):
            if not share:
                continue
            said = f"{name} at {i / _BINS:.1f} to {(i + 1) / _BINS:.1f}: {share:.0%}"
            left = frame.x((i + 0.08 + 0.42 * series) / _BINS)
            right = frame.x((i + 0.5 + 0.42 * series) / _BINS)
            marks.append(_bar(left, right, frame.y(share * 100), series, said))
            told.append(said)
    if threshold is not None:
        x = frame.x(threshold)
        marks.append(line([(x, TOP - 4), (x, HEIGHT - BOTTOM)], "limit"))
        at_left = threshold > 0.5
        edge = x - 4 if at_left else x + 4
        said = f"refused below {threshold:g}"
        marks.append(label(edge, TOP + 6, said, "end" if at_left else "start"))
        told.append(said)
    names = [f"{name} ({len(values)})" for name, values in kinds.items()]
    drawn = plot(frame, marks, legend=names)
    return figure("confidence", title, "; ".join(told), drawn)


def reliability(outcomes: Sequence[Outcome]) -> Markup:
    """Plot how often a confidence comes true: on the diagonal it means what it says.

    Args:
        outcomes: Those without an error.
    """
    title = "Does the confidence keep its word?"
    if len({bool(o.expected) for o in outcomes}) < 2:
        note = "This needs both answerable and unanswerable questions."
        return figure("reliability", title, "", None, note)
    bins: dict[int, list[Outcome]] = {}
    for outcome in outcomes:
        bins.setdefault(_bin(outcome.confidence), []).append(outcome)
    frame = Frame(across=_confidence_axis(), up=shares("answerable, % of questions"))
    marks = [line([(frame.x(0), frame.y(0)), (frame.x(1), frame.y(1))], "limit")]
    told: list[str] = []
    error = 0.0
    for _, members in sorted(bins.items()):
        confidence = mean(o.confidence for o in members) or 0.0
        right = mean(bool(o.expected) for o in members) or 0.0
        error += abs(confidence - right) * len(members) / len(outcomes)
        low, high = interval(right, len(members))
        x = frame.x(confidence)
        said = f"confidence {confidence:.2f}: {right:.0%} of {len(members)} questions"
        marks.append(line([(x, frame.y(low)), (x, frame.y(high))], "line s0"))
        marks.append(mark(x, frame.y(right), 0, said))
        told.append(said)
    note = (
        f"Mean distance from the diagonal {error:.3f}. Bars: 95 % intervals. "
        "The diagonal depends on how many of the questions are unanswerable."
    )
    return figure("reliability", title, "; ".join(told), plot(frame, marks), note)


def latency(stages: Mapping[str, Latency], whole: Figures) -> Markup:
    """Plot how long each stage of an answer took, and all of it."""
    title = "Where the time goes"
    rows = [(name, s.p50, s.p95) for name, s in stages.items()][:_MOST_STAGES]
    if whole.p50 is not None and whole.p95 is not None:
        rows.append(("end to end", whole.p50, whole.p95))
    if not rows:
        return figure("latency", title, "", None, "No question was answered.")
    names = [shortened(name, 14) for name, _, _ in rows]
    frame = Frame(
        across=amounts("milliseconds a question", max(row[2] for row in rows)),
        up=Axis(
            label="",
            low=0.0,
            high=float(len(rows)),
            ticks=tuple((len(rows) - i - 0.5, name) for i, name in enumerate(names)),
        ),
        left=92,
    )
    marks: list[Markup] = []
    told: list[str] = []
    for i, (name, p50, p95) in enumerate(rows):
        for series, (kind, value) in enumerate((("p50", p50), ("p95", p95))):
            said = f"{name}, {kind}: {value:,.1f} ms"
            top = frame.y(len(rows) - i - 0.12 - 0.4 * series)
            bottom = frame.y(len(rows) - i - 0.48 - 0.4 * series)
            width = max(frame.x(value) - frame.left, 1)
            marks.append(
                tag("rect", tag("title", said), x=frame.left, y=top, width=width,
                    height=bottom - top, class_=f"bar s{series}")
            )  # fmt: skip
            told.append(said)
    drawn = plot(frame, marks, legend=("p50, the median", "p95, the slow ones"))
    return figure("latency", title, "; ".join(told), drawn)


def tokens(outcomes: Sequence[Outcome]) -> Markup:
    """Plot the tokens sent against those that whole documents would have taken."""
    title = "Tokens sent, against sending whole documents"
    asked = [o for o in outcomes if o.sent > 0 and o.stuffed > 0]
    if not asked:
        stuffed = mean(o.stuffed for o in outcomes if o.stuffed)
        note = "No model was asked: an extract sends no tokens."
        if stuffed:
            note += f" The sources' documents, whole, have {stuffed:,.0f} a question."
        return figure("tokens", title, "", None, note)
    axis = powers("tokens, whole", [n for o in asked for n in (o.sent, o.stuffed)])
    frame = Frame(
        across=powers("tokens of the sources' documents, whole", (axis.low, axis.high)),
        up=powers("tokens sent", (axis.low, axis.high)),
        left=66,
    )
    ends = [(frame.x(v), frame.y(v)) for v in (axis.low, axis.high)]
    marks = [line(ends, "limit")]
    for o in asked:
        said = f"{o.id}: {o.sent:,} sent, {o.stuffed:,} whole"
        marks.append(mark(frame.x(o.stuffed), frame.y(o.sent), 0, said))
    sent, whole = sum(o.sent for o in asked), sum(o.stuffed for o in asked)
    told = f"{len(asked)} questions sent {sent:,} tokens; whole: {whole:,}"
    note = f"Below the line less is sent: {sent:,} tokens in place of {whole:,}."
    return figure("tokens", title, told, plot(frame, marks), note)


def interval(share: float, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of `count` (at least 1) in [0, 1].

    Source:
        Wilson, "Probable inference, the law of succession, and statistical
        inference", Journal of the American Statistical Association 22, 1927.
    """
    z = 1.96
    centre = share + z * z / (2 * count)
    spread = z * math.sqrt((share * (1 - share) + z * z / (4 * count)) / count)
    scale = 1 + z * z / count
    return max((centre - spread) / scale, 0.0), min((centre + spread) / scale, 1.0)


def _confidence_axis() -> Axis:
    ticks = tuple((i / 4, f"{i / 4:g}") for i in range(5))
    return Axis(label="confidence told, 0 to 1", low=0.0, high=1.0, ticks=ticks)


def _bin(confidence: float) -> int:
    return min(max(int(confidence * _BINS), 0), _BINS - 1)


def _histogram(values: Sequence[float]) -> list[float]:
    """Return the share of `values` in each of the bins of [0, 1]."""
    counts = [0] * _BINS
    for value in values:
        counts[_bin(value)] += 1
    return [count / len(values) for count in counts]


def _bar(left: float, right: float, top: float, series: int, said: str) -> Markup:
    return tag(
        "rect", tag("title", said), x=left, y=top, width=right - left,
        height=HEIGHT - BOTTOM - top, class_=f"bar s{series}",
    )  # fmt: skip
