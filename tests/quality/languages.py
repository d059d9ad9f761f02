"""Measures how the words of each language become terms, by keywords alone.

    python -m tests.quality.languages SET [LANGUAGE ...]

SET holds ``corpus.XX.jsonl`` (``_id``, ``text``) and ``queries.XX.jsonl`` for each
language XX, and ``qrels.tsv`` or ``qrels.XX.tsv``. A text is one passage. Prints R@5
and nDCG@10 of each way, and terms a passage. Ranks as the engine does: products of
weights times IDF, as Qdrant computes it.
"""

import math
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from app.chat.language import guess_language
from app.evaluation.metrics import ndcg
from ingest.documents import SparseVector
from ingest.keywords import AVERAGE_LENGTH, K1, B, passage_keywords, question_keywords
from ingest.keywords.words import words_of
from ingest.language import detect
from tests.quality.labelled import Query, load_relevant, recall

Weights = Mapping[Hashable, float]
"""Weight by term, or by a term's hash."""

Reads = Callable[[str, str], Weights]
"""Returns the weights of a text in a language, "" when unknown."""


class Set(Struct, frozen=True):
    """Passages and questions of a language.

    Attributes:
        passages: Text by id.
        questions: The questions with a right passage.
        right: Ids of the right passages by the question's id.
    """

    passages: dict[str, str]
    questions: list[Query]
    right: dict[str, set[str]]


class Way(Struct, frozen=True):
    """A way to make terms of a passage and of a question."""

    told: Reads
    asked: Reads


def load(folder: Path, language: str) -> Set:
    """Read what `folder` holds in a language."""
    own = folder / f"qrels.{language}.tsv"
    right = load_relevant(own if own.exists() else folder / "qrels.tsv")
    passages, questions = (
        [
            msgspec.json.decode(line, type=Query)
            for line in (folder / name).read_text(encoding="utf-8").splitlines()
        ]
        for name in (f"corpus.{language}.jsonl", f"queries.{language}.jsonl")
    )
    return Set(
        {passage.id: passage.text for passage in passages},
        [question for question in questions if question.id in right],
        right,
    )


def ways() -> dict[str, Way]:
    """Return every way that is compared, by name."""
    return {
        "plain words": _way(_plain, stops=False),
        "words cut to 5": _way(_cut),
        "stems, no stop words": _way(_stems, stops=False),
        "stems": _way(_stems),
        "4-grams": _way(_grams),
        "stems, 4-grams": Way(_weights(passage_keywords), _weights(question_keywords)),
        "… guessed": Way(
            lambda text, _: _of(passage_keywords(text, detect(text))),
            lambda text, _: _of(question_keywords(text, guess_language(text))),
        ),
        "… asked as unknown": Way(
            _weights(passage_keywords), lambda text, _: _of(question_keywords(text, ""))
        ),
        "… asked as French": Way(
            _weights(passage_keywords),
            lambda text, _: _of(question_keywords(text, "fr")),
        ),
        "… told as unknown": Way(
            lambda text, _: _of(passage_keywords(text, "")), _weights(question_keywords)
        ),
    }


def rank(told: Mapping[str, Weights], asked: Sequence[Weights]) -> list[list[str]]:
    """Return the ids of `told` for each of `asked`, best first."""
    holding: defaultdict[Hashable, list[tuple[str, float]]] = defaultdict(list)
    for id_, weights in told.items():
        for term, weight in weights.items():
            holding[term].append((id_, weight))
    ranked = []
    for weights in asked:
        scores: defaultdict[str, float] = defaultdict(float)
        for term, weight in weights.items():
            found = holding.get(term, [])
            rarity = (len(told) - len(found) + 0.5) / (len(found) + 0.5)
            for id_, said in found:
                scores[id_] += weight * math.log(rarity + 1) * said
        ranked.append(sorted(scores, key=lambda id_: (-scores[id_], id_)))
    return ranked


def figures(made: Set, ranked: Sequence[list[str]]) -> tuple[float, float]:
    """Return R@5 and nDCG@10."""
    pairs = [
        (hits, made.right[q.id]) for hits, q in zip(ranked, made.questions, strict=True)
    ]
    found = sum(recall(hits, right, 5) for hits, right in pairs)
    return found / len(pairs), sum(ndcg(*pair) for pair in pairs) / len(pairs)


def measure(made: Set, language: str, way: Way) -> str:
    """Return the figures of `way` as a cell of the table."""
    told = {id_: way.told(text, language) for id_, text in made.passages.items()}
    asked = [way.asked(question.text, language) for question in made.questions]
    recalled, gain = figures(made, rank(told, asked))
    size = sum(map(len, told.values())) / len(told)
    return f"{recalled:.3f} {gain:.3f} {size:4.0f}"


def mixed(sets: Mapping[str, Set]) -> dict[str, str]:
    """Return R@5 and nDCG@10 by language where all passages lie in one folder."""
    told = {
        f"{language}/{id_}": _of(passage_keywords(text, detect(text)))
        for language, made in sets.items()
        for id_, text in made.passages.items()
    }
    cells = {}
    for language, made in sets.items():
        asked = [
            _of(question_keywords(q.text, guess_language(q.text)))
            for q in made.questions
        ]
        ranked = [
            [hit.removeprefix(f"{language}/") for hit in hits]
            for hits in rank(told, asked)
        ]
        cells[language] = "{:.3f} {:.3f}".format(*figures(made, ranked))
    return cells


def cost(made: Set, language: str) -> str:
    """Return milliseconds a passage and a question take."""
    start = time.perf_counter()
    for text in made.passages.values():
        passage_keywords(text, language)
    between = time.perf_counter()
    for question in made.questions:
        question_keywords(question.text, language)
    end = time.perf_counter()
    passage = (between - start) * 1000 / len(made.passages)
    return f"{passage:.2f} {(end - between) * 1000 / len(made.questions):.2f}"


def _way(terms_of: Callable[[str, str], list[list[str]]], *, stops: bool = True) -> Way:
    def told(text: str, language: str) -> Weights:
        made = terms_of(text, language)
        counts = Counter(term for terms in made for term in terms)
        saturation = K1 * (1 - B + B * len(made) / AVERAGE_LENGTH)
        return {t: n * (K1 + 1) / (n + saturation) for t, n in counts.items()}

    def asked(text: str, language: str) -> Weights:
        made = terms_of(text, language)
        if stops:
            common = [word.common for word in words_of(text, language)]
            kept = [terms for terms, stop in zip(made, common, strict=True) if not stop]
            made = kept or made
        return {term: 1.0 for terms in made for term in terms}

    return Way(told, asked)


def _plain(text: str, _: str) -> list[list[str]]:
    return [[word] for word in re.findall(r"\w+", text.casefold())]


def _stems(text: str, language: str) -> list[list[str]]:
    return [list(word.terms) for word in words_of(text, language)]


def _cut(text: str, _: str) -> list[list[str]]:
    # No language has this code, so none of its words has a stemmer.
    return _stems(text, "xx")


def _grams(text: str, language: str) -> list[list[str]]:
    return [list(word.grams or word.terms) for word in words_of(text, language)]


def _of(vector: SparseVector) -> Weights:
    return dict(zip(vector.indices, vector.values, strict=True))


def _weights(keywords: Callable[[str, str], SparseVector]) -> Reads:
    return lambda text, language: _of(keywords(text, language))


def main() -> None:
    """Print the table."""
    folder = Path(sys.argv[1])
    found = sorted(path.suffixes[0][1:] for path in folder.glob("corpus.*.jsonl"))
    sets = {language: load(folder, language) for language in sys.argv[2:] or found}
    print(f"{'R@5, nDCG@10, terms':21}" + "".join(f"{one:18}" for one in sets))
    for name, way in ways().items():
        cells = [measure(made, language, way) for language, made in sets.items()]
        print(f"{name:21}" + "".join(f"{cell:18}" for cell in cells), flush=True)
    cells = list(mixed(sets).values())
    print(f"{'… one folder':21}" + "".join(f"{cell:18}" for cell in cells))
    cells = [cost(made, language) for language, made in sets.items()]
    print(f"{'ms passage, question':21}" + "".join(f"{cell:18}" for cell in cells))


if __name__ == "__main__":
    main()
