"""Bounds that figures must keep: ``--fail-under recall@5=0.9,false_refusals<=0.05``.

    [GROUP.]FIGURE(=|>=|<=)NUMBER, …        GROUP is all, a kind, standalone or a language

A figure that is good when large has a least value (``=`` or ``>=``), one that is
good when small has a greatest one (``<=``).
"""

import math
import re

import msgspec
from msgspec import Struct

from app.errors import EvaluationImpossible
from app.evaluation.outcomes import ALL, KINDS, STANDALONE, Evaluation, Figures

NAMES = {field.encode_name: field.name for field in msgspec.structs.fields(Figures)}
"""Names of figures as people write them, and as the code does."""

SMALL_IS_GOOD = frozenset(
    ("errors", "false_refusals", "missed_refusals", "sent", "stuffed", "p50", "p95")
)
"""Names of figures that are better the smaller they are."""

COUNTED = frozenset(("questions", "errors", "sent", "stuffed", "p50", "p95"))
"""Names of figures that are no shares: counts, tokens and milliseconds."""

_BOUND = re.compile(r"(?:(\w+)\.)?([\w@]+)\s*(>=|<=|=)\s*(\S+)")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


class Bound(Struct, frozen=True, kw_only=True):
    """A bound that a figure must keep.

    Attributes:
        group: The group of questions.
        figure: One of `NAMES`.
        limit: The least value; the greatest where small is good.
    """

    group: str
    figure: str
    limit: float

    @property
    def text(self) -> str:
        """The bound as people write it."""
        group = "" if self.group == ALL else f"{self.group}."
        sign = "<=" if self.figure in SMALL_IS_GOOD else ">="
        return f"{group}{self.figure}{sign}{self.limit:g}"


class Verdict(Struct, frozen=True, kw_only=True):
    """Whether a bound is kept.

    Attributes:
        bound: The bound.
        value: The figure; None where there is nothing to judge by.
        kept: Whether it is kept; a figure without a basis keeps none.
    """

    bound: Bound
    value: float | None
    kept: bool


def bounds(text: str) -> list[Bound]:
    """Return the bounds that `text` names, separated by commas.

    Raises:
        EvaluationImpossible: One is malformed, or names no figure.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise EvaluationImpossible("--fail-under: no bound; write recall@5=0.9")
    return [_bound(part) for part in parts]


def judge(evaluation: Evaluation, wanted: list[Bound]) -> list[Verdict]:
    """Return whether `evaluation` keeps each of the bounds."""
    return [_verdict(evaluation, bound) for bound in wanted]


def value_of(figures: Figures, name: str) -> float | None:
    """Return a figure by the name people write."""
    value: float | None = getattr(figures, NAMES[name])
    return value


def _bound(part: str) -> Bound:
    found = _BOUND.fullmatch(part)
    if not found:
        raise _wrong(part, "write FIGURE=NUMBER, such as recall@5=0.9")
    group, name, sign, number = found.groups()
    if name not in NAMES:
        raise _wrong(part, f"there is no figure {name!r}; use {', '.join(NAMES)}")
    right = "<=" if name in SMALL_IS_GOOD else ">="
    if sign != right and (sign, right) != ("=", ">="):
        good = "small" if name in SMALL_IS_GOOD else "large"
        raise _wrong(part, f"it is good when {good}: write {name}{right}{number}")
    if not _is_group(group or ALL):
        known = ", ".join((ALL, *KINDS, STANDALONE))
        raise _wrong(part, f"no group {group!r}; use {known} or a language code")
    return Bound(group=group or ALL, figure=name, limit=_limit(part, name, number))


def _limit(part: str, name: str, number: str) -> float:
    try:
        limit = float(number)
    except ValueError:
        raise _wrong(part, f"{number!r} is no number") from None
    if not math.isfinite(limit) or limit < 0:
        raise _wrong(part, "the number must be 0 or more")
    if name not in COUNTED and limit > 1:
        raise _wrong(part, f"{name} lies in 0 to 1")
    return limit


def _wrong(part: str, reason: str) -> EvaluationImpossible:
    return EvaluationImpossible(f"--fail-under {part}: {reason}")


def _is_group(group: str) -> bool:
    return group in (ALL, *KINDS, STANDALONE) or bool(_LANGUAGE.fullmatch(group))


def _verdict(evaluation: Evaluation, bound: Bound) -> Verdict:
    groups = {**evaluation.languages, **evaluation.figures}
    # A file in one language has no figures by language: they would be those of all.
    only = {outcome.language for outcome in evaluation.outcomes}
    if only == {bound.group}:
        groups[bound.group] = evaluation.figures[ALL]
    figures = groups.get(bound.group)
    value = None if figures is None else value_of(figures, bound.figure)
    if value is None:
        return Verdict(bound=bound, value=None, kept=False)
    small = bound.figure in SMALL_IS_GOOD
    kept = value <= bound.limit if small else value >= bound.limit
    return Verdict(bound=bound, value=value, kept=kept)
