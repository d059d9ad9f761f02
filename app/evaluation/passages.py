"""What a document says under one heading, and what of it can be checked. Pure."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from msgspec import Struct

from ingest.documents import Chunk, blanked

_CODE = (
    r"(?:[A-Z]{1,5}-\d{2,5}|[A-Z]\d{2,4}|0x[0-9A-Fa-f]{2,8}|[A-Z]{2,}(?:_[A-Z0-9]+)+)"
)
_HEADS = re.compile(
    rf"^[ \t]*(?:\||[-*•]|\d+[.)])?[ \t]*[*`]*({_CODE})(?![\w-])", re.MULTILINE
)
"""A code at the head of a heading, of a line, of a list's item or of a table's row."""

_FACTS = (
    re.compile(
        r"(?<![\w.,/-])(?:[€$£¥] ?\d+(?:[.,]\d+)*|[−+±-]?\d+(?:[.,]\d+)* ?"
        r"(?:°[CF]|%|€|[kMGT]?B\b|[kM]?Hz\b|[mk]?[VAWm]\b|"
        r"(?:working |calendar )?(?:milli)?(?:seconds?|minutes?|hours?|days?|weeks?|"
        r"months?|years?|Sekunden?|Minuten?|Stunden?|Tagen?|Wochen?|Monaten?|Jahren?)"
        r"\b))(?![\w%])"
    ),
    re.compile(r"\*\*([^*\n|]{3,60}[^*\n|.:])\*\*"),
    re.compile(r"(?<!`)`([^`\n|]{3,40})`(?!`)"),
)
"""Short texts that an answer should hold: quantities, then names set apart."""

_DEFINITION = {
    "en": re.compile(
        r"\s*((?:(?:An?|The) )?[A-Z*]?[\w*-]+(?: [\w*-]+){0,2}) is (?:an?|the|our) "
    ),
    "de": re.compile(
        r"\s*((?:(?:Der|Die|Das|Eine?) )?[\w*-]+(?: [\w*-]+){0,2}) ist "
        r"(?:der|die|das|eine?|unser) "
    ),
}
_POINTS_ELSEWHERE = re.compile(
    r"\b(?:this|that|it|there|here|what|which|one|es|das|dies\w*|hier|alles)$",
    re.IGNORECASE,
)
_FEWEST = 40
"""Characters of a passage below which nothing is worth asking for."""

_FACTS_FROM = 600
"""Characters at the head of a passage in which facts are looked for."""


class Passage(Struct, frozen=True, kw_only=True):
    """What a document says under one heading.

    Attributes:
        path: Path of the document.
        title: Its title, else the name of its file.
        heading: The innermost heading above the passage, else the title.
        language: ISO 639-1 code, or "".
        text: The passage.
    """

    path: str
    title: str
    heading: str
    language: str
    text: str


def passages(chunks: Sequence[Chunk]) -> Iterator[Passage]:
    """Yield what a document's chunks say, heading by heading, in reading order.

    A document of which no passage is worth a question gives its longest one.
    """
    places: dict[tuple[str, ...], list[Chunk]] = {}
    for chunk in chunks:
        places.setdefault(chunk.heading_path, []).append(chunk)
    found = [_passage(list_) for list_ in places.values()]
    telling = [p for p in found if len(p.text.strip()) >= _FEWEST]
    yield from telling or sorted(found, key=lambda p: -len(p.text))[:1]


def codes(text: str) -> list[tuple[str, str]]:
    """Return the codes that head a line of `text`, each once, with that line."""
    found: dict[str, str] = {}
    for match in _HEADS.finditer(text):
        end = text.find("\n", match.end())
        line = text[match.start() : end if end >= 0 else len(text)]
        found.setdefault(match[1], line.strip())
    return list(found.items())


def every_code(text: str) -> set[str]:
    """Return all codes in `text`, wherever they stand."""
    return set(re.findall(rf"(?<![\w-]){_CODE}(?![\w-])", text))


def facts(text: str, *, most: int = 2) -> tuple[str, ...]:
    """Return up to `most` short texts that stand verbatim in `text`.

    Quantities go first, then names that are set apart; what stands earlier goes
    before what stands later.
    """
    head = text[:_FACTS_FROM]
    kept: list[str] = []
    for pattern in _FACTS:
        for match in pattern.finditer(head):
            fact = match[match.lastindex or 0].strip()
            if fact and not any(fact in other or other in fact for other in kept):
                kept.append(fact)
    return tuple(kept[:most])


def defined(text: str, language: str) -> str:
    """Return the name that the first sentence of `text` defines, or ""."""
    pattern = _DEFINITION.get(language)
    match = pattern.match(text) if pattern else None
    if match is None or _POINTS_ELSEWHERE.search(match[1].replace("*", "")):
        return ""
    name = match[1].replace("*", "")
    article = re.match(r"(?:An?|The|Der|Die|Das|Eine?) ", name)
    return name[:1].lower() + name[1:] if article else name


def _passage(chunks: Sequence[Chunk]) -> Passage:
    first = chunks[0]
    title = first.title or PurePosixPath(first.path).stem
    return Passage(
        path=first.path,
        title=title,
        heading=first.heading_path[-1] if first.heading_path else title,
        language=first.language,
        text="\n".join(chunk.text for chunk in chunks),
    )


def small_words(text: str) -> set[str]:
    """Return the words that `text` writes with small letters alone."""
    return {w for w in re.findall(r"[^\W\d_]+", blanked(text)) if w.islower()}
