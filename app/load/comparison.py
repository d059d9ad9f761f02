"""What became faster or slower between two runs. Pure.

A quantile got better or worse only where the 95 % intervals of the two lie apart, by
more than a fiftieth: the rest is noise, or not worth a word. That the machine was the same one, and as quiet, is not
known: what is known to differ is told.
"""

from collections.abc import Iterator

from msgspec import Struct

from app.load.runs import Figures, Quantile, Run, Spread

SPREADS = {
    "first": "first token, ms",
    "total": "whole answer, ms",
    "silence": "longest silence, ms",
}
"""Latencies of `Figures` in words."""

QUANTILES = ("p50", "p95", "p99")

_LEAST = 0.02
"""Share by which a quantile differs at least, to be called better or worse."""

_RATES = {
    "requests_per_second": "answers a second",
    "tokens_per_second": "tokens a second",
}


class Change(Struct, frozen=True, kw_only=True):
    """A figure before and after.

    Attributes:
        figure: The figure in words.
        before: How it was.
        after: How it is.
        better: Whether it improved; None where that cannot be told from noise.
    """

    figure: str
    before: float
    after: float
    better: bool | None

    @property
    def ratio(self) -> float | None:
        """What it is now over what it was; None where it was 0."""
        return self.after / self.before if self.before else None


class Comparison(Struct, frozen=True, kw_only=True):
    """Two runs side by side.

    Attributes:
        since: When the earlier one began.
        remarks: What differs beside the figures, a sentence each.
        changes: The figures that both have.
    """

    since: str
    remarks: tuple[str, ...]
    changes: tuple[Change, ...]


def compare(before: Run, after: Run) -> Comparison:
    """Return what changed from `before` to `after`."""
    return Comparison(
        since=before.date,
        remarks=tuple(_remarks(before, after)),
        changes=tuple(_changes(before.figures, after.figures)),
    )


def _remarks(before: Run, after: Run) -> Iterator[str]:
    for name, was, now in (
        ("address", before.url, after.url),
        ("model", before.model, after.model),
        ("version of frontdesk", before.version, after.version),
        ("questions", before.digest[:12], after.digest[:12]),
        ("concurrency", before.plan.concurrency, after.plan.concurrency),
        ("rate", before.plan.rate, after.plan.rate),
        ("streaming", before.plan.stream, after.plan.stream),
        ("numbering of questions", before.plan.distinct, after.plan.distinct),
        ("number of cores", before.machine.cores, after.machine.cores),
    ):
        if was != now:
            yield f"the {name} differs: {_word(was)} before, {_word(now)} now"
    for when, run in (("earlier", before), ("later", after)):
        if run.warnings:
            yield f"the {when} run has warnings: {'; '.join(run.warnings)}"
        failed = run.figures.requests - run.figures.complete
        if failed:
            yield f"in the {when} run {failed:,} requests got no complete answer"


def _word(value: object) -> str:
    words = {None: "none", True: "on", False: "off"}
    return (
        words.get(value, str(value)) if isinstance(value, bool | None) else str(value)
    )


def _changes(before: Figures, after: Figures) -> Iterator[Change]:
    for field, figure in SPREADS.items():
        was, now = getattr(before, field), getattr(after, field)
        if isinstance(was, Spread) and isinstance(now, Spread):
            for name in QUANTILES:
                yield _quantile(
                    f"{figure}, {name}", getattr(was, name), getattr(now, name)
                )
    for field, figure in _RATES.items():
        yield Change(
            figure=figure,
            before=getattr(before, field),
            after=getattr(after, field),
            better=None,
        )


def _quantile(figure: str, was: Quantile, now: Quantile) -> Change:
    apart = now.high < was.low or was.high < now.low
    apart &= abs(now.value - was.value) > _LEAST * was.value
    better = now.value < was.value if apart else None
    return Change(figure=figure, before=was.value, after=now.value, better=better)
