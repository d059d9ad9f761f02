"""Notes what tests of faults saw: a plugin of pytest.

    @pytest.mark.row("U1", "nobody listens", "503 upstream_unavailable, Retry-After 5")
    def test_...(seen):
        ...
        seen(f"{answer.status_code} {code}")

A test with a row, wherever it is, is a row of the table of faults; `seen` says what
happened, "as expected" if it says nothing. A test that takes `figure` gives a line of
the table of figures. ``--record FILE`` runs these tests alone and writes what they
saw, one JSON object a line.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from tests.reliability.matrix import FAULTS
from tests.reliability.sizes import SEED

Seen = Callable[[object], None]
"""Says what a test saw."""

Figure = Callable[[str, object, str], None]
"""Notes a figure: what it is of, what was found, what was asked for."""


class Record(Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What one test saw.

    Attributes:
        test: The test, as pytest names it.
        passed: Whether it passed.
        seconds: How long it took.
        seed: What its random choices came from.
    """

    test: str
    passed: bool
    seconds: float
    seed: int = SEED


class Row(Record, frozen=True, kw_only=True, tag="row"):
    """What came of one variant of a fault.

    Attributes:
        fault: Its id.
        variant: Which form of it.
        expected: What should be seen.
        seen: What was.
    """

    fault: str
    variant: str
    expected: str
    seen: str


class Figured(Record, frozen=True, kw_only=True, tag="figure"):
    """A figure.

    Attributes:
        name: What it is of.
        found: What was found.
        asked: What was asked for.
    """

    name: str
    found: str
    asked: str


def each_row(
    fault: str,
    argument: str,
    values: Mapping[str, object],
    expected: str,
    *,
    variant: str = "{}",
) -> pytest.MarkDecorator:
    """Try a test with several forms of a fault, each of which is a row.

    Args:
        fault: The fault's id.
        argument: What the test calls the form.
        values: The forms by their names, which name the tests as well.
        expected: What should be seen of each.
        variant: What the table calls a form, with ``{}`` for its name.
    """
    return pytest.mark.parametrize(
        argument,
        [
            pytest.param(
                value, id=name,
                marks=pytest.mark.row(fault, variant.format(name), expected),
            )
            for name, value in values.items()
        ],
    )  # fmt: skip


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names the file of records."""
    parser.addoption("--record", type=Path, help="write what tests of faults saw")


def pytest_configure(config: pytest.Config) -> None:
    """Begin the file of records anew."""
    if file := config.getoption("--record"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Run the tests of faults alone where they are to be recorded; know every row."""
    for item in items:
        for mark in item.iter_markers("row"):
            fault, _variant, _expected = mark.args
            if fault not in FAULTS:
                raise pytest.UsageError(f"{item.nodeid}: no fault is called {fault}")
    if config.getoption("--record"):
        kept = [item for item in items if _is_recorded(item)]
        config.hook.pytest_deselected(items=[i for i in items if not _is_recorded(i)])
        items[:] = kept


@pytest.fixture
def seen(request: pytest.FixtureRequest) -> Seen:
    """Say what a test of a fault saw."""

    def note(what: object) -> None:
        request.node.user_properties.append(("seen", str(what)))

    return note


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Figure:
    """Note a figure."""

    def note(name: str, found: object, asked: str) -> None:
        request.node.user_properties.append(("figure", (name, str(found), asked)))

    return note


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Write down what a test saw, once it is over."""
    report: pytest.TestReport = yield
    file = item.config.getoption("--record")
    failed_before = report.when == "setup" and not report.passed
    if file and (report.when == "call" or failed_before):
        with file.open("ab") as opened:
            for record in _records(item, report):
                opened.write(msgspec.json.encode(record) + b"\n")
    return report


def _is_recorded(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("row") is not None or "figure" in fixtures


def _records(item: pytest.Item, report: pytest.TestReport) -> list[Record]:
    told = item.user_properties
    said = "; ".join(str(what) for name, what in told if name == "seen")
    about: dict[str, Any] = {
        "test": item.nodeid,
        "passed": report.passed,
        "seconds": round(report.duration, 3),
    }
    end = said or "as expected"
    if not report.passed:
        end = f"{said}; {_why(report)}" if said else _why(report)
    found: list[Record] = [
        Row(fault=mark.args[0], variant=mark.args[1], expected=mark.args[2],
            seen=end, **about)
        for mark in item.iter_markers("row")
    ]  # fmt: skip
    for name, what in told:
        if name == "figure" and isinstance(what, tuple):
            of, value, asked = what
            found.append(Figured(name=of, found=value, asked=asked, **about))
    return found


def _why(report: pytest.TestReport) -> str:
    last = report.longreprtext.strip().splitlines()[-1:] or ["failed"]
    return last[0][:200]
