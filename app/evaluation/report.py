"""The page of an evaluation: one file that needs nothing else. Pure.

    Evaluation --page--> head, key figures, figures by kind, plots, changes, questions

It works offline and printed. Its own policy lets nothing run or load but the script
and the style that stand in it, whatever a question or a document may hold.
"""

from collections.abc import Iterable, Sequence

from app.evaluation import plots
from app.evaluation.comparison import Comparison, FigureChange, compare
from app.evaluation.document import document
from app.evaluation.gate import value_of
from app.evaluation.markup import Markup, joined, tag
from app.evaluation.outcomes import ALL, BrokenLine, Evaluation
from app.evaluation.report_tables import (
    change_words,
    changes_tables,
    figures_tables,
    questions_table,
)
from app.evaluation.terminal import NO_BASIS, told, written
from app.web import text_of

_KEY_FIGURES = (
    ("recall@5", "right document in the first 5"),
    ("mrr", "mean reciprocal rank"),
    ("false_refusals", "answerable, yet refused"),
    ("missed_refusals", "unanswerable, yet answered"),
    ("facts", "key facts in the answers"),
    ("citations", "citations that hold"),
    ("saved", "tokens saved against whole documents"),
    ("p95", "milliseconds, 95 of 100 are faster"),
)


def page(evaluation: Evaluation, before: Evaluation | None) -> str:
    """Return `evaluation` as an HTML page.

    Args:
        evaluation: What to show.
        before: An earlier evaluation, to show what has changed since.
    """
    comparison = compare(before, evaluation) if before is not None else None
    title = f"Evaluation of {evaluation.golden}"
    return document(
        title,
        _head(evaluation, title),
        tag(
            "main",
            _troubles(evaluation),
            _key_figures(evaluation, comparison),
            _section("Figures by kind", figures_tables(evaluation)),
            _section("Plots", _plots(evaluation)),
            _changes(comparison, before),
            questions_table(evaluation.outcomes),
        ),
        tag("footer", f"frontdesk {evaluation.version}"),
        script=text_of("report.js"),
    )


def _head(evaluation: Evaluation, title: str) -> Markup:
    done = f"{evaluation.asked:,} of {evaluation.given:,} questions"
    state = "complete" if evaluation.complete else "interrupted"
    rows = (
        ("Asked", joined(f"{done} ", tag("b", state, class_=f"state {state}"))),
        ("Begun", evaluation.date.replace("T", " ").replace("+00:00", " UTC")),
        ("Road", evaluation.road),
        ("Edition", evaluation.edition or NO_BASIS),
        ("Version", evaluation.version),
        ("Golden file", tag("code", evaluation.digest[:12], title=evaluation.digest)),
    )
    return tag(
        "header",
        tag("h1", title),
        tag(
            "dl",
            (tag("div", tag("dt", name), tag("dd", value)) for name, value in rows),
        ),
        _settings(evaluation),
    )


def _settings(evaluation: Evaluation) -> Markup:
    if not evaluation.settings:
        return tag("p", "The settings of that service are not known.", class_="note")
    rows = [
        tag("tr", tag("th", name, scope="row"), tag("td", str(value) or NO_BASIS))
        for name, value in sorted(evaluation.settings.items())
    ]
    return tag("details", tag("summary", "Settings"), tag("table", tag("tbody", rows)))


def _troubles(evaluation: Evaluation) -> Markup:
    lines = [told(line) for line in evaluation.broken]
    errors = sum(bool(outcome.error) for outcome in evaluation.outcomes)
    sentences = [*evaluation.notes]
    if not evaluation.complete:
        sentences.append(
            f"interrupted: the figures are of the {evaluation.asked:,} questions asked"
        )
    if errors:
        sentences.append(
            f"questions that got an error instead of an answer: {errors:,}"
        )
    if not lines and not sentences:
        return Markup("")
    noted = tag("ul", (tag("li", sentence) for sentence in sentences))
    return tag(
        "section",
        tag("h2", "To know before reading on"),
        noted if sentences else "",
        _mend(evaluation.golden, evaluation.broken),
        class_="troubles",
    )


def _mend(golden: str, broken: Sequence[BrokenLine]) -> Markup:
    if not broken:
        return Markup("")
    return tag(
        "details",
        tag("summary", f"What needs mending in {golden} ({len(broken):,})"),
        tag("ul", (tag("li", told(line)) for line in broken)),
    )


def _key_figures(evaluation: Evaluation, comparison: Comparison | None) -> Markup:
    changed = {
        change.figure: change
        for change in (comparison.figures if comparison else ())
        if change.group == ALL
    }
    figures = evaluation.figures.get(ALL)
    if figures is None:
        return Markup("")
    cards = [
        tag(
            "li",
            tag("b", written(name, value_of(figures, name))),
            tag("span", title),
            _change(changed.get(name)),
        )
        for name, title in _KEY_FIGURES
    ]
    return tag("ul", cards, class_="cards", aria_label="Key figures")


def _change(change: FigureChange | None) -> Markup:
    if change is None:
        return Markup("")
    words, state = change_words(change)
    if change.before is not None:
        words += f", was {written(change.figure, change.before)}"
    return tag("small", words, class_=state)


def _plots(evaluation: Evaluation) -> Markup:
    told_ = [outcome for outcome in evaluation.outcomes if not outcome.error]
    threshold = evaluation.settings.get("RETRIEVAL_MIN_CONFIDENCE")
    limit = None if threshold is None or isinstance(threshold, str) else threshold
    return tag(
        "div",
        plots.recall(evaluation.figures),
        plots.confidences(told_, limit),
        plots.reliability(told_),
        plots.latency(evaluation.stages, evaluation.figures[ALL]),
        plots.tokens(told_),
        class_="plots",
    )


def _changes(comparison: Comparison | None, before: Evaluation | None) -> Markup:
    if comparison is None or before is None:
        return Markup("")
    since = before.date.replace("T", " ").replace("+00:00", " UTC")
    head = f"Compared over {comparison.questions:,} questions with {since}."
    return _section(
        "What changed",
        tag("p", head),
        tag("ul", (tag("li", remark) for remark in comparison.remarks)),
        changes_tables(comparison),
    )


def _section(title: str, *children: str | Iterable[str]) -> Markup:
    return tag("section", tag("h2", title), *children)
