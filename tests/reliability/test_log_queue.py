"""A log whose queue is full: nobody waits, and what is lost is counted and told (P11)."""

import json
import logging
import os
import time

import pytest

from app.logs import LOSSES, logging_to
from tests.reliability.recording import Seen

_LINES = 13_000
"""More than the queue holds, and a pipe before it."""

log = logging.getLogger(__name__)


def read_all(reading: int, *, seconds: float) -> list[dict[str, object]]:
    """Read a pipe until every line was read or told of as lost."""
    said, deadline = b"", time.monotonic() + seconds
    os.set_blocking(reading, False)
    while time.monotonic() < deadline:
        try:
            said += os.read(reading, 1 << 20)
        except BlockingIOError:
            lines = [json.loads(line) for line in said.splitlines() if line]
            if len(written(lines)) + lost(lines) >= _LINES:
                return lines
            time.sleep(0.1)
    raise AssertionError("lines are missing, and nobody told of them")


def written(lines: list[dict[str, object]]) -> list[str]:
    """Return the lines that were meant."""
    return [str(line["message"]) for line in lines if "lost" not in line]


def lost(lines: list[dict[str, object]]) -> int:
    """Return how many lines are told of as lost for want of room."""
    told = [line["lost"] for line in lines if "lost" in line]
    return sum(int(one.get("queue", 0)) for one in told if isinstance(one, dict))


@pytest.mark.row(
    "P11",
    "13,000 lines while nobody reads: the queue of 10,000 is full",
    "nobody waits; every line is written, or counted and told of afterwards",
)
def test_of_a_full_queue_each_line_is_written_or_told_of_as_lost(seen: Seen) -> None:
    reading, writing = os.pipe()
    LOSSES.take()
    slowest = 0.0
    try:
        with os.fdopen(writing, "w") as target, logging_to(target, "info"):
            began = time.monotonic()
            for number in range(_LINES):
                before = time.monotonic()
                # Each is a message of its own, or most would be left out as alike.
                message = f"line {number}"
                log.info(message)
                slowest = max(slowest, time.monotonic() - before)
            each = (time.monotonic() - began) / _LINES
            state = LOSSES.state()[0]
            lines = read_all(reading, seconds=60)
    finally:
        os.close(reading)

    kept, gone = written(lines), lost(lines)
    seen(
        f"{each * 1e6:.0f} µs a line; {len(kept):,} written, {gone:,} told of as lost; "
        f"the log is {state} meanwhile"
    )
    assert len(kept) + gone == _LINES
    assert 10_000 <= len(kept) < _LINES
    # The oldest are kept, then what finds room that others left, all in their order.
    numbers = [int(line.removeprefix("line ")) for line in kept]
    assert numbers[:10_000] == list(range(10_000))
    assert numbers == sorted(set(numbers))
    assert state == "degraded"
    assert slowest < 1
