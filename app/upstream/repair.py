"""What upstreams get wrong about a choice is put right here. Pure but for counting.

Source:
    The API description's chunk and message types; the deviations are those that
    users of other servers reported, listed with the contract.
"""

import json
import secrets
from collections.abc import Sequence
from typing import Any

import msgspec

from app import metrics
from app.errors import UpstreamBroken
from app.messages import JSON, Usage

FINISH_REASONS = frozenset(
    ("stop", "length", "tool_calls", "content_filter", "function_call")
)
MAX_CALLS = 128
MAX_CHOICES = 128

_MOST_TOKENS = 1 << 31
"""Tokens from which on a count is nonsense, which no database has to hold."""

_OURS = ("role", "content", "tool_calls", "annotations")


def finish_reason(value: object) -> str | None:
    """Return one of the contract's reasons, or None where there is none yet."""
    if isinstance(value, str) and value in FINISH_REASONS:
        return value
    if value is None or value == "":
        return None
    metrics.REPAIRS.labels("finish_reason").inc()
    return "stop"


def text_of(content: object) -> str | None:
    """Return the text of a content: a string, or parts, of which the text stays.

    Raises:
        UpstreamBroken: It is neither.
    """
    if content is None or isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise UpstreamBroken("the content of a choice is not text")
    metrics.REPAIRS.labels("content").inc()
    texts = [part.get("text") for part in content if isinstance(part, dict)]
    return "".join(text for text in texts if isinstance(text, str))


def rest_of(delta: JSON) -> JSON:
    """Return the fields of a delta or message that pass through unchanged.

    Annotations do not: they may hold links that nobody checked.
    """
    return {k: v for k, v in delta.items() if k not in _OURS and v is not None}


def index_of(choice: JSON, position: int) -> int:
    """Return a choice's index, or its `position` where the upstream gives none.

    Raises:
        UpstreamBroken: The index is out of all bounds.
    """
    index = choice.get("index")
    if not isinstance(index, int) or isinstance(index, bool):
        metrics.REPAIRS.labels("index").inc()
        index = position
    if not 0 <= index < MAX_CHOICES:
        raise UpstreamBroken("a choice of the upstream has an impossible index")
    return index


def usage_of(usage: object) -> Usage | None:
    """Return the tokens an upstream reports, or None if it reports none."""
    if not isinstance(usage, dict) or not _count(usage, "prompt_tokens"):
        return None
    prompt = usage.get("prompt_tokens_details")
    completion = usage.get("completion_tokens_details")
    return Usage(
        prompt=_count(usage, "prompt_tokens"),
        completion=_count(usage, "completion_tokens"),
        cached=_count(prompt, "cached_tokens"),
        reasoning=_count(completion, "reasoning_tokens"),
    )


def _count(counts: object, name: str) -> int:
    count = counts.get(name) if isinstance(counts, dict) else None
    return count if type(count) is int and 0 < count < _MOST_TOKENS else 0


class ToolCalls:
    """The tool calls of one choice, numbered so that no two are mixed up.

    Servers leave out the index, repeat it for parallel calls, or repeat id and
    name in each delta. Out of here, each call has its own index, and its id, type
    and name in its first delta only.
    """

    def __init__(self) -> None:
        self._by_id: dict[str, int] = {}
        self._by_index: dict[int, int] = {}
        self._names: list[str] = []

    def __len__(self) -> int:
        return len(self._names)

    def repaired(self, calls: object) -> list[JSON]:
        """Return the calls of one delta, repaired.

        Raises:
            UpstreamBroken: They are no calls, or too many.
        """
        if not isinstance(calls, Sequence) or isinstance(calls, str):
            raise UpstreamBroken("the tool calls of the upstream are not a list")
        return [self._repaired(call) for call in calls if call]

    def _repaired(self, call: object) -> JSON:
        if not isinstance(call, dict):
            raise UpstreamBroken("a tool call of the upstream is not an object")
        given = call.get("function") or {}
        if not isinstance(given, dict):
            raise UpstreamBroken("a tool call of the upstream has no function")
        function = {k: v for k, v in given.items() if v is not None}
        number, new = self._numbered(call, str(function.get("name") or ""))
        function["arguments"] = _arguments(function.get("arguments"))
        rest = {k: v for k, v in call.items() if v not in (None, "")}
        told = {"index": number} | ({} if "custom" in call else {"function": function})
        if new:
            identity = {"id": f"call_{secrets.token_hex(12)}", "type": "function"}
            return identity | rest | told
        function.pop("name", None)
        return {k: v for k, v in rest.items() if k not in ("id", "type")} | told

    def _numbered(self, call: JSON, name: str) -> tuple[int, bool]:
        """Return the number of `call` and whether it is its first delta."""
        id_, index = call.get("id") or "", call.get("index")
        key = index if isinstance(index, int) else -1
        if key < 0:
            metrics.REPAIRS.labels("tool_call_index").inc()
        known = self._known(str(id_), key, name)
        if known is not None:
            return known, False
        number = len(self._names)
        if number >= MAX_CALLS:
            raise UpstreamBroken("the upstream makes too many tool calls")
        self._names.append(name)
        self._by_index[key] = number
        if id_:
            self._by_id[str(id_)] = number
        return number, True

    def _known(self, id_: str, key: int, name: str) -> int | None:
        if id_ in self._by_id:
            return self._by_id[id_]
        number = self._by_index.get(key)
        if number is None:
            # A delta without an index goes on with the call before it.
            number = len(self._names) - 1 if key < 0 and self._names else None
        if number is None or id_:
            return None
        return number if name in ("", self._names[number]) else None


def _arguments(value: Any) -> str:  # noqa: ANN401 — any JSON value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    metrics.REPAIRS.labels("arguments").inc()
    try:
        return msgspec.json.encode(value).decode()
    except (TypeError, OverflowError):
        return json.dumps(value)
