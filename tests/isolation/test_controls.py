"""Each promise of isolation has a control, and each control a test that misses it."""

import pytest

from tests.command import ROOT
from tests.isolation.controls import CONTROLS
from tests.mutations import Control, doubts

PROMISED = {
    "T-tenant", "T-idor", "T-scope", "T-filter", "T-cache", "T-oracle", "T-novec",
    "T-delete", "T-bopla", "T-keystore", "T-sqli", "T-querykey", "T-brute", "T-origin",
    "T-cors", "T-revoke", "T-defaults", "T-budget", "T-limit-race", "T-history",
}  # fmt: skip


def test_every_promise_has_a_control() -> None:
    assert {control.name.partition(":")[0] for control in CONTROLS} == PROMISED


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_a_control_can_be_taken_away_and_its_tests_are_there(control: Control) -> None:
    assert doubts(control) == []


def test_the_page_about_security_lists_every_control() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")

    for control in CONTROLS:
        promise, _, what = control.name.partition(": ")
        assert f"| {promise} | {what} | `{control.file}` |" in page
