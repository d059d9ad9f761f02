"""Which tool calls may leave: those of tools that the caller declared.

We run no tools ourselves. A call of another name is nobody's wish but the model's, or
that of a document it read.
"""

from typing import Any

from msgspec import Struct

from app import metrics
from app.messages import JSON


class Tools(Struct, frozen=True, kw_only=True):
    """What the caller lets the model call.

    Attributes:
        names: Tools by name, functions and custom ones.
        functions: The same in the older form, in which an answer holds one call.
    """

    names: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()


def declared(parameters: JSON) -> Tools:
    """Return the tools that a request declares and does not rule out."""
    tools, functions = parameters.get("tools"), parameters.get("functions")
    if parameters.get("tool_choice") == "none":
        tools = None
    if parameters.get("function_call") == "none":
        functions = None
    return Tools(
        names=frozenset(map(_name_of, tools or ())) - {""},
        functions=frozenset(_name_in(one) for one in functions or ()) - {""},
    )


class CallFilter:
    """Drops calls that nobody declared, of one choice of an answer.

    Attributes:
        kept: Calls that left.
        dropped: Calls that did not.
    """

    def __init__(self, tools: Tools) -> None:
        self.kept = 0
        self.dropped = 0
        self._tools = tools
        self._numbers: dict[int, int | None] = {}
        self._function: bool | None = None

    def take(self, rest: JSON) -> JSON:
        """Return the fields of a delta without the parts of calls that are dropped.

        The first part of a call names it; what is left is numbered from 0 on.
        """
        left = dict(rest)
        if calls := left.pop("tool_calls", None):
            kept = [one for call in calls if (one := self._part(call))]
            left |= {"tool_calls": kept} if kept else {}
        function = left.pop("function_call", None)
        if function is not None and self._is_called(function):
            left["function_call"] = function
        return left

    def take_whole(self, rest: JSON) -> JSON:
        """Return the fields of a whole message without calls that are dropped."""
        calls = rest.get("tool_calls") or ()
        # Whole calls have no index of their own.
        numbered = [call | {"index": i} for i, call in enumerate(calls)]
        left = self.take(rest | ({"tool_calls": numbered} if numbered else {}))
        if "tool_calls" in left:
            left["tool_calls"] = [
                calls[i] for i, n in self._numbers.items() if n is not None
            ]
        return left  # fmt: skip

    def reason(self, reason: str) -> str:
        """Return why an answer ended: not for a call, if none is left."""
        called = reason in ("tool_calls", "function_call")
        return "stop" if called and self.dropped and not self.kept else reason

    def _part(self, call: JSON) -> JSON | None:
        number = call.get("index", 0)
        if number not in self._numbers:
            known = _name_of(call) in self._tools.names
            self._numbers[number] = self.kept if known else None
            self._count(known=known)
        kept = self._numbers[number]
        return None if kept is None else call | {"index": kept}

    def _is_called(self, function: Any) -> bool:  # noqa: ANN401 — any JSON value
        if self._function is None:
            self._function = _name_in(function) in self._tools.functions
            self._count(known=self._function)
        return self._function

    def _count(self, *, known: bool) -> None:
        self.kept += known
        self.dropped += not known
        if not known:
            metrics.DROPPED_CALLS.inc()


def _name_of(call: Any) -> str:  # noqa: ANN401 — any JSON value
    """Return the name in a tool or a call of one, or ""."""
    if not isinstance(call, dict):
        return ""
    return _name_in(call.get("function")) or _name_in(call.get("custom"))


def _name_in(function: Any) -> str:  # noqa: ANN401
    name = function.get("name") if isinstance(function, dict) else ""
    return name if isinstance(name, str) else ""
