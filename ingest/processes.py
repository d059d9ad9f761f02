"""What the processes that we start have in common.

Documents are read, passages scored and indexes searched in processes of their own.
Each is a command (`python -m MODULE`), not forked or spawned by multiprocessing: it
never holds our environment with its keys and never imports our main module.
"""

import os
import signal
import struct
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import ingest

LENGTH = struct.Struct("<Q")
"""Goes before every message of a pipe: its length in bytes."""

_LAST_STANDARD = 2

_FIXED = {
    "LANG": "C.UTF-8",
    "PYTHONUTF8": "1",
    "PYTHONNOUSERSITE": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}


def command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of ours."""
    # -P: a file in the folder where we stand must not pass for a module.
    return [sys.executable, "-P", "-m", module, *arguments]


def environment(
    fixed: Mapping[str, str], passed_on: Iterable[str] = ()
) -> dict[str, str]:
    """Return all that a process may know of our environment: no keys.

    Args:
        fixed: What it is told besides what all of them are.
        passed_on: Variables it is told as they are here, if they are set.
    """
    known = ("PATH", "LD_LIBRARY_PATH", *passed_on)
    same = {name: os.environ[name] for name in known if name in os.environ}
    root = str(Path(ingest.__file__).parent.parent)
    return {**same, **_FIXED, **fixed, "PYTHONPATH": root}


def fill_standard_streams() -> None:
    """Open the null device wherever standard input, output or error is closed.

    Whatever is opened next takes the lowest number: a socket would be read as input by
    the processes that we start, and written to by whoever prints.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _LAST_STANDARD:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    # Python found them closed, and has none of its own for them.
    sys.stdin = sys.stdin or os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8", closefd=False)


def epitaph(code: int | None) -> str:
    """Return in words how a process ended that had this exit code."""
    if code is None:
        return "its process ended"
    if code < 0:
        return f"its process ended with {signal.Signals(-code).name}"
    return f"its process ended with exit code {code}"
