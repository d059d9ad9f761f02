"""What may be asked next: headings that stand near an answer. Pure.

    hits offered ──▶ their headings ──▶ questions first, then headings in a sentence
                     └── none of what was asked, or of what was answered from

Nothing is searched for: what is suggested was found with the answer, so that asking
it finds something.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence

from msgspec import Struct

from ingest.documents import Hit
from ingest.keywords import terms

MOST = 3
"""Suggestions, at most."""

_LONGEST = 120
"""Characters of a heading that is suggested; one that is longer is a paragraph."""

_ASKED = 8
"""Questions of the conversation that are compared with, the newest."""

_READ = 500
"""Characters of each of them."""

_QUESTION = re.compile(r"[?？؟]$")
_NUMBER = re.compile(
    r"(?:(?:Q|F|Question|Frage)\s?\d{0,3}[:.)]|\d{1,3}(?:\.\d{1,3})*[.)]|"
    r"\d{1,3}(?:\.\d{1,3})+)\s+"
)
_JOINERS = "\u200c\u200d"
"""Signs that nobody sees and some scripts need."""

_PLAIN = (
    "appendix background contents details example examples faq glossary index "
    "information introduction miscellaneous more note notes other overview readme "
    "references summary tips anhang beispiel beispiele einführung einleitung hinweis "
    "hinweise inhalt sonstiges übersicht zusammenfassung"
)
"""Headings that tell nothing without what stands below them."""

_NEAR = 0.4
"""Part of the best hit's score that a hit must have: others were found by chance."""

_SENTENCES = {
    "en": "What about “{}”?",
    "de": "Was ist mit „{}“?",
    "fr": "Et pour « {} » ?",
    "es": "¿Y sobre «{}»?",
    "it": "E riguardo a «{}»?",
    "pt": "E sobre «{}»?",
    "nl": "En hoe zit het met “{}”?",
    "ja": "「{}」についてはどうですか。",
    "zh": "“{}”呢？",
    "ru": "А что насчёт «{}»?",
    "ar": "وماذا عن «{}»؟",
}
"""How a heading is asked about; in other languages it stands alone."""


class Around(Struct, frozen=True, kw_only=True):
    """What an answer stands among.

    Attributes:
        hits: What it could be written from, in any order.
        asked: Questions of the conversation, the newest last.
        language: ISO 639-1 code of the question, or "".
    """

    hits: tuple[Hit, ...] = ()
    asked: tuple[str, ...] = ()
    language: str = ""


def follow_ups(around: Around, cited: Collection[str]) -> tuple[str, ...]:
    """Return at most `MOST` questions that could be asked next.

    Args:
        around: What the answer stands among.
        cited: Ids of the chunks that it cites: what they tell was told.
    """
    best = _near(around.hits)
    told = {_folded(heading_of(hit)) for hit in best if hit.chunk.id in cited}
    known = [_asked(text, around.language) for text in around.asked[-_ASKED:]]
    questions: dict[str, str] = {}
    headings: dict[str, str] = {}
    for hit, heading in _new(best, told):
        language = around.language or hit.chunk.language
        if any(_asks(words, set(terms(heading, language))) for words in known):
            continue
        if _QUESTION.search(heading):
            questions[_folded(heading)] = heading
        else:
            sentence = _SENTENCES.get(language, "{}")
            place = _placed(hit, heading, language)
            headings[_folded(heading)] = sentence.replace("{}", place)
    return (*questions.values(), *headings.values())[:MOST]


def heading_of(hit: Hit) -> str:
    """Return the innermost heading above a hit, as one line without its number."""
    chunk = hit.chunk
    return _line(chunk.heading_path[-1] if chunk.heading_path else chunk.title)


def _line(text: str) -> str:
    # It is a document's text: nothing in it may move or hide what stands beside it.
    seen = "".join(map(_shown, text[: 4 * _LONGEST]))
    return _NUMBER.sub("", " ".join(seen.split()), count=1)


def _shown(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind == "Cc":
        return " "
    return "" if kind.startswith("C") and sign not in _JOINERS else sign


def _near(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits that are about the question, best first."""
    best = sorted(hits, key=lambda hit: -hit.score)
    return [hit for hit in best if hit.score >= _NEAR * best[0].score]


def _placed(hit: Hit, heading: str, language: str) -> str:
    """Return a heading, behind its document's title where it is a single word."""
    title = _line(hit.chunk.title)
    if len(terms(heading, language)) > 1 or _folded(title) in ("", _folded(heading)):
        return heading
    placed = f"{title}: {heading}"
    return placed if len(placed) <= _LONGEST else heading


def _new(hits: Sequence[Hit], told: Collection[str]) -> Iterator[tuple[Hit, str]]:
    """Yield headings that say something and were not told, each once."""
    seen = {*told, *_PLAIN.split()}
    for hit in hits:
        heading = heading_of(hit)
        folded = _folded(heading)
        tells = any(map(str.isalpha, folded)) and folded not in seen
        if tells and len(heading) <= _LONGEST:
            seen.add(folded)
            yield hit, heading


def _asks(asked: set[str], heading: set[str]) -> bool:
    """Return whether a question with these terms asked for a heading with those."""
    codes = (term for term in heading if any(map(str.isdigit, term)))
    return heading <= asked or any(code in asked for code in codes)


def _asked(text: str, language: str) -> set[str]:
    return set(terms(text[:_READ], language))


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
