"""What was recorded becomes a page and JSON: every fault, expected and seen."""

import itertools
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec
from msgspec import Struct

from tests.reliability.matrix import FAULTS, UNTRIED
from tests.reliability.recording import Figured, Row
from tests.reliability.sizes import SEED

_VERSIONS = ("frontdesk", "litestar", "uvicorn", "aiohttp", "openai", "qdrant-edge-py",
             "sqlalchemy", "redis", "unstructured", "pypdfium2")  # fmt: skip

_COMMANDS = {
    "short": "`python -m tests.reliability --short`: as much of each as `make test` tries",
    "whole": "`make reliability`",
    "long": "`make reliability-long`",
}


class Head(Struct, frozen=True, kw_only=True):
    """Where and with what a table was made.

    Attributes:
        day: UTC date.
        machine: Processor cores, memory and system.
        load: The machine's load over five minutes, before and after.
        versions: Of what was tried and of what it stands on.
        level: How much was tried: "short", "whole" or "long".
        seed: Of everything random.
    """

    day: str
    machine: str
    load: tuple[float, float]
    versions: dict[str, str]
    level: str
    seed: int = SEED

    @property
    def busy(self) -> bool:
        """Whether others had the machine too: latencies are not to be believed."""
        return max(self.load) > (os.cpu_count() or 1) + 1


def head(load_before: float, level: str) -> Head:
    """Return what stands above a table made now of so much."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = (
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )
    return Head(
        day=datetime.now(UTC).date().isoformat(),
        machine=f"{os.cpu_count()} cores, {memory:.0f} GiB, {system}",
        load=(round(load_before, 1), round(os.getloadavg()[1], 1)),
        versions={name: version(name) for name in _VERSIONS},
        level=level,
    )


def read_records(file: Path) -> list[Row | Figured]:
    """Return what a run of the tests wrote down."""
    lines = file.read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Row | Figured) for line in lines]


def write_json(file: Path, above: Head, records: Sequence[Row | Figured]) -> None:
    """Write everything that was recorded."""
    whole = {"head": above, "untried": UNTRIED, "records": records}
    encoded = msgspec.json.format(msgspec.json.encode(whole), indent=1)
    file.write_bytes(encoded + b"\n")


def passed(records: Sequence[Row | Figured]) -> set[str]:
    """Return the faults of which every variant was seen as expected."""
    rows = [record for record in records if isinstance(record, Row)]
    failed = {row.fault for row in rows if not row.passed}
    return {row.fault for row in rows} - failed


def page(above: Head, records: Sequence[Row | Figured]) -> str:
    """Return the page, as Markdown."""
    return "\n".join((*_top(above, records), *_figures(records), *_rows(records)))


def _top(above: Head, records: Sequence[Row | Figured]) -> list[str]:
    rows = [record for record in records if isinstance(record, Row)]
    good = sum(row.passed for row in rows)
    versions = ", ".join(f"{name} {number}" for name, number in above.versions.items())
    busy = " Others used the machine at the time: its latencies say little."
    return [
        (
            f"{len(passed(records))} of {len(FAULTS)} faults were answered as they should"
            f" be, in {good} of {len(rows)} variants"
            f" ({_COMMANDS[above.level]}, {above.day}, seed {above.seed})."
        ),
        "",
        (
            f"- Machine: {above.machine}; load {above.load[0]} before, {above.load[1]}"
            f" after.{busy if above.busy else ''}"
        ),
        f"- With {versions}.",
        *(f"- {fault} was not tried: {why}" for fault, why in UNTRIED.items()),
        "",
    ]


def _figures(records: Sequence[Row | Figured]) -> list[str]:
    figures = [record for record in records if isinstance(record, Figured)]
    lines = [
        f"| {one.name} | {one.found} | {one.asked}{_unless(one.passed)} |"
        for one in figures
    ]
    told = "What was found, beside what was asked for; not all of it was reached."
    head = ["| | found | asked |", "|---|---|---|"]
    return ["## Figures", "", told, "", *head, *lines, ""]


def _rows(records: Sequence[Row | Figured]) -> list[str]:
    rows = [record for record in records if isinstance(record, Row)]
    lines: list[str] = []
    order = list(FAULTS)
    for part, faults in itertools.groupby(FAULTS, lambda fault: FAULTS[fault][0]):
        mine = set(faults)
        here = [row for row in rows if row.fault in mine]
        here.sort(key=lambda row: order.index(row.fault))
        lines += [
            f"## {part}", "",
            "| | Fault | Variant | Expected | Seen | | s |",
            "|---|---|---|---|---|---|---|",
            *(_line(row) for row in here), "",
        ]  # fmt: skip
    return lines


def _line(row: Row) -> str:
    cells = (
        row.fault, FAULTS[row.fault][1], row.variant, row.expected, row.seen,
        _sign(row.passed), f"{row.seconds:.1f}",
    )  # fmt: skip
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _unless(passed: bool) -> str:
    return "" if passed else " **FAIL**"


def _sign(passed: bool) -> str:
    return "pass" if passed else "**FAIL**"
