"""Runs ``frontdesk`` so that it dies as it changes a file: at the n-th change, or then.

    with dying(home) as runs:
        runs.frontdesk("ingest", "docs")               # to its end; tells how many changes
        runs.frontdesk("ingest", "docs", dies_at=17)   # dies before the 17th
        runs.frontdesk("ingest", "docs", dies_in=0.4)  # SIGKILL after so many seconds

The product knows nothing of this: a hook of Python's audit sees each file that is
opened for writing, renamed, removed, and each process that is started. Commands are
forked from a process that has imported everything, so that hundreds can be run.
"""

import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from msgspec import Struct

from tests.command import ROOT, environment

_CHANGES = frozenset(
    [
        "os.rename",
        "os.remove",
        "os.mkdir",
        "os.rmdir",
        "os.link",
        "os.symlink",
        "os.truncate",
        "os.chmod",
        "os.utime",
        "os.setxattr",
        "shutil.rmtree",
        "shutil.move",
        "subprocess.Popen",
    ]
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Run(Struct, frozen=True, kw_only=True):
    """What came of a command.

    Attributes:
        code: Its exit code; 137 where it died as it was told to.
        changes: How many changes it made, or began to make.
        out: What it wrote to its standard output.
        err: What it wrote to its standard error.
    """

    code: int
    changes: int
    out: str
    err: str

    @property
    def report(self) -> Any:
        """What it printed as JSON."""
        return json.loads(self.out)


class Dying:
    """Commands in a folder of their own, forked one after the other."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def frontdesk(
        self,
        *arguments: str,
        dies_at: int = 0,
        dies_in: float = 0.0,
        dies_before: str = "",
        **variables: str,
    ) -> Run:
        """Run a command.

        Args:
            arguments: Its arguments.
            dies_at: The change before which it dies, from 1; 0 for none.
            dies_in: Seconds after which it and its children are killed; 0 for never.
            dies_before: It dies before something is renamed to this name.
            variables: Of its environment.
        """
        asked = [arguments, dies_at, dies_in, dies_before, variables]
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        code, changes, out, err = json.loads(self._process.stdout.readline())
        return Run(code=code, changes=changes, out=out, err=err)


@contextmanager
def dying(home: Path, **variables: str) -> Iterator[Dying]:
    """Start what forks the commands of `home`."""
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.reliability.dying"],
        cwd=ROOT,
        env=environment(home, FRONTDESK_HOME=str(home), **variables),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Dying(process)
        finally:
            assert process.stdin
            process.stdin.close()


def _serve() -> None:
    # What a command imports as it goes, too.
    import ingest.embedding
    import ingest.index.server_writer  # noqa: F401

    home = os.environ.pop("FRONTDESK_HOME")
    for line in sys.stdin:
        arguments, dies_at, dies_in, dies_before, variables = json.loads(line)
        with tempfile.TemporaryDirectory() as place:
            child = os.fork()
            if child == 0:
                os.environ.update(variables)
                os.chdir(home)
                _become(arguments, dies_at, dies_before, Path(place))
            told = _wait(child, dies_in, Path(place))
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


def _wait(child: int, dies_in: float, place: Path) -> tuple[int, int, str, str]:
    killing = threading.Timer(dies_in, _kill, (child,))
    if dies_in:
        killing.start()
    _, status = os.waitpid(child, 0)
    killing.cancel()
    code = os.waitstatus_to_exitcode(status)
    out, err = ((place / name).read_text(errors="replace") for name in ("out", "err"))
    changes = len((place / "changes").read_bytes())
    return (128 - code if code < 0 else code), changes, out, err


def _kill(child: int) -> None:
    # It may have just ended, or not have got its own group yet.
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)


def _become(arguments: list[str], dies_at: int, dies_before: str, place: Path) -> None:
    """Be the command; this does not return."""
    from app.cli import main

    os.setsid()
    for descriptor, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(place / name, os.O_WRONLY | os.O_CREAT), descriptor)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    count = os.open(place / "changes", os.O_WRONLY | os.O_CREAT)
    # Threads change files at the same time: each takes a number of its own.
    numbers = itertools.count(1)

    def see(event: str, given: tuple[Any, ...]) -> None:
        writes = event == "open" and given[2] & _WRITING
        if not writes and event not in _CHANGES:
            return
        number = next(numbers)
        os.write(count, b".")
        shown = event == "os.rename" and Path(os.fsdecode(given[1])).name == dies_before
        if number == dies_at or shown:
            os._exit(137)

    sys.addaudithook(see)
    code: Any = 1
    try:
        main(args=arguments, prog_name="frontdesk")
    except SystemExit as end:
        code = end.code or 0
    finally:
        if code == 1 and sys.exc_info()[0] is not None:
            sys.excepthook(*sys.exc_info())
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve()
