"""What is written to the log: one JSON object per line, with the request's id.

Ids, sizes, timings and codes only; questions and documents never. A slow or
broken target must not hold up a request, so lines go through a bounded queue.

    request ──▶ sampled ──▶ formatted, redacted ──▶ queue ──▶ thread ──▶ target
                   └────────────── lost lines are counted ──────┘
"""

import atexit
import io
import logging
import os
import queue
import re
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from types import TracebackType
from typing import Any, TextIO

import msgspec

from app.losses import Losses, Sampler

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the request being answered, or "" outside of one."""

LOSSES = Losses()
"""What this process could not write."""

_QUEUE = 10_000
_TEXT = 6000
_SHORT = 200
_LONGEST = 8192
"""Bytes of a line, with its end."""
_BEAT = 1.0
"""Seconds between two lines about lines that were lost."""
_GOODBYE = 2.0
"""Seconds that the last lines have to be written when the process ends."""
_TALKATIVE = ("aiosqlite", "alembic", "httpx", "httpx2", "openai")
"""Loggers that write addresses, which may hold a password, values, or every step."""

_KEY = re.compile(
    # Keys, tokens of sessions, and what a header of that name holds.
    r"(\b(?:sk-|[rw]k_|(?i:Bearer )|eyJ)|"
    r"\b(?i:authorization|x-api-key)[^A-Za-z0-9]{1,6}(?:(?i:Bearer|Basic) )?)"
    r"[A-Za-z0-9_\-.+/=~]{8,}"
)
_PASSWORD = re.compile(r"(://[^/?#\s\"'@:]*:)[^/?#\s\"']+@")
"""What stands between user and host in an address."""


def redacted(text: str) -> str:
    """Return `text` without what looks like a key, or a password in an address."""
    return _PASSWORD.sub(r"\1…@", _KEY.sub(r"\1…", text))


class JSONFormatter(logging.Formatter):
    """Writes a record as one line of JSON of bounded length."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        line: dict[str, Any] = {
            "time": _timestamp(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redacted(record.getMessage())[:_TEXT],
        }
        if known := request_id.get():
            line["request_id"] = known
        line.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            # An exception's text may quote a message; its frames never do.
            line["frames"] = _frames(record.exc_info[2])
        text = _encoded(line)
        if len(text.encode()) < _LONGEST:
            return text
        text = _encoded(_short(line))
        if len(text.encode()) < _LONGEST:
            return text
        return _encoded(_short({name: line[name] for name in list(line)[:4]}))


class QueueHandler(logging.Handler):
    """Formats in the caller, hands over to a thread, and drops when that lags."""

    def __init__(self, lines: "queue.Queue[str]", losses: Losses) -> None:
        """Put lines into `lines`; note in `losses` which are not."""
        super().__init__()
        self.setFormatter(JSONFormatter())
        self._lines = lines
        self._losses = losses
        self._sampler = Sampler()

    def emit(self, record: logging.LogRecord) -> None:
        """Put the line of `record` into the queue if there is room."""
        if not self._sampler.takes(record.name, str(record.msg), time.monotonic()):
            self._losses.lose("sampled")
            return
        try:
            self._lines.put_nowait(self.format(record))
        except queue.Full:
            self._losses.lose("queue")
        except (TypeError, ValueError):
            # The module's own way prints the arguments: what somebody said.
            self._losses.lose("malformed")


class _Writer(threading.Thread):
    """Writes lines to a target, which may be full, gone, or not be read."""

    def __init__(
        self, lines: "queue.Queue[str]", stream: TextIO, losses: Losses
    ) -> None:
        super().__init__(name="log", daemon=True)
        self._lines = lines
        self._stream = stream
        self._losses = losses
        self._told = time.monotonic()
        self._cut = False
        self._ending = threading.Event()

    def run(self) -> None:
        """Write what comes, until told to end and nothing is left."""
        while not (self._ending.is_set() and self._lines.empty()):
            with suppress(queue.Empty):
                self._write(self._lines.get(timeout=0.1))
            if time.monotonic() - self._told >= _BEAT:
                self._tell()
        self._tell()

    def end(self) -> None:
        """Wait for the last lines, for as long as a target that works takes."""
        self._ending.set()
        self.join(_GOODBYE)

    def _tell(self) -> None:
        """Say how many lines were lost, once the target takes lines again."""
        self._told = time.monotonic()
        if lost := self._losses.take():
            record = logging.makeLogRecord(
                {"levelno": logging.WARNING, "levelname": "WARNING", "name": __name__,
                 "msg": "log lines were lost", "fields": {"lost": lost}},
            )  # fmt: skip
            if not self._write(JSONFormatter().format(record), counted=False):
                self._losses.untell(lost)

    def _write(self, line: str, *, counted: bool = True) -> bool:
        try:
            self._put(("\n" if self._cut else "") + line + "\n")
        except (OSError, ValueError):
            if counted:
                self._losses.lose("target")
            return False
        return True

    def _put(self, text: str) -> None:
        try:
            descriptor = self._stream.fileno()
        except io.UnsupportedOperation:
            self._stream.write(text)
            return
        # Not through the stream: who waits in it would hold its lock at the end.
        left = memoryview(text.encode())
        while left:
            self._cut = self._cut or len(left) < len(text)
            left = left[os.write(descriptor, left) :]
        self._cut = False


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
    lines: queue.Queue[str] = queue.Queue(_QUEUE)
    writer = _Writer(lines, stream, LOSSES)
    root = logging.getLogger()
    before = root.handlers[:], root.level
    root.handlers = [QueueHandler(lines, LOSSES)]
    root.setLevel(level.upper())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    writer.start()
    try:
        yield
    finally:
        root.handlers = before[0]
        root.setLevel(before[1])
        writer.end()


def _encoded(line: dict[str, Any]) -> str:
    try:
        text = msgspec.json.encode(line, enc_hook=lambda value: type(value).__name__)
    except UnicodeEncodeError:
        # Half a character, which some caller's name may hold.
        return _encoded(_short(line))
    # Last, for any field of the line may hold one.
    return redacted(text.decode())


def _short(line: dict[str, Any]) -> dict[str, Any]:
    return {str(_shortened(name)): _shortened(value) for name, value in line.items()}


def _shortened(value: object) -> object:
    """Return a value of a line so that it is whole in its characters, and short."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = redacted(value if isinstance(value, str) else repr(value))
    return text.encode(errors="replace").decode()[:_SHORT]


def _timestamp(seconds: float) -> str:
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds % 1 * 1000):03d}Z"


def _frames(raised: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(raised)[-8:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
