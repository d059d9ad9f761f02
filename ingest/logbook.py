"""What runs tell of themselves, beside the index: while they run, and at their end.

    RECORDS/runs/run_….json    one file for each run, replaced whole
    RECORDS/runs/run_….lock    held by the process of the run as long as it lives

Whoever began a run, a service or a person, others can follow it and read what came of
it, also when it was killed.
"""

import fcntl
import itertools
import logging
import os
import re
import secrets
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from ingest.embedding.stamps import write_whole
from ingest.errors import IngestError, IngestInterrupted
from ingest.logged import By, Run, State
from ingest.pace import Progress
from ingest.plan import Job, Report

log = logging.getLogger(__name__)

KEPT = 50
"""Runs of a tenant that are remembered."""

_MOST = 5000
"""Entries of each list of a report that are kept."""

_BEAT = 0.25
"""Seconds between two notes of how far a run is."""

_NAME = re.compile(r"run_\d{16}[0-9a-f]{6}")
_KILLED = "its process ended without a word; the next run goes on from there"


class Logbook:
    """The runs over an index. All methods do file work."""

    def __init__(self, records: Path) -> None:
        """Read and write them below the folder `records`."""
        self._folder = records / "runs"
        self._known: dict[str, tuple[tuple[int, int], Run]] = {}

    def ask(self, tenant: str, folder: Path, by: By) -> Run:
        """Write down a run that is to come.

        Raises:
            OSError: It cannot be written.
        """
        now = time.time()
        run = Run(
            # Fine enough that of two runs in a row the later one sorts behind.
            id=f"run_{int(now * 1e6):016d}{secrets.token_hex(3)}",
            tenant=tenant,
            folder=str(folder.resolve()),
            by=by,
            state="waiting",
            created=now,
        )
        self.write(run)
        return run

    def write(self, run: Run) -> None:
        """Write down how far a run is.

        Raises:
            OSError: It cannot be written.
        """
        write_whole(self._folder / f"{run.id}.json", msgspec.json.encode(run))

    def runs(self) -> list[Run]:
        """Return the runs that are remembered, newest first."""
        names = sorted((p.stem for p in self._folder.glob("run_*.json")), reverse=True)
        found = [run for name in names if (run := self.read(name))]
        self._known = {n: k for n, k in self._known.items() if n in set(names)}
        return found

    def read(self, name: str) -> Run | None:
        """Return the run with this id; None if there is none."""
        if not _NAME.fullmatch(name):
            return None
        file = self._folder / f"{name}.json"
        try:
            status = file.stat()
            seen = (status.st_mtime_ns, status.st_ino)
            if name not in self._known or self._known[name][0] != seen:
                run = msgspec.json.decode(file.read_bytes(), type=Run)
                self._known[name] = seen, run
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            log.warning("%s is not read: %s", file, error)
            return None
        return self._told(self._known[name][1])

    def begin(self, job: Job, name: str = "") -> "Entry | None":
        """Begin a run, or one that was asked for under a name.

        Returns:
            What writes it down; None if another process has begun that one.
        """
        try:
            asked = self.read(name) if name else None
            run = asked or self.ask(job.tenant, job.folder, "command")
            lock = self._lock(run.id)
            if lock is not None and (known := self.read(run.id)) and known.is_over:
                os.close(lock)
                lock = None
        except OSError as error:
            log.warning("what this run does is not written down: %s", error)
            return Entry(self, None, -1)
        return None if lock is None else Entry(self, run, lock)

    def tidy(self) -> None:
        """Forget each tenant's oldest runs, and idle ones in a row but for one."""
        every = [run for run in self.runs() if run.is_over]
        for tenant in {run.tenant for run in every}:
            self._tidy([run for run in every if run.tenant == tenant])

    def _tidy(self, over: list[Run]) -> None:
        idle = [
            older
            for newer, older in itertools.pairwise(over)
            if _did_nothing(newer) and _did_nothing(older)
        ]
        for run in (*over[KEPT:], *idle):
            for ending in ("json", "lock"):
                (self._folder / f"{run.id}.{ending}").unlink(missing_ok=True)

    def _told(self, run: Run) -> Run:
        """Return a run as it is: its process may have died without saying so."""
        if run.state != "running":
            return run
        try:
            lock = self._lock(run.id)
        except OSError as error:
            log.info("whether %s still runs is not known: %s", run.id, error)
            return run
        if lock is None:
            return run
        os.close(lock)
        return msgspec.structs.replace(run, state="failed", stage="", reason=_KILLED)

    def _lock(self, name: str) -> int | None:
        """Return the lock of a run; None if another process holds it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        place = self._folder / f"{name}.lock"
        lock = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        return lock


class Entry:
    """Writes down what one run does; where that is impossible, the run goes on.

    Left by an error, it says which.
    """

    def __init__(self, logbook: Logbook, run: Run | None, lock: int) -> None:
        self._logbook = logbook
        self._run = run
        self._lock = lock
        self._said = 0.0

    def __enter__(self) -> Self:
        self._note(state="running", started=time.time(), reason="")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _: TracebackType | None,
    ) -> None:
        if error is not None:
            stopped = isinstance(error, IngestInterrupted)
            known = isinstance(error, IngestError)
            reason = str(error) if known else f"it broke off: {type(error).__name__}"
            # What ends it otherwise is no error: Ctrl-C, or a signal.
            if not known and not isinstance(error, Exception):
                stopped, reason = True, "it was told to stop"
            state: State = "stopped" if stopped else "failed"
            self._note(state=state, finished=time.time(), stage="", reason=reason)
        try:
            self._logbook.tidy()
        except OSError as failure:
            log.info("old runs are not forgotten: %s", failure)
        if self._lock >= 0:
            os.close(self._lock)

    def wait_for(self, reason: str) -> None:
        """Say what the run waits for; "" that it goes on."""
        if reason == "":
            # What it reads is what is there from now on.
            self._note(state="running", started=time.time(), reason="")
        elif self._run and self._run.reason != reason:
            self._note(state="waiting", reason=reason)

    def show(self, progress: Progress) -> None:
        """Say how far the run is, a few times a second."""
        now = time.monotonic()
        staged = self._run is not None and self._run.stage != progress.stage
        if staged or now - self._said >= _BEAT:
            self._said = now
            self._note(
                done=progress.documents,
                of=progress.of,
                stage=progress.stage,
                current=progress.path,
                labels=progress.labels,
            )

    def close(self, report: Report) -> None:
        """Say what the run did."""
        self._note(
            state="done",
            finished=time.time(),
            stage="",
            current="",
            done=self._run.of if self._run else 0,
            report=_shortened(report),
        )

    def _note(self, **changes: object) -> None:
        if self._run is None:
            return
        self._run = msgspec.structs.replace(self._run, **changes)
        try:
            self._logbook.write(self._run)
        except OSError as error:
            log.info("what this run does is not written down: %s", error)


def _did_nothing(run: Run) -> bool:
    """Say whether a run is not worth remembering beside another such one."""
    report = run.report
    if run.by == "service" or report is None:
        return False
    return not (
        report.added or report.edited or report.moved or report.removed
    ) and not (report.failures or report.warnings)


def _shortened(report: Report) -> Report:
    """Return a report whose lists are of bounded length."""
    names = (
        "added", "edited", "moved", "removed", "failures", "skipped", "warnings",
    )  # fmt: skip
    cut = {name: getattr(report, name)[:_MOST] for name in names}
    return msgspec.structs.replace(report, **cut)
