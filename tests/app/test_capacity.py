"""What the process may take, from what the machine has."""

import pytest

from app.capacity import body_budget, connections_within, memory


@pytest.mark.parametrize(
    ("files", "most", "expected"),
    [(1024, 10_000, 480), (65_536, 10_000, 10_000), (64, 100, 1), (10, 100, 1)],
)
def test_connections_leave_files_to_upstreams_and_a_spare(
    files: int, most: int, expected: int
) -> None:
    assert connections_within(files, most) == expected


def test_bodies_take_what_a_setting_says_or_a_part_of_the_memory() -> None:
    assert body_budget(5000, largest=1000) == 5000
    assert body_budget(0, largest=1 << 60) == 1 << 61
    assert body_budget(0, largest=1024) == memory() // 16
