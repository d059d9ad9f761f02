"""What a piece costs on its way from the upstream to the caller, beside bare relays.

Long streams less short ones: what a request costs to begin, retrieval above all, is in
both and falls away. The same load from ``frontdesk bench`` and the same upstream for all.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from app.load.runs import Run
from tests.benchmarks.figures import Figure, Part, in_turn, main, paired
from tests.benchmarks.opening import measure_opening
from tests.benchmarks.processes import cpu_seconds
from tests.command import ROOT, frontdesk, start
from tests.service import running

_CALLERS, _REQUESTS = 16, 48
_SHORT, _LONG = 20, 420
_GAP = 5
"""Milliseconds between two pieces."""


@contextmanager
def fake(home: Path, pieces: int) -> Iterator[str]:
    """Serve an upstream of answers of `pieces` pieces; yields its address."""
    process = start(
        home, "bench", "--fake-upstream", "--first-byte=5", f"--gap={_GAP}",
        f"--pieces={pieces}",
    )  # fmt: skip
    with _ended(process) as address:
        yield address


@contextmanager
def baseline(kind: str, upstream: str) -> Iterator[tuple[str, int]]:
    """Serve a bare relay; yields its address and the process's number."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.relay_baselines", kind, upstream],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with _ended(process) as address:
        yield address, process.pid


@contextmanager
def _ended(process: "subprocess.Popen[str]") -> Iterator[str]:
    with process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def load(home: Path, address: str, *, callers: int, requests: int) -> Run:
    """Ask `address` and return the run; every answer must be complete."""
    file = home / "run.json"
    done = frontdesk(
        home, "bench", address, f"--concurrency={callers}", f"--requests={requests}",
        "--json", str(file),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return msgspec.json.decode(file.read_bytes(), type=Run)


def measure(home: Path, *, quick: bool) -> Part:
    """Measure what a piece costs: ours, bytes unread, and objects of the SDK."""
    if not (home / "index").exists():
        frontdesk(home, "ingest", str(ROOT / "data" / "documents"))
    requests = _CALLERS if quick else _REQUESTS
    with ExitStack() as stack:
        sides: dict[str, list[tuple[str, int]]] = {"ours": [], "raw": [], "parsed": []}
        for pieces in (_SHORT, _LONG):
            upstream = stack.enter_context(fake(home, pieces))
            ours = stack.enter_context(running(home, OPENAI_BASE_URL=upstream))
            sides["ours"].append((ours.address, ours.process.pid))
            for kind in ("raw", "parsed"):
                sides[kind].append(stack.enter_context(baseline(kind, upstream)))

        def piece(kind: str) -> float:
            """Return the microseconds of processor time that one piece takes."""
            taken = []
            for address, pid in sides[kind]:
                before = cpu_seconds(pid)
                load(home, address, callers=_CALLERS, requests=requests)
                taken.append(cpu_seconds(pid) - before)
            # One question is asked before the run.
            count = (requests + 1) * (_LONG - _SHORT)
            return (taken[1] - taken[0]) / count * 1e6

        ways = [lambda kind=kind: piece(kind) for kind in sides]
        told = in_turn(ways, rounds=1 if quick else 3)
    return Part(
        title="From the upstream to the caller",
        figures=(
            *(
                Figure(
                    what="CPU per relayed piece, whole service",
                    unit="µs",
                    ours=figures[0],
                    baseline=name,
                    theirs=figures[1],
                    asked=asked,
                    low=figures[2],
                    high=figures[3],
                )
                for name, asked, theirs in (
                    ("raw aiohttp relay", 2.0, told[1]),
                    ("SDK objects parsed and dumped", 1 / 3, told[2]),
                )
                for figures in (paired(told[0], theirs),)
            ),
            *measure_opening(quick=quick),
        ),
        notes=(
            f"{requests} streams, {_CALLERS} at once, {_GAP} ms apart, long less short.",
        ),
    )


if __name__ == "__main__":
    main(measure)
