"""What one choice of a streamed answer said, put together for keeping. Pure."""

from typing import Any

from app.messages import JSON, Piece

_KEPT = ("tool_calls", "function_call", "refusal")
"""Fields of an answer's message that are kept beside its text."""


def kept_fields(rest: JSON) -> JSON:
    """Return those fields of a message that are kept."""
    return {name: rest[name] for name in _KEPT if rest.get(name)}


class Heard:
    """A text and other fields of a message, from their pieces."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._fields: JSON = {}
        self._calls: dict[int, JSON] = {}

    @property
    def text(self) -> str:
        """What was said so far."""
        return "".join(self._texts)

    @property
    def fields(self) -> JSON:
        """The fields beside it so far."""
        calls = [self._calls[index] for index in sorted(self._calls)]
        return {**self._fields, **({"tool_calls": calls} if calls else {})}

    def take(self, piece: Piece) -> None:
        """Add a piece."""
        self._texts.append(piece.content)
        if not piece.rest:
            return
        for call in piece.rest.get("tool_calls") or ():
            part = {name: value for name, value in call.items() if name != "index"}
            known = self._calls.setdefault(call.get("index", 0), {})
            _join(known, part)
        rest = kept_fields(piece.rest)
        rest.pop("tool_calls", None)
        _join(self._fields, rest)


def _join(known: dict[str, Any], part: dict[str, Any]) -> None:
    """Add `part` to `known`: texts that grow are joined, the others stand."""
    for name, value in part.items():
        if isinstance(value, dict):
            _join(known.setdefault(name, {}), value)
        elif name in ("arguments", "input", "refusal"):
            known[name] = known.get(name, "") + (value or "")
        elif value is not None:
            known[name] = value
