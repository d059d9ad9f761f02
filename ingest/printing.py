"""Prints what a program reads: whole, or with an error."""

import sys


def print_json(encoded: bytes) -> None:
    """Print JSON on stdout, and the end of a line.

    Raises:
        OSError: It could not be written.
    """
    sys.stdout.flush()
    rest = memoryview(encoded + b"\n")
    # Unbuffered, a write that a signal interrupts has written a part, and says so;
    # `print` does not listen.
    while rest:
        written = sys.stdout.buffer.write(rest)
        rest = rest[written:]
    sys.stdout.buffer.flush()
