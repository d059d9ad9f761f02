"""One run, from its settings to its report.

A run over a folder in which nothing changed costs a look at each file: no model is
loaded, no shard opened and no edition copied.
"""

import asyncio
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import msgspec
from msgspec import Struct

from ingest.building import built_with
from ingest.embedding import Embedder, Outline, open_embedder, outline
from ingest.errors import IndexBusy
from ingest.index import (
    IndexWriter,
    Stored,
    edit_index,
    folder_of,
    list_editions,
    published,
    records_of,
)
from ingest.language import prepare
from ingest.logbook import Logbook
from ingest.pace import Progress
from ingest.pipeline import Ingest
from ingest.plan import Job, Plan, Report, foreseen, plan
from ingest.sandbox import Sandbox, open_sandbox
from ingest.settings import (
    ChunkSettings,
    EmbeddingSettings,
    IndexSettings,
    ReadSettings,
)
from ingest.sightings import load_sightings
from ingest.source import READERS
from ingest.terminal import progress_bar
from ingest.withdrawals import Withdrawals

_PAUSE = 0.5
"""Seconds between two looks whether another process still writes the index."""


class RunSettings(Struct, frozen=True, kw_only=True):
    """Everything that a run can be set to."""

    index: IndexSettings
    embedding: EmbeddingSettings
    chunk: ChunkSettings
    read: ReadSettings


async def foresee(job: Job, settings: RunSettings) -> Report:
    """Say what a run would change. It waits for no other, and writes nothing.

    Raises:
        IngestError: It cannot be told.
    """
    fingerprint = built_with(await _foretold(settings), settings.chunk)
    known = await published(settings.index, fingerprint, job.tenant)
    if known is None:
        writer = await edit_index(settings.index, fingerprint)
        try:
            known = await writer.stored(job.tenant)
        finally:
            await writer.close()
    withdrawals = Withdrawals(records_of(settings.index))
    await asyncio.to_thread(withdrawals.look)
    withdrawn = frozenset(one.document_id for one in withdrawals.unsettled(job.tenant))
    look = partial(_plan, job, settings, withdrawn=withdrawn, is_kept=False)
    return foreseen(await asyncio.to_thread(look, known))


async def ingest_told(
    job: Job, settings: RunSettings, *, name: str = ""
) -> Report | None:
    """Do the same as `ingest_once`, written down in the logbook of the index.

    Args:
        job: What is asked for.
        settings: How.
        name: Id of a run that was asked for there. It waits for other processes that
            write the index.

    Returns:
        What came of it; None if another process does that run.

    Raises:
        IngestError: Nothing could run, or not to its end.
    """
    entry = Logbook(records_of(settings.index)).begin(job, name)
    if entry is None:
        return None
    with entry:
        while True:
            try:
                report = await ingest_once(job, settings, on_progress=entry.show)
            except IndexBusy as error:
                if not name:
                    raise
                entry.wait_for(str(error))
                await asyncio.sleep(_PAUSE)
                entry.wait_for("")
            else:
                entry.close(report)
                return report


async def ingest_once(
    job: Job,
    settings: RunSettings,
    *,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Report:
    """Bring the index in step with a folder, once.

    Args:
        job: What is asked for.
        settings: How.
        on_progress: Is told how far it is.

    Raises:
        IngestError: Nothing could run, or not to its end.
    """
    withdrawals = Withdrawals(records_of(settings.index))
    # Read before the folder is: what was taken out by now is not seen there.
    await asyncio.to_thread(withdrawals.look)
    those = withdrawals.unsettled(job.tenant)
    withdrawn = frozenset(one.document_id for one in those)
    report = await _ingest(job, settings, withdrawn, on_progress)
    if report.edition and withdrawals.every:
        await asyncio.to_thread(withdrawals.settle, those, report.edition.created)
        kept = await list_editions(settings.index)
        oldest = min((edition.created for edition in kept), default=0.0)
        await asyncio.to_thread(withdrawals.forget, oldest)
    return report


async def _ingest(
    job: Job,
    settings: RunSettings,
    withdrawn: frozenset[str],
    on_progress: Callable[[Progress], None],
    opened: Embedder | None = None,
) -> Report:
    """Do what `ingest_once` says; None as model opens it when something is embedded."""
    start = time.monotonic()
    fingerprint = built_with(opened or await _foretold(settings), settings.chunk)
    look = partial(_plan, job, settings, withdrawn=withdrawn, is_kept=True)
    writer = await edit_index(settings.index, fingerprint)
    try:
        planned = await asyncio.to_thread(look, await writer.stored(job.tenant))
        if planned.changes_nothing:
            return msgspec.structs.replace(
                foreseen(planned),
                edition=await writer.publish(),
                seconds=time.monotonic() - start,
            )
        async with open_sandbox(settings.read) as sandbox:
            count = len(planned.added) + len(planned.edited)
            model, is_as_told = await _ready(settings, opened, writer, sandbox, count)
            if not is_as_told:
                planned = await asyncio.to_thread(look, await writer.stored(job.tenant))
            if built_with(model, settings.chunk) == fingerprint:
                with progress_bar() as show:
                    run = Ingest(
                        job,
                        writer=writer,
                        embedder=model,
                        sandbox=sandbox,
                        chunks=settings.chunk,
                        on_progress=_both(show, on_progress),
                    )
                    with _stopping_at_ctrl_c(run):
                        return await run.run(planned)
    finally:
        await writer.close()
    # The model is another one than its folder tells.
    return await _ingest(job, settings, withdrawn, on_progress, model)


def _both(
    first: Callable[[Progress], None], second: Callable[[Progress], None]
) -> Callable[[Progress], None]:
    def tell(progress: Progress) -> None:
        first(progress)
        second(progress)

    return tell


async def _ready(
    settings: RunSettings,
    opened: Embedder | None,
    writer: IndexWriter,
    sandbox: Sandbox,
    count: int,
) -> tuple[Embedder, bool]:
    """Make ready at the same time all that a first document waits for.

    Returns:
        The model, and what `begin` of the writer says.
    """
    opening = asyncio.create_task(_opened(settings, opened))
    beginning = asyncio.create_task(writer.begin())
    others = asyncio.gather(sandbox.start(count), asyncio.to_thread(prepare))
    # Even if one fails the others are waited for: what is closed next is theirs.
    await asyncio.gather(opening, beginning, others, return_exceptions=True)
    others.result()
    return opening.result(), beginning.result()


async def _opened(settings: RunSettings, opened: Embedder | None) -> Embedder:
    """Return the model, opened if it was not."""
    if opened is None:
        return await asyncio.to_thread(open_embedder, settings.embedding)
    return opened


async def _foretold(settings: RunSettings) -> Outline | Embedder:
    """Return what the model is, by its folder if that tells."""
    told = await asyncio.to_thread(outline, settings.embedding)
    if told is None:
        return await asyncio.to_thread(open_embedder, settings.embedding)
    return told


def _plan(
    job: Job,
    settings: RunSettings,
    known: dict[str, Stored],
    *,
    withdrawn: frozenset[str],
    is_kept: bool,
) -> Plan:
    """Compare the folder with the index, beside which is kept what its files were."""
    folder = folder_of(settings.index)
    if folder is None:
        return plan(job, known, withdrawn=withdrawn)
    root = job.folder.resolve()
    sightings, file = load_sightings(
        folder / "scans",
        root,
        job.tenant,
        job.labels,
        job.url_base,
        job.max_bytes,
        job.hidden_text,
        READERS,
    )
    planned = plan(job, known, sightings, withdrawn)
    if is_kept:
        sightings.keep(file)
    return planned


@contextmanager
def _stopping_at_ctrl_c(run: Ingest) -> Iterator[None]:
    """Let a run end where it may, instead of cancelling it."""
    loop = asyncio.get_running_loop()
    before = signal.signal(
        signal.SIGINT, lambda *_: loop.call_soon_threadsafe(run.stop)
    )
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
