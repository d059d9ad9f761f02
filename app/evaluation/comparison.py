"""What got better or worse between two evaluations. Pure.

Only questions that both asked, in the same words, are compared: figures over other
questions would say nothing about the change.
"""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from app.evaluation.figures import by_kind
from app.evaluation.gate import NAMES, SMALL_IS_GOOD, value_of
from app.evaluation.outcomes import Evaluation, Outcome

_NEUTRAL = frozenset(("questions", "stuffed", "p50", "p95"))
"""Figures that get neither better nor worse: sizes, and times, which vary."""


class FigureChange(Struct, frozen=True, kw_only=True):
    """A figure before and after.

    Attributes:
        group: The group of questions.
        figure: The figure's name.
        before: None where there was nothing to judge by.
        after: None where there is nothing to judge by.
        better: Whether it improved; None where that cannot be said: one of the two
            is missing, or it is a size or a time.
    """

    group: str
    figure: str
    before: float | None
    after: float | None
    better: bool | None


class QuestionChange(Struct, frozen=True, kw_only=True):
    """What changed in one respect about a question.

    Attributes:
        id: The question's name.
        question: What was asked.
        respect: "rank", "answered", "facts", "citations" or "error".
        before: How it was, in words.
        after: How it is.
        better: Whether it improved.
    """

    id: str
    question: str
    respect: str
    before: str
    after: str
    better: bool


class Comparison(Struct, frozen=True, kw_only=True):
    """Two evaluations side by side.

    Attributes:
        questions: Questions that both asked.
        remarks: What else differs, a sentence each.
        figures: Figures that differ, over the questions that both asked.
        changes: What changed question by question, in the order of the later one.
    """

    questions: int
    remarks: tuple[str, ...]
    figures: tuple[FigureChange, ...]
    changes: tuple[QuestionChange, ...]


def compare(before: Evaluation, after: Evaluation) -> Comparison:
    """Return what changed from `before` to `after`."""
    old = {(o.id, o.question): o for o in before.outcomes}
    pairs = [
        (old[o.id, o.question], o) for o in after.outcomes if (o.id, o.question) in old
    ]
    return Comparison(
        questions=len(pairs),
        remarks=tuple(_remarks(before, after, len(pairs))),
        figures=tuple(_figures(pairs)),
        changes=tuple(change for pair in pairs for change in _changes(*pair)),
    )


def _remarks(before: Evaluation, after: Evaluation, shared: int) -> Iterator[str]:
    if not shared:
        yield "no question is in both: nothing can be compared"
    elif before.digest != after.digest:
        yield (
            f"the golden file differs: {shared} questions are in both, "
            f"{len(before.outcomes) - shared} only before, "
            f"{len(after.outcomes) - shared} only now"
        )
    elif not (before.complete and after.complete):
        yield f"a run was interrupted: {shared} questions were asked in both"
    for name, was, now in (
        ("edition", before.edition, after.edition),
        ("road", before.road, after.road),
        ("version", before.version, after.version),
    ):
        if was != now:
            yield f"the {name} differs: {was or '–'} before, {now or '–'} now"
    if before.settings and after.settings:
        yield from _settings(before.settings, after.settings)


def _settings(
    before: Mapping[str, str | int | float], after: Mapping[str, str | int | float]
) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name, "–"), after.get(name, "–")
        if was != now:
            yield f"{name} differs: {was} before, {now} now"


def _figures(pairs: list[tuple[Outcome, Outcome]]) -> Iterator[FigureChange]:
    then, now = (by_kind([pair[i] for pair in pairs]) for i in (0, 1))
    for group in now:
        for name in NAMES:
            was = value_of(then[group], name) if group in then else None
            value = value_of(now[group], name)
            if was != value:
                yield FigureChange(
                    group=group,
                    figure=name,
                    before=was,
                    after=value,
                    better=_better(name, was, value),
                )


def _better(name: str, was: float | None, value: float | None) -> bool | None:
    if was is None or value is None or name in _NEUTRAL:
        return None
    return value < was if name in SMALL_IS_GOOD else value > was


def _changes(was: Outcome, now: Outcome) -> Iterator[QuestionChange]:
    for respect, before, after, worth in _respects(was, now):
        if worth:
            yield QuestionChange(
                id=now.id,
                question=now.question,
                respect=respect,
                before=before,
                after=after,
                better=worth > 0,
            )


def _respects(was: Outcome, now: Outcome) -> Iterator[tuple[str, str, str, float]]:
    """Yield each respect with both states in words, and by how much it is better."""
    if was.error or now.error:
        worth = bool(was.error) - bool(now.error)
        yield "error", was.error or "none", now.error or "none", worth
        return
    if now.expected and was.expected == now.expected:
        gain = _worth(now.rank) - _worth(was.rank)
        yield "rank", _rank(was.rank), _rank(now.rank), gain
    right = bool(now.expected)
    gain = (now.answered == right) - (was.answered == right)
    yield "answered", _said(was.answered), _said(now.answered), gain
    if was.facts is not None and now.facts is not None:
        yield "facts", f"{was.facts:.0%}", f"{now.facts:.0%}", now.facts - was.facts
    if was.citations and now.citations:
        shares = [o.supported / o.citations for o in (was, now)]
        words = [f"{o.supported} of {o.citations}" for o in (was, now)]
        yield "citations", words[0], words[1], shares[1] - shares[0]


def _worth(rank: int) -> float:
    return 1 / rank if rank else 0.0


def _rank(rank: int) -> str:
    return str(rank) if rank else "not found"


def _said(answered: bool) -> str:  # noqa: FBT001 - a word for a flag
    return "answered" if answered else "refused"
