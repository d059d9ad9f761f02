"""Takes one control away at a time, in a copy of the project, and sees its test fail.

    python -m tests.mutations isolation|reliability [NAME ...]

A control whose test passes without it is not proven by that test.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Sequence
from importlib import import_module
from pathlib import Path

from msgspec import Struct

from tests.command import ROOT

_COPIED = ("app", "ingest", "tests", "pyproject.toml", "README.md")
_LINKED = ("data", "docs")
_SECONDS = 600


class Control(Struct, frozen=True, kw_only=True):
    """One control; where it is taken away, its text is replaced.

    Attributes:
        name: The name of its test or threat, a colon, and what it does.
        file: Where it stands.
        text: What makes it; it is there once.
        without: What stands there without it.
        tests: What must fail then, as pytest names it.
    """

    name: str
    file: str
    text: str
    without: str
    tests: tuple[str, ...]


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of a control that was taken away.

    Attributes:
        control: The control.
        killed: Its test failed, as it must.
        said: The end of what the test printed.
    """

    control: Control
    killed: bool
    said: str


def doubts(control: Control) -> list[str]:
    """Return why `control` could not be taken away and missed; empty when it can."""
    text = (ROOT / control.file).read_text(encoding="utf-8")
    found = [f"no such test: {place}" for place in control.tests if not _finds(place)]
    if text.count(control.text) != 1:
        found.append(f"stands {text.count(control.text)} times in {control.file}")
    if control.without == control.text:
        found.append("nothing changes without it")
    return found


def _finds(place: str) -> bool:
    """Say whether pytest finds what is named so; a case of a test is not looked for."""
    file, _, name = place.partition("::")
    if not name:
        return (ROOT / file).exists()
    text = (ROOT / file).read_text(encoding="utf-8")
    return f"def {name.partition('[')[0]}(" in text


def mutate(control: Control, root: Path) -> None:
    """Take `control` away from the project under `root`.

    Raises:
        LookupError: The text that makes the control is not there exactly once.
    """
    file = root / control.file
    text = file.read_text(encoding="utf-8")
    if text.count(control.text) != 1:
        raise LookupError(f"{control.name}: not once in {control.file}")
    file.write_text(text.replace(control.text, control.without), encoding="utf-8")


def without(control: Control) -> Outcome:
    """Run the test of `control` without it."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for part in _COPIED:
            source = ROOT / part
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, root / part)
        for part in _LINKED:
            (root / part).symlink_to(ROOT / part)
        mutate(control, root)
        return _tested(control, root)


def _tested(control: Control, root: Path) -> Outcome:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider",
             *control.tests],
            cwd=root,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        said = f"nothing after {_SECONDS} s"
        return Outcome(control=control, killed=False, said=said)
    # 1 is "tests failed"; everything else is that they could not be run.
    return Outcome(
        control=control, killed=done.returncode == 1, said=done.stdout[-600:]
    )


def without_each(controls: Sequence[Control], names: Collection[str] = ()) -> int:
    """Print what became of each control; return how many were not missed.

    Args:
        controls: What to take away.
        names: Those that are; all, if there are none.
    """
    chosen = [control for control in controls if not names or control.name in names]
    survived = 0
    for control in chosen:
        outcome = without(control)
        told = "missed" if outcome.killed else "NOT MISSED"
        print(f"{told:11} {control.name}", flush=True)
        if not outcome.killed:
            survived += 1
            print(outcome.said)
    print(
        f"{len(chosen) - survived} of {len(chosen)} controls are missed by their test"
    )
    return survived


def main(house: str, *names: str) -> int:
    """Take away the controls of a folder of tests; return 1 if one was not missed."""
    controls = import_module(f"tests.{house}.controls").CONTROLS
    return 1 if without_each(controls, names) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
