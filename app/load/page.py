"""The page of a load test: one file that needs nothing else. Pure."""

from collections.abc import Iterable, Sequence

from app.evaluation.document import document
from app.evaluation.markup import Markup, tag
from app.load import plots
from app.load.comparison import QUANTILES, Comparison
from app.load.runs import Quantile, Run, Spread
from app.load.terminal import headline, number, spreads, summary

_VERDICTS = {True: "better", False: "worse", None: ""}


def page(run: Run, comparison: Comparison | None) -> str:
    """Return `run` as an HTML page.

    Args:
        run: What to show.
        comparison: What changed since an earlier one, or None.
    """
    title = f"Load on {run.url}"
    return document(
        title,
        tag(
            "header",
            tag("h1", title),
            tag("p", headline(run)),
            tag("p", f"Begun {run.date}, frontdesk {run.version}", class_="note"),
        ),
        tag(
            "main",
            _troubles(run),
            _cards(run),
            _section("Latency", _latencies(run)),
            _section("Plots", _plots(run)),
            _section("The run", _table((), summary(run))),
            _compared(comparison),
        ),
    )


def _troubles(run: Run) -> Markup:
    figures = run.figures
    sentences = [
        *(f"{count:,} × {kind}" for kind, count in figures.errors.items()),
        *(
            f"incomplete: {count:,} × {fault}"
            for fault, count in figures.faults.items()
        ),
        *run.warnings,
    ]
    if not run.finished:
        sentences.insert(0, f"interrupted, with {run.cut:,} requests live")
    if not sentences:
        return Markup("")
    listed = tag("ul", (tag("li", sentence) for sentence in sentences))
    head = tag("h2", "To know before reading on")
    return tag("section", head, listed, class_="troubles")


def _cards(run: Run) -> Markup:
    figures = run.figures
    cards = [
        ("complete answers a second", number(figures.requests_per_second)),
        ("tokens a second", number(figures.tokens_per_second)),
    ]
    for name, spread in (("first token", figures.first), ("answer", figures.total)):
        if spread is not None:
            cards.append((f"{name}, p50, ms", number(spread.p50.value)))
            cards.append((f"{name}, p95, ms", number(spread.p95.value)))
    shown = (tag("li", tag("b", value), tag("span", name)) for name, value in cards)
    return tag("ul", shown, class_="cards", aria_label="Key figures")


def _latencies(run: Run) -> Markup:
    rows = [
        (name, *(_interval(getattr(spread, q)) for q in QUANTILES), *_rest(spread))
        for name, spread in spreads(run)
    ]
    if not rows:
        return tag("p", "No answer was complete.", class_="note")
    note = (
        "From when a request was due. In brackets: 95 % intervals, which tell how sure "
        "a figure is and nothing about another machine."
    )
    head = ("", *QUANTILES, "max", "mean", "requests")
    return Markup(_table(head, rows) + tag("p", note, class_="note"))


def _rest(spread: Spread) -> tuple[str, str, str]:
    return number(spread.most), number(spread.mean), f"{spread.count:,}"


def _interval(quantile: Quantile) -> str:
    low, high = number(quantile.low), number(quantile.high)
    return f"{number(quantile.value)} ({low} – {high})"


def _plots(run: Run) -> Markup:
    drawn = (
        plots.over_time(run.exchanges),
        plots.spreading(run.exchanges),
        plots.throughput(run.exchanges),
        plots.live(run.exchanges),
    )
    return tag("div", *drawn, class_="plots")


def _compared(comparison: Comparison | None) -> Markup:
    if comparison is None:
        return Markup("")
    rows = [
        (
            change.figure,
            number(change.before),
            number(change.after),
            "–" if change.ratio is None else f"× {change.ratio:.2f}",
            _VERDICTS[change.better],
        )
        for change in comparison.changes
    ]
    return _section(
        f"Compared with {comparison.since}",
        tag("ul", (tag("li", remark) for remark in comparison.remarks)),
        _table(("", "before", "now", "change", ""), rows),
        tag(
            "p",
            "Better and worse are said where the 95 % intervals lie apart by over 2 %.",
            class_="note",
        ),
    )


def _section(title: str, *children: str) -> Markup:
    return tag("section", tag("h2", title), *children)


def _table(head: Sequence[str], rows: Iterable[Iterable[str]]) -> Markup:
    names = tag("tr", (tag("th", name, scope="col", class_="number") for name in head))
    lines = [
        tag(
            "tr",
            tag("th", first, scope="row"),
            (tag("td", cell, class_="number") for cell in cells),
        )
        for first, *cells in rows
    ]
    titled = tag("thead", names) if head else ""
    whole = tag("table", titled, tag("tbody", lines))
    return tag("div", whole, class_="wide")
