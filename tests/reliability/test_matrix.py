"""Every fault is tried, and every control against one can be taken away."""

import ast
from collections.abc import Iterator

import pytest

from tests.command import ROOT
from tests.mutations import Control, doubts
from tests.reliability.controls import CONTROLS
from tests.reliability.matrix import FAULTS, UNTRIED

MARKS = ("pytest.mark.row", "row", "each_row")


def _tried() -> Iterator[str]:
    """Yield the faults that tests name in a mark."""
    for file in (ROOT / "tests").rglob("test_*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for call in ast.walk(tree):
            named = isinstance(call, ast.Call) and ast.unparse(call.func)
            if isinstance(call, ast.Call) and named in MARKS:
                first = call.args[0]
                if isinstance(first, ast.Constant) and first.value in FAULTS:
                    yield str(first.value)


def test_every_fault_is_tried_or_said_not_to_be() -> None:
    assert set(_tried()) | UNTRIED.keys() == FAULTS.keys()
    assert len(UNTRIED) <= 3


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_a_control_can_be_taken_away_and_its_tests_are_there(control: Control) -> None:
    assert doubts(control) == []
