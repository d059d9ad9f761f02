"""A run over a folder of documents, as it is written down."""

from typing import Literal

from msgspec import Struct

from ingest.plan import Report

State = Literal["waiting", "running", "done", "failed", "stopped"]
By = Literal["service", "command"]


class Run(Struct, frozen=True, kw_only=True):
    """A run, as far as it has come.

    Times are seconds since the epoch.

    Attributes:
        id: Its id; ids sort by age.
        tenant: Whose documents it reads.
        folder: From where.
        by: Who began it.
        state: What has become of it; "done" is also one with failures of single files.
        created: When it was asked for.
        started: When it began, or None.
        finished: When it ended, or None.
        done: Documents done, of those to be read.
        of: Documents to be read.
        stage: What it does now, or "".
        current: The document it was at last, or "".
        labels: Access labels of that document: who may be told of it.
        report: What it did; None until it is done.
        reason: Why it failed or was stopped, or what it waits for; or "".
    """

    id: str
    tenant: str
    folder: str
    by: By
    state: State
    created: float
    started: float | None = None
    finished: float | None = None
    done: int = 0
    of: int = 0
    stage: str = ""
    current: str = ""
    labels: tuple[str, ...] = ()
    report: Report | None = None
    reason: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in ("done", "failed", "stopped")
