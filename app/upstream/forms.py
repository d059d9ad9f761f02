"""What differs between upstreams in a request they otherwise share. Pure."""

from typing import Any

import msgspec
from msgspec import Struct

from app.messages import JSON

_TOKENS = ("max_completion_tokens", "max_tokens")
_WINDOWS = ("max_model_len", "context_length", "context_window", "max_context_length")


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

    def after(self, complaint: str, body: JSON) -> "Form":
        """Return the form to try after `body` was refused with `complaint`.

        It equals this one where the complaint is about something else.
        """
        if "stream_options" in complaint and "stream_options" in body:
            return msgspec.structs.replace(self, stream_options=False)
        sent = next((name for name in _TOKENS if name in body), None)
        if sent and sent in complaint:
            other = _TOKENS[1 - _TOKENS.index(sent)]
            return msgspec.structs.replace(self, tokens=other)
        return self


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
