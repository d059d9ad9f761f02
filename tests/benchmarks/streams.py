"""How many streams are live at once, and whether every frame of them arrives in time.

All callers ask at once and each asks again when it is answered, so that as many streams
as there are callers are live. The same load on the upstream itself shows what callers
and upstream cost on this machine without a service between them.
"""

from pathlib import Path

import msgspec

from app.load.runs import Run
from tests.benchmarks import serving
from tests.benchmarks.corpora import ingested, sample
from tests.benchmarks.figures import Figure, Part, main
from tests.command import frontdesk

_GAP, _PIECES, _FIRST = 50, 400, 50
"""Milliseconds between two pieces, pieces of an answer, milliseconds to the first."""

_IDEAL = (_FIRST + _GAP * (_PIECES - 1)) / 1000
"""Seconds of an answer that nothing delays."""

_ALLOWED = 1.3
"""By how much of it the median answer may be longer."""

_ROUNDS = 2
"""Answers each caller gets."""


def measure(home: Path, *, quick: bool) -> Part:
    """Measure numbers of streams, each beside the upstream asked directly."""
    counts = (400,) if quick else (200, 400, 600)
    place = ingested(sample(), home)
    with serving.upstream(first_byte=_FIRST, gap=_GAP, pieces=_PIECES) as upstream:
        direct = {count: _asked(place, upstream, count) for count in counts}
        with serving.ours(place, upstream) as service:
            ours = {count: _asked(place, service.address, count) for count in counts}
    borne = max((n for n, run in ours.items() if _is_borne(run)), default=0)
    return Part(
        title="Live streams",
        figures=(
            Figure(
                what=f"live streams, {_GAP} ms apart, every frame arrives,"
                f" median total within {_ALLOWED:g} of ideal",
                unit="streams",
                ours=borne,
                asked=400,
                most=False,
                note=f"tried: {', '.join(map(str, counts))}",
            ),
            *(_total(n, ours[n], direct[n]) for n in counts),
        ),
        notes=(
            (
                f"Answers of {_PIECES} pieces, ideally {_IDEAL:g} s; {_ROUNDS} by each"
                " caller, eight questions that take turns; counted from when a caller"
                " was due to ask. Callers, service and upstream share the machine."
            ),
        ),
    )


def _total(count: int, run: Run, direct: Run) -> Figure:
    return Figure(
        what=f"median total of {count} live streams",
        unit="s",
        ours=_median(run),
        baseline="ideal",
        theirs=_IDEAL,
        asked=_ALLOWED if count == 400 else None,
        note=f"{_said(run)}; without the service {_said(direct)}",
    )


def _said(run: Run) -> str:
    found = run.figures
    first = found.first.p50.value if found.first else 0.0
    return (
        f"{found.complete} of {found.requests} complete, median {_median(run):.2f} s,"
        f" first token {first:.0f} ms, callers took {run.machine.own:.2f} cores"
    )


def _is_borne(run: Run) -> bool:
    found = run.figures
    whole = found.complete == found.requests > 0
    return whole and _median(run) <= _ALLOWED * _IDEAL


def _median(run: Run) -> float:
    """Return the median seconds of a complete answer; 0 if there was none."""
    total = run.figures.total
    return total.p50.value / 1000 if total else 0.0


def _asked(place: Path, address: str, callers: int) -> Run:
    """Ask with so many callers; answers may be missing, which the run tells."""
    told = place / "streams.json"
    done = frontdesk(
        place, "bench", address, f"--concurrency={callers}",
        f"--requests={_ROUNDS * callers}", "--model", serving.MODEL,
        "--json", str(told),
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    return msgspec.json.decode(told.read_bytes(), type=Run)


if __name__ == "__main__":
    main(measure)
