"""Turns become figures by day, and how often documents were used. Pure.

Days are counted here and not by the database: each dialect writes dates its own way.
"""

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct, field

from app.insights.figures import Day, Documents, Used

SHOWN = 50
"""Documents that are named of each kind."""

_SECONDS = 86_400

_paths = msgspec.json.Decoder(list[str])


class Told(Struct, frozen=True):
    """What figures need of a turn, as columns of the table ``turns``."""

    created: float
    status: str
    answered: bool | None
    seconds: float | None
    prompt_tokens: int
    completion_tokens: int
    cost: int | None
    documents: str


class Tally(Struct):
    """Turns that were counted, of one day or of several.

    Attributes:
        questions: How many.
        told: How many were told anything.
        refused: How many of those, that the answer is not known.
        failed: How many ended with an error.
        seconds: What each took.
        tokens: Sent and written.
        costs: What each cost whose price is known.
        thumbs: Opinions by rating.
    """

    questions: int = 0
    told: int = 0
    refused: int = 0
    failed: int = 0
    tokens: int = 0
    seconds: list[float] = field(default_factory=list)
    costs: list[int] = field(default_factory=list)
    thumbs: Counter[int] = field(default_factory=Counter)

    def count(self, turn: Told) -> None:
        """Count a turn."""
        self.questions += 1
        self.told += turn.answered is not None
        self.refused += turn.answered is False
        self.failed += turn.status == "failed"
        self.tokens += turn.prompt_tokens + turn.completion_tokens
        if turn.seconds is not None and turn.answered is not None:
            self.seconds.append(turn.seconds)
        if turn.cost is not None:
            self.costs.append(turn.cost)

    def as_day(self, day: str) -> Day:
        """Return the figures, under a day's name."""
        seconds = sorted(self.seconds)
        return Day(
            day=day,
            questions=self.questions,
            refused=self.refused,
            failed=self.failed,
            refusal_rate=self.refused / self.told if self.told else None,
            p50=quantile(seconds, 0.5),
            p95=quantile(seconds, 0.95),
            tokens=self.tokens,
            cost=sum(self.costs) if self.costs else None,
            up=self.thumbs[1],
            down=self.thumbs[-1],
        )


class Counts:
    """Turns and opinions of some days, counted one after the other."""

    def __init__(self, first: dt.date, days: int) -> None:
        """Count `days` days, at least 1, from `first` on."""
        self.total = Tally()
        self.offered: Counter[str] = Counter()
        self._first = first
        self._days = [Tally() for _ in range(days)]

    def turn(self, turn: Told) -> None:
        """Count a turn; one of another day counts in the total only."""
        for tally in self._tallies(turn.created):
            tally.count(turn)
        if turn.answered:
            self.offered.update(set(_paths.decode(turn.documents)))

    def thumb(self, asked: float, rating: int) -> None:
        """Count an opinion about an answer that was asked for at a time."""
        for tally in self._tallies(asked):
            tally.thumbs[rating] += 1

    def by_day(self) -> tuple[Day, ...]:
        """Return each day, also one without a question."""
        return tuple(
            tally.as_day((self._first + dt.timedelta(days=number)).isoformat())
            for number, tally in enumerate(self._days)
        )

    def all_days(self) -> Day:
        """Return all of them as one, under the first one's name."""
        return self.total.as_day(self._first.isoformat())

    def _tallies(self, time: float) -> Iterable[Tally]:
        yield self.total
        number = math.floor(time / _SECONDS) - days_since_epoch(self._first)
        if 0 <= number < len(self._days):
            yield self._days[number]


def documents_of(offered: Counter[str], visible: Sequence[str]) -> Documents:
    """Tell which documents answers come from.

    Args:
        offered: Answers by path of a document that they were offered.
        visible: Paths of the documents that there are, each once.
    """
    used = Counter({path: offered[path] for path in visible if offered[path]})
    best = sorted(used, key=lambda path: (-used[path], path))[:SHOWN]
    never = sorted(path for path in visible if not offered[path])
    return Documents(
        total=len(visible),
        most_used=tuple(Used(path=path, answers=used[path]) for path in best),
        never_used=tuple(never[:SHOWN]),
        never_used_total=len(never),
        elsewhere=offered.total() - used.total(),
    )


def days_since_epoch(day: dt.date) -> int:
    """Return the number of a day, 0 for the first of January 1970."""
    return (day - dt.date(1970, 1, 1)).days


def begins(day: dt.date) -> float:
    """Return when a day begins, in seconds since the epoch."""
    return float(days_since_epoch(day) * _SECONDS)


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """Return the least of some values, in order, that `share` of them do not exceed."""
    if not ordered:
        return None
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]
