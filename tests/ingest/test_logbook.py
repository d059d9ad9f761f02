"""What runs tell of themselves, and what is told of those that could not."""

from pathlib import Path

import pytest

from ingest.errors import IngestInterrupted, ModelUnusable
from ingest.logbook import KEPT, Logbook
from ingest.pace import Progress
from ingest.plan import Job, Report, Trouble


def job(folder: Path, tenant: str = "default") -> Job:
    return Job(folder=folder, tenant=tenant, labels=("public",))


def test_a_run_can_be_followed_by_others(tmp_path: Path) -> None:
    mine, theirs = Logbook(tmp_path), Logbook(tmp_path)
    entry = mine.begin(job(tmp_path))
    assert entry

    with entry:
        entry.show(
            Progress(
                documents=1,
                of=3,
                chunks=2,
                path="a.md",
                labels=("staff",),
                stage="embedding",
            )
        )
        (running,) = theirs.runs()
        entry.close(Report(added=("a.md",)))
    (done,) = theirs.runs()

    assert (running.state, running.stage, running.of) == ("running", "embedding", 3)
    assert (running.current, running.labels) == ("a.md", ("staff",))
    assert running.by == "command"
    assert (done.state, done.stage, done.done) == ("done", "", 3)
    assert done.report == Report(added=("a.md",))
    assert done.finished


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (ModelUnusable("there is no model"), "failed", "there is no model"),
        (IngestInterrupted("stopped after 1"), "stopped", "stopped after 1"),
        (KeyboardInterrupt(), "stopped", "it was told to stop"),
        (ValueError("a secret path"), "failed", "it broke off: ValueError"),
    ],
)
def test_what_ends_a_run_is_told(
    tmp_path: Path, error: BaseException, state: str, reason: str
) -> None:
    logbook = Logbook(tmp_path)
    entry = logbook.begin(job(tmp_path))
    assert entry

    with pytest.raises(type(error)), entry:
        raise error

    (run,) = logbook.runs()
    assert (run.state, run.reason, run.report) == (state, reason, None)


def test_a_run_whose_process_is_gone_has_failed(tmp_path: Path) -> None:
    logbook = Logbook(tmp_path)
    entry = logbook.begin(job(tmp_path))
    assert entry
    entry.__enter__()

    before = logbook.runs()[0].state
    # What the system does when a process dies.
    (tmp_path / "runs" / f"{logbook.runs()[0].id}.lock").unlink()

    assert before == "running"
    assert logbook.runs()[0].state == "failed"
    assert "its process ended" in logbook.runs()[0].reason


def test_a_run_that_was_asked_for_is_done_once(tmp_path: Path) -> None:
    logbook = Logbook(tmp_path)
    asked = logbook.ask("default", tmp_path, "service")
    entry = logbook.begin(job(tmp_path), asked.id)
    assert entry

    with entry:
        meanwhile = Logbook(tmp_path).begin(job(tmp_path), asked.id)
        entry.close(Report(added=("a.md",)))
    after = Logbook(tmp_path).begin(job(tmp_path), asked.id)

    assert asked.state == "waiting"
    assert meanwhile is after is None
    assert [(run.id, run.by) for run in logbook.runs()] == [(asked.id, "service")]


def test_of_each_tenant_the_last_runs_are_remembered(tmp_path: Path) -> None:
    logbook = Logbook(tmp_path)
    for number in range(KEPT + 3):
        write(logbook, tmp_path, Report(added=(f"{number}.md",)))
    write(logbook, tmp_path, Report(added=("x.md",)), tenant="other")

    runs = logbook.runs()

    assert len(runs) == KEPT + 1
    assert {run.tenant for run in runs} == {"default", "other"}
    assert runs[1].report == Report(added=(f"{KEPT + 2}.md",))


def test_runs_in_a_row_that_did_nothing_are_one(tmp_path: Path) -> None:
    logbook = Logbook(tmp_path)
    failing = Report(failures=(Trouble(path="a.md", reason="broken"),))
    for report in (Report(), failing, Report(unchanged=1), Report(unchanged=2)):
        write(logbook, tmp_path, report)

    reports = [run.report for run in logbook.runs()]

    assert reports == [Report(unchanged=2), failing, Report()]


def test_a_run_goes_on_where_nothing_can_be_written_down(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    entry = Logbook(tmp_path / "file").begin(job(tmp_path))
    assert entry

    with entry:
        entry.show(Progress(documents=1, of=1, chunks=1, path="a.md"))
        entry.close(Report())

    assert Logbook(tmp_path / "file").runs() == []


@pytest.mark.parametrize(
    "name", ["", "run_1", "../run_1", "run_0000000000000000abcdef/x"]
)
def test_what_is_no_id_names_no_run(tmp_path: Path, name: str) -> None:
    assert Logbook(tmp_path).read(name) is None


def write(
    logbook: Logbook, folder: Path, report: Report, *, tenant: str = "default"
) -> None:
    entry = logbook.begin(job(folder, tenant))
    assert entry
    with entry:
        entry.close(report)
