"""Runs the frontdesk command as people do: in its own process, in a folder of its own."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def environment(home: Path, **variables: str) -> dict[str, str]:
    """Return what a command needs: the index under `home`, compiled models shared."""
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "TMPDIR")}
    return kept | {
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "INDEX_URL": f"file:{home / 'index'}",
        "INDEX_DISK_FLOOR": "1000000",
        # One process reads what little most folders here hold as fast as several do.
        "READ_WORKERS": "1",
        "EMBEDDING_CACHE": str(ROOT / "data" / "models"),
        **variables,
    }


def start(
    home: Path, *arguments: str, prefix: str = "", **variables: str
) -> "subprocess.Popen[str]":
    """Start ``frontdesk`` with `arguments`; the caller waits for it or ends it.

    Args:
        home: Folder it runs in.
        arguments: Of the command.
        prefix: A command that runs it, as a shell reads it.
        variables: Of its environment.
    """
    command = [sys.executable, "-W", "ignore", "-m", "app.cli", *arguments]
    return subprocess.Popen(
        [*shlex.split(prefix), *command],
        cwd=home,
        env=environment(home, **variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def frontdesk(
    home: Path, *arguments: str, **variables: str
) -> "subprocess.CompletedProcess[str]":
    """Run ``frontdesk`` with `arguments` to its end."""
    process = start(home, *arguments, **variables)
    out, err = process.communicate(timeout=300)
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def told(done: "subprocess.CompletedProcess[str]", *, code: int = 2) -> str:
    """Return the one line that a command says which failed with `code`."""
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("error: ")
    return line
