"""Finds out which languages a model knows: does a question find its own answer?

    PAIRS --embed--> cosines --> how often the right answer beats a wrong one

Done once for a model and a passage prompt; what was found is kept beside the compiled
models.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct

from ingest.documents import Vectors
from ingest.embedding.languages import Languages
from ingest.embedding.pairs import PAIRS
from ingest.embedding.stamps import sha256, write_whole

log = logging.getLogger(__name__)

KNOWN = 0.85
"""Least score of a language that counts as known.

Chance is .5, and three times how far chance strays (.11) above it is .85. Measured on
all-MiniLM-L6-v2: English .98, every other language at most .62.
"""

MANY = 0.8
"""Share of the languages here from which on a model counts as one for all languages."""

EmbedTexts = Callable[[Sequence[str]], Vectors]
"""Embeds n texts with the prompt they want, shape (n, dim), unit length."""


class _Found(Struct, frozen=True):
    """What a probe found.

    Attributes:
        name: Name of the model, with its hash.
        pairs: SHA-256 of the pairs it was probed with.
        scores: Score by language.
    """

    name: str
    pairs: str
    scores: dict[str, float]


def probe(
    name: str, cache: Path, *, queries: EmbedTexts, passages: EmbedTexts
) -> Languages:
    """Return the languages that a model knows by what it makes of `PAIRS`.

    Args:
        name: The model's name with everything that decides about vectors.
        cache: Where findings are kept.
        queries: Embeds questions with the model.
        passages: Embeds texts of documents with it.
    """
    pairs = sha256(msgspec.json.encode(PAIRS))
    file = cache / "languages" / f"{sha256(name.encode())[:24]}.json"
    found = _read(file)
    if found is None or (found.name, found.pairs) != (name, pairs):
        log.info("finding out which languages %s knows", name)
        scores = {
            language: score(
                queries([question for question, _ in own]),
                passages([answer for _, answer in own]),
            )
            for language, own in PAIRS.items()
        }
        found = _Found(name, pairs, scores)
        _keep(file, found)
    return judged(found.scores)


def score(questions: Vectors, answers: Vectors) -> float:
    """Return how often a right pair is nearer than a wrong one.

    Args:
        questions: Vectors of unit length, shape (n, dim), n at least 2.
        answers: Vectors of unit length; each answers the question of its row.

    Returns:
        Share of the comparisons, for each question over the answers and for each
        answer over the questions, in [0, 1]; a tie counts half. Chance is .5.
    """
    cosines = np.asarray(questions @ answers.T, dtype=np.float64)
    right = np.diag(cosines)
    others = ~np.eye(len(right), dtype=bool)
    beaten = [
        np.sign(right[:, None] - cosines)[others],
        np.sign(right[None, :] - cosines)[others],
    ]
    return float(np.mean(np.concatenate(beaten)) / 2 + 0.5)


def judged(scores: Mapping[str, float]) -> Languages:
    """Return the languages known by their scores.

    A model that knows `MANY` of them was trained for all languages; of any other,
    those that were not asked about are unknown.
    """
    known = frozenset(code for code, value in scores.items() if value >= KNOWN)
    if len(known) >= MANY * len(scores):
        return Languages(None, frozenset(scores) - known)
    return Languages(known)


def _read(file: Path) -> _Found | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Found)
    except (OSError, msgspec.MsgspecError):
        return None


def _keep(file: Path, found: _Found) -> None:
    """Keep what was found; where that is impossible, each start finds it again."""
    try:
        write_whole(file, msgspec.json.encode(found))
    except OSError as error:
        log.info("what languages %s knows is not kept: %s", found.name, error)
