"""Measures every part beside its baselines and writes docs/performance.md.

    python -m tests.benchmarks HOME [--quick] [--only PART ...]

Each part runs in a process of its own and leaves HOME/PART.json; the page is written
from what lies there, so that one part can be measured anew alone. Where the others were
never measured, the page stays as it is.
"""

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec

from tests.benchmarks.drawing import draw
from tests.benchmarks.figures import Figure, Part
from tests.command import ROOT

PARTS = (
    "embedding",
    "quality",
    "ingest",
    "search",
    "chat",
    "relay",
    "streams",
    "access",
    "start",
    "page",
)
_PAGE = ROOT / "docs" / "performance.md"
_PLOTS = ROOT / "docs" / "plots"
_LIBRARIES = (
    "frontdesk", "openvino", "qdrant-edge-py", "qdrant-client", "sentence-transformers",
    "torch", "litestar", "uvicorn", "aiohttp", "openai",
)  # fmt: skip
_QUICK = (
    "**A quick run**: one round of most things, and smaller sizes than the bounds are"
    " meant for; the sizes stand in the rows. `make bench` alone measures in full."
)
_RELEASES = "## By release"
_HEAD = (
    "| release | date | added to first token, one caller, p50 / p95 | at 32 callers |"
)


def main() -> int:
    """Measure and write; return the exit code: 1 if a part could not be measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=PARTS)
    given = parser.parse_args()
    home = given.home.absolute()
    home.mkdir(parents=True, exist_ok=True)
    failed = [name for name in given.only if not _measured(name, home, given.quick)]
    parts = {n: _read(home / f"{n}.json") for n in PARTS if _there(home, n)}
    if given.only is not PARTS and len(parts) < len(PARTS):
        lacks = ", ".join(name for name in PARTS if name not in parts)
        sys.stderr.write(f"{_PAGE.name} stays as it is: {home} lacks {lacks}\n")
    else:
        told = page(parts, _earlier(), quick=given.quick)
        _PAGE.write_text(told, encoding="utf-8")
    for name in failed:
        sys.stderr.write(f"not measured: {name}\n")
    return 1 if failed else 0


def page(parts: dict[str, Part], earlier: Iterable[str], *, quick: bool) -> str:
    """Return the page of `parts`, with the rows of releases before.

    Args:
        parts: What was measured, by name.
        earlier: Rows of the table of releases.
        quick: It was a quick run.
    """
    rows = [row for part in parts.values() for row in part.figures]
    asked = [row for row in rows if row.reached is not None]
    reached = sum(bool(row.reached) for row in asked)
    lines = [
        "# How fast it is",
        "",
        f"Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}. Every part was measured",
        "beside its baselines in one run; trust the ratios (ours over theirs).",
        f"{reached} of {len(asked)} bounds are kept; what is missed is marked.",
        "",
        *([_QUICK, ""] if quick else []),
        f"- Machine: {_machine()}",
        f"- Versions: {', '.join(f'{name} {version(name)}' for name in _LIBRARIES)}",
        "",
    ]
    for part in parts.values():
        lines += _part(part)
    lines += _releases(parts, earlier)
    return "\n".join(lines).rstrip() + "\n"


def _part(part: Part) -> list[str]:
    lines = [
        f"## {part.title}",
        "",
        "| what | ours | baseline | theirs | ratio | asked |",
        "|---|---|---|---|---|---|",
        *map(_row, part.figures),
        "",
        *(f"- {note}" for note in part.notes),
        *(f"- {row.what}: {row.note}." for row in part.figures if row.note),
        "",
    ]
    for plotted in part.plots:
        file = draw(plotted, _PLOTS).relative_to(_PAGE.parent)
        lines += [f"![{plotted.title}]({file.as_posix()})", ""]
    return lines


def _row(row: Figure) -> str:
    theirs = "–" if row.theirs is None else f"{row.theirs:,.4g} {row.unit}"
    ratio = "–" if row.theirs is None else f"{row.ratio:.3g}"
    if row.low is not None and row.high is not None:
        ratio += f" ({row.low:.3g} to {row.high:.3g})"
    asked = "–"
    if row.asked is not None:
        asked = f"{'≤' if row.most else '≥'} {row.asked:.4g}"
        asked += "" if row.reached else " **missed**"
    return (
        f"| {row.what} | {row.ours:,.4g} {row.unit} | {row.baseline or '–'} |"
        f" {theirs} | {ratio} | {asked} |"
    )


def _releases(parts: dict[str, Part], earlier: Iterable[str]) -> list[str]:
    """Return the table of releases: the figure that every release tracks."""
    own = f"| {version('frontdesk')} |"
    kept = [row for row in earlier if not row.startswith(own)]
    if "chat" in parts:
        p50, p95 = (row.ours for row in parts["chat"].figures[:2])
        many50, many95 = (
            row.ours for row in parts["chat"].figures if "32 callers" in row.what
        )
        kept.append(
            f"{own} {datetime.now(UTC):%Y-%m-%d} | {p50:.1f} / {p95:.1f} ms |"
            f" {many50:.0f} / {many95:.0f} ms |"
        )
    return [_RELEASES, "", _HEAD, "|---|---|---|---|", *kept]


def _earlier() -> list[str]:
    """Return the rows of releases that the page has already."""
    if not _PAGE.exists():
        return []
    told = _PAGE.read_text(encoding="utf-8").partition(_RELEASES)[2]
    return [row for row in told.splitlines() if row.startswith("| ")][1:]


def _measured(name: str, home: Path, quick: bool) -> bool:
    options = ["--quick"] if quick else []
    module = f"tests.benchmarks.{name}"
    told = ["--json", str(home / f"{name}.json")]
    command = [sys.executable, "-W", "ignore", "-m", module, str(home), *told, *options]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def _there(home: Path, name: str) -> bool:
    return (home / f"{name}.json").exists()


def _read(file: Path) -> Part:
    return msgspec.json.decode(file.read_bytes(), type=Part)


def _machine() -> str:
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    flags = set(text.partition("flags")[2].partition("\n")[0].split())
    bf16 = sorted(flags & {"amx_bf16", "avx512_bf16"})
    load = os.getloadavg()[0]
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, bf16:"
        f" {', '.join(bf16) or 'none'}; load average {load:.1f} when the page was"
        f" written; Python {platform.python_version()}"
    )


if __name__ == "__main__":
    sys.exit(main())
