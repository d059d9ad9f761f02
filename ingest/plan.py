"""What a run over a folder will change, and what it changed."""

from collections.abc import Collection, Iterator
from pathlib import Path

from msgspec import Struct, field

from ingest.documents import Document
from ingest.errors import FolderUnusable
from ingest.hidden import HiddenKind, HiddenText
from ingest.index.base import Edition, Stored
from ingest.sightings import Sightings
from ingest.source import scan
from ingest.walking import Skipped

_FEW = 10
"""Documents that may leave at once, even if that is most of them."""


class Job(Struct, frozen=True, kw_only=True):
    """What a run is asked to do.

    Attributes:
        folder: The folder to bring the index in step with.
        tenant: Whose documents these are.
        labels: Access labels of documents that declare none themselves.
        url_base: Address the folder is published under, or "".
        forget_missing: Forget documents that left the folder. None forgets them
            too, unless so many left that it is probably another folder, or one that
            is not all there (`_is_plausible`): then nothing is forgotten.
        max_bytes: Bytes of the largest file that is read.
        hidden_text: What is done about hidden text in the documents.
    """

    folder: Path
    tenant: str
    labels: tuple[str, ...]
    url_base: str = ""
    forget_missing: bool | None = None
    max_bytes: int = 256 * 1024 * 1024
    hidden_text: HiddenText = "strip"


class Trouble(Struct, frozen=True, kw_only=True):
    """Something a person should know about a file.

    Attributes:
        path: The file, relative to the folder.
        reason: What is wrong and what to do.
        code: ``hidden_text`` of what is said about that, else "".
        labels: Access labels of the file, as far as its folder tells: who may be told
            of it.
    """

    path: str
    reason: str
    code: str = ""
    labels: tuple[str, ...] = ()


class Plan(Struct, frozen=True, kw_only=True):
    """What a run will change.

    Attributes:
        added: Documents the index does not hold.
        edited: Documents it holds with other bytes.
        moved: Paths that left, by the id of the added document with their bytes.
        gone: Documents that left the folder and will be forgotten.
        kept: Documents that left the folder and stay in the index.
        unchanged: How many documents need nothing.
        failures: Files that could not be taken in.
        skipped: Files that are not documents.
    """

    added: tuple[Document, ...]
    edited: tuple[Document, ...]
    moved: dict[str, Stored]
    gone: tuple[Stored, ...]
    kept: int
    unchanged: int
    failures: tuple[Trouble, ...]
    skipped: tuple[Trouble, ...]

    @property
    def changes_nothing(self) -> bool:
        """Whether the index holds already what it is to hold."""
        return not (self.added or self.edited or self.gone)


class Report(Struct, frozen=True, kw_only=True):
    """What a run did.

    Attributes:
        added: Paths of new documents.
        edited: Paths of documents that changed.
        moved: Pairs of the path that was and the path that is.
        removed: Paths of documents that were forgotten.
        kept: Documents that left the folder and stay in the index.
        unchanged: How many documents needed nothing.
        failures: Files that could not be taken in; an older version still answers.
        skipped: Files that are not documents.
        warnings: What was left out of documents that were taken in.
        hidden_text: How much hidden text the documents held that were read, in
            characters or parts, by kind.
        quarantined: How many of the failures are documents that held hidden text.
        chunks: Chunks written.
        seconds: Seconds the run took.
        edition: What readers see now; None of a dry run.
    """

    added: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()
    kept: int = 0
    unchanged: int = 0
    failures: tuple[Trouble, ...] = ()
    skipped: tuple[Trouble, ...] = ()
    warnings: tuple[Trouble, ...] = ()
    hidden_text: dict[HiddenKind, int] = field(default_factory=dict)
    quarantined: int = 0
    chunks: int = 0
    seconds: float = 0.0
    edition: Edition | None = None


def plan(
    job: Job,
    stored: dict[str, Stored],
    sightings: Sightings | None = None,
    withdrawn: Collection[str] = (),
) -> Plan:
    """Compare the folder with what the index holds.

    Args:
        job: What is asked for.
        stored: What the index holds, by document id.
        sightings: What the folder's files were, and where it is noted what they are.
        withdrawn: Ids of documents whose files were taken out of the folder on
            purpose: missing, they are forgotten, however many they are.

    Raises:
        FolderUnusable: The folder is missing, unreadable or holds no document, and
            none was taken out of it.
    """
    found = _look(job, stored, sightings)
    if not found.seen and not found.failures and not withdrawn:
        raise FolderUnusable(_nothing_there(job.folder, len(found.skipped)))
    # What cannot be read today has not left the folder, nor has anything below it.
    unreadable = {trouble.path for trouble in found.failures}
    missing = [
        known
        for id_, known in stored.items()
        if id_ not in found.seen and unreadable.isdisjoint(_with_folders(known.path))
    ]
    meant = [known for known in missing if known.document_id in withdrawn]
    lacking = [known for known in missing if known.document_id not in withdrawn]
    forget = job.forget_missing
    if forget is None:
        again = {document.digest for document in found.added}
        lost = sum(known.digest not in again for known in lacking)
        forget = _is_plausible(lost, of=len(stored) - len(meant))
    gone = (*meant, *lacking) if forget else tuple(meant)
    by_digest = {known.digest: known for known in gone}
    return Plan(
        added=tuple(found.added),
        edited=tuple(found.edited),
        moved={d.id: by_digest[d.digest] for d in found.added if d.digest in by_digest},
        gone=gone,
        kept=len(missing) - len(gone),
        unchanged=len(found.seen) - len(found.added) - len(found.edited),
        failures=tuple(found.failures),
        skipped=tuple(found.skipped),
    )


def _is_plausible(lost: int, *, of: int) -> bool:
    """Say whether `lost` of so many documents may have left on purpose.

    None is; all are not, nor are more than half of them if they are many.
    """
    if not lost:
        return True
    return lost < of and (lost <= _FEW or 2 * lost <= of)


def _with_folders(path: str) -> Iterator[str]:
    """Yield a path and those of the folders it lies in."""
    while path:
        yield path
        path = path.rpartition("/")[0]


class _Found(Struct, kw_only=True):
    """What lies in the folder, as far as it was looked at."""

    seen: set[str] = field(default_factory=set)
    added: list[Document] = field(default_factory=list)
    edited: list[Document] = field(default_factory=list)
    failures: list[Trouble] = field(default_factory=list)
    skipped: list[Trouble] = field(default_factory=list)


def _look(job: Job, stored: dict[str, Stored], sightings: Sightings | None) -> _Found:
    found = _Found()
    entries = scan(
        job.folder,
        tenant=job.tenant,
        labels=job.labels,
        url_base=job.url_base,
        max_bytes=job.max_bytes,
        sightings=sightings,
        hidden_text=job.hidden_text,
    )
    for entry in entries:
        if isinstance(entry, Skipped):
            trouble = Trouble(path=entry.path, reason=entry.reason, labels=entry.labels)
            (found.failures if entry.failed else found.skipped).append(trouble)
            continue
        found.seen.add(entry.id)
        known = stored.get(entry.id)
        if known is None:
            found.added.append(entry)
        elif known.digest != entry.digest:
            found.edited.append(entry)
    return found


def foreseen(planned: Plan) -> Report:
    """Describe what `planned` would do, as the report of a dry run."""
    movers = {known.document_id for known in planned.moved.values()}
    return Report(
        added=tuple(d.path for d in planned.added if d.id not in planned.moved),
        edited=tuple(d.path for d in planned.edited),
        moved=tuple(
            (planned.moved[d.id].path, d.path)
            for d in planned.added
            if d.id in planned.moved
        ),
        removed=tuple(k.path for k in planned.gone if k.document_id not in movers),
        kept=planned.kept,
        unchanged=planned.unchanged,
        failures=planned.failures,
        skipped=planned.skipped,
    )


def _nothing_there(folder: Path, skipped: int) -> str:
    if skipped:
        return (
            f"{folder} holds {skipped} file(s) and none that can be read; "
            "`frontdesk ingest --dry-run` tells why each was left out"
        )
    return f"{folder} is empty; put documents into it and run the command again"
