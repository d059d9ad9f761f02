"""Golden questions drafted from the index, for a person to edit.

    passages --code, definition, heading--> drafts --spread--> JSON lines

Every document has its turn before any has a second one, and those that come first
differ in language and format. What is drafted depends on the index, the count and
the seed alone.
"""

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, zip_longest
from pathlib import Path, PurePosixPath

import msgspec
from msgspec import Struct

from app.errors import EvaluationImpossible
from app.evaluation.golden import Golden
from app.evaluation.passages import (
    Passage,
    codes,
    defined,
    every_code,
    facts,
    passages,
    small_words,
)
from app.evaluation.wording import (
    Topic,
    ask_about,
    ask_definition,
    ask_meaning,
    plain,
)
from ingest.documents import Principal
from ingest.index import IndexReader

_ANSWERABLE_EACH = 10
"""Of as many questions one is unanswerable, where codes allow to draft it."""

_FAMILY = 3
"""Codes that differ in their number alone from which on one more can be made up."""

_SHOWN = 240
"""Characters of the passage that are written beside a draft."""


class Draft(Golden, frozen=True, kw_only=True, omit_defaults=True):
    """A golden question that nobody has checked.

    Attributes:
        draft: True, so that a file tells what is unchecked.
        passage: Where the answer is thought to stand, in its first words; or why
            there is thought to be none.
    """

    draft: bool
    passage: str = ""


class _Asked(Struct, frozen=True, kw_only=True):
    """A question with the passage that answers it.

    Attributes:
        topic: What is asked for, whatever the words: a code, else the question.
        telling: It asks for something and does not only name a heading.
    """

    question: str
    topic: str
    passage: Passage
    facts: tuple[str, ...]
    telling: bool


async def draft(
    index: IndexReader, principal: Principal, count: int, *, seed: int = 0
) -> list[Draft]:
    """Return up to `count` questions on what `principal` may see.

    Raises:
        EvaluationImpossible: There is no document for this principal.
        IndexUnreachable: The server does not answer.
    """
    read: list[Passage] = []
    for stored in await index.documents(principal):
        read += passages(await index.document(principal, stored.document_id))
    if not read:
        raise EvaluationImpossible(
            "the index holds no document for who asks: frontdesk ingest FOLDER fills it"
        )
    chance = random.Random(seed)  # noqa: S311 - a choice to be repeated, no secret
    made = _unanswerable(read, count // _ANSWERABLE_EACH, chance)
    by_path = _by_document(read, chance)
    answered = _answering(one for asked in by_path.values() for one in asked)
    drafts = [
        Draft(
            id="",
            kind="answerable",
            question=one.question,
            documents=tuple(dict.fromkeys((one.passage.path, *answered[one.topic]))),
            heading=plain(one.passage.heading),
            facts=one.facts,
            language=one.passage.language,
            draft=True,
            passage=_head(one.passage.text),
        )
        for one in islice(_spread(by_path, chance), count - len(made))
    ]
    chosen = (*drafts, *made)
    return [
        msgspec.structs.replace(one, id=f"d{number:03}")
        for number, one in enumerate(chosen, start=1)
    ]


def lines(drafts: Iterable[Draft]) -> bytes:
    """Return `drafts` as the lines of a golden file."""
    return b"".join(msgspec.json.encode(one) + b"\n" for one in drafts)


def save(path: Path, drafts: Iterable[Draft]) -> None:
    """Write `drafts` to a new golden file.

    Raises:
        EvaluationImpossible: There is such a file, or it cannot be written. A
            person may have edited it: it is never overwritten.
    """
    try:
        with path.open("xb") as file:
            file.write(lines(drafts))
    except FileExistsError as error:
        raise EvaluationImpossible(
            f"{path} is there already and may hold work: name another file, or move it"
        ) from error
    except OSError as error:
        raise EvaluationImpossible(f"{path}: {error.strerror or error}") from error


def _by_document(
    read: Sequence[Passage], chance: random.Random
) -> dict[str, list[_Asked]]:
    """Return the questions on each document by its path, the better ones first."""
    words = {word for passage in read for word in small_words(passage.text)}
    headings = Counter(
        heading for _, heading in {(p.path, plain(p.heading).casefold()) for p in read}
    )
    by_path: dict[str, list[_Asked]] = {}
    for passage in read:
        shared = headings[plain(passage.heading).casefold()] > 1
        by_path.setdefault(passage.path, []).extend(
            _questions(passage, words, shared=shared)
        )
    for asked in by_path.values():
        chance.shuffle(asked)
        # Sorting is stable: what is equally good stays shuffled.
        asked.sort(key=lambda one: (not one.telling, not one.facts))
    return by_path


def _questions(passage: Passage, words: set[str], *, shared: bool) -> Iterator[_Asked]:
    """Yield what can be asked of a passage: its codes, else its topic."""
    headed = codes(plain(passage.heading))
    for code, line in headed or codes(passage.text):
        told = passage.text if headed else line
        yield _Asked(
            question=ask_meaning(code, passage.language),
            topic=code,
            passage=passage if headed else msgspec.structs.replace(passage, text=line),
            facts=tuple(fact for fact in facts(told) if fact != code),
            telling=True,
        )
    if headed:
        return
    named = defined(passage.text, passage.language)
    if named:
        question, telling = ask_definition(named, passage.language), True
    else:
        topic = Topic(
            heading=passage.heading,
            title=passage.title,
            language=passage.language,
            shared=shared,
        )
        question, telling = ask_about(topic, words)
    yield _Asked(
        question=question,
        topic=question.casefold(),
        passage=passage,
        facts=facts(passage.text),
        telling=telling,
    )


def _spread(
    by_path: dict[str, list[_Asked]], chance: random.Random
) -> Iterator[_Asked]:
    """Yield questions, none twice, a document's second after every one's first.

    Within a turn, documents of rare languages and formats come no later than the
    first of the frequent ones.
    """
    paths = sorted(by_path)
    chance.shuffle(paths)
    groups: dict[tuple[str, str], list[str]] = {}
    for path in paths:
        language = by_path[path][0].passage.language
        groups.setdefault((language, PurePosixPath(path).suffix), []).append(path)
    ordered = [path for turn in zip_longest(*groups.values()) for path in turn if path]
    waiting = {path: iter(by_path[path]) for path in ordered}
    seen: set[str] = set()
    while waiting:
        for path, asked in list(waiting.items()):
            one = next((a for a in asked if a.question.casefold() not in seen), None)
            if one is None:
                del waiting[path]
                continue
            seen.add(one.question.casefold())
            yield one


def _answering(asked: Iterable[_Asked]) -> dict[str, tuple[str, ...]]:
    """Return the paths that answer it, by topic."""
    found: dict[str, dict[str, None]] = {}
    for one in asked:
        found.setdefault(one.topic, {})[one.passage.path] = None
    return {topic: tuple(paths) for topic, paths in found.items()}


def _unanswerable(
    read: Sequence[Passage], count: int, chance: random.Random
) -> list[Draft]:
    """Return questions for codes that look like the index's own and are not there."""
    there = {c for p in read for c in every_code(f"{p.heading}\n{p.text}")}
    families: dict[tuple[str, int], list[tuple[int, str]]] = {}
    for passage in read:
        for code, _ in codes(f"{plain(passage.heading)}\n{passage.text}"):
            if match := re.fullmatch(r"(.*[^\d])(\d+)", code):
                family = (match[1], len(match[2]))
                families.setdefault(family, []).append(
                    (int(match[2]), passage.language)
                )
    free = [
        (code, Counter(language for _, language in members).most_common(1)[0][0])
        for (stem, width), members in sorted(families.items())
        if len(members) >= _FAMILY
        for number in _between([number for number, _ in members], chance)
        if (code := f"{stem}{number:0{width}}") not in there
    ]
    return [
        Draft(
            id="",
            kind="unanswerable",
            question=ask_meaning(code, language),
            language=language,
            draft=True,
            passage=f"{code} stands nowhere in the index",
        )
        for code, language in chance.sample(free, min(count, len(free)))
    ]


def _between(numbers: Sequence[int], chance: random.Random) -> list[int]:
    """Return up to 1000 numbers that stand between the least and the greatest."""
    between = range(min(numbers), max(numbers))
    return sorted(chance.sample(between, min(1000, len(between))))


def _head(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else f"{flat[: _SHOWN - 1]}…"
