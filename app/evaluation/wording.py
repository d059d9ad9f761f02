"""Headings in the words of somebody who asks. Pure.

    "Resetting the sensor"  -->  "How do I reset the sensor?"
    "Eine Regel anlegen"    -->  "Wie kann ich eine Regel anlegen?"

English and German have wordings of their own. In any other language a heading gets
a question mark: grammar that is guessed would be worse than none.
"""

import re
from collections.abc import Callable, Collection

from msgspec import Struct


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_MARKS = {
    "ar": ("", "؟"), "el": ("", ";"), "es": ("¿", "?"), "fa": ("", "؟"),
    "hy": ("", "՞"), "ja": ("", "？"), "ur": ("", "؟"), "zh": ("", "？"),
}  # fmt: skip
"""What stands before and after a question, where that is not only "?"."""

_NUMBERING = re.compile(r"^(?:\d+(?:\.\d+)*[.):]?|[A-Za-z][.)]|§\s*\d+)\s+")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_VAGUE = re.compile(
    r"\b(?:it|its|they|them|these|this|those|one|here|es|sie|ihn|ihm|dies\w*|hier)\b",
    re.IGNORECASE,
)
"""Words that point to something outside the heading."""

_DETERMINERS = _set(
    "a an the this these those my your our its their his her all any each every "
    "both one two several new another it them"
)
_PARTICLES = _set("up in out off on down back away over to from with")
_NO_VERBS = _set(
    "about above across after against all along although among and any around as at "
    "because before behind below beneath beside between beyond both but by despite "
    "down during each either every except for from here if in inside into like near "
    "neither no not of off on once one only onto or other our out outside over past "
    "per since so some such than that the then there these this those though through "
    "throughout till to toward under until up upon via what when where which while "
    "who whose why with within without your its my their"
)
"""Words that may stand before a determiner and are no verbs."""

_TURNED = {
    "you are": "I am", "your": "my", "yours": "mine",
    "we": "you", "us": "you", "our": "your", "ours": "yours",
    **{f"{word} you": f"{word} I" for word in (
        "what", "when", "where", "why", "how", "if", "before", "after"
    )},
}  # fmt: skip
"""Persons as a heading has them, and as its reader does."""

_PERSONS = re.compile(rf"\b(?:{'|'.join(sorted(_TURNED, key=len, reverse=True))})\b")

_GERMAN_SMALL = _set(
    "der die das den dem des ein eine einen einem einer eines mein meine meinen kein "
    "keine keinen alle allen neue neuen neues einen auf aus bei für in im mit nach "
    "ohne über um unter von vom vor zu zum zur als am an"
)
"""German words that are written small once they no longer begin the heading."""


class Topic(Struct, frozen=True, kw_only=True):
    """A place of a document, by its names.

    Attributes:
        heading: The heading above it.
        title: Title of the document.
        language: ISO 639-1 code, or "".
        shared: Another document has the same heading.
    """

    heading: str
    title: str
    language: str
    shared: bool = False


def ask_about(topic: Topic, words: Collection[str]) -> tuple[str, bool]:
    """Return a question that the place answers.

    Args:
        topic: The place.
        words: Words that the index writes small. Whatever is not among them is
            taken for a name, and no verb form is made up that is not among them.

    Returns:
        The question, and whether it asks for something: False where the heading
        could only be named.
    """
    heading = plain(topic.heading)
    if heading.isupper() and " " in heading:
        heading = heading.capitalize()
    asked, telling = heading, True
    if not heading.endswith(("?", "？", "؟")):
        word_it = _WORDINGS.get(topic.language, _marked)
        asked, telling = word_it(heading, topic.language, words)
    if _needs_title(heading, topic):
        colon = "：" if topic.language in ("ja", "zh") else ": "
        # A name at the head of the question keeps its capital.
        return f"{plain(topic.title)}{colon}{_small(asked, words)}", telling
    return asked, telling


def ask_meaning(code: str, language: str) -> str:
    """Return the question what `code` means."""
    templates = {"en": "What does {} mean?", "de": "Was bedeutet {}?"}
    if language in templates:
        return templates[language].format(code)
    return _marked(code, language, ())[0]


def ask_definition(name: str, language: str) -> str:
    """Return the question what something called `name` is; see `defined`."""
    return f"Was ist {name}?" if language == "de" else f"What is {name}?"


def plain(heading: str) -> str:
    """Return `heading` without numbering, emphasis and closing punctuation."""
    bare = re.sub(r"[*`]+|\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    bare = _NUMBERING.sub("", " ".join(bare.split()))
    if bare.islower() and " " not in bare:
        bare = bare.replace("_", " ")
    return bare.rstrip(" .:;–-") or heading.strip()


def _needs_title(heading: str, topic: Topic) -> bool:
    title = plain(topic.title)
    if not title or len(title) > 80 or title.casefold() == heading.casefold():
        return False
    if topic.shared or _VAGUE.search(heading):
        return True
    # "Testing" alone says nothing. Scripts without blanks are counted by sign.
    spaced = len(_WORD.findall(heading)) <= 2
    return spaced if heading.isascii() or " " in heading else len(heading) <= 8


def _english(heading: str, _language: str, words: Collection[str]) -> tuple[str, bool]:
    small = _small(heading, words)
    first, _, rest = heading.partition(" ")
    if clause := _english_clause(first.casefold(), rest, small):
        return clause, True
    verb = _from_gerund(heading, words)
    if verb or _is_imperative(first.casefold(), rest.split(" ")[0], words):
        return f"How do I {_mine(verb or small)}?", True
    if first.casefold() in _NO_VERBS - _DETERMINERS:
        return f"What should I know about “{heading}”?", False
    return f"What should I know about {_mine(small)}?", False


def _english_clause(first: str, rest: str, small: str) -> str:
    """Return a heading that is a clause, such as "How it reports", as a question."""
    if first == "how" and rest.startswith("to "):
        return f"How do I {_mine(rest[3:])}?"
    if first in ("when", "where", "which", "what") and rest.startswith("to "):
        return f"{first.capitalize()} should I {_mine(rest[3:])}?"
    # "When we are there" tells a time; "When a probe fails" tells what to do.
    if first in ("if", "when", "after", "before") and not rest.startswith("we "):
        return f"What do I do {_mine(small)}?"
    if first in ("what", "how", "why", "where", "who", "which"):
        return f"Can you tell me {_mine(small)}?"
    return ""


def _is_imperative(first: str, second: str, words: Collection[str]) -> bool:
    # "alarms that" are things: hardly a verb ends in a single s.
    thing = first.endswith("s") and not first.endswith("ss")
    known = first in words and first not in _NO_VERBS
    return known and not thing and second in _DETERMINERS


def _german(heading: str, _language: str, _words: Collection[str]) -> tuple[str, bool]:
    parts = heading.split(" ")
    # An infinitive ends it, and its object stands before.
    if re.fullmatch(r"[a-zäöü]{2,}(?:en|ern|eln)", parts[-1]) and len(parts) > 1:
        if parts[0].casefold() in _GERMAN_SMALL:
            parts[0] = parts[0].lower()
        if parts[0].casefold() not in ("was", "wie", "wann", "wo", "warum", "wenn"):
            return f"Wie kann ich {' '.join(parts)}?", True
    return f"Was muss ich zum Thema „{heading}“ wissen?", False


def _marked(heading: str, language: str, _words: Collection[str]) -> tuple[str, bool]:
    before, after = _MARKS.get(language, ("", "?"))
    return f"{before}{heading}{after}", False


_WORDINGS: dict[str, Callable[[str, str, Collection[str]], tuple[str, bool]]] = {
    "en": _english,
    "de": _german,
}


def _from_gerund(heading: str, words: Collection[str]) -> str:
    """Return "Resetting the hub" as "reset the hub", or "" if it is no such thing.

    What follows must be an object or a particle: "Operating temperature" is none.
    """
    parts = heading.split(" ")
    if len(parts) < 2:
        return ""
    place = next(
        (i for i, part in enumerate(parts) if i and not _joins(part)), len(parts) - 1
    )
    if not _is_object(parts[place], words):
        return ""
    for position, part in enumerate(parts[:]):
        joined = position and parts[position - 1].casefold() in ("and", "or")
        if position == 0 or (joined and part.endswith("ing")):
            verb = _infinitive(part.casefold(), words)
            if not verb:
                return ""
            parts[position] = verb
    return " ".join(parts)


def _joins(part: str) -> bool:
    return part.casefold() in ("and", "or") or part.endswith("ing")


def _is_object(part: str, words: Collection[str]) -> bool:
    if part.casefold() in _DETERMINERS | _PARTICLES:
        return True
    return part[:1].isupper() and part.casefold() not in words


def _infinitive(gerund: str, words: Collection[str]) -> str:
    """Return the verb of which `gerund` is the form, if the index uses it, or ""."""
    if not gerund.endswith("ing") or len(gerund) < 5:
        return ""
    stem = gerund.removesuffix("ing")
    doubled = stem[-1] == stem[-2]
    forms = (stem[:-1], stem) if doubled else (stem, f"{stem}e")
    used = [form for form in forms if form in words and len(form) > 1]
    # Of "reset" and "resett", or "us" and "use", the longer one is the verb.
    return max(used, key=len, default="")


def _mine(text: str) -> str:
    """Return `text` as said by a reader: what "we" tell "you" is "you" and "I"."""
    return _PERSONS.sub(lambda found: _TURNED[found[0]], text)


def _small(text: str, words: Collection[str]) -> str:
    """Return `text` with a small first letter unless that is the one of a name."""
    found = _WORD.match(text)
    first = found[0] if found else ""
    # A single letter is an article, or it names something: "A", "I".
    forms = {first.casefold(), first.casefold().removesuffix("s")}
    known = not forms.isdisjoint(words) and (first[1:].islower() or first == "A")
    return first.lower() + text[len(first) :] if known else text
