"""An answer without a model: the sentences of the hits that answer best. Pure.

hits --candidates--> Candidate --extract (with their vectors)--> Extract
"""

import re
from collections.abc import Callable, Collection, Sequence

import numpy as np
from msgspec import Struct

from app.messages import Citation
from app.retrieval.sentences import Unit, units
from ingest.documents import Hit, Vector, Vectors, embedded_text

Terms = Callable[[str, str], Collection[str]]
"""Returns the terms of a text in a language, without its stop words."""

MOST = 3
"""Sentences, steps or rows in an extract, but for the other steps of a list."""

LONGEST_LIST = 10
"""Steps of a counted list that are quoted with one of them."""

_CHARACTERS = 800
"""Characters of these steps."""

_ONE = re.compile(r"\s*\(?1[.)]")

_READ = 6
"""Hits whose sentences are looked at."""

_EMBEDDED = 40
"""Sentences that are embedded, at most."""

_RANK = 0.3
"""What the first hit's rank is worth beside a cosine."""

_COVERAGE = 0.3
"""What it is worth to hold all terms of the question."""


class Candidate(Struct, frozen=True, kw_only=True):
    """A unit of a hit that may be quoted.

    Attributes:
        hit: Position of its hit among the hits, from 0.
        unit: Where it stands in the chunk's text.
        text: What a person reads of it, which is embedded.
    """

    hit: int
    unit: Unit
    text: str


class Extract(Struct, frozen=True, kw_only=True):
    """An answer of sentences of the hits, word for word.

    Attributes:
        text: The answer, with a marker after each sentence.
        hits: The hits it cites; number 1 is the first.
        citations: Its markers.
    """

    text: str
    hits: tuple[Hit, ...]
    citations: tuple[Citation, ...]


def candidates(hits: Sequence[Hit], terms: Terms, question: str) -> list[Candidate]:
    """Return what may be quoted of the best hits, the best hit first.

    Args:
        hits: Hits, best first.
        terms: Finds the terms of a text.
        question: The question; where there is too much to embed, what shares no
            term with it goes first.
    """
    found = [
        Candidate(hit=number, unit=unit, text=_text(hit, unit))
        for number, hit in enumerate(hits[:_READ])
        for unit in units(hit.chunk)
    ]
    if len(found) <= _EMBEDDED:
        return found
    covered = _coverages(found, hits, terms, question)
    best = sorted(range(len(found)), key=lambda i: (-covered[i], i))[:_EMBEDDED]
    return [found[i] for i in sorted(best)]


def extract(
    found: Sequence[Candidate],
    hits: Sequence[Hit],
    *,
    vectors: Vectors,
    question: tuple[str, Vector],
    terms: Terms,
) -> Extract:
    """Return the sentences, steps or rows that answer best.

    Equal arguments give equal answers.

    Args:
        found: What may be quoted, at least one.
        hits: The hits it was found in, best first.
        vectors: Embeddings of the candidates' texts, shape (n, dim).
        question: The question and its embedding.
        terms: Finds the terms of a text.

    Source:
        Cosine + 0.3 / (1 + rank) was measured best on prose; holding the terms of
        the question adds to it.
    """
    covered = _coverages(found, hits, terms, question[0])
    ranks = np.array([1 / (1 + candidate.hit) for candidate in found])
    scores = vectors @ question[1] + _RANK * ranks + _COVERAGE * np.array(covered)
    order = [int(i) for i in np.argsort(-scores, kind="stable")]
    return _written(_chosen(found, order, hits), hits)


def _chosen(
    found: Sequence[Candidate], order: Sequence[int], hits: Sequence[Hit]
) -> list[Candidate]:
    """Return what is quoted, the best first; in place of the best step, its list."""
    texts: dict[str, int] = {}
    for position in order:
        texts.setdefault(_plain(found[position].text), position)
    best = [found[position] for position in list(texts.values())[:MOST]]
    step = next((one for one in best if one.unit.kind == "step"), None)
    if step is None:
        return best
    steps = _list_of(step, hits)
    kept = (one for one in best if one is step or one not in steps)
    return [one for each in kept for one in (steps if each is step else [each])]


def _list_of(one: Candidate, hits: Sequence[Hit]) -> list[Candidate]:
    """Return the list that a step stands in: steps out of their row lead nowhere.

    Of a list that is too long come the steps before it, as far as there is room, and
    then those behind it.
    """
    hit = hits[one.hit]
    row = _row(list(units(hit.chunk)), one.unit, hit.chunk.text)
    at = row.index(one.unit)
    first, last = at, at
    while first > 0 and _fits(row[first - 1 : last + 1]):
        first -= 1
    while last + 1 < len(row) and _fits(row[first : last + 2]):
        last += 1
    return [
        Candidate(hit=one.hit, unit=unit, text=_text(hit, unit))
        for unit in row[first : last + 1]
    ]


def _row(every: Sequence[Unit], one: Unit, text: str) -> list[Unit]:
    """Return the steps that follow each other around one."""
    rows: list[list[Unit]] = [[]]
    for unit in every:
        before = rows[-1][-1] if rows[-1] else None
        if unit.kind != "step":
            rows.append([])
            continue
        # Blank lines part the steps of some lists, and a second list begins at 1.
        if before and before.block != unit.block and _ONE.match(text, unit.start):
            rows.append([])
        rows[-1].append(unit)
    return next(row for row in rows if one in row)


def _fits(steps: Sequence[Unit]) -> bool:
    return len(steps) <= LONGEST_LIST and steps[-1].end - steps[0].start <= _CHARACTERS


def _written(quoted: Sequence[Candidate], hits: Sequence[Hit]) -> Extract:
    """Write out what is quoted, hit by hit and in the order it stands there."""
    used = tuple(dict.fromkeys(candidate.hit for candidate in quoted))
    text, citations = "", []
    for number, hit in enumerate(used, start=1):
        lead = (0, 0)
        own = sorted(
            (c.unit for c in quoted if c.hit == hit), key=lambda unit: unit.start
        )
        for unit, following in zip(own, [*own[1:], None], strict=True):
            said = hits[hit].chunk.text
            if (unit.lead_start, unit.lead_end) not in (lead, (0, 0)):
                lead = unit.lead_start, unit.lead_end
                text += _gap(text, "") + said[slice(*lead)]
            text += _gap(text, unit.kind) + _trimmed(said[unit.start : unit.end])
            if following and unit.kind == following.kind == "row":
                continue
            # Behind a row, a marker would be a cell, and one too many.
            text += "\n\n" if unit.kind == "row" else " "
            start = len(text)
            text += f"[{number}]"
            citations.append(
                Citation(number=number, hit=hits[hit], start=start, end=len(text))
            )
    return Extract(
        text=text, hits=tuple(hits[i] for i in used), citations=tuple(citations)
    )


def _gap(text: str, kind: str) -> str:
    """Return what stands between `text` and a unit of `kind` after it."""
    if not text:
        return ""
    return "\n" if kind in ("item", "step", "row") else "\n\n"


def _trimmed(text: str) -> str:
    """Return code on lines of its own, so that a marker stays outside of it."""
    return f"{text}\n" if text.endswith(("```", "~~~")) else text


def _text(hit: Hit, unit: Unit) -> str:
    """Return what a person reads of a unit, without its markup."""
    return embedded_text((), "", hit.chunk.text[unit.start : unit.end]).strip()


def _coverages(
    found: Sequence[Candidate], hits: Sequence[Hit], terms: Terms, question: str
) -> list[float]:
    """Return the share of the question's terms in each candidate and its headings."""
    shares = []
    for candidate in found:
        chunk, unit = hits[candidate.hit].chunk, candidate.unit
        asked = set(terms(question, chunk.language))
        heading = chunk.heading_path[-1] if chunk.heading_path else chunk.title
        lead = chunk.text[unit.lead_start : unit.lead_end]
        said = set(terms(f"{heading}\n{lead}\n{candidate.text}", chunk.language))
        shares.append(len(asked & said) / max(len(asked), 1))
    return shares


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text).casefold()
