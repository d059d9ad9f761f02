"""Reads what a document says about itself: title, address, language, labels."""

import re
import tomllib
from collections.abc import Mapping

import yaml
from msgspec import Struct

from ingest.errors import ReadError

_FENCED = re.compile(
    r"\A\s*^(?P<fence>---|\+\+\+)[ \t]*$(?P<body>.*?)^(?:(?P=fence)|\.\.\.)[ \t]*\r?$",
    re.DOTALL | re.MULTILINE,
)
_LABELLED = re.compile(r"^\s*[\"']?(?:labels|access)\b", re.MULTILINE | re.IGNORECASE)
_NAMED = re.compile(r"(?:\s|#[^\r\n]*)*+[\"']?[A-Za-z_][\w.-]*[\"']?[ \t]*[:=]")
_WORDS = re.compile(r"[^\s,;]+")
_LONGEST = 64 * 1024

Values = Mapping[str, str | tuple[str, ...]]
"""Names in lower case, and their text or list of texts."""


class About(Struct, frozen=True, kw_only=True):
    """What a document says about itself; the fields are those of `Reading`."""

    title: str = ""
    url: str = ""
    language: str = ""
    labels: tuple[str, ...] = ()


def about(values: Values) -> About:
    """Pick what `Reading` knows from named values; the first name of each wins."""
    return About(
        title=" ".join(_first(values, "title").split()),
        url=address(_first(values, "url", "canonical_url", "canonical", "permalink")),
        language=language(_first(values, "language", "lang", "locale")),
        labels=_labels(values),
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
    values: dict[str, str | tuple[str, ...]] = {}
    for key, value in tomllib.loads(body).items():
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            values[key.lower()] = tuple(value)
        elif isinstance(value, str):
            values[key.lower()] = value
        elif key.lower() in ("labels", "access"):
            raise ValueError(f"`{key}` must be a word or a list of words")
    return values


def _first(values: Values, *names: str) -> str:
    found = (values.get(name) for name in names)
    return next((value for value in found if isinstance(value, str) and value), "")


def _labels(values: Values) -> tuple[str, ...]:
    """Return the words of `labels` and `access`, each once."""
    words: list[str] = []
    for name in ("labels", "access"):
        given = values.get(name, "")
        for text in (given,) if isinstance(given, str) else given:
            words.extend(_WORDS.findall(text))
    return tuple(dict.fromkeys(words))
