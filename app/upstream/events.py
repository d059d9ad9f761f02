"""Bytes of a stream become the data of its events. Pure.

Source:
    "Server-sent events", WHATWG HTML standard, section 9.2.6. Where servers
    differ from it (no blank line between two objects), both forms are read.
"""

import json
from typing import Any

import msgspec

from app.errors import AnswerTooLong, UpstreamBroken

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
        self._line = b""
        self._data: list[bytes] = []
        self._size = 0
        self._after_cr = False
        self._first = True

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes; return the data of each event that is now whole.

        Raises:
            AnswerTooLong: An event is over the limit.
        """
        if whole := self._whole(data):
            return whole
        second_half = self._after_cr and data.startswith(b"\n")
        self._after_cr = data.endswith(b"\r") if data else self._after_cr
        if second_half:
            data = data[1:]
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, self._line = (self._line + data).split(b"\n")
        if len(self._line) + self._size > self._limit:
            raise AnswerTooLong("an event of the upstream is over the limit")
        return [event for line in lines if (event := self._take(line))]

    def _whole(self, data: bytes) -> list[bytes]:
        """Return the data of events that come just as they are usually written.

        Empty if they do not: one line each, in whole, after a whole one.
        """
        begun = self._line or self._data or self._after_cr
        if begun or not (data.startswith(b"data: {") and data.endswith(b"}\n\n")):
            return []
        events = data[6:-2].split(b"\n\ndata: ")
        if data.count(b"\n") != 2 * len(events) or b"\r" in data:
            return []
        self._first = False
        return events

    def end(self) -> list[bytes]:
        """Return the data of an event that was not closed by a blank line."""
        line, self._line = self._line, b""
        found = [self._take(line), self._take(b"")]
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
            self._size += len(value)
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
    decoder, found = json.JSONDecoder(), []
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
    return json.loads(clean)
