"""Outcomes in numbers: by kind, by language, by stage. Pure."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from app.evaluation.metrics import (
    balanced_accuracy,
    first_rank,
    mean,
    ndcg,
    percentile,
    recall,
    reciprocal_rank,
)
from app.evaluation.outcomes import (
    ALL,
    KINDS,
    STANDALONE,
    Figures,
    Latency,
    Outcome,
)


def by_kind(outcomes: Sequence[Outcome]) -> dict[str, Figures]:
    """Return the figures of all, of each kind there is, and of standalone forms."""
    groups = {ALL: figures(outcomes)}
    for kind in KINDS:
        group = [outcome for outcome in outcomes if outcome.kind == kind]
        if group:
            groups[kind] = figures(group)
    rewritten = [o for o in outcomes if o.standalone_found is not None]
    if rewritten:
        groups[STANDALONE] = replace(
            _rankings([(o.standalone_found or (), o.expected) for o in rewritten]),
            questions=len(rewritten),
        )
    return groups


def by_language(outcomes: Sequence[Outcome]) -> dict[str, Figures]:
    """Return the figures by language; nothing unless there are several."""
    languages = sorted({outcome.language for outcome in outcomes if outcome.language})
    if len(languages) < 2:
        return {}
    return {
        language: figures([o for o in outcomes if o.language == language])
        for language in languages
    }


def by_stage(outcomes: Iterable[Outcome]) -> dict[str, Latency]:
    """Return how long each stage took, in the order they were met."""
    times: dict[str, list[float]] = {}
    for outcome in outcomes:
        for stage, milliseconds in outcome.stages.items():
            times.setdefault(stage, []).append(milliseconds)
    return {
        stage: Latency(
            questions=len(values),
            p50=percentile(values, 0.5) or 0.0,
            p95=percentile(values, 0.95) or 0.0,
        )
        for stage, values in times.items()
    }


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """Return the figures of a group of outcomes."""
    told = [outcome for outcome in outcomes if not outcome.error]
    known = [outcome for outcome in told if outcome.expected]
    false_refusals = mean(not outcome.answered for outcome in known)
    missed_refusals = mean(o.answered for o in told if not o.expected)
    facts = [outcome.facts for outcome in told if outcome.facts is not None]
    times = [outcome.milliseconds for outcome in told]
    return replace(
        _rankings([(o.found, o.expected) for o in known]),
        questions=len(outcomes),
        errors=len(outcomes) - len(told),
        false_refusals=false_refusals,
        missed_refusals=missed_refusals,
        balanced_accuracy=balanced_accuracy(false_refusals, missed_refusals),
        facts=mean(facts),
        facts_whole=mean(share == 1 for share in facts),
        citations=_supported(told),
        sent=mean(o.sent for o in told if o.sent),
        stuffed=mean(o.stuffed for o in told if o.stuffed),
        saved=_saved(told),
        p50=percentile(times, 0.5),
        p95=percentile(times, 0.95),
    )


def _rankings(
    pairs: Sequence[tuple[tuple[str, ...], tuple[str, ...]]],
) -> Figures:
    """Return the figures of rankings: pairs of what was found and expected."""
    ranks = [first_rank(found, expected) for found, expected in pairs]
    return Figures(
        recall_1=recall(ranks, depth=1),
        recall_3=recall(ranks, depth=3),
        recall_5=recall(ranks, depth=5),
        recall_10=recall(ranks, depth=10),
        mrr=reciprocal_rank(ranks),
        ndcg_10=mean(ndcg(found, expected) for found, expected in pairs),
    )


def _supported(told: Sequence[Outcome]) -> float | None:
    made = sum(outcome.citations for outcome in told)
    return sum(outcome.supported for outcome in told) / made if made else None


def _saved(told: Sequence[Outcome]) -> float | None:
    asked = [outcome for outcome in told if outcome.sent and outcome.stuffed]
    if not asked:
        return None
    return 1 - sum(o.sent for o in asked) / sum(o.stuffed for o in asked)
