"""What is printed for a program arrives whole."""

import os
import subprocess
import sys
import time

import pytest

from tests.command import ROOT

PROGRAM = """
import signal
from ingest.printing import print_json

signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
print_json(b"[" + b"1," * 500_000 + b"1]")
signal.setitimer(signal.ITIMER_REAL, 0)
"""


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_json_is_whole_in_a_slow_pipe_while_signals_come(unbuffered: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        stdout=subprocess.PIPE,
    ) as program:
        assert program.stdout is not None
        printed = b""
        while data := os.read(program.stdout.fileno(), 65_536):
            printed += data
            time.sleep(0.02)

    assert program.returncode == 0
    assert printed == b"[" + b"1," * 500_000 + b"1]\n"
