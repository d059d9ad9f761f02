"""The tables of the evaluation's page. Pure."""

from collections.abc import Iterable, Sequence

from app.evaluation.comparison import Comparison, FigureChange, QuestionChange
from app.evaluation.gate import COUNTED, value_of
from app.evaluation.markup import Markup, joined, tag
from app.evaluation.outcomes import ALL, KINDS, Evaluation, Figures, Outcome
from app.evaluation.plots import GROUP_NAMES
from app.evaluation.terminal import NO_BASIS, written

_TABLES = {
    "What is found": {
        "questions": "questions",
        "errors": "errors",
        "recall@1": "R@1",
        "recall@3": "R@3",
        "recall@5": "R@5",
        "recall@10": "R@10",
        "mrr": "MRR",
        "ndcg@10": "nDCG@10",
    },
    "What is answered": {
        "balanced_accuracy": "balanced accuracy",
        "false_refusals": "refused wrongly",
        "missed_refusals": "answered wrongly",
        "facts": "key facts",
        "facts_whole": "all key facts",
        "citations": "citations that hold",
    },
    "What it takes": {
        "sent": "tokens sent",
        "stuffed": "tokens, whole",
        "saved": "tokens saved",
        "p50": "p50, ms",
        "p95": "p95, ms",
    },
}
_TITLES = {name: title for table in _TABLES.values() for name, title in table.items()}

_DEEP = 5
"""Place up to which a right document counts as found."""


def figures_tables(evaluation: Evaluation) -> Markup:
    """Return every figure by kind and by language; a row of nothing is left out."""
    groups = {**evaluation.figures, **evaluation.languages}
    tables: list[Markup] = []
    for title, columns in _TABLES.items():
        head = tag(
            "tr", _column("kind"), (_column(c, "number") for c in columns.values())
        )
        rows = [
            _figures_row(name, figures, columns)
            for name, figures in groups.items()
            if any(value_of(figures, column) is not None for column in columns)
        ]
        table = tag("table", tag("thead", head), tag("tbody", rows))
        tables += [tag("h3", title), _wide(table, title)]
    return joined(tables)


def change_words(change: FigureChange) -> tuple[str, str]:
    """Return by how much a figure changed, and what that is: a class of the style."""
    state = {True: "better", False: "worse", None: "other"}[change.better]
    word = f", {state}" if change.better is not None else ""
    if change.before is None or change.after is None:
        when = "before" if change.before is None else "now"
        return f"not known {when}", state
    difference = change.after - change.before
    if change.figure in COUNTED:
        amount = f"{difference:+,.0f}"
    elif change.figure in ("mrr", "ndcg@10"):
        amount = f"{difference:+.3f}"
    else:
        amount = f"{difference * 100:+.1f} points"
    return f"{amount.replace('-', '−')}{word}", state


def changes_tables(comparison: Comparison) -> Markup:
    """Return the questions that got worse or better, then each figure's change."""
    worse = [change for change in comparison.changes if not change.better]
    better = [change for change in comparison.changes if change.better]
    rows = [
        tag(
            "tr",
            tag("th", GROUP_NAMES.get(change.group, change.group), scope="row"),
            tag("td", _TITLES.get(change.figure, change.figure)),
            tag("td", written(change.figure, change.before), class_="number"),
            tag("td", written(change.figure, change.after), class_="number"),
            tag("td", words, class_=f"number {state}"),
        )
        for change in comparison.figures
        for words, state in (change_words(change),)
    ]
    named = (_column("kind"), _column("figure"))
    numbers = (_column(title, "number") for title in ("before", "now", "change"))
    head = tag("thead", tag("tr", named, numbers))
    table = _wide(tag("table", head, tag("tbody", rows)), "Changed figures")
    summary = tag("summary", f"{len(rows):,} figures changed")
    return joined(
        _changed(worse, "worse"),
        _changed(better, "better"),
        tag("details", summary, table) if rows else tag("p", "No figure changed."),
    )


def questions_table(outcomes: Sequence[Outcome]) -> Markup:
    """Return all questions, worst first, with what filters them."""
    ordered = sorted(outcomes, key=_badness, reverse=True)
    wrong = sum(bool(troubles(outcome)) for outcome in outcomes)
    kinds = [kind for kind in KINDS if any(o.kind == kind for o in outcomes)]
    titles = ("question", "verdict", "expected", "found", "confidence", "facts")
    head = tag("tr", (tag("th", title, scope="col") for title in titles))
    return tag(
        "section",
        tag("h2", "Questions, worst first"),
        _filters(kinds, wrong, len(outcomes)),
        tag("table", tag("thead", head), tag("tbody", map(_row, ordered)), id="asked"),
        id="questions",
    )


def troubles(outcome: Outcome) -> list[str]:
    """Return what went wrong with a question, in words, the worst first."""
    if outcome.error:
        return ["no answer"]
    found: list[str] = []
    if outcome.answered != bool(outcome.expected):
        found.append("answered wrongly" if outcome.answered else "refused wrongly")
    if outcome.expected and not outcome.rank:
        found.append("not found")
    elif outcome.rank > _DEEP:
        found.append(f"found in place {outcome.rank}")
    if outcome.supported < outcome.citations:
        lacking = outcome.citations - outcome.supported
        found.append(f"{lacking} of {outcome.citations} citations do not hold")
    if outcome.missing_facts:
        found.append("facts missing")
    return found


def _badness(outcome: Outcome) -> tuple[float, ...]:
    right = bool(outcome.expected)
    held = outcome.supported / outcome.citations if outcome.citations else 1.0
    return (
        bool(outcome.error),
        outcome.answered != right,
        right and not outcome.rank,
        outcome.rank > _DEEP,
        1 - held,
        1 - (1.0 if outcome.facts is None else outcome.facts),
        outcome.rank,
    )


def _figures_row(name: str, figures: Figures, columns: Iterable[str]) -> Markup:
    return tag(
        "tr",
        tag("th", GROUP_NAMES.get(name, name), scope="row"),
        (
            tag("td", written(column, value_of(figures, column)), class_="number")
            for column in columns
        ),
        class_="whole" if name == ALL else None,
    )


def _column(title: str, class_: str | None = None) -> Markup:
    return tag("th", title, scope="col", class_=class_)


def _wide(table: Markup, title: str) -> Markup:
    # Wider than a phone: it scrolls by itself, with the keyboard too.
    return tag(
        "div", table, class_="wide", tabindex="0", role="region", aria_label=title
    )


def _changed(changes: Sequence[QuestionChange], state: str) -> Markup:
    items = [
        tag(
            "li",
            tag("code", change.id),
            " ",
            tag("b", f"{change.respect}: {change.before} → {change.after}"),
            " ",
            tag("span", change.question, dir="auto"),
        )
        for change in changes
    ]
    title = tag("summary", f"{len(items):,} got {state}", class_=state)
    if not items:
        return tag("p", f"nothing got {state}", class_="note")
    return tag(
        "details", title, tag("ul", items), open="" if state == "worse" else None
    )


def _filters(kinds: Sequence[str], wrong: int, count: int) -> Markup:
    options = [tag("option", "every kind", value_="all")]
    options += [tag("option", GROUP_NAMES[kind], value_=kind) for kind in kinds]
    return tag(
        "form",
        tag("label", "Find ", tag("input", type="search", id="words")),
        tag("label", "Kind ", tag("select", options, id="kind")),
        tag(
            "label",
            tag("input", type="checkbox", id="wrong"),
            f" only what went wrong ({wrong:,})",
        ),
        tag("output", f"{count:,} questions", id="count", aria_live="polite"),
        # Without a script there is nothing to filter with.
        hidden="",
    )


def _row(outcome: Outcome) -> Markup:
    wrong = troubles(outcome)
    return tag(
        "tr",
        tag(
            "td",
            tag("code", outcome.id),
            tag("small", _kind(outcome)),
            tag("p", outcome.question, dir="auto"),
            _answer(outcome),
            class_="question",
        ),
        _cell("verdict", _verdict(outcome, wrong)),
        _cell("expected", _paths(outcome.expected, ())),
        _cell("found", _paths(outcome.found[:_DEEP], outcome.expected)),
        _cell("confidence", NO_BASIS if outcome.error else f"{outcome.confidence:.2f}"),
        _cell("facts", _facts(outcome)),
        data_kind=outcome.kind,
        data_wrong="yes" if wrong else "no",
    )


def _kind(outcome: Outcome) -> str:
    kind = GROUP_NAMES.get(outcome.kind, outcome.kind)
    return f"{kind}, {outcome.language}" if outcome.language else kind


def _cell(title: str, *children: str | Iterable[str]) -> Markup:
    return tag("td", *children, data_label=title, class_=title)


def _verdict(outcome: Outcome, wrong: Sequence[str]) -> Markup:
    if wrong:
        return tag("ul", (tag("li", trouble) for trouble in wrong), class_="worse")
    place = f", in place {outcome.rank}" if outcome.rank else ""
    said = f"answered{place}" if outcome.answered else "refused, rightly"
    return tag("span", said, class_="better")


def _paths(paths: Sequence[str], right: Sequence[str]) -> Markup:
    if not paths:
        return Markup(NO_BASIS)
    return tag(
        "ol",
        (tag("li", path, class_="right" if path in right else None) for path in paths),
    )


def _facts(outcome: Outcome) -> Markup:
    if outcome.facts is None:
        return Markup(NO_BASIS)
    missing = [tag("li", fact, dir="auto") for fact in outcome.missing_facts]
    lacking = joined(tag("small", "missing"), tag("ul", missing)) if missing else ""
    return joined(f"{outcome.facts:.0%}", lacking)


def _answer(outcome: Outcome) -> Markup:
    if outcome.error:
        return tag("p", outcome.error, class_="worse error", dir="auto")
    if not outcome.answer:
        return Markup("")
    return tag(
        "details",
        tag("summary", f"answer, {outcome.milliseconds:,.0f} ms"),
        tag("p", outcome.answer, class_="answer", dir="auto"),
    )
