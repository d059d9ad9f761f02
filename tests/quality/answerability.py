"""Labelled questions to signals: can what was found answer them?

Where nobody labelled a question as unanswerable, it becomes one by construction:
the documents that answer it are taken from the hits ("removed"), or its rarest word
gives way to one that no document holds ("swapped"), as if it asked for something
on the same topic that is not there.
"""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from app.chat.question import queries
from app.messages import Filter, Message, Queries
from app.resources import Resources, open_resources
from app.retrieval.signals import READ, Signals
from app.settings import load_settings
from ingest.documents import Hit, Principal
from ingest.keywords import terms
from tests.command import environment, frontdesk
from tests.quality.golden import SAMPLE, load_golden
from tests.quality.labelled import load_relevant, write_corpus

_MOST = 75
"""Questions asked of a set without labels, evenly taken."""

_FOREIGN = 5
"""Letters of a word that is put in the place of another, at least."""

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")

Kind = Literal["real", "removed", "swapped"]


class Asked(Struct, frozen=True, kw_only=True):
    """A question and what is known about its answer.

    Attributes:
        messages: The conversation that ends with it.
        documents: Names or paths of the documents that answer it.
        answerable: Whether they do.
        labels: Access labels of the one who asks.
    """

    messages: tuple[Message, ...]
    documents: frozenset[str]
    answerable: bool
    labels: tuple[str, ...] = ()


class Labelled(Struct, frozen=True, kw_only=True):
    """The signals of a question whose answer is known to be there or not.

    Attributes:
        set: The set it belongs to.
        number: Its place in the set: both sides of a construction share it.
        answerable: What was found holds an answer.
        kind: How that is known.
        signals: What the search told.
    """

    set: str
    number: int
    answerable: bool
    kind: Kind
    signals: Signals


class _Query(Struct, frozen=True, rename={"id": "_id"}):
    id: str
    text: str
    answerable: bool | None = None


def load_sets(folder: Path, home: Path) -> dict[str, tuple[Path, list[Asked]]]:
    """Return documents and questions of every set in `folder`, by name.

    A set holds ``qrels.tsv``, ``queries.jsonl`` and either ``docs/`` or
    ``corpus.jsonl``; in several languages, ``queries.de.jsonl`` and so on. Passages
    of a corpus are written as files under `home`.
    """
    sets: dict[str, tuple[Path, list[Asked]]] = {}
    for path in sorted(folder.glob("*/queries*.jsonl")):
        language = path.name.removeprefix("queries").removesuffix(".jsonl")
        name = path.parent.name + language
        corpus = path.parent / f"corpus{language}.jsonl"
        documents = path.parent / "docs"
        if corpus.exists():
            documents = home / name / "docs"
            write_corpus(corpus, documents)
        relevant = load_relevant(path.parent / "qrels.tsv")
        sets[name] = documents, _questions(path, relevant)
    return sets


def load_sample() -> list[Asked]:
    """Return the golden questions of the sample."""
    return [
        Asked(
            messages=one.conversation,
            documents=frozenset(one.documents),
            answerable=bool(one.documents),
            labels=one.labels,
        )
        for one in load_golden(SAMPLE)
    ]


def ingest(documents: Path, home: Path) -> None:
    """Bring the index under `home` in step with `documents`."""
    home.mkdir(parents=True, exist_ok=True)
    done = frontdesk(home, "ingest", str(documents))
    if done.returncode > 1:
        raise SystemExit(done.stderr)


async def measure(
    name: str, asked: Sequence[Asked], home: Path, foreign: Sequence[str]
) -> list[Labelled]:
    """Ask every question of the index under `home`, as it is and as constructed.

    Args:
        name: Name of the set.
        asked: Its questions.
        home: Where its index is.
        foreign: Words of other sets, of which those that are not in this index take
            the place of others; none makes no such question.
    """
    measured: list[Labelled] = []
    async with open_resources(load_settings(environment(home))) as resources:
        strange = cycle([w for w in foreign if not await _is_known(resources, w)])
        for number, one in enumerate(asked):
            async for answerable, kind, found in _ways(resources, one, strange):
                labelled = Labelled(
                    set=name,
                    number=number,
                    answerable=answerable,
                    kind=kind,
                    signals=found,
                )
                measured.append(labelled)
    return measured


def foreign_words(asked: Sequence[Asked]) -> list[str]:
    """Return the longest word of each question, each once, in their order."""
    words = (_WORD.findall(one.messages[-1].text) for one in asked)
    longest = (max(found, key=len, default="") for found in words)
    return list(dict.fromkeys(w for w in longest if len(w) >= _FOREIGN))


async def _ways(
    resources: Resources, one: Asked, strange: Iterator[str]
) -> AsyncIterator[tuple[bool, Kind, Signals]]:
    """Yield what is found for a question: as it is, removed, swapped."""
    retriever, words = resources.retriever, queries(one.messages)
    who = _asking(resources, one.labels)
    hits = await _search(resources, words, one.labels)
    if hits:
        yield (
            one.answerable,
            "real",
            await retriever.judge.signals(who, words, hits[:READ]),
        )
    if not one.answerable:
        return
    gone = [hit for hit in hits if not _is_of(hit, one.documents)]
    if gone:
        yield False, "removed", await retriever.judge.signals(who, words, gone[:READ])
    if len(one.messages) > 1 or not (other := _swapped(words, hits, strange)):
        return
    changed = queries([Message(role="user", content=other)])
    if hits := await _search(resources, changed, one.labels):
        yield False, "swapped", await retriever.judge.signals(who, changed, hits[:READ])


async def _search(
    resources: Resources, words: Queries, labels: tuple[str, ...]
) -> tuple[Hit, ...]:
    found = await resources.retriever.retrieve(
        _asking(resources, labels), words, limit=2 * READ, filter=Filter()
    )
    return found.hits


def _asking(resources: Resources, labels: tuple[str, ...]) -> Principal:
    held = resources.principal
    return msgspec.structs.replace(held, labels=(*held.labels, *labels))


async def _is_known(resources: Resources, word: str) -> bool:
    """Return whether a document holds `word`."""
    asked = queries([Message(role="user", content=word)])
    hits = await _search(resources, asked, ())
    return not asked.texts or any(hit.keyword_score for hit in hits)


def _swapped(words: Queries, hits: Sequence[Hit], strange: Iterator[str]) -> str:
    """Return the question with its rarest known word replaced, or ""."""
    question = words.words[0]
    held: dict[str, int] = {}
    for word in _WORD.findall(question):
        own = set(terms(word, words.language))
        in_hits = sum(
            not own.isdisjoint(terms(hit.chunk.text, hit.chunk.language))
            for hit in hits[:10]
        )
        if in_hits and len(word) >= _FOREIGN:
            held[word] = in_hits
    other = next(strange, "") if held else ""
    if not other:
        return ""
    rarest = min(held, key=lambda word: held[word])
    return re.sub(rf"\b{re.escape(rarest)}\b", other, question)


def _is_of(hit: Hit, documents: frozenset[str]) -> bool:
    path = Path(hit.chunk.path)
    return not documents.isdisjoint((hit.chunk.path, path.name, path.stem))


def _questions(path: Path, relevant: dict[str, set[str]]) -> list[Asked]:
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [msgspec.json.decode(line, type=_Query) for line in lines]
    rows = [row for row in rows if row.id in relevant or row.answerable is not None]
    if all(row.answerable is None for row in rows):
        rows = rows[:: max(len(rows) // _MOST, 1)]
    return [
        Asked(
            messages=(Message(role="user", content=row.text),),
            documents=frozenset(relevant.get(row.id, ())),
            answerable=row.answerable is not False,
        )
        for row in rows
    ]
