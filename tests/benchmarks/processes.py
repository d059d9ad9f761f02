"""What a process, and all that it started, takes of the machine. Linux's /proc."""

import os
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """Return `pid` and the processes it started, and theirs."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _fields(int(entry.name))):
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += parents.get(one, [])
    return found


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process and of all that it started, in seconds."""
    total = 0
    for one in family(pid):
        if fields := _fields(one):
            # utime, stime, and those of children that have ended
            total += sum(map(int, fields[11:15]))
    return total / _TICK


def memory(pid: int) -> float:
    """Return the bytes that a process and all that it started hold in memory (PSS).

    A page that several of them share counts once, not once for each.
    """
    return float(sum(map(_own_memory, family(pid))))


def anonymous(pid: int) -> float:
    """Return the bytes that one process holds which no file could give back."""
    return float(_own_memory(pid, "Pss_Anon:"))


def _own_memory(pid: int, kind: str = "Pss:") -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    # A process that is just ending has none.
    found = (line for line in text.splitlines() if line.startswith(kind))
    return int(next(found, f"{kind} 0").split()[1]) * 1024


def _fields(pid: int) -> list[str]:
    """Return the fields of ``/proc/PID/stat`` after the name; [] if it has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()
