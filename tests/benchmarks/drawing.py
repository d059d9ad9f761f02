"""A plot of a benchmark as an SVG file that stands alone."""

from pathlib import Path

from app.evaluation.frames import (
    HEIGHT,
    WIDTH,
    Frame,
    amounts,
    line,
    mark,
    plot,
    powers,
)
from app.evaluation.markup import tag
from tests.benchmarks.figures import Plot

_STYLE = """
svg { font: 12px sans-serif; background: #fff; } text { fill: #333; }
.grid { stroke: #ddd; fill: none; } .axis { stroke: #555; fill: none; }
.line { fill: none; stroke-width: 1.8; }
.s0 { stroke: #1f5fa8; } .mark.s0 { fill: #1f5fa8; }
.s1 { stroke: #c2571a; } .mark.s1 { fill: #c2571a; }
.s2 { stroke: #3b7d3b; } .mark.s2 { fill: #3b7d3b; }
"""


def draw(plotted: Plot, folder: Path) -> Path:
    """Write `plotted` into `folder`; return the file."""
    points = [point for drawn in plotted.lines for point in drawn.points]
    xs = [x for x, _ in points]
    across = (
        powers(plotted.across, xs)
        if plotted.powers
        else amounts(plotted.across, max(xs))
    )
    frame = Frame(across=across, up=amounts(plotted.up, max(y for _, y in points)))
    marks = []
    for number, drawn in enumerate(plotted.lines):
        places = [(frame.x(x), frame.y(y)) for x, y in drawn.points]
        marks.append(line(places, f"line s{number}"))
        for (x, y), place in zip(drawn.points, places, strict=True):
            marks.append(mark(*place, number, f"{drawn.name}, {x:g}: {y:.4g}"))
    legend = tuple(drawn.name for drawn in plotted.lines)
    drawing = tag(
        "svg",
        tag("title", plotted.title),
        tag("style", _STYLE),
        plot(frame, marks, legend=legend),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
        width=f"{WIDTH:.0f}",
        height=f"{HEIGHT:.0f}",
    )
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{plotted.name}.svg"
    file.write_text(drawing + "\n", encoding="utf-8")
    return file
