"""What has become of each document: files, index and runs put together. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from ingest.documents import document_id
from ingest.index.base import Holding
from ingest.logged import Run
from ingest.walking import Seen

State = Literal["indexed", "failed", "waiting", "leaving"]

STATES: tuple[State, ...] = ("indexed", "failed", "waiting", "leaving")

_ABSENT = "its file is not in the folder; the next ingest may forget it"
_NOT_YET = "it is taken in by the next ingest"
_TAKEN_OUT = "it was deleted; the next ingest takes it out of the index"


class Kept(Struct, frozen=True, kw_only=True):
    """A document in the service's keeping.

    Attributes:
        id: Its id.
        path: Its path.
        title: What people call it, or "" as long as nobody has read it.
        state: What has become of it.
        chunks: How many chunks of it are in the index.
        size: Bytes of its file, or None if there is none.
        changed: When that changed, in seconds since the epoch, or None.
        indexed: When it was taken in, if a run that is remembered did.
        language: ISO 639-1 code, or "".
        labels: Access labels.
        reason: Why it failed, or what it waits for; or "".
        warnings: What was left out of it.
        answers: Something of it answers questions now.
    """

    id: str
    path: str
    title: str
    state: State
    chunks: int
    size: int | None
    changed: float | None
    indexed: float | None
    language: str
    labels: tuple[str, ...]
    reason: str
    warnings: tuple[str, ...]
    answers: bool


class Told(Struct, frozen=True, kw_only=True):
    """What the remembered runs tell of documents, by path.

    Attributes:
        since: When the last one began that ended well; None if there is none.
        failures: Why that one did not take a file in.
        passed_over: Files that it found to be no documents.
        taken: When a document was taken in.
        warnings: What was left out then.
    """

    since: float | None
    failures: Mapping[str, str]
    passed_over: frozenset[str]
    taken: Mapping[str, float]
    warnings: Mapping[str, tuple[str, ...]]


def told_by(runs: Iterable[Run]) -> Told:
    """Return what `runs` of a tenant, newest first, tell of its documents."""
    last: Run | None = None
    taken: dict[str, float] = {}
    warnings: dict[str, tuple[str, ...]] = {}
    for run in runs:
        if run.report is None or run.finished is None:
            continue
        last = last or run
        said: dict[str, list[str]] = {}
        for trouble in run.report.warnings:
            said.setdefault(trouble.path, []).append(trouble.reason)
        moved = [now for _, now in run.report.moved]
        for path in (*run.report.added, *run.report.edited, *moved):
            if path not in taken:
                taken[path] = run.finished
                warnings[path] = tuple(said.get(path, ()))
    report = last.report if last else None
    return Told(
        since=last.started if last else None,
        failures={t.path: t.reason for t in report.failures} if report else {},
        passed_over=frozenset(t.path for t in report.skipped)
        if report
        else frozenset(),
        taken=taken,
        warnings=warnings,
    )


def documents_of(
    tenant: str,
    *,
    files: Sequence[Seen] | None,
    holdings: Sequence[Holding],
    hidden: frozenset[str],
    told: Told,
) -> Iterator[Kept]:
    """Yield what has become of each document, by path.

    Args:
        tenant: Whose documents.
        files: What lies in the folder; None if there is none for this tenant.
        holdings: What the index holds.
        hidden: Ids of documents that must not answer.
        told: What runs tell.
    """
    there = {file.path: file for file in files or ()}
    held = {holding.path: holding for holding in holdings}
    for path in sorted(there.keys() | held.keys()):
        id_ = document_id(tenant, path)
        file, holding = there.get(path), held.get(path)
        answers = holding is not None and id_ not in hidden
        become = _state(path, file, told, answers=answers)
        if become is None:
            continue
        state, reason = become
        if files is None and reason == _ABSENT:
            reason = ""
        labels = holding.labels if holding else file.labels if file else ()
        yield Kept(
            id=id_,
            path=path,
            title=holding.title if holding else "",
            state=state,
            chunks=holding.chunks if holding else 0,
            size=file.size if file else None,
            changed=file.changed if file else None,
            indexed=told.taken.get(path) if holding else None,
            language=holding.language if holding else "",
            labels=labels,
            reason=reason,
            warnings=told.warnings.get(path, ()) if holding else (),
            answers=answers,
        )


def _state(
    path: str, file: Seen | None, told: Told, *, answers: bool
) -> tuple[State, str] | None:
    """Return the state of a document and what is to say about it; None if it is none."""
    if file is None:
        return ("indexed", _ABSENT) if answers else ("leaving", _TAKEN_OUT)
    if told.since is None or file.changed < told.since:
        if path in told.failures:
            return "failed", told.failures[path]
        if answers:
            return "indexed", ""
        if path in told.passed_over:
            return None
    return "waiting", _NOT_YET
