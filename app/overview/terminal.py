"""What insights show in the terminal: figures, topics, documents."""

import sys

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.insights.figures import Insights
from app.overview import wording

_TOPICS = 15
_DOCUMENTS = 5
"""What is printed of each; --json and --html have more."""


def print_error(error: Exception) -> None:
    """Print on stderr why nothing could be told."""
    print(f"error: {error}", file=sys.stderr)


def print_json(encoded: bytes) -> None:
    """Print JSON on stdout."""
    print(encoded.decode())


def print_insights(insights: Insights) -> None:
    """Print the tables on stdout, and what should be known first on stderr."""
    for note in wording.notes(insights):
        print(f"note: {note}", file=sys.stderr)
    console = Console()
    head = f"{insights.tenant}, {wording.span(insights)}"
    console.print(head, highlight=False, soft_wrap=True, markup=False)
    console.print(_figures(insights))
    console.print("not answered, or not well", highlight=False)
    console.print(_topics(insights) if insights.topics else f" {wording.NO_TOPIC}")
    console.print(_documents(insights))


def _figures(insights: Insights) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    for name, value in wording.figures(insights.total):
        table.add_row(f" {name}", value)
    table.add_row("")
    return table


def _topics(insights: Insights) -> Table:
    table = Table(
        "question", "asked", "no answer", "down", "last", "nearest document",
        box=SIMPLE_HEAD, padding=(0, 1),
    )  # fmt: skip
    for column in table.columns[1:5]:
        column.justify = "right"
        column.no_wrap = True
    for column in (table.columns[0], table.columns[5]):
        column.overflow = "fold"
    for topic in insights.topics[:_TOPICS]:
        table.add_row(
            escape(topic.question),
            f"{topic.count:,}",
            f"{topic.unanswered:,}",
            f"{topic.down_voted:,}",
            wording.day(topic.last_asked),
            escape(wording.near(topic.nearest)),
        )
    return table


def _documents(insights: Insights) -> Table:
    documents = insights.documents
    table = Table("most used", "answers", box=SIMPLE_HEAD, padding=(0, 1))
    table.columns[1].justify = "right"
    for used in documents.most_used[:_DOCUMENTS]:
        table.add_row(escape(used.path), f"{used.answers:,}")
    table.caption = (
        f"never used: {documents.never_used_total:,} of {documents.total:,} documents"
    )
    table.caption_justify = "left"
    return table
