"""What is written to the log: one JSON object per line, with the request's id.

Ids, sizes, timings and codes only; questions and documents never. A slow or
broken target must not hold up a request, so lines go through a bounded queue.
"""

import atexit
import logging
import logging.handlers
import queue
import re
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any, TextIO

import msgspec

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the request being answered, or "" outside of one."""

_QUEUE = 10_000
_TEXT = 6000
_TALKATIVE = ("aiosqlite", "alembic", "httpx", "httpx2", "openai")
"""Loggers that write addresses, which may hold a password, values, or every step."""

_KEY = re.compile(
    # Keys, tokens of sessions, and what a header of that name holds.
    r"(\b(?:sk-|[rw]k_|(?i:Bearer )|eyJ)|"
    r"\b(?i:authorization|x-api-key)[^A-Za-z0-9]{1,6}(?:(?i:Bearer|Basic) )?)"
    r"[A-Za-z0-9_\-.+/=~]{8,}"
)


class JSONFormatter(logging.Formatter):
    """Writes a record as one line of JSON of bounded length."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        line: dict[str, Any] = {
            "time": _timestamp(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage()[:_TEXT],
        }
        if known := request_id.get():
            line["request_id"] = known
        line.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            # An exception's text may quote a message; its frames never do.
            line["frames"] = _frames(record.exc_info[2])
        # Last, for any field of the line may hold one.
        return _KEY.sub(r"\1…", msgspec.json.encode(line).decode())


class DroppingQueueHandler(logging.handlers.QueueHandler):
    """Formats in the caller, hands over to a thread, and drops when that lags.

    Attributes:
        dropped: Lines lost so far.
    """

    dropped = 0

    def enqueue(self, record: logging.LogRecord) -> None:
        """Put `record` into the queue if there is room."""
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            self.dropped += 1


def configure(level: str) -> None:
    """Send log lines of this process to its standard error, until it ends.

    Args:
        level: Least severe level that is written, such as "info".
    """
    opened = logging_to(sys.stderr, level)
    opened.__enter__()
    atexit.register(opened.__exit__, None, None, None)


@contextmanager
def logging_to(stream: TextIO, level: str) -> Iterator[None]:
    """Send log lines of the process, from `level` up, to `stream` while this is open."""
    lines: queue.Queue[logging.LogRecord] = queue.Queue(_QUEUE)
    handler = DroppingQueueHandler(lines)
    handler.setFormatter(JSONFormatter())
    listener = logging.handlers.QueueListener(lines, logging.StreamHandler(stream))
    root = logging.getLogger()
    before = root.handlers[:], root.level
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    listener.start()
    try:
        yield
    finally:
        listener.stop()
        root.handlers = before[0]
        root.setLevel(before[1])


def _timestamp(seconds: float) -> str:
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds % 1 * 1000):03d}Z"


def _frames(raised: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(raised)[-8:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
