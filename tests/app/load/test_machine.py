"""What the machine does is read and judged."""

import pytest
from msgspec.structs import replace

from app.load.machine import Ticks, ticks_of, warnings_before, warnings_during
from app.load.runs import Machine

QUIET = Machine(
    cores=2, load_before=0.1, busy_before=0.02, busy=0.4, steal=0.0, own=0.2
)


def test_the_first_line_of_proc_stat_is_read() -> None:
    stat = "cpu  10 1 20 100 5 1 2 7 0 0\ncpu0 1 2 3\n"

    assert ticks_of(stat) == Ticks(total=146, idle=105, steal=7)


@pytest.mark.parametrize(
    "stat", ["", "cpu", "intr 1 2 3 4 5 6 7 8", "cpu a b c d e f g h"]
)
def test_what_is_no_such_line_is_not_known(stat: str) -> None:
    assert ticks_of(stat) is None


def test_a_quiet_machine_is_not_warned_of() -> None:
    unknown = Machine(cores=2)

    for machine in (QUIET, unknown):
        assert warnings_before(machine) + warnings_during(machine) == []


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"load_before": 1.5}, "load average 1.5 on 2 cores"),
        ({"busy_before": 0.5}, "50% of its processor time"),
        ({"steal": 0.1}, "steal"),
        ({"busy": 1.0}, "all cores"),
        ({"own": 0.95}, "frontdesk bench itself was the limit"),
        ({"lag_p99": 80.0}, "frontdesk bench itself came late"),
    ],
)
def test_each_reason_to_distrust_the_figures_is_told(
    changed: dict[str, float], word: str
) -> None:
    machine = replace(QUIET, **changed)

    (warning,) = warnings_before(machine) + warnings_during(machine)

    assert word in warning
