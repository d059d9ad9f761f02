"""The process in which files are parsed; ingest/sandbox.py starts it.

    stdin  ──▶ length, Task, the file's bytes
    stdout ◀── length, Outcome

Files come from anybody and parsers are large, so this process first gives up what
a parser has no use for: the network, unlimited memory and time, core dumps.
"""

import ctypes
import math
import os
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

import msgspec

from ingest.errors import ReadError
from ingest.processes import LENGTH
from ingest.readers import read
from ingest.readers.formats import NAMES
from ingest.readers.task import Outcome, Task

_OPEN_FILES = 128
_FILE_BYTES = 256 * 1024 * 1024
_NICENESS = 5
_NEW_NETWORK = 0x40000000
_NEW_USER = 0x10000000
_CONNECTING = frozenset(
    f"socket.{call}"
    for call in (
        "connect",
        "sendto",
        "sendmsg",
        "getaddrinfo",
        "gethostbyname",
        "gethostbyaddr",
        "getnameinfo",
    )
)


def main(memory: int, seconds: float) -> None:
    """Read the documents that come on stdin until it ends.

    Args:
        memory: Bytes of address space this process may take.
        seconds: Seconds of CPU time one document may take.
    """
    answers = _own_stdout()
    _limit(memory)
    _cut_network()
    _send(answers, b"")
    while header := sys.stdin.buffer.read(LENGTH.size):
        (size,) = LENGTH.unpack(header)
        task = msgspec.msgpack.decode(sys.stdin.buffer.read(size), type=Task)
        data = sys.stdin.buffer.read(task.size)
        _allow_cpu(seconds)
        _send(answers, _answer(task, data, memory=memory))


def _own_stdout() -> BinaryIO:
    """Return the pipe that stdout was; what parsers print goes to stderr."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _send(answers: BinaryIO, answer: bytes) -> None:
    answers.write(LENGTH.pack(len(answer)))
    answers.write(answer)
    answers.flush()


def _limit(memory: int) -> None:
    os.nice(_NICENESS)
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, _FILE_BYTES),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        # macOS refuses some of these; the others still hold there.
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most))


def _allow_cpu(seconds: float) -> None:
    """Allow this much more CPU time; the limit counts from the process's start."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(usage.ru_utime + usage.ru_stime + seconds) + 1
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _cut_network() -> None:
    """Leave the network, in the kernel where it lets us and in Python anyway."""
    with suppress(OSError, AttributeError):
        unshare: Callable[[int], int] = ctypes.CDLL(None).unshare
        # Root keeps its rights in a network of its own; others get one together
        # with a user namespace, if the system grants that.
        if unshare(_NEW_NETWORK) != 0:
            unshare(_NEW_NETWORK | _NEW_USER)
    sys.addaudithook(_refuse_connections)


def _refuse_connections(event: str, _arguments: object) -> None:
    if event in _CONNECTING:
        raise PermissionError("a document is read without network")


def _answer(task: Task, data: bytes, *, memory: int) -> bytes:
    """Return the encoded outcome of a task, whatever happens in the reader."""
    try:
        reading = read(task.name, data, task.media_type)
        return msgspec.msgpack.encode(Outcome(reading=reading))
    except ReadError as error:
        outcome = Outcome(reason=error.reason)
    except MemoryError:
        outcome = Outcome(
            reason=f"it needed more than {memory // 1024 // 1024} MB of memory; split it",
            exhausted=True,
        )
    except Exception as error:  # noqa: BLE001 - one document of a run
        # Whatever a parser raises, the others are read.
        kind = NAMES.get(task.media_type, task.media_type)
        outcome = Outcome(
            reason=f"it could not be parsed as {kind} ({type(error).__name__})"
        )
    return msgspec.msgpack.encode(outcome)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
