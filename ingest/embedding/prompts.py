"""What a model wants in front of a question and in front of a text of a document.

A setting wins over what the model's folder says, and that over the table here.
"""

import re
from pathlib import Path

import msgspec
from msgspec import Struct

from ingest.settings import EmbeddingSettings

NONE = "none"
"""Value of a setting that takes a prompt away."""


class Prompts(Struct, frozen=True):
    """Texts that are put in front, as they are; "" for nothing.

    Attributes:
        query: In front of a question.
        passage: In front of a text of a document.
    """

    query: str = ""
    passage: str = ""


_SEARCH = "Given a web search query, retrieve relevant passages that answer the query"
_REPRESENT = "Represent this sentence for searching relevant passages: "

_FAMILIES: tuple[tuple[str, Prompts], ...] = (
    (r"\be5-.*instruct\b", Prompts(f"Instruct: {_SEARCH}\nQuery: ")),
    (r"\be5\b", Prompts("query: ", "passage: ")),
    (r"\bbge-(\w+-)?en\b", Prompts(_REPRESENT)),
    (r"\bbge-(\w+-)?zh\b", Prompts("为这个句子生成表示以用于检索相关文章：")),
    (r"\bqwen3-embedding\b", Prompts(f"Instruct: {_SEARCH}\nQuery:")),
    (r"\bgte-qwen", Prompts(f"Instruct: {_SEARCH}\nQuery: ")),
    (r"\bsnowflake-arctic-embed-.*v2", Prompts("query: ")),
    (r"\bsnowflake-arctic-embed\b", Prompts(_REPRESENT)),
    (r"\bmxbai-embed-(2d-)?large\b", Prompts(_REPRESENT)),
    (r"\buae-large\b", Prompts(_REPRESENT)),
    (
        r"\b(nomic-embed-text|modernbert-embed)\b",
        Prompts("search_query: ", "search_document: "),
    ),
    (
        r"\bembeddinggemma\b",
        Prompts("task: search result | query: ", "title: none | text: "),
    ),
)
"""Prompts by a pattern of the name, the first that fits; bge-m3, gte, LaBSE and the
all-, multi-qa- and paraphrase- models want none.

Source: the model cards; where one has them, its config_sentence_transformers.json.
"""

_QUERY = ("query", "retrieval.query", "retrieval-query", "s2p_query")
_PASSAGE = ("document", "passage", "corpus", "retrieval.passage", "retrieval-passage",
            "retrieval-document")  # fmt: skip
"""Names that models give the two, the first that is there; as sentence-transformers
looks for them, then what its users write."""


class _Declared(Struct):
    prompts: dict[str, str | None] = {}
    default_prompt_name: str | None = None


class _Origin(Struct):
    name: msgspec.Raw = msgspec.field(name="_name_or_path", default=msgspec.Raw(b'""'))


def find_prompts(folder: Path, name: str, settings: EmbeddingSettings) -> Prompts:
    """Return what goes in front of questions and of texts of documents.

    Args:
        folder: The model.
        name: Its name, as far as it has one.
        settings: What was set: "" leaves it to the model, `NONE` takes it away, and
            a backslash and an n stand for a new line.

    Raises:
        OSError: The folder cannot be read.
        MsgspecError: One of its JSON files is malformed.
    """
    known = _declared(folder) or _of_family(name) or _of_family(_origin(folder))
    known = known or Prompts()
    return Prompts(
        query=_set(settings.query_prompt, known.query),
        passage=_set(settings.passage_prompt, known.passage),
    )


def _set(value: str, known: str) -> str:
    if not value:
        return known
    return "" if value.strip().lower() == NONE else value.replace("\\n", "\n")


def _declared(folder: Path) -> Prompts | None:
    """Return what the folder says; None if it says nothing.

    sentence-transformers writes two empty prompts for a model that has none, and for
    one whose makers put theirs into the card alone: empty ones say nothing.
    """
    file = folder / "config_sentence_transformers.json"
    if not file.exists():
        return None
    told = msgspec.json.decode(file.read_bytes(), type=_Declared)
    prompts = {name.lower(): text or "" for name, text in told.prompts.items()}
    default = prompts.get((told.default_prompt_name or "").lower(), "")
    query = next((prompts[name] for name in _QUERY if prompts.get(name)), "")
    passage = next((prompts[name] for name in _PASSAGE if prompts.get(name)), "")
    if not (query or passage or default):
        return None
    # An empty prompt that is written down beside another one is meant.
    return Prompts(
        query=query or _unless(_QUERY, prompts, default),
        passage=passage or _unless(_PASSAGE, prompts, default),
    )


def _unless(names: tuple[str, ...], prompts: dict[str, str], default: str) -> str:
    return "" if any(name in prompts for name in names) else default


def _of_family(name: str) -> Prompts | None:
    """Return what the cards of models with such a name ask for."""
    plain = re.sub(r"[_\s]", "-", name.lower())
    return next((p for pattern, p in _FAMILIES if re.search(pattern, plain)), None)


def _origin(folder: Path) -> str:
    """Return what the folder's model was trained on from, or ""."""
    file = folder / "config.json"
    if not file.exists():
        return ""
    told = msgspec.json.decode(file.read_bytes(), type=_Origin)
    named = msgspec.json.decode(told.name)
    return Path(named).name if isinstance(named, str) else ""
