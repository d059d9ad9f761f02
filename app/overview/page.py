"""The page of insights: one file that needs nothing else. Pure.

It works offline and printed. Its own policy lets nothing run or load but the style
that stands in it, whatever people have asked.
"""

from collections.abc import Iterable, Sequence

from app.evaluation.document import document
from app.evaluation.markup import Markup, joined, tag
from app.insights.figures import Example, Insights, Topic
from app.overview import plots, wording


def page(insights: Insights, *, version: str, made: str) -> str:
    """Return `insights` as an HTML page.

    Args:
        insights: What to show.
        version: The version of frontdesk.
        made: When this was made, for people.
    """
    title = f"What people ask: {insights.tenant}"
    days = insights.by_day
    drawn = (
        plots.questions(days),
        plots.refusals(days),
        plots.waiting(days),
        plots.thumbs(days),
        plots.tokens(days),
        plots.costs(days),
    )
    return document(
        title,
        tag(
            "header",
            tag("h1", title),
            tag("p", f"{wording.span(insights)}, made {made}", class_="note"),
        ),
        tag(
            "main",
            _notes(insights),
            _cards(insights),
            _section("Not answered, or not well", _topics(insights)),
            _section("By day", tag("div", *drawn, class_="plots"), _days(insights)),
            _section("Documents", _documents(insights)),
        ),
        tag("footer", f"frontdesk {version}"),
    )


def _notes(insights: Insights) -> Markup:
    sentences = wording.notes(insights)
    if not sentences:
        return Markup("")
    listed = tag("ul", (tag("li", sentence) for sentence in sentences))
    head = tag("h2", "To know before reading on")
    return tag("section", head, listed, class_="troubles")


def _cards(insights: Insights) -> Markup:
    cards = (
        tag("li", tag("b", value), tag("span", name))
        for name, value in wording.figures(insights.total)
    )
    return tag("ul", cards, class_="cards", aria_label="Key figures")


def _topics(insights: Insights) -> Markup:
    if not insights.topics:
        return tag("p", wording.NO_TOPIC, class_="note")
    head = ("asked", "no answer", "voted down", "last", "nearest document")
    rows = [_topic(topic) for topic in insights.topics]
    note = (
        "Questions that ask alike stand together under the one that was asked most. "
        "Beside a document: the cosine of the question and its nearest passage. A low "
        "one says that nothing is written about it; a high one, that what is written "
        "does not answer it."
    )
    table = _table(("question", *head), rows, words=(0, 5))
    return joined(table, tag("p", note, class_="note"))


def _topic(topic: Topic) -> Markup:
    title = f"How it was asked ({len(topic.examples):,})"
    asked = tag(
        "details",
        tag("summary", title),
        tag("ul", (tag("li", _example(one)) for one in topic.examples)),
    )
    numbers = (topic.count, topic.unanswered, topic.down_voted)
    return tag(
        "tr",
        tag("td", topic.question, asked),
        (tag("td", f"{number:,}", class_="number") for number in numbers),
        tag("td", wording.day(topic.last_asked), class_="number"),
        tag("td", wording.near(topic.nearest)),
    )


def _example(example: Example) -> Markup:
    said = f" “{example.comment}”" if example.comment else ""
    return joined(
        example.question,
        tag("span", said, class_="worse") if said else "",
        " ",
        tag("small", f"{wording.day(example.asked)}, {example.id}", class_="note"),
    )


def _days(insights: Insights) -> Markup:
    if not insights.total.questions:
        return Markup("")
    head = (
        "day", "questions", "refused", "failed", "p50, s", "p95, s", "tokens",
        "cost", "up", "down",
    )  # fmt: skip
    rows = [
        _row(
            day.day,
            f"{day.questions:,}",
            wording.share(day.refusal_rate),
            f"{day.failed:,}",
            wording.seconds(day.p50),
            wording.seconds(day.p95),
            f"{day.tokens:,}",
            wording.money(day.cost),
            f"{day.up:,}",
            f"{day.down:,}",
        )
        for day in reversed(insights.by_day)
        if day.questions
    ]
    return tag("details", tag("summary", "The same in figures"), _table(head, rows))


def _documents(insights: Insights) -> Markup:
    documents = insights.documents
    used = [_row(one.path, f"{one.answers:,}") for one in documents.most_used]
    shown = len(documents.never_used)
    some = f"; the first {shown:,}" if shown < documents.never_used_total else ""
    never = (
        f"{documents.never_used_total:,} of {documents.total:,} documents were offered "
        f"to no answer{some}"
    )
    listed = tag("ul", (tag("li", path) for path in documents.never_used))
    return joined(
        _table(("most used", "answers"), used) if used else "",
        tag("details", tag("summary", never), listed) if shown else "",
    )


def _table(
    head: Sequence[str], rows: Iterable[Markup], *, words: tuple[int, ...] = (0,)
) -> Markup:
    """Return a table; the columns at `words` hold no numbers."""
    names = (
        tag("th", name, scope="col", class_=None if place in words else "number")
        for place, name in enumerate(head)
    )
    whole = tag("table", tag("thead", tag("tr", names)), tag("tbody", rows))
    return tag("div", whole, class_="wide")


def _row(first: str, *cells: str) -> Markup:
    numbers = (tag("td", cell, class_="number") for cell in cells)
    return tag("tr", tag("th", first, scope="row"), numbers)


def _section(title: str, *children: str | Iterable[str]) -> Markup:
    return tag("section", tag("h2", title), *children)
