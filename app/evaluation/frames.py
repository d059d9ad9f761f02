"""The frame that every plot stands in: axes, marks and a legend, as SVG. Pure.

Lengths are units of the view box. Colours are classes ``s0`` to ``s3``, so that the
page's own light and dark colours hold; each also has a shape or a dash of its own.
"""

import math
from collections.abc import Iterable, Sequence

from msgspec import Struct

from app.evaluation.markup import Markup, escaped, joined, tag

WIDTH, HEIGHT = 400.0, 280.0
LEFT, RIGHT, TOP, BOTTOM = 54.0, 24.0, 34.0, 46.0

_SIGN = 6.4
"""About the width of a sign of the labels."""


class Axis(Struct, frozen=True, kw_only=True):
    """One direction of a plot.

    Attributes:
        label: What is told along it, with its unit.
        low: Value at the left or the bottom.
        high: Value at the right or the top; more than `low`.
        ticks: Values that are marked, each with its label.
        log: Equal lengths are equal ratios; `low` is then more than 0.
    """

    label: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    log: bool = False

    def share(self, value: float) -> float:
        """Return where `value` stands, in [0, 1]; what is outside, at the edge."""
        if self.log:
            value = max(value, self.low)
            span = math.log(self.high / self.low)
            return min(math.log(value / self.low) / span, 1.0)
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


class Frame(Struct, frozen=True, kw_only=True):
    """A plot's two axes.

    Attributes:
        across: The axis from left to right.
        up: The axis from bottom to top.
        left: Width that the labels of `up` take.
    """

    across: Axis
    up: Axis
    left: float = LEFT

    def x(self, value: float) -> float:
        """Return where `value` stands from the left."""
        return self.left + self.across.share(value) * (WIDTH - self.left - RIGHT)

    def y(self, value: float) -> float:
        """Return where `value` stands from the top."""
        return HEIGHT - BOTTOM - self.up.share(value) * (HEIGHT - TOP - BOTTOM)


def shares(label: str, *, low: float = 0.0) -> Axis:
    """Return an axis of shares from `low` to 1, told in percent."""
    step = 0.25 if low < 0.5 else 0.1 if low < 0.75 else 0.05
    count = round((1 - low) / step)
    ticks = [low + step * i for i in range(count + 1)]
    return Axis(
        label=label, low=low, high=1.0, ticks=tuple((t, f"{t:.0%}") for t in ticks)
    )


def amounts(label: str, most: float) -> Axis:
    """Return an axis from 0 to a round number of at least `most`."""
    rough = max(most, 1.0) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * n for n in (1, 2, 2.5, 5, 10) if power * n >= rough)
    count = max(math.ceil(most / step), 1)
    ticks = [step * i for i in range(count + 1)]
    return Axis(
        label=label,
        low=0.0,
        high=step * count,
        ticks=tuple((t, f"{t:,.10g}") for t in ticks),
    )


def powers(label: str, values: Iterable[float]) -> Axis:
    """Return an axis over `values`, more than 0, on which ratios are lengths."""
    given = list(values)
    first = math.floor(math.log10(min(given)))
    last = max(math.ceil(math.log10(max(given))), first + 1)
    ticks = [10.0**power for power in range(first, last + 1)]
    return Axis(
        label=label,
        low=ticks[0],
        high=ticks[-1],
        ticks=tuple((t, f"{t:,.10g}") for t in ticks),
        log=True,
    )


def plot(
    frame: Frame, *marks: str | Iterable[str], legend: Sequence[str] = ()
) -> Markup:
    """Return what stands inside a plot's SVG: its axes, `marks`, and a legend.

    Args:
        frame: The axes.
        marks: What is drawn, from the back to the front.
        legend: What the series stand for, ``s0`` first.
    """
    return joined(_grid(frame), *marks, _legend(legend))


def mark(x: float, y: float, series: int, told: str) -> Markup:
    """Return a point in the shape of its series, with what a mouse over it tells."""
    shapes = (
        f"M{x - 4:.1f} {y:.1f}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
        f"M{x - 4:.1f} {y - 4:.1f}h8v8h-8z",
        f"M{x:.1f} {y - 5:.1f}l5 9h-10z",
        f"M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5z",
    )
    return tag("path", tag("title", told), d=shapes[series], class_=f"mark s{series}")


def line(points: Iterable[tuple[float, float]], class_: str) -> Markup:
    """Return a line through `points`."""
    written = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return tag("polyline", points=written, class_=class_)


def label(x: float, y: float, text: str, anchor: str = "middle") -> Markup:
    """Return a label."""
    return tag("text", text, x=x, y=y, text_anchor=anchor)


def shortened(text: str, most: int) -> str:
    """Return `text`, cut to `most` signs."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def figure(
    name: str, title: str, told: str, drawn: Markup | None, note: str = ""
) -> Markup:
    """Return a plot with its title and its text alternative.

    Args:
        name: Its name in the page, unique.
        title: What it shows.
        told: The same in words and numbers.
        drawn: What `plot` returned; None where there is nothing to draw.
        note: A sentence below it, or instead of it.
    """
    caption = tag("figcaption", tag("h3", title))
    below = tag("p", note, class_="note") if note else ""
    if drawn is None:
        return tag("figure", caption, below)
    drawing = tag(
        "svg",
        tag("title", title, id=f"{name}-title"),
        tag("desc", told, id=f"{name}-told"),
        drawn,
        viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
        role="img",
        aria_labelledby=f"{name}-title",
        aria_describedby=f"{name}-told",
    )
    return tag("figure", caption, drawing, below)


def _grid(frame: Frame) -> Markup:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    middle = (TOP + bottom) / 2
    parts: list[Markup] = []
    for value, text in frame.up.ticks:
        y = frame.y(value)
        parts.append(line([(frame.left, y), (right, y)], "grid"))
        parts.append(label(frame.left - 6, y + 4, text, "end"))
    for value, text in frame.across.ticks:
        x = frame.x(value)
        parts.append(line([(x, bottom), (x, bottom + 4)], "axis"))
        parts.append(label(x, bottom + 18, text))
    parts.append(line([(frame.left, bottom), (right, bottom)], "axis"))
    parts.append(label((frame.left + right) / 2, HEIGHT - 8, frame.across.label))
    if frame.up.label:
        turned = f"translate(11 {middle:.1f}) rotate(-90)"
        parts.append(
            tag("text", frame.up.label, transform=turned, text_anchor="middle")
        )
    return joined(parts)


def _legend(names: Sequence[str]) -> Markup:
    parts: list[Markup] = []
    x = 14.0
    for series, name in enumerate(names):
        parts.append(mark(x, 13, series, name))
        parts.append(label(x + 9, 17, name, "start"))
        x += 9 + len(escaped(name)) * _SIGN + 16
    return joined(parts)
