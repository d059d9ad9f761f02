"""What a run promises while its stages work at the same time."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ingest.documents import Chunk, Document, Vectors
from ingest.embedding.base import nothing
from ingest.errors import DiskFull, IngestInterrupted
from ingest.index import fingerprint_of
from ingest.index.folder_writer import FolderWriter
from ingest.pace import Progress
from ingest.pipeline import Ingest
from ingest.plan import Job, Report, plan
from ingest.sandbox import open_sandbox
from ingest.settings import ChunkSettings, IndexSettings, ReadSettings
from tests.app.shelf import Letters
from tests.ingest.help_folder import make_folder, many_pages

IN_FLIGHT = 64 + 128 + 256 + 512
"""Chunks of the groups that are stored, made, and embedded, while the first waits."""


class Counted(Letters):
    """Counts the texts it was given."""

    texts = 0

    def embed_passages(
        self, texts: Sequence[str], *, check: Callable[[], None] = nothing
    ) -> Vectors:
        self.texts += len(texts)
        return super().embed_passages(texts, check=check)


class Halting(FolderWriter):
    """A writer to whom something happens when a document is to be stored."""

    happens: Callable[[], object] = staticmethod(nothing)
    waits: asyncio.Event | None = None

    async def replace(
        self, document: Document, chunks: Sequence[Chunk], vectors: Vectors
    ) -> None:
        if self.waits:
            await self.waits.wait()
        self.happens()
        await super().replace(document, chunks, vectors)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(folder=make_folder(tmp_path), tenant="acme", labels=("public",))


@pytest.fixture
def writer(tmp_path: Path) -> Halting:
    settings = IndexSettings(url="file:unused", disk_floor=0)
    built = fingerprint_of(model="letters", dim=26, chunk_size=100, chunk_overlap=0)
    return Halting(tmp_path / "index", settings, built)


async def ingest(
    job: Job,
    writer: Halting,
    *,
    embedder: Letters | None = None,
    on_progress: Callable[[Ingest, Progress], None] = lambda _run, _progress: None,
    stages: list[str] | None = None,
) -> Report:
    """Do a run and leave the writer closed, however it ends.

    Of its progress are told the documents that are stored; `stages` gets the rest.
    """

    def tell(progress: Progress) -> None:
        if progress.path:
            on_progress(run, progress)
        elif stages is not None:
            stages.append(progress.stage)

    await writer.open()
    try:
        planned = plan(job, await writer.stored(job.tenant))
        async with open_sandbox(ReadSettings(workers=2)) as sandbox:
            run = Ingest(
                job,
                writer=writer,
                embedder=embedder or Letters(),
                sandbox=sandbox,
                chunks=ChunkSettings(size=600, overlap=0),
                on_progress=tell,
            )
            return await run.run(planned)
    finally:
        await writer.close()


async def stored(writer: Halting) -> list[str]:
    await writer.open()
    found = [one.path for one in (await writer.stored("acme")).values()]
    await writer.close()
    return sorted(found)


async def test_documents_are_stored_in_the_order_they_were_found_in(
    job: Job, writer: Halting
) -> None:
    many_pages(job.folder, 60)
    done: list[str] = []

    stages: list[str] = []
    report = await ingest(
        job,
        writer,
        on_progress=lambda _, progress: done.append(progress.path),
        stages=stages,
    )

    assert done == list(report.added)
    assert len(done) == 63
    assert stages == ["reading", "publishing"]


async def test_while_nothing_is_stored_only_so_much_is_embedded(
    job: Job, writer: Halting
) -> None:
    many_pages(job.folder, 400)
    writer.waits = asyncio.Event()
    embedder = Counted()
    run = asyncio.create_task(ingest(job, writer, embedder=embedder))
    before = -1
    while embedder.texts == 0 or embedder.texts != before:
        before = embedder.texts
        await asyncio.sleep(1)

    held = embedder.texts
    writer.waits.set()
    report = await run

    # A group ends with a whole document, of at most eight chunks here.
    assert held <= IN_FLIGHT + 4 * 8
    assert report.chunks > 1.5 * held


async def test_a_document_that_fails_in_the_middle_leaves_the_others(
    job: Job, writer: Halting
) -> None:
    many_pages(job.folder, 40)
    (job.folder / "page-020.pdf").write_bytes(b"%PDF-1.7\n" + b"garbage" * 50)
    done: list[str] = []

    report = await ingest(
        job, writer, on_progress=lambda _, progress: done.append(progress.path)
    )

    assert [failure.path for failure in report.failures] == ["page-020.pdf"]
    assert len(report.added) == 43
    assert done == list(report.added)


async def test_what_is_said_of_a_file_carries_its_labels(
    job: Job, writer: Halting
) -> None:
    staff = job.folder / "staff"
    staff.mkdir()
    (staff / "frontdesk.toml").write_text('labels = ["staff"]')
    (staff / "broken.pdf").write_bytes(b"%PDF-1.7\n" + b"garbage" * 50)
    (staff / "empty.md").write_bytes(b"")
    (staff / "own.md").write_text("---\nlabels: [few]\n---\n# Ours\n\nA\u200bbc.")
    said: dict[str, tuple[str, ...]] = {}

    report = await ingest(
        job, writer, on_progress=lambda _, at: said.update({at.path: at.labels})
    )

    told = (*report.failures, *report.skipped, *report.warnings)
    labels = {one.path: one.labels for one in told}
    assert labels["staff/broken.pdf"] == labels["staff/empty.md"] == ("staff",)
    assert labels["staff/own.md"] == said["staff/own.md"] == ("few",)
    assert set(said.values()) == {("few",), ("public",)}


async def test_what_was_stored_before_an_interrupt_stays(
    job: Job, writer: Halting
) -> None:
    many_pages(job.folder, 120)

    with pytest.raises(IngestInterrupted, match="of 123 documents"):
        await ingest(job, writer, on_progress=lambda run, _: run.stop())
    kept = await stored(writer)
    report = await ingest(job, writer)

    assert 0 < len(kept) < 123
    assert report.edition is not None
    assert report.edition.documents == 123
    assert len(report.added) == 123 - len(kept)


async def test_what_was_stored_before_the_disk_was_full_stays(
    job: Job, writer: Halting
) -> None:
    many_pages(job.folder, 30)
    calls: list[None] = []

    def fill_up() -> None:
        calls.append(None)
        if len(calls) == 20:
            raise DiskFull("no space left on the disk")

    writer.happens = fill_up
    with pytest.raises(DiskFull):
        await ingest(job, writer)
    kept = await stored(writer)
    writer.happens = nothing
    report = await ingest(job, writer)

    assert len(kept) == 19
    assert report.edition is not None
    assert report.edition.documents == 33
