"""What a run tells of its progress."""

import pytest

from ingest.pace import Pace, Progress
from ingest.terminal import progress_bar


def progress(documents: int, chunks: int, of: int = 100) -> Progress:
    return Progress(documents=documents, of=of, chunks=chunks, path="a.md")


def test_the_pace_is_that_of_the_last_half_minute() -> None:
    pace = Pace(0.0)
    for second in range(1, 101):
        slow = min(second, 50)
        pace.note(float(second), progress(second, 10 * slow + 90 * (second - slow)))

    assert pace.chunks_per_second == pytest.approx(90)


def test_the_time_left_follows_from_the_documents_that_are_left() -> None:
    pace = Pace(0.0)

    pace.note(10.0, progress(20, 100))

    assert pace.chunks_per_second == pytest.approx(10)
    assert pace.seconds_left == pytest.approx(40)


def test_while_nothing_is_done_no_time_is_told() -> None:
    pace = Pace(0.0)

    assert pace.seconds_left is None
    assert pace.chunks_per_second == 0


def test_the_last_document_leaves_no_time() -> None:
    pace = Pace(0.0)

    pace.note(5.0, progress(100, 400))

    assert pace.seconds_left == 0


def test_without_a_terminal_a_line_comes_now_and_then(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = iter(float(second) for second in range(100))

    with progress_bar(lambda: next(now)) as show:
        for done in range(1, 41):
            show(progress(done, 5 * done, of=1040))

    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "15 of 1,040 documents, 75 chunks, 5 chunks/s, 17:05 left",
        "30 of 1,040 documents, 150 chunks, 5 chunks/s, 16:50 left",
    ]
