"""Reads answers of the chat API, whole or as they arrive, and tells what they lack.

Pure: time is handed in. A stream is complete when every choice ends with exactly one
``finish_reason``, ``[DONE]`` follows, and nothing follows that.
"""

from collections import Counter

import msgspec
from msgspec import Struct

from app.errors import AnswerTooLong
from app.upstream.events import EventDecoder

UNREADABLE = "a frame that cannot be read"
NO_DONE = "no [DONE]"
NO_FINISH = "a choice without finish_reason"
TWO_FINISHES = "a choice with two finish_reasons"
NO_CHOICE = "no choice at all"
AFTER_DONE = "a frame after [DONE]"
NO_COMPLETION = "an answer that is no completion"

_LONGEST_EVENT = 4 * 1024 * 1024


class _Said(Struct):
    # What only matters for being there or not is not looked at.
    content: object = None
    reasoning_content: object = None
    reasoning: object = None
    refusal: object = None
    tool_calls: object = None
    function_call: object = None

    def __bool__(self) -> bool:
        return bool(
            self.content
            or self.tool_calls
            or self.reasoning_content
            or self.reasoning
            or self.refusal
            or self.function_call
        )


class _Choice(Struct):
    index: int = 0
    delta: _Said | None = None
    message: _Said | None = None
    finish_reason: str | None = None


class _Usage(Struct):
    completion_tokens: int | None = None


class _Answer(Struct):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: object = None


_decode = msgspec.json.Decoder(_Answer).decode
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class StreamReader:
    """Reads one streamed answer.

    Attributes:
        first: When the first token arrived, or None.
        silence: Longest time between two arrivals after it.
        pieces: Frames that carried text.
        tokens: Tokens the service told, or None.
        error: What an error frame said, in few words; "" while there is none.
    """

    def __init__(self) -> None:
        self.first: float | None = None
        self.silence = 0.0
        self.pieces = 0
        self.tokens: int | None = None
        self.error = ""
        self._last = 0.0
        self._events = EventDecoder(limit=_LONGEST_EVENT)
        self._finishes: Counter[int] = Counter()
        self._done = False
        self._faults: dict[str, None] = {}

    def feed(self, data: bytes, now: float) -> None:
        """Take bytes that arrived at the time `now`."""
        if self.first is not None:
            self.silence = max(self.silence, now - self._last)
        self._last = now
        try:
            for event in self._events.feed(data):
                self._take(event, now)
        except AnswerTooLong:
            self._faults["a frame over 4 MiB"] = None

    def end(self) -> tuple[str, ...]:
        """Return what the stream lacks, now that it is over."""
        if self._events.end():
            # Without its blank line an event is not dispatched by a client.
            self._faults["a frame cut off"] = None
        if not self._finishes:
            self._faults[NO_CHOICE] = None
        if any(count == 0 for count in self._finishes.values()):
            self._faults[NO_FINISH] = None
        if any(count > 1 for count in self._finishes.values()):
            self._faults[TWO_FINISHES] = None
        if not self._done:
            self._faults[NO_DONE] = None
        return tuple(self._faults)

    def _take(self, event: bytes, now: float) -> None:
        if self._done:
            self._faults[AFTER_DONE] = None
            return
        if event == b"[DONE]":
            self._done = True
            return
        try:
            frame = _decode(event)
        except _UNREADABLE:
            self._faults[UNREADABLE] = None
            return
        if frame.error is not None:
            self.error = f"error in the stream: {reason(frame.error)}"
        if frame.usage is not None:
            self.tokens = frame.usage.completion_tokens
        for choice in frame.choices or ():
            self._finishes[choice.index] += choice.finish_reason is not None
            self.pieces += bool(choice.delta)
        if self.pieces and self.first is None:
            self.first = now


class Whole(Struct, frozen=True):
    """A whole answer.

    Attributes:
        pieces: 1 if it holds text, else 0.
        tokens: Tokens the service told, or None.
        faults: What it lacks.
    """

    pieces: int = 0
    tokens: int | None = None
    faults: tuple[str, ...] = ()


def read_whole(body: bytes) -> Whole:
    """Read an answer that was not streamed."""
    try:
        answer = _decode(body)
    except _UNREADABLE:
        return Whole(faults=(NO_COMPLETION,))
    choices = answer.choices or []
    if not choices:
        return Whole(faults=(NO_CHOICE,))
    unfinished = any(choice.finish_reason is None for choice in choices)
    return Whole(
        pieces=int(any(choice.message for choice in choices)),
        tokens=answer.usage.completion_tokens if answer.usage else None,
        faults=(NO_FINISH,) if unfinished else (),
    )


class _Reason(Struct):
    code: object = None
    type: object = None
    message: object = None


class _Refusal(Struct):
    error: object = None


def refused(body: bytes) -> tuple[str, str]:
    """Return the code and the message that the body of a refusal gives, or ""."""
    try:
        error = msgspec.json.decode(body, type=_Refusal).error
        found = msgspec.convert(error, _Reason)
    except (*_UNREADABLE, msgspec.ValidationError):
        return "", ""
    code = found.code if found.code is not None else found.type
    return _short(code), _short(found.message, 200)


def reason(error: object) -> str:
    """Return the code of an error object, or what it is called otherwise."""
    if isinstance(error, dict):
        error = error.get("code") or error.get("type") or error.get("message")
    return _short(error) or "without a reason"


def _short(value: object, most: int = 60) -> str:
    """Return a word for people: from outside, so on one line and not long."""
    text = " ".join(str(value).split()) if value is not None else ""
    return "".join(sign for sign in text if sign.isprintable())[:most]
