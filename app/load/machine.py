"""Watches the machine that asks: what else it does, and whether it comes late."""

import asyncio
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from msgspec import Struct

from app.load.runs import Machine

_LOOK = 0.3
"""Seconds for which the machine is watched before a run."""

_BEAT = 0.02
"""Seconds between two looks at how late this process comes."""

_STAT = Path("/proc/stat")

_FILES = 64
"""Files this process holds beside its connections, and to spare."""

_BUSY_BEFORE = 0.2
_LOAD_BEFORE = 0.5
_STEAL = 0.02
_BUSY = 0.95
_OWN = 0.8
_LATE = 20.0
"""Milliseconds."""


class Ticks(Struct, frozen=True):
    """Processor time of the whole machine since it started, in its own unit.

    Attributes:
        total: All of it.
        idle: What nobody used.
        steal: What the host took away.
    """

    total: int
    idle: int
    steal: int


def ticks_of(stat: str) -> Ticks | None:
    """Return what the first line of ``/proc/stat`` tells, or None if it does not.

    Source:
        proc_stat(5): user nice system idle iowait irq softirq steal guest
        guest_nice, where guest time is part of user time.
    """
    words = stat.partition("\n")[0].split()
    if len(words) < 9 or words[0] != "cpu" or not all(w.isdigit() for w in words[1:]):
        return None
    numbers = [int(word) for word in words[1:9]]
    return Ticks(sum(numbers), numbers[3] + numbers[4], numbers[7])


class Watch:
    """Watches from its `begin` to its `end`."""

    def __init__(self) -> None:
        self._lags: list[float] = []
        self._before = Machine(cores=len(_cores()))
        self._ticks: Ticks | None = None
        self._wall = self._own = 0.0

    async def look_before(self) -> Machine:
        """Return how busy the machine is while this process does nothing."""
        then = _ticks()
        await asyncio.sleep(_LOOK)
        busy, _ = _shares(then, _ticks())
        load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
        self._before = Machine(cores=len(_cores()), load_before=load, busy_before=busy)
        return self._before

    def begin(self) -> None:
        """Start to watch."""
        self._ticks = _ticks()
        self._wall, self._own = time.perf_counter(), time.process_time()

    async def beat(self, on_beat: Callable[[], None]) -> None:
        """Measure how late this process comes, until cancelled.

        Args:
            on_beat: Is called about once a second.
        """
        shown = time.perf_counter()
        while True:
            due = time.perf_counter() + _BEAT
            await asyncio.sleep(_BEAT)
            now = time.perf_counter()
            self._lags.append(max(now - due, 0.0) * 1000)
            if now - shown >= 1:
                shown = now
                on_beat()

    def end(self) -> Machine:
        """Return how the machine was."""
        wall = time.perf_counter() - self._wall
        busy, steal = _shares(self._ticks, _ticks())
        lags = np.asarray(self._lags or [0.0])
        return Machine(
            cores=self._before.cores,
            load_before=self._before.load_before,
            busy_before=self._before.busy_before,
            busy=busy,
            steal=steal,
            own=(time.process_time() - self._own) / wall if wall else 0.0,
            lag_p99=float(np.quantile(lags, 0.99)),
            lag_most=float(lags.max()),
        )


def allow_connections(count: int) -> int:
    """Let this process hold `count` connections, as far as the system does.

    Returns:
        Connections it may hold now.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + _FILES
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft - _FILES


def warnings_before(machine: Machine) -> list[str]:
    """Return what speaks against a run now, a sentence each."""
    found = []
    if machine.busy_before is not None and machine.busy_before > _BUSY_BEFORE:
        found.append(
            f"the machine was loaded before: {machine.busy_before:.0%} of its "
            "processor time was in use"
        )
    load = machine.load_before
    if load is not None and load > _LOAD_BEFORE * machine.cores:
        found.append(
            f"the machine was loaded before: load average {load:.1f} "
            f"on {machine.cores} cores"
        )
    return found


def warnings_during(machine: Machine) -> list[str]:
    """Return why the figures of a run may not be those of the service."""
    found = []
    if machine.steal is not None and machine.steal > _STEAL:
        found.append(
            f"the host took {machine.steal:.1%} of the processor time away (steal)"
        )
    if machine.busy is not None and machine.busy > _BUSY:
        found.append(
            f"all cores of this machine were in use ({machine.busy:.0%}): latencies "
            "hold time spent waiting for a core"
        )
    if machine.own > _OWN:
        found.append(
            f"frontdesk bench itself was the limit: it took {machine.own:.0%} of the "
            "one core it can use"
        )
    if machine.lag_p99 > _LATE:
        found.append(
            f"frontdesk bench itself came late: 1 time in 100 by more than "
            f"{machine.lag_p99:.0f} ms, at most {machine.lag_most:.0f} ms; "
            "latencies hold that"
        )
    return found


def _cores() -> set[int]:
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


def _ticks() -> Ticks | None:
    try:
        return ticks_of(_STAT.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError):
        return None  # not Linux


def _shares(then: Ticks | None, now: Ticks | None) -> tuple[float | None, float | None]:
    """Return the shares of processor time in use and stolen between two looks."""
    if then is None or now is None or now.total <= then.total:
        return None, None
    total = now.total - then.total
    idle, steal = now.idle - then.idle, now.steal - then.steal
    # Idle time may seem to run backwards when cores go to sleep.
    return min(max(1 - idle / total, 0.0), 1.0), min(max(steal / total, 0.0), 1.0)
