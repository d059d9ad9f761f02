"""One run, from its settings to its report.

A run over a folder in which nothing changed costs a look at each file: no model is
loaded, no shard opened and no edition copied.
"""

import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import msgspec
from msgspec import Struct

from ingest.building import built_with
from ingest.embedding import Embedder, Outline, open_embedder, outline
from ingest.index import (
    IndexWriter,
    Stored,
    edit_index,
    folder_of,
    published,
)
from ingest.language import prepare
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
    return foreseen(await asyncio.to_thread(_plan, job, settings, known, is_kept=False))


async def ingest_once(
    job: Job, settings: RunSettings, *, opened: Embedder | None = None
) -> Report:
    """Bring the index in step with a folder, once.

    Args:
        job: What is asked for.
        settings: How.
        opened: The model; None opens it when there is something to embed.

    Raises:
        IngestError: Nothing could run, or not to its end.
    """
    start = time.monotonic()
    fingerprint = built_with(opened or await _foretold(settings), settings.chunk)
    look = partial(_plan, job, settings, is_kept=True)
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
                return await _run(job, settings, planned, writer, model, sandbox)
    finally:
        await writer.close()
    # The model is another one than its folder tells.
    return await ingest_once(job, settings, opened=model)


async def _run(
    job: Job,
    settings: RunSettings,
    planned: Plan,
    writer: IndexWriter,
    embedder: Embedder,
    sandbox: Sandbox,
) -> Report:
    with progress_bar() as on_progress:
        run = Ingest(
            job,
            writer=writer,
            embedder=embedder,
            sandbox=sandbox,
            chunks=settings.chunk,
            on_progress=on_progress,
        )
        with _stopping_at_signals(run):
            return await run.run(planned)


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
    job: Job, settings: RunSettings, known: dict[str, Stored], *, is_kept: bool
) -> Plan:
    """Compare the folder with the index, beside which is kept what its files were."""
    folder = folder_of(settings.index)
    if folder is None:
        return plan(job, known)
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
    planned = plan(job, known, sightings)
    if is_kept:
        sightings.keep(file)
    return planned


@contextmanager
def _stopping_at_signals(run: Ingest) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, run.stop)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
