"""What an upstream sends becomes pieces, or a whole completion. No waiting here.

bytes --EventDecoder--> data --objects--> chunk --repair--> Piece
"""

from collections.abc import Iterable, Iterator

import msgspec

from app import metrics
from app.errors import AnswerTooLong, UpstreamBroken, UpstreamInterrupted
from app.messages import JSON, Choice, Completion, Piece, Usage
from app.upstream.events import EventDecoder, objects
from app.upstream.plain import PlainChunk, decode_plain
from app.upstream.repair import (
    ToolCalls,
    finish_reason,
    index_of,
    rest_of,
    text_of,
    usage_of,
)

_PASSED_ON = ("system_fingerprint", "service_tier")
_FRAMING = 64 * 1024

_SHORT = 64
"""Bytes of an event above which it is not the word that ends a stream."""

_MISFITS = 8
"""Chunks that were not plain after which a stream is read the long way only."""


class Relay:
    """One stream of an upstream, read into pieces that keep the contract.

    Attributes:
        usage: Tokens, once the upstream has told them.
        rest: ``system_fingerprint`` and ``service_tier``, if given.
        done: The upstream said that nothing more will come.
    """

    def __init__(self, *, limit: int) -> None:
        """Start before the first byte.

        Args:
            limit: Bytes of the longest answer, all choices together.
        """
        self.usage: Usage | None = None
        self.rest: JSON = {}
        self.done = False
        self._events = EventDecoder(limit=limit + _FRAMING)
        self._room = limit
        self._calls: dict[int, ToolCalls] = {}
        self._finished: dict[int, bool] = {}
        self._usage_came_last = False
        self._misfits = 0

    def feed(self, data: bytes) -> Iterator[Piece]:
        """Take the next bytes; yield the pieces that are now whole.

        Iterate to the end; what was yielded before an error stands.

        Raises:
            AnswerTooLong: The answer is over the limit.
            UpstreamBroken: What came is no chunk of an answer, or an error.
        """
        return self._read(self._events.feed(data))

    def end(self) -> Iterator[Piece]:
        """Take the end of the connection; yield what was still to be said.

        Every choice that has begun has had its finish reason after this.

        Raises:
            UpstreamInterrupted: The answer is not whole.
            UpstreamBroken: Nothing was answered.
        """
        if not self.done:
            yield from self._read(self._events.end())
        open_choices = [i for i, finished in self._finished.items() if not finished]
        # Some servers send neither a reason nor [DONE]; their last chunk tells
        # the usage, which nobody knows before the end.
        whole = self.done or self._usage_came_last
        if not whole and (open_choices or not self._finished):
            raise UpstreamInterrupted("the upstream stopped in the middle")
        if not self._finished:
            raise UpstreamBroken("the upstream answered nothing")
        for index in open_choices:
            yield self._closing(index)

    def _read(self, events: Iterable[bytes]) -> Iterator[Piece]:
        for data in events:
            if self.done or (len(data) < _SHORT and data.strip() == b"[DONE]"):
                self.done = True
                break
            if plain := self._plain(data):
                yield plain
                continue
            for chunk in objects(data):
                yield from self._pieces(chunk, len(data))

    def _plain(self, data: bytes) -> Piece | None:
        """Return the piece of a chunk that only adds text, read the short way.

        It is the one that `_pieces` would give; None if the chunk is another one.
        """
        if self._misfits > _MISFITS:
            return None
        try:
            chunk = decode_plain(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self._misfits += 1
            return None
        (choice,) = chunk.choices
        content = choice.delta.content
        if self._finished.get(choice.index) or not self._is_known(chunk):
            return None
        self._usage_came_last = False
        self._finished[choice.index] = False
        self._spend(len(content.encode()))
        return Piece(index=choice.index, content=content)

    def _is_known(self, chunk: PlainChunk) -> bool:
        """Return whether a chunk tells nothing of itself that is new."""
        one, two = chunk.system_fingerprint, chunk.service_tier
        if one is None and two is None:
            return True
        first, second = map(self.rest.get, _PASSED_ON)
        return one in (None, first) and two in (None, second)

    def _pieces(self, chunk: object, size: int) -> Iterator[Piece]:
        if not isinstance(chunk, dict) or chunk.get("error") or chunk.get("detail"):
            raise UpstreamBroken("the upstream sent an error in place of an answer")
        for name in _PASSED_ON:
            if isinstance(chunk.get(name), str):
                self.rest = self.rest | {name: chunk[name]}
        usage, choices = usage_of(chunk.get("usage")), chunk.get("choices")
        self._usage_came_last = usage is not None and self.usage is None
        self.usage = usage or self.usage
        if not isinstance(choices, list):
            metrics.REPAIRS.labels("choices").inc()
            choices = []
        for position, choice in enumerate(choices):
            if piece := self._piece(choice, position, size):
                yield piece

    def _piece(self, choice: object, position: int, size: int) -> Piece | None:
        if not isinstance(choice, dict):
            raise UpstreamBroken("a choice of the upstream is not an object")
        index = index_of(choice, position)
        if self._finished.get(index):
            return None
        delta = choice.get("delta") or choice.get("message") or {}
        if not isinstance(delta, dict):
            raise UpstreamBroken("the delta of a choice is not an object")
        content, rest = text_of(delta.get("content")) or "", rest_of(delta)
        if delta.get("tool_calls"):
            calls = self._calls.setdefault(index, ToolCalls())
            rest["tool_calls"] = calls.repaired(delta["tool_calls"])
        reason = finish_reason(choice.get("finish_reason"))
        self._finished[index] = reason is not None
        self._spend(size if rest else len(content.encode()))
        if not (content or rest or reason):
            return None
        return Piece(
            index=index,
            content=content,
            rest=rest,
            logprobs=_object(choice.get("logprobs")),
            finish_reason=reason,
        )

    def _spend(self, size: int) -> None:
        self._room -= size
        if self._room < 0:
            raise AnswerTooLong("the upstream sent more than an answer may have")

    def _closing(self, index: int) -> Piece:
        metrics.REPAIRS.labels("finish_reason").inc()
        calls = self._calls.get(index)
        return Piece(index=index, finish_reason="tool_calls" if calls else "stop")


def completion_of(body: bytes) -> Completion:
    """Read an answer that came as a whole.

    Raises:
        UpstreamBroken: It is no completion.
    """
    values = objects(body)
    value = values[0] if values else None
    if not isinstance(value, dict) or not isinstance(value.get("choices"), list):
        raise UpstreamBroken("the upstream sent no completion")
    choices = tuple(_choice(choice, i) for i, choice in enumerate(value["choices"]))
    if not choices:
        raise UpstreamBroken("the upstream answered nothing")
    rest = {k: value[k] for k in _PASSED_ON if isinstance(value.get(k), str)}
    return Completion(choices=choices, usage=usage_of(value.get("usage")), rest=rest)


def pieces_of(completion: Completion) -> list[Piece]:
    """Return a whole completion as the pieces of a stream."""
    return [
        Piece(
            index=choice.index,
            content=choice.content or "",
            rest=_indexed(choice.rest),
            logprobs=choice.logprobs,
            finish_reason=choice.finish_reason,
        )
        for choice in completion.choices
    ]


def _choice(choice: object, position: int) -> Choice:
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise UpstreamBroken("a choice of the upstream has no message")
    rest = rest_of(message)
    if message.get("tool_calls"):
        calls = ToolCalls().repaired(message["tool_calls"])
        rest["tool_calls"] = [_without_index(call) for call in calls]
    return Choice(
        index=index_of(choice, position),
        content=text_of(message.get("content")),
        rest=rest,
        logprobs=_object(choice.get("logprobs")),
        finish_reason=finish_reason(choice.get("finish_reason"))
        or ("tool_calls" if "tool_calls" in rest else "stop"),
    )


def _without_index(call: JSON) -> JSON:
    return {name: value for name, value in call.items() if name != "index"}


def _indexed(rest: JSON) -> JSON:
    calls = rest.get("tool_calls")
    if not calls:
        return rest
    return rest | {"tool_calls": [{"index": i} | c for i, c in enumerate(calls)]}


def _object(value: object) -> JSON | None:
    return value if isinstance(value, dict) else None
