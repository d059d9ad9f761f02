"""The process in which files are parsed; ingest/sandbox.py starts it.

stdin  ──▶ length, Task, the file's bytes
stdout ◀── length, Confinement, then for each task length, Outcome
"""

import os
import sys
from pathlib import Path
from typing import BinaryIO

import msgspec

from ingest.errors import ReadError
from ingest.processes import LENGTH
from ingest.readers import read
from ingest.readers.confinement import allow_cpu, confine
from ingest.readers.formats import NAMES
from ingest.readers.task import Outcome, Task, most_answer


def main(memory: int, seconds: float) -> None:
    """Read the documents that come on stdin until it ends.

    Args:
        memory: Bytes of address space this process may take.
        seconds: Seconds of CPU time one document may take.
    """
    answers = _own_stdout()
    _send(answers, msgspec.msgpack.encode(confine(memory, str(Path.cwd()))))
    while header := sys.stdin.buffer.read(LENGTH.size):
        (size,) = LENGTH.unpack(header)
        task = msgspec.msgpack.decode(sys.stdin.buffer.read(size), type=Task)
        data = sys.stdin.buffer.read(task.size)
        allow_cpu(seconds)
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


def _answer(task: Task, data: bytes, *, memory: int) -> bytes:
    """Return the encoded outcome of a task, whatever happens in the reader."""
    try:
        reading = read(task.name, data, task.media_type, hidden_text=task.hidden_text)
        answer = msgspec.msgpack.encode(Outcome(reading=reading))
        if len(answer) <= most_answer(len(data)):
            return answer
        reason = "its text is many times as large as the file; split it"
        outcome = Outcome(reason=reason, exhausted=True)
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
