"""Which language a text is written in. The py3langid door."""

import re
from functools import cache
from typing import Protocol, cast

_SAMPLE = 3000
"""Characters that are looked at; more changes no verdict and costs time."""

_LEAST = 40
"""Letters below which a guess is worth nothing."""

_SURE = 0.9
"""Probability below which the language counts as unknown."""


_WIDE = re.compile("[^\x00-\u2e80]")


class _Identifier(Protocol):
    def classify(self, text: str) -> tuple[str, float]: ...


def declared(language: str) -> str:
    """Return the ISO 639-1 code of a declared language: "en" for "en-US"."""
    code = language.strip().replace("_", "-").split("-")[0].lower()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""


def detect(text: str) -> str:
    """Return the ISO 639-1 code of the language of `text`, or "" when unsure."""
    sample = text[:_SAMPLE]
    letters = sum(map(str.isalpha, sample))
    # A sign of Chinese or Japanese says as much as several letters do.
    wide = len(_WIDE.findall(sample))
    if letters + 3 * wide < _LEAST:
        return ""
    code, probability = _identifier().classify(sample)
    return code if probability >= _SURE else ""


def prepare() -> None:
    """Load what `detect` needs, so that the first text need not wait for it."""
    _identifier()


@cache
def _identifier() -> _Identifier:
    # Loading its table takes a quarter of a second: not at import.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    return cast(
        "_Identifier", LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    )
