"""Fits the coefficients of `app.retrieval.confidence` and tells how good they are.

    python -m tests.quality.fit_confidence SETS HOME [--reuse]

SETS is a folder of labelled sets (see `answerability.load_sets`), HOME keeps their
indexes and signals; ``--reuse`` takes the signals that are there already. The sample
is measured and never fitted to. Prints the coefficients to paste and the figures of
docs/confidence.md, whose plot it draws.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from app.retrieval.confidence import Coefficients
from app.retrieval.signals import Signals
from tests.command import ROOT
from tests.quality.answerability import (
    Labelled,
    foreign_words,
    ingest,
    load_sample,
    load_sets,
    measure,
)
from tests.quality.reliability import draw

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_PRIOR = 0.95
"""Share of questions that have an answer, where 0.5 should be even odds. The sets
hold as many of each kind; those who ask a help desk ask mostly what it answers. Chosen
with the sample in view: of its answerable questions at most 5 % are to be refused."""

_UNNAMED = -4.0
"""Weight of a named thing that no hit has. By reason and not fitted: hardly a question
of the sets names a code, and an answer about another code is always wrong."""

_RIDGE = 2.0
"""Penalty on coefficients of standardised signals; a set weighs 200 in all."""

_SHARES = {"real": 0.8, "removed": 0.1, "swapped": 0.1}
"""Share of each kind in a set's negatives: labels by hand before constructions."""

_FOLDS = 5
_REPEATS = 5
_RESAMPLES = 1000
_SAMPLE = "sample"


def fit(labelled: Sequence[Labelled]) -> Coefficients:
    """Return the coefficients that explain `labelled` best, at even odds.

    Source:
        Ridge logistic regression by Newton's method on standardised signals.
    """
    x, y, weights = _matrix(labelled), _answers(labelled), _weights(labelled)
    mean, spread = x.mean(0), x.std(0) + 1e-9
    z = np.column_stack([np.ones(len(x)), (x - mean) / spread])
    ridge = np.eye(z.shape[1]) * _RIDGE
    ridge[0, 0] = 0
    found = np.zeros(z.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-z @ found))
        gradient = z.T @ (weights * (p - y)) + ridge @ found
        curvature = (z.T * (weights * p * (1 - p))) @ z + ridge
        found = found - np.linalg.solve(curvature, gradient)
    slopes = found[1:] / spread
    named = dict(zip(Signals.__struct_fields__, slopes.tolist(), strict=True))
    named["unnamed"] = _UNNAMED
    return Coefficients(bias=float(found[0] - slopes @ mean), **named)


def logits(labelled: Sequence[Labelled], weights: Coefficients) -> Floats:
    """Return the logit of each question's confidence."""
    slopes = np.array([getattr(weights, name) for name in Signals.__struct_fields__])
    result: Floats = _matrix(labelled) @ slopes + weights.bias
    return result


def cross_validated(labelled: Sequence[Labelled]) -> Floats:
    """Return logits by fits that saw neither side of the question.

    Returns:
        Shape (repeats, n): each repeat parts the questions anew.
    """
    found = np.zeros((_REPEATS, len(labelled)))
    questions = sorted({(one.set, one.number) for one in labelled})
    for repeat in range(_REPEATS):
        order = np.random.default_rng(repeat).permutation(len(questions))
        folds = {questions[q]: i % _FOLDS for i, q in enumerate(order)}
        own = np.array([folds[one.set, one.number] for one in labelled])
        for fold in range(_FOLDS):
            weights = fit([o for o, f in zip(labelled, own, strict=True) if f != fold])
            left = np.flatnonzero(own == fold)
            found[repeat, left] = logits([labelled[int(i)] for i in left], weights)
    return found


def auroc(found: Floats, answerable: Flags) -> float:
    """Return how often an answerable question is surer than an unanswerable one."""
    yes, no = found[answerable], found[~answerable]
    higher = (yes[:, None] > no).mean() + 0.5 * (yes[:, None] == no).mean()
    return float(higher)


def balanced_accuracy(found: Floats, answerable: Flags, least: float) -> float:
    """Return the mean share of right decisions on each kind at the logit `least`."""
    answered, refused = found[answerable] >= least, found[~answerable] < least
    return float(answered.mean() + refused.mean()) / 2


def interval(found: Floats, answerable: Flags, least: float) -> tuple[float, float]:
    """Return the 95 % interval of the balanced accuracy over other questions."""
    random = np.random.default_rng(0)
    yes, no = np.flatnonzero(answerable), np.flatnonzero(~answerable)
    drawn = []
    for _ in range(_RESAMPLES):
        chosen = np.concatenate(
            [random.choice(yes, len(yes)), random.choice(no, len(no))]
        )
        drawn.append(balanced_accuracy(found[chosen], answerable[chosen], least))
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(low), float(high)


def calibration_error(found: Floats, answerable: Flags) -> float:
    """Return the expected calibration error in ten equal bins, at even odds."""
    sure = 1 / (1 + np.exp(-found))
    weights = np.where(answerable, 0.5 / answerable.sum(), 0.5 / (~answerable).sum())
    bins = np.minimum((sure * 10).astype(int), 9)
    gaps = [
        abs((weights * (answerable - sure))[bins == number].sum())
        for number in range(10)
    ]
    return float(sum(gaps))


def collect(sets: Path, home: Path, *, reuse: bool) -> list[Labelled]:
    """Return the signals of every set and of the sample."""
    given = load_sets(sets, home)
    given[_SAMPLE] = ROOT / "data" / "documents", load_sample()
    measured: list[Labelled] = []
    for name, (documents, asked) in given.items():
        kept = home / name / "signals.jsonl"
        if not (reuse and kept.exists()):
            print(f"{name}: {len(asked)} questions", file=sys.stderr)
            ingest(documents, home / name)
            others = [a for n in given if n not in (name, _SAMPLE) for a in given[n][1]]
            foreign = () if name == _SAMPLE else foreign_words(others[::10])
            found = asyncio.run(measure(name, asked, home / name, foreign))
            kept.write_bytes(b"".join(msgspec.json.encode(o) + b"\n" for o in found))
        lines = kept.read_bytes().splitlines()
        measured += [msgspec.json.decode(line, type=Labelled) for line in lines]
    return measured


def report(measured: Sequence[Labelled]) -> Coefficients:
    """Print the figures of every set; return what is to be used."""
    fitted = [one for one in measured if one.set != _SAMPLE]
    sample = [one for one in measured if one.set == _SAMPLE and one.kind == "real"]
    weights, shift = fit(fitted), float(np.log(_PRIOR / (1 - _PRIOR)))
    validated = cross_validated(fitted)
    print(
        "| set | questions | AUROC | even odds | 95 % | calibration error | default |"
    )
    print("|---|---|---|---|---|---|---|")
    for name in dict.fromkeys(one.set for one in fitted):
        real = any(
            o.set == name and o.kind == "real" and not o.answerable for o in fitted
        )
        own = [
            i
            for i, o in enumerate(fitted)
            if o.set == name and (o.kind == "real" or not real)
        ]
        print(_row(name, [fitted[i] for i in own], validated[:, own], shift))
        if real:
            alone = [fitted[i] for i in own]
            print(_row(f"{name}, alone", alone, cross_validated(alone), shift))
    print(_row("sample, moved", sample, logits(sample, weights)[None], shift))
    draw(
        {
            "clapnq, cross-validated": _points(fitted, validated, "clapnq"),
            "sample, moved": (_answers(sample) > 0, logits(sample, weights)),
        },
        ROOT / "docs" / "plots" / "reliability.svg",
    )
    return msgspec.structs.replace(weights, bias=weights.bias + shift)


def _points(
    fitted: Sequence[Labelled], validated: Floats, name: str
) -> tuple[Flags, Floats]:
    """Return labels and mean logits of the questions labelled by hand."""
    own = [
        i for i, o in enumerate(fitted) if o.set.startswith(name) and o.kind == "real"
    ]
    return _answers([fitted[i] for i in own]) > 0, validated[:, own].mean(0)


def _row(name: str, labelled: Sequence[Labelled], found: Floats, shift: float) -> str:
    y = _answers(labelled) > 0
    even = np.mean([balanced_accuracy(one, y, 0) for one in found])
    low, high = np.mean([interval(one, y, 0) for one in found], 0)
    usual = [(one + shift) for one in found]
    refused = np.mean([(one[~y] < 0).mean() for one in usual])
    wrongly = np.mean([(one[y] < 0).mean() for one in usual])
    return (
        f"| {name} | {y.sum()} + {(~y).sum()} "
        f"| {np.mean([auroc(one, y) for one in found]):.3f} "
        f"| {even:.3f} | {low:.2f}–{high:.2f} "
        f"| {np.mean([calibration_error(one, y) for one in found]):.3f} "
        f"| {(refused + 1 - wrongly) / 2:.3f}: {refused:.0%} refused, "
        f"{wrongly:.1%} wrongly |"
    )


def _matrix(labelled: Sequence[Labelled]) -> Floats:
    return np.array([msgspec.structs.astuple(o.signals) for o in labelled], np.float64)


def _answers(labelled: Sequence[Labelled]) -> Floats:
    return np.array([o.answerable for o in labelled], np.float64)


def _weights(labelled: Sequence[Labelled]) -> Floats:
    """Weigh every set alike, its languages together, and both answers in it."""
    languages = Counter(name.partition(".")[0] for name in {o.set for o in labelled})
    kinds = Counter((o.set, o.answerable, o.kind) for o in labelled)
    negatives: Counter[str] = Counter()
    for name, answerable, kind in kinds:
        negatives[name] += 0 if answerable else _SHARES[kind]  # type: ignore[assignment]
    found = []
    for one in labelled:
        share = 1 if one.answerable else _SHARES[one.kind] / negatives[one.set]
        whole = 100 / languages[one.set.partition(".")[0]]
        found.append(whole * share / kinds[one.set, one.answerable, one.kind])
    return np.array(found, np.float64)


def main() -> None:
    """Collect, fit, print."""
    sets, home = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    measured = collect(sets, home, reuse="--reuse" in sys.argv[3:])
    weights = report(measured)
    print("\nCOEFFICIENTS = Coefficients(")
    for name, value in msgspec.structs.asdict(weights).items():
        print(f"    {name}={value:.2f},")
    print(")")


if __name__ == "__main__":
    main()
