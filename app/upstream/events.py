"""Bytes of a stream become the data of its events. Pure.

Source:
    "Server-sent events", WHATWG HTML standard, section 9.2.6. Where servers
    differ from it (no blank line between two objects), both forms are read.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from app.errors import AnswerTooLong, UpstreamBroken

_DIGITS = 19
"""Digits of a whole number from which on it may not fit into 64 bits."""

_BOM = b"\xef\xbb\xbf"


class EventDecoder:
    """Cuts bytes into events, however they were split on the way.

    A line may end with LF, CRLF or CR; comments, names and ids of events are
    passed over.
    """

    def __init__(self, *, limit: int) -> None:
        """Start before the first byte.

        Args:
            limit: Bytes of the longest event.
        """
        self._limit = limit
        self._line: list[bytes] = []
        self._begun = 0
        self._data: list[bytes] = []
        self._size = 0
        self._after_cr = False
        self._first = True

    def feed(self, data: bytes) -> Iterable[bytes]:
        """Take the next bytes; return the data of each event that is now whole.

        Iterate to the end: an event that is over the limit is told in its turn,
        wherever the bytes were split.

        Raises:
            AnswerTooLong: An event is over the limit.
        """
        return self._whole(data) or self._by_lines(data)

    def _whole(self, data: bytes) -> list[bytes]:
        """Return the data of events that come just as they are usually written.

        Empty if they do not: one line each, in whole, after a whole one.
        """
        begun = self._begun or self._data or self._after_cr
        if begun or not (data.startswith(b"data: {") and data.endswith(b"}\n\n")):
            return []
        events = data[6:-2].split(b"\n\ndata: ")
        if data.count(b"\n") != 2 * len(events) or b"\r" in data:
            return []
        if len(data) > self._limit:
            return []
        self._first = False
        return events

    def _by_lines(self, data: bytes) -> Iterator[bytes]:
        second_half = self._after_cr and data.startswith(b"\n")
        self._after_cr = data.endswith(b"\r") if data else self._after_cr
        if second_half:
            data = data[1:]
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        first, *others = data.split(b"\n")
        self._grow(first)
        for line in others:
            if event := self._take(self._end_of_line()):
                yield event
            self._grow(line)

    def _grow(self, part: bytes) -> None:
        """Take a part of a line. It is joined at its end only: a line may be long."""
        if not part:
            return
        self._line.append(part)
        self._begun += len(part)
        if self._begun + self._size > self._limit:
            raise AnswerTooLong("an event of the upstream is over the limit")

    def _end_of_line(self) -> bytes:
        line = b"".join(self._line)
        self._line, self._begun = [], 0
        return line

    def end(self) -> list[bytes]:
        """Return the data of an event that was not closed by a blank line."""
        found = [self._take(self._end_of_line()), self._take(b"")]
        return [event for event in found if event]

    def _take(self, line: bytes) -> bytes:
        """Take one line; return the data of the event it closes, or b""."""
        if self._first:
            line, self._first = line.removeprefix(_BOM), False
        if not line:
            data, self._data, self._size = b"\n".join(self._data), [], 0
            return data
        if line.startswith(b"data:"):
            value = line[6:] if line[5:6] == b" " else line[5:]
            self._data.append(value)
            # An empty one takes room, too.
            self._size += len(value) + 1
        return b""


def objects(data: bytes) -> list[Any]:
    """Return the JSON values that the data of one event holds.

    Text that is not UTF-8 is read with replacement characters, and halves of a
    surrogate pair become them too.

    Raises:
        UpstreamBroken: It is not JSON.
    """
    try:
        return [msgspec.json.decode(data)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _objects_one_by_one(data.decode("utf-8", "replace"))


def _objects_one_by_one(text: str) -> list[Any]:
    decoder, found = json.JSONDecoder(parse_int=_number), []
    text = text.strip()
    try:
        while text:
            value, end = decoder.raw_decode(text)
            found.append(_whole_characters(value))
            text = text[end:].lstrip()
    except (ValueError, RecursionError) as error:
        raise UpstreamBroken("an event of the upstream is not JSON") from error
    return found


def _whole_characters(value: Any) -> Any:  # noqa: ANN401 — any JSON value
    text = json.dumps(value, ensure_ascii=False)
    clean = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return json.loads(clean, parse_int=_number)


def _number(digits: str) -> int | float:
    """Return a whole number, or the nearest one that can be written again."""
    return int(digits) if len(digits) < _DIGITS else float(digits)
