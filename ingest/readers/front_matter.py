"""Reads what a document says about itself: title, labels, versions, date and more."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping

import yaml
from msgspec import Struct

from ingest.declarations import as_day, toml_values
from ingest.errors import ReadError

_FENCED = re.compile(
    r"\A\s*^(?P<fence>---|\+\+\+)[ \t]*$(?P<body>.*?)^(?:(?P=fence)|\.\.\.)[ \t]*\r?$",
    re.DOTALL | re.MULTILINE,
)
_LABELLED = re.compile(
    r"^[ \t]*[\"']?(?:labels|access)\b", re.MULTILINE | re.IGNORECASE
)
_NAMED = re.compile(r"(?:\s|#[^\r\n]*)*+[\"']?[A-Za-z_][\w.-]*[\"']?[ \t]*[:=]")
_WORDS = re.compile(r"[^\s,;]+")
_LISTED = re.compile(r"[,;]")
_LONGEST = 64 * 1024
_MOST_VERSIONS = 32
_LONGEST_VERSION = 64
_MOST_WORDS = 4
_VERSIONS = (
    "version", "versions", "product_version", "product-version", "product_versions",
    "product-versions", "docsearch:version",
)  # fmt: skip
_DATES = (
    "updated", "last_updated", "last-updated", "lastmod", "last_modified",
    "last-modified", "last_modified_at", "modified", "article:modified_time",
    "dcterms.modified", "date", "published", "article:published_time",
)  # fmt: skip
"""The day of the last change goes before the day of the first."""

Values = Mapping[str, str | tuple[str, ...]]
"""Names in lower case, and their text or list of texts."""


class About(Struct, frozen=True, kw_only=True):
    """What a document says about itself; the fields are those of `Reading`."""

    title: str = ""
    url: str = ""
    language: str = ""
    labels: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    date: str = ""
    warnings: tuple[str, ...] = ()


def about(values: Values) -> About:
    """Pick what `Reading` knows from named values; the first name of each wins."""
    versions, odd_versions = _versions(values)
    date, odd_dates = _date(values)
    return About(
        title=" ".join(_first(values, "title").split()),
        url=address(_first(values, "url", "canonical_url", "canonical", "permalink")),
        language=language(_first(values, "language", "lang", "locale")),
        labels=_labels(values),
        versions=versions,
        date=date,
        warnings=odd_versions + odd_dates,
    )


def address(text: str) -> str:
    """Return `text` if it is an absolute web address, else ""."""
    text = text.strip()
    safe = text.lower().startswith(("https://", "http://")) and text.isprintable()
    return text if safe and " " not in text else ""


def language(text: str) -> str:
    """Return the ISO 639-1 code of a language tag such as ``en-US``, or ""."""
    code = re.split(r"[-_.]", text.strip().lower())[0]
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""


def front_matter(name: str, text: str) -> tuple[Values, int, tuple[str, ...]]:
    """Read the YAML or TOML block that may stand at the head of a text.

    Returns:
        Its values, the offset where the document goes on (0 without a block),
        and warnings. Values that are neither text nor a list of texts are left
        out.

    Raises:
        ReadError: The block cannot be read, or gives labels in a form that is
            not a word or a list of words: a document that meant to be restricted
            must not become public by a typing error.
    """
    head = text[:_LONGEST]
    if not head.lstrip().startswith(("---", "+++")):
        return {}, 0, ()
    found = _FENCED.match(head.replace("\r", "\n"))
    body = text[slice(*found.span("body"))] if found else ""
    # A rule and a paragraph look like a fence and what it holds.
    if found is None or not _NAMED.match(body):
        return {}, 0, ()
    try:
        values = _toml(body) if found["fence"] == "+++" else _yaml(body)
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        if _LABELLED.search(body):
            reason = f"its front matter holds labels and cannot be read: {error}"
            raise ReadError(name, " ".join(reason.split())) from error
        return {}, found.end(), ("the front matter cannot be read; it was left out",)
    return values, found.end(), ()


def _yaml(body: str) -> dict[str, str | tuple[str, ...]]:
    """Return the top level's texts as they are written.

    Nodes are read rather than values, for YAML takes the language ``no`` for false.
    """
    root = yaml.compose(body, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        raise yaml.YAMLError("expected lines of `name: value`")
    values: dict[str, str | tuple[str, ...]] = {}
    for key, node in root.value:
        if not isinstance(key, yaml.ScalarNode):
            continue
        label = key.value.lower()
        if isinstance(node, yaml.ScalarNode):
            values[label] = "" if node.tag.endswith(":null") else node.value
        elif isinstance(node, yaml.SequenceNode) and all(
            isinstance(item, yaml.ScalarNode) for item in node.value
        ):
            values[label] = tuple(item.value for item in node.value)
        elif label in ("labels", "access"):
            raise ValueError(f"`{label}` must be a word or a list of words")
    return values


def _toml(body: str) -> dict[str, str | tuple[str, ...]]:
    """Return the top level's texts, numbers and dates as they are written."""
    values: dict[str, str | tuple[str, ...]] = {}
    # Of a number, 4.10 would become 4.1.
    for key, value in toml_values(body, parse_float=str).items():
        items = value if isinstance(value, list) else [value]
        words = tuple(_word(item) for item in items)
        if all(word is not None for word in words):
            texts = tuple(word or "" for word in words)
            values[key.lower()] = texts if isinstance(value, list) else texts[0]
        elif key.lower() in ("labels", "access"):
            raise ValueError(f"`{key}` must be a word or a list of words")
    return values


def _word(value: object) -> str | None:
    if isinstance(value, dt.date):
        return value.isoformat()
    is_word = isinstance(value, str | int) and not isinstance(value, bool)
    return str(value) if is_word else None


def _first(values: Values, *names: str) -> str:
    found = (values.get(name) for name in names)
    return next((value for value in found if isinstance(value, str) and value), "")


def _texts(values: Values, *names: str) -> Iterator[str]:
    """Yield every text that one of `names` gives, alone or in a list."""
    for name in names:
        given = values.get(name, "")
        yield from (given,) if isinstance(given, str) else given


def _versions(values: Values) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the versions, each once, and warnings about what was left out."""
    given = [
        part for text in _texts(values, *_VERSIONS) for part in _LISTED.split(text)
    ]
    words = dict.fromkeys(" ".join(word.split()) for word in given)
    usable = [word for word in words if _is_version(word)]
    found = tuple(usable[:_MOST_VERSIONS])
    left_out = sum(map(bool, words)) - len(found)
    if not left_out:
        return found, ()
    limits = (
        f"the first {_MOST_VERSIONS} of up to {_MOST_WORDS} words and "
        f"{_LONGEST_VERSION} characters"
    )
    return found, (f"{left_out} versions were left out; {limits} are kept",)


def _is_version(word: str) -> bool:
    """Tell whether a word is short enough for a version; a sentence is an order."""
    short = 0 < len(word) <= _LONGEST_VERSION and len(word.split()) <= _MOST_WORDS
    return short and word.isprintable()


def _date(values: Values) -> tuple[str, tuple[str, ...]]:
    """Return the day of the last change, and a warning if none can be read."""
    given = [text.strip() for text in _texts(values, *_DATES) if text.strip()]
    found = next(filter(None, map(as_day, given)), "")
    if found or not given:
        return found, ()
    shown = "".join(filter(str.isprintable, given[0][:40]))
    reason = f"its date {shown!r} was left out; write it as year-month-day"
    return "", (f"{reason}, such as 2026-01-31",)


def _labels(values: Values) -> tuple[str, ...]:
    """Return the words of `labels` and `access`, each once."""
    given = _texts(values, "labels", "access")
    return tuple(dict.fromkeys(word for text in given for word in _WORDS.findall(text)))
