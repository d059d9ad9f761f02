"""Questions while an ingest runs on the same machine."""

import statistics
import time
from pathlib import Path

import pytest

from tests.command import start
from tests.ingest.help_folder import make_folder, many_pages, report
from tests.reliability.index_store import chat
from tests.reliability.recording import Figure, Seen
from tests.reliability.sizes import size
from tests.service import service


def timed(address: str) -> float:
    began = time.perf_counter()
    assert chat(address).status_code == 200
    return time.perf_counter() - began


def p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


@pytest.mark.row(
    "I8", "questions while it ingests", "all are answered; p95 beside idle"
)
def test_questions_are_answered_while_an_ingest_runs(
    tmp_path: Path, seen: Seen, figure: Figure
) -> None:
    docs = make_folder(tmp_path)
    report(tmp_path)
    with service(tmp_path) as address:
        timed(address)
        idle = p95([timed(address) for _ in range(size(10, 100))])
        many_pages(docs, size(20, 400))
        writing = start(tmp_path, "ingest", "docs")
        busy = []
        while writing.poll() is None:
            busy.append(timed(address))
        _, said = writing.communicate()

    assert writing.returncode == 0, said
    ratio = p95(busy) / idle
    seen(f"{len(busy)} questions, all 200; p95 {ratio:.1f} x idle")
    if size(0, 1):
        figure("chat p95 while ingesting, beside idle", f"{ratio:.1f} x", "1.5 x")
