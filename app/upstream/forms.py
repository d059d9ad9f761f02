"""What differs between upstreams in a request they otherwise share. Pure."""

import re
from typing import Any

import msgspec
from msgspec import Struct

from app.messages import JSON

_TOKENS = ("max_completion_tokens", "max_tokens")
_WINDOWS = ("max_model_len", "context_length", "context_window", "max_context_length")

_UNKNOWN = re.compile(
    r"unsupported|not supported|not support|unrecogni[sz]ed|unknown|unexpected"
    r"|not (?:permitted|allowed|recogni[sz]ed|known|defined)|extra_forbidden"
    r"|cannot find|no such",
    re.IGNORECASE,
)
"""Words that say that a field is not known, and not that its value is wrong."""

_QUOTED = re.compile(r"\"[^\"]{40,}\"|'[^']{40,}'")
"""What a complaint may repeat of a request, besides objects and lists."""

_WORDS = 300
"""Characters of a complaint that are read: further on it may quote the request."""


class Form(Struct, frozen=True):
    """How one endpoint wants its requests; learned from its refusals.

    Attributes:
        tokens: Name of the field that caps the answer; None sends what the caller
            named it.
        stream_options: It knows ``stream_options``.
    """

    tokens: str | None = None
    stream_options: bool = True

    def fitted(self, body: JSON) -> JSON:
        """Return `body` in this form."""
        fitted = dict(body)
        given = next((name for name in _TOKENS if name in body), None)
        if self.tokens and given:
            fitted[self.tokens] = fitted.pop(given)
        if not self.stream_options:
            fitted.pop("stream_options", None)
        return fitted

    def after(self, complaint: bytes, body: JSON) -> "Form":
        """Return the form to try after `body` was refused with `complaint`.

        It equals this one where the complaint is about something else.

        Args:
            complaint: The body of the refusal.
            body: What was refused.
        """
        said = said_in(complaint)
        if "stream_options" in body and is_unknown("stream_options", said):
            return msgspec.structs.replace(self, stream_options=False)
        sent = next((name for name in _TOKENS if name in body), None)
        if sent and is_unknown(sent, said):
            other = _TOKENS[1 - _TOKENS.index(sent)]
            return msgspec.structs.replace(self, tokens=other)
        return self

    def differences(self, other: "Form") -> list[str]:
        """Return the names of what this form has otherwise."""
        names = self.__struct_fields__
        return [name for name in names if getattr(self, name) != getattr(other, name)]


def said_in(complaint: bytes) -> list[str]:
    """Return what a refusal says in its own words, one text for each complaint.

    What it quotes of the request is left out: a question may hold any words. A
    complaint that names its field beside the text gets it put in front.
    """
    try:
        value = msgspec.json.decode(complaint)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # A server without JSON: one line of text, or a page that says nothing.
        return [_own_words(complaint.decode("utf-8", "replace"))]
    error = value.get("error", value) if isinstance(value, dict) else value
    found = error.get("detail", error) if isinstance(error, dict) else error
    entries = found if isinstance(found, list) else [found]
    return [_own_words(_text_of(entry)) for entry in entries[:20]]


def is_unknown(name: str, said: list[str]) -> bool:
    """Return whether one of the complaints is that the field `name` is not known."""
    named = re.compile(rf"(?<![\w.]){name}(?!\w)")
    return any(named.search(text) and _UNKNOWN.search(text) for text in said)


def _text_of(entry: object) -> str:
    """Return the field and the words of one complaint."""
    if not isinstance(entry, dict):
        return entry if isinstance(entry, str) else ""
    field = entry.get("param") or entry.get("loc") or ""
    if isinstance(field, list):
        field = next((part for part in reversed(field) if isinstance(part, str)), "")
    words = (field, entry.get("code"), entry.get("type"))
    text = entry.get("message") or entry.get("msg") or ""
    return " ".join(str(word) for word in (*words, text) if word)


def _own_words(text: str) -> str:
    before_objects = re.split(r"[{\[]", text[: 10 * _WORDS], maxsplit=1)[0]
    return _QUOTED.sub(" ", before_objects)[:_WORDS]


def context_window_in(models: Any, model: str) -> int | None:  # noqa: ANN401 — any JSON
    """Return the tokens `model` can read and write, as a list of models tells it."""
    entries = _listed(models)
    named = [entry for entry in entries if entry.get("id") == model]
    # A server of one model answers to any name.
    for entry in named or (entries if len(entries) == 1 else []):
        meta = entry.get("meta")
        for place in (entry, meta if isinstance(meta, dict) else {}):
            for name in (*_WINDOWS, "n_ctx"):
                if isinstance(place.get(name), int) and place[name] > 0:
                    return int(place[name])
    return None


def first_model_in(models: object) -> str | None:
    """Return the first name in a list of models, or None if there is none."""
    names = (entry.get("id") for entry in _listed(models))
    return next((name for name in names if isinstance(name, str) and name), None)


def _listed(models: object) -> list[dict[str, Any]]:
    listed = models.get("data") if isinstance(models, dict) else None
    if not isinstance(listed, list):
        return []
    return [entry for entry in listed if isinstance(entry, dict)]
