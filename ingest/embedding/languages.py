"""Which languages a model knows, as far as its name or a setting tells."""

import re
from collections.abc import Iterable

from msgspec import Struct

from ingest.language import declared

ALL = "all"
"""Value of the setting for a model that knows every language."""


class Languages(Struct, frozen=True):
    """Languages in which a model's vectors find what is meant.

    Attributes:
        known: ISO 639-1 codes; None for every language.
        unknown: Codes of languages that it does not know all the same.
    """

    known: frozenset[str] | None = None
    unknown: frozenset[str] = frozenset()

    def __contains__(self, code: object) -> bool:
        """Tell whether the model knows the language with this ISO 639-1 code."""
        return code not in self.unknown and (self.known is None or code in self.known)


EVERY = Languages()


def _these(codes: str) -> Languages:
    found = frozenset(codes.split())
    # One language under three codes.
    return Languages(found | {"no", "nb", "nn"} if found & {"no", "nb"} else found)


_ENGLISH = _these("en")
_CHINESE = _these("zh")
# What XLM-RoBERTa was trained on, as the card of multilingual-e5 lists it.
_XLM_R = _these(
    "af am ar as az be bg bn br bs ca cs cy da de el en eo es et eu fa fi fr fy ga gd"
    " gl gu ha he hi hr hu hy id is it ja jv ka kk km kn ko ku ky la lo lt lv mg mk ml"
    " mn mr ms my ne nl no om or pa pl ps pt ro ru sa sd si sk sl so sq sr su sv sw ta"
    " te th tl tr ug uk ur uz vi xh yi zh"
)
_FIFTY = _these(
    "ar bg ca cs da de el en es et fa fi fr gl gu he hi hr hu hy id it ja ka ko ku lt"
    " lv mk mn mr ms my nb nl pl pt ro ru sk sl sq sr sv th tr uk ur vi zh"
)
_GTE = _these(
    "af ar az be bg bn ca cs cy da de el en es et eu fa fi fr gl gu he hi hr ht hu hy"
    " id is it ja jv ka kk km kn ko ky lo lt lv mk ml mn mr ms my ne nl pa pl pt qu ro"
    " ru si sk sl so sq sr sv sw ta te th tl tr uk ur vi yo zh"
)
_LABSE = _these(
    "af am ar as az be bg bn bo bs ca co cs cy da de el en eo es et eu fa fi fr fy ga"
    " gd gl gu ha he hi hr ht hu hy id ig is it ja jv ka kk km kn ko ku ky la lb lo lt"
    " lv mg mi mk ml mn mr ms mt my ne nl no ny or pa pl pt ro ru rw si sk sl sm sn so"
    " sq sr st su sv sw ta te tg th tk tl tr tt ug uk ur uz vi wo xh yi yo zh zu"
)

_FAMILIES: tuple[tuple[str, Languages], ...] = (
    (r"^(qwen3-embedding|embeddinggemma)", EVERY),
    (r"^(multilingual-e5|bge-m3)", _XLM_R),
    (r"^(gte-multilingual|snowflake-arctic-embed-.*v2)", _GTE),
    (r"^labse", _LABSE),
    (r"^distiluse-.*-v1$", _these("ar de en es fr it ko nl pl pt ru tr zh")),
    (r"^(paraphrase-multilingual|distiluse-)", _FIFTY),
    (r"-en-de(-|$)", _these("en de")),
    (r"^(bge|gte|stella|jina-embeddings-v2)-.*zh(-|$)", _CHINESE),
    (r"(^|-)(en|english)(-|$)", _ENGLISH),
    (r"^all-(minilm|mpnet|distilroberta|roberta)-", _ENGLISH),
    (r"^(multi-qa|msmarco|paraphrase|nq)-(?!.*multilingual)", _ENGLISH),
    (r"^(gtr|sentence)-t5-", _ENGLISH),
    (r"^e5-(small|base|large|mistral)", _ENGLISH),
    (r"^gte-(tiny|small|base|large|modernbert)", _ENGLISH),
    (r"^snowflake-arctic-embed-", _ENGLISH),
    (r"^mxbai-embed-(large|2d-large|xsmall)", _ENGLISH),
    (r"^(uae-large|ember|nomic-embed-text-v1|modernbert-embed)", _ENGLISH),
)
"""Languages by a pattern of the name, the first that fits. Source: the model cards.

Only names whose makers say which languages they trained for: any other is probed.
"""


def of_name(name: str) -> Languages | None:
    """Return what models of this name know, or None for a name that tells nothing.

    Args:
        name: The model's name; an organisation in front of it is left out.
    """
    plain = re.sub(r"[_\s]", "-", name.rpartition("/")[2].lower())
    return next((found for text, found in _FAMILIES if re.search(text, plain)), None)


def of_setting(value: str) -> Languages | None:
    """Return what ``EMBEDDING_LANGUAGES`` names; None if it names nothing."""
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if not parts:
        return None
    if any(part.lower() == ALL for part in parts):
        return EVERY
    return _these(" ".join(map(declared, parts)))


def spelled(languages: Languages) -> str:
    """Return languages in words, for a person."""
    if languages.known is None:
        without = _listed(languages.unknown)
        return f"every language but {without}" if without else "every language"
    return _listed(languages.known) or "no language that is known of"


def _listed(codes: Iterable[str]) -> str:
    ordered = sorted(codes)
    more = f" and {len(ordered) - 12} more" if len(ordered) > 12 else ""
    return ", ".join(ordered[:12]) + more
