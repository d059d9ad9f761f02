"""Fits the coefficients of `app.retrieval.confidence` to labelled questions.

    python -m tests.quality.fit_confidence collect GOLDEN HOME >> SIGNALS
    python -m tests.quality.fit_confidence fit SIGNALS

``collect`` asks the questions of GOLDEN (as in data/golden.jsonl) of the index under
HOME and writes one line of signals each. A question that has an answer gives a second
line with its documents taken away: then there is none. ``fit`` prints coefficients
for the first set of SIGNALS, and how well they do on each of the others. Only the
questions in scripts that the embedding model cannot read are taken from all.
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from app.chat.question import queries
from app.evaluation.golden import Golden
from app.messages import Filter
from app.resources import Resources, open_resources
from app.retrieval.confidence import Coefficients, Signals, probability, signals
from app.retrieval.weights import reads
from app.settings import load_settings
from tests.command import environment
from tests.quality.golden import load_golden

Floats = npt.NDArray[np.float64]

_READ = 30
_PRIOR = 0.69
"""Share of questions that have an answer: that at which the default threshold of 0.5
refuses less than 5 % of the sample's questions that have one. Most help desks have
more of these, but a wrong answer costs more than a refusal."""

_RIDGE = 1.0
"""Penalty on coefficients of standardised signals; 100 is a set's whole weight."""

_REMOVED = 0.1
"""Share of a set's negatives whose documents were taken away."""


class Labelled(Struct, frozen=True, kw_only=True):
    """The signals of a question whose answer is known to be there or not.

    Attributes:
        name: The set it belongs to.
        answerable: The index holds an answer.
        removed: The documents that answer were taken away.
        signals: What the search told.
    """

    name: str
    answerable: bool
    removed: bool
    signals: Signals


async def collect(golden: Sequence[Golden], home: Path, name: str) -> list[Labelled]:
    """Ask every question of the index under `home`."""
    async with open_resources(load_settings(environment(home))) as resources:
        asked = [await _ask(resources, one, name) for one in golden]
    return [labelled for both in asked for labelled in both]


def fit(sets: Sequence[Labelled]) -> Coefficients:
    """Return the coefficients that explain `sets` best."""
    x, y, weights = _matrix(sets), _answers(sets), _weights(sets)
    mean, spread = x.mean(0), x.std(0) + 1e-9
    z = np.column_stack([np.ones(len(x)), (x - mean) / spread])
    found = _logistic(z, y, weights)
    slopes = found[1:] / spread
    prior = float(np.log(_PRIOR / (1 - _PRIOR)))
    bias = float(found[0] - slopes @ mean) + prior
    named = zip(Signals.__struct_fields__, slopes.tolist(), strict=True)
    return Coefficients(
        bias=round(bias, 2), **{name: round(slope, 2) for name, slope in named}
    )


def auroc(labelled: Sequence[Labelled], weights: Coefficients) -> float:
    """Return how often an answerable question is surer than an unanswerable one."""
    yes = np.array([probability(o.signals, weights) for o in labelled if o.answerable])
    no = np.array(
        [probability(o.signals, weights) for o in labelled if not o.answerable]
    )
    higher = (yes[:, None] > no).mean() + 0.5 * (yes[:, None] == no).mean()
    return float(higher)


def _logistic(z: Floats, y: Floats, weights: Floats) -> Floats:
    """Return the ridge logistic fit by Newton's method; column 0 is the bias."""
    ridge = np.eye(z.shape[1]) * _RIDGE
    ridge[0, 0] = 0
    found = np.zeros(z.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-z @ found))
        gradient = z.T @ (weights * (p - y)) + ridge @ found
        curvature = (z.T * (weights * p * (1 - p))) @ z + ridge
        found = found - np.linalg.solve(curvature, gradient)
    return found


def _matrix(sets: Sequence[Labelled]) -> Floats:
    return np.array([msgspec.structs.astuple(o.signals) for o in sets], np.float64)


def _answers(sets: Sequence[Labelled]) -> Floats:
    return np.array([o.answerable for o in sets], np.float64)


def _weights(sets: Sequence[Labelled]) -> Floats:
    """Weigh every set alike, and both answers in it."""
    kinds = [(o.name, o.answerable, o.removed) for o in sets]
    share = {
        kind: (100 if kind[1] else _negative(kind, kinds)) / kinds.count(kind)
        for kind in set(kinds)
    }
    return np.array([share[kind] for kind in kinds], np.float64)


def _negative(
    kind: tuple[str, bool, bool], kinds: list[tuple[str, bool, bool]]
) -> float:
    if (kind[0], False, False) not in kinds:
        return 100
    return 100 * (_REMOVED if kind[2] else 1 - _REMOVED)


async def _ask(resources: Resources, golden: Golden, name: str) -> list[Labelled]:
    words = queries(golden.conversation)
    principal = msgspec.structs.replace(
        resources.principal, labels=(*resources.principal.labels, *golden.labels)
    )
    found = await resources.retriever.retrieve(
        principal, words, limit=2 * _READ, filter=Filter()
    )
    gone = [hit for hit in found.hits if hit.chunk.path not in golden.documents]
    answerable = bool(golden.documents)
    measured = [
        Labelled(
            name=name,
            answerable=answerable and not removed,
            removed=removed,
            signals=signals(
                words,
                hits[:_READ],
                readable=reads(resources.embedder.languages, words),
            ),
        )
        for hits, removed in ((found.hits, False), (gone, True))
        if hits
    ]
    return measured if answerable else measured[:1]


def main() -> None:
    """Collect signals, or fit to those that were collected."""
    command, path = sys.argv[1], Path(sys.argv[2])
    if command == "collect":
        measured = asyncio.run(
            collect(load_golden(path), Path(sys.argv[3]), path.stem.partition("-")[0])
        )
        print("\n".join(msgspec.json.encode(one).decode() for one in measured))
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    sets = [msgspec.json.decode(line, type=Labelled) for line in lines]
    names = list(dict.fromkeys(one.name for one in sets))
    # The first set may hold hardly a question in a script the model cannot read.
    own = [o for o in sets if o.name == names[0] or not o.signals.readable]
    weights = fit(own)
    print(weights)
    for name in names:
        print(f"{name}: {_quality([o for o in sets if o.name == name], weights)}")


def _quality(labelled: Sequence[Labelled], weights: Coefficients) -> str:
    """Say how well `weights` tell the answerable questions of a set from the rest."""
    real = [one for one in labelled if not one.removed]
    judged = real if not all(one.answerable for one in real) else labelled
    refused = {
        answerable: [
            probability(one.signals, weights) < 0.5
            for one in judged
            if one.answerable == answerable
        ]
        for answerable in (True, False)
    }
    return (
        f"AUROC {auroc(judged, weights):.2f}, refused at 0.5: "
        f"{sum(refused[False])} of {len(refused[False])} without an answer, "
        f"{sum(refused[True])} of {len(refused[True])} with one"
    )


if __name__ == "__main__":
    main()
