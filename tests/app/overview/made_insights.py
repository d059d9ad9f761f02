"""Insights for tests; a test names what it is about."""

import datetime as dt
from typing import Any

from app.insights.figures import (
    Day,
    Documents,
    Example,
    Insights,
    Nearest,
    Topic,
    Used,
)
from tests.app.insights.made_turns import NOON, TODAY


def topic(question: str = "Do you ship to Norway?", **more: Any) -> Topic:
    usual: dict[str, Any] = {
        "count": 4,
        "unanswered": 3,
        "down_voted": 1,
        "last_asked": int(NOON),
        "examples": (
            Example(id="chatcmpl-1", question=question, asked=int(NOON), comment="no"),
        ),
        "nearest": Nearest(path="shipping.md", title="Shipping", similarity=0.42),
    }
    return Topic(question=question, **(usual | more))


def day(number: int = 0, **more: Any) -> Day:
    usual: dict[str, Any] = {
        "questions": 9, "refused": 2, "failed": 1, "refusal_rate": 0.25, "p50": 1.5,
        "p95": 4.25, "tokens": 12_345, "cost": 7_000_000, "up": 3, "down": 1,
    }  # fmt: skip
    name = (TODAY - dt.timedelta(days=number)).isoformat()
    return Day(day=name, **(usual | more))


def insights(**more: Any) -> Insights:
    usual: dict[str, Any] = {
        "object": "insights",
        "tenant": "acme",
        "days": 3,
        "total": day(2, questions=20),
        "topics": (topic(),),
        "topics_total": 1,
        "unrecorded": 0,
        "left_out": 0,
        "documents": Documents(
            total=3,
            most_used=(Used(path="reset.md", answers=7),),
            never_used=("old.md", "odd.md"),
            never_used_total=2,
            elsewhere=0,
        ),
        "by_day": (day(2), _EMPTY, day(0)),
    }
    return Insights(**(usual | more))


_EMPTY = Day(day=(TODAY - dt.timedelta(days=1)).isoformat())
