"""Insights in words, for the terminal and the page alike. Pure."""

import datetime as dt

from app.insights.figures import Day, Insights, Nearest

NO_BASIS = "–"
"""What stands for a figure that has nothing to be told by."""

NO_TEXT = (
    "of the questions that were not answered, or not well, have no text: it is kept "
    "only where CONVERSATIONS_RECORD=questions"
)

NO_TOPIC = "Nothing: every question was answered, and none was voted down."


def share(value: float | None) -> str:
    """Return a share in percent."""
    return NO_BASIS if value is None else f"{value:.1%}"


def seconds(value: float | None) -> str:
    """Return seconds."""
    return NO_BASIS if value is None else f"{value:,.2f}"


def money(cost: int | None) -> str:
    """Return billionths of a currency in that currency, which nobody has named."""
    return NO_BASIS if cost is None else f"{cost / 1e9:,.4f}"


def day(time: int) -> str:
    """Return the day of UTC of a time in seconds since the epoch."""
    return dt.datetime.fromtimestamp(time, dt.UTC).date().isoformat()


def near(nearest: Nearest | None) -> str:
    """Return a document and how near it is."""
    if nearest is None:
        return "none found"
    if nearest.similarity is None:
        return f"{nearest.path} (by its words)"
    return f"{nearest.path} ({nearest.similarity:.2f})"


def span(insights: Insights) -> str:
    """Return the days that were looked at."""
    first, last = insights.by_day[0].day, insights.by_day[-1].day
    return first if first == last else f"{first} to {last}"


def figures(one: Day) -> tuple[tuple[str, str], ...]:
    """Return the figures of a day, or of several, with what each is."""
    return (
        ("questions", f"{one.questions:,}"),
        ("told that the answer is not known", share(one.refusal_rate)),
        ("ended with an error", f"{one.failed:,}"),
        ("seconds, half of the answers", seconds(one.p50)),
        ("seconds, 95 of 100 answers", seconds(one.p95)),
        ("tokens", f"{one.tokens:,}"),
        ("cost", money(one.cost)),
        ("thumbs up, and down", f"{one.up:,} / {one.down:,}"),
    )


def notes(insights: Insights) -> list[str]:
    """Return what should be known before reading on, in sentences."""
    told = []
    if not insights.total.questions:
        told.append(
            "No question is recorded of these days. Questions outside of conversations "
            "are recorded unless CONVERSATIONS_RECORD=off."
        )
    if insights.unrecorded:
        told.append(f"{insights.unrecorded:,} {NO_TEXT}. They belong to no topic.")
    if insights.left_out:
        told.append(
            f"{insights.left_out:,} more of these questions are older than the newest "
            "ones, which alone were looked at. Name fewer days to see others."
        )
    if insights.topics_total > len(insights.topics):
        told.append(
            f"The {len(insights.topics):,} most frequent of {insights.topics_total:,} "
            "topics are shown."
        )
    if elsewhere := insights.documents.elsewhere:
        told.append(
            f"{elsewhere:,} times an answer was offered a document that is gone, or "
            "that these labels do not show."
        )
    return told
