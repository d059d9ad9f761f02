"""The road of a document: scan, read, split, embed, store, publish.

    scan ──▶ plan ──▶ read (worker processes) ──▶ split ──▶ embed ──▶ replace ──▶ publish

Reading runs ahead of the rest by a bounded number of documents; embedding takes
the chunks of several documents at once, so that batches hold texts of like length.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import numpy as np
from msgspec import Struct

from ingest.chunking import measure, split
from ingest.documents import Chunk, Document, Reading, Vector, Vectors, embedded_text
from ingest.embedding import Embedder
from ingest.errors import IngestInterrupted, ReadError
from ingest.index import IndexWriter
from ingest.index.base import Edition
from ingest.language import declared, detect
from ingest.leaning import leaning, leans
from ingest.plan import Job, Plan, Report, Trouble, foreseen
from ingest.sandbox import Sandbox
from ingest.settings import ChunkSettings
from ingest.source import read_bytes

_AHEAD = 8
"""Documents that are read before they are needed; more would only take memory."""

_GROUP = 256
"""Chunks that are embedded together; enough to sort by length, little to lose."""


class Progress(Struct, frozen=True, kw_only=True):
    """How far a run has come.

    Attributes:
        documents: Documents done, of those to be read.
        of: Documents to be read.
        chunks: Chunks stored.
        path: The document just done.
    """

    documents: int
    of: int
    chunks: int
    path: str


class Ingest:
    """One run over one folder, writing one edition.

    Everything it is given stays the caller's to close.
    """

    def __init__(
        self,
        job: Job,
        *,
        writer: IndexWriter,
        embedder: Embedder,
        sandbox: Sandbox,
        chunks: ChunkSettings,
        on_progress: Callable[[Progress], None],
    ) -> None:
        self._job = job
        self._writer = writer
        self._embedder = embedder
        self._sandbox = sandbox
        self._chunks = chunks
        self._on_progress = on_progress
        self._stop = False
        self._failures: list[Trouble] = []
        self._warnings: list[Trouble] = []
        self._written = 0
        self._done = 0

    def stop(self) -> None:
        """Ask the run to end after the documents it is storing."""
        self._stop = True

    async def run(self, planned: Plan) -> Report:
        """Carry out `planned` and publish the result.

        Raises:
            IngestInterrupted: `stop` was called; the next run goes on from here.
            DiskFull: The disk is nearly full; what was stored is kept.
        """
        start = time.monotonic()
        documents = (*planned.added, *planned.edited)
        group: list[tuple[Document, list[Chunk]]] = []
        async for document, chunks in self._split_documents(documents):
            group.append((document, chunks))
            if sum(len(chunks) for _, chunks in group) >= _GROUP:
                await self._store(group, planned, of=len(documents))
                group = []
        await self._store(group, planned, of=len(documents))
        if self._stop:
            raise IngestInterrupted(
                f"stopped after {self._done} of {len(documents)} documents; "
                "run the same command again to go on from here"
            )
        for known in planned.gone:
            await self._writer.remove(known.document_id)
        edition = await self._writer.publish()
        return self._report(planned, edition, time.monotonic() - start)

    async def _split_documents(
        self, documents: Sequence[Document]
    ) -> AsyncIterator[tuple[Document, list[Chunk]]]:
        """Read ahead in worker processes; yield in order what each was cut into."""
        ahead: list[tuple[Document, asyncio.Task[Reading]]] = []
        waiting = iter(documents)
        try:
            while not self._stop:
                while len(ahead) < _AHEAD:
                    document = next(waiting, None)
                    if document is None:
                        break
                    ahead.append((document, asyncio.create_task(self._read(document))))
                if not ahead:
                    return
                document, task = ahead.pop(0)
                chunks = await self._split(document, task)
                if chunks:
                    yield document, chunks
        finally:
            for _, task in ahead:
                task.cancel()
            await asyncio.gather(*(task for _, task in ahead), return_exceptions=True)

    async def _read(self, document: Document) -> Reading:
        data = await asyncio.to_thread(read_bytes, self._job.folder, document)
        return await self._sandbox.read(document.path, data, document.media_type)

    async def _split(
        self, document: Document, reading_task: asyncio.Task[Reading]
    ) -> list[Chunk]:
        try:
            reading = await reading_task
            chunks = await asyncio.to_thread(self._cut, document, reading)
        except ReadError as error:
            self._done += 1
            self._failures.append(Trouble(path=document.path, reason=error.reason))
            return []
        self._warnings += [
            Trouble(path=document.path, reason=warning) for warning in reading.warnings
        ]
        return chunks

    def _cut(self, document: Document, reading: Reading) -> list[Chunk]:
        size = min(self._chunks.size, self._embedder.max_tokens)
        chunks = split(
            document,
            reading,
            title=title_of(document, reading),
            language=declared(reading.language) or detect(_prose(reading)),
            offsets=measure(self._embedder.offsets, _prose(reading)),
            size=size,
            overlap=min(self._chunks.overlap, (size - 1) // 2),
        )
        if not chunks:
            raise ReadError(document.path, "it holds no letter or digit to read")
        return chunks

    async def _store(
        self,
        group: Sequence[tuple[Document, list[Chunk]]],
        planned: Plan,
        *,
        of: int,
    ) -> None:
        known: dict[str, Vector] = {}
        for document, _ in group:
            mover = planned.moved.get(document.id)
            before = mover.document_id if mover else document.id
            known |= await self._writer.vectors(before)
        vectors = await asyncio.to_thread(self._embed, [c for _, c in group], known)
        for (document, own), rows in zip(group, vectors, strict=True):
            await self._writer.replace(document, own, rows)
            self._written += len(own)
            self._done += 1
            self._on_progress(
                Progress(
                    documents=self._done,
                    of=of,
                    chunks=self._written,
                    path=document.path,
                )
            )

    def _embed(
        self, documents: Sequence[list[Chunk]], known: dict[str, Vector]
    ) -> list[Vectors]:
        """Return the vectors of each document's chunks; equal texts are embedded once.

        Args:
            documents: The chunks of each document, all of them, by position.
            known: Vectors of the editions before, by digest.
        """
        unknown = [c for c in documents if any(one.digest not in known for one in c)]
        texts = {
            _embedded(chunk): None
            for chunks in unknown
            for chunk in chunks
            if leans(len(chunks)) or chunk.digest not in known
        }
        vectors = self._embedder.embed_passages(list(texts)) if texts else ()
        own = dict(zip(texts, vectors, strict=True))
        known = dict(known)
        for chunks in unknown:
            if leans(len(chunks)):
                rows = leaning(np.stack([own[_embedded(chunk)] for chunk in chunks]))
                known |= zip((chunk.digest for chunk in chunks), rows, strict=True)
            else:
                known |= {
                    c.digest: own[_embedded(c)] for c in chunks if c.digest not in known
                }
        return [np.stack([known[c.digest] for c in chunks]) for chunks in documents]

    def _report(self, planned: Plan, edition: Edition, seconds: float) -> Report:
        failed = {trouble.path for trouble in self._failures}
        told = foreseen(planned)
        return Report(
            added=tuple(path for path in told.added if path not in failed),
            edited=tuple(path for path in told.edited if path not in failed),
            moved=told.moved,
            removed=told.removed,
            kept=told.kept,
            unchanged=told.unchanged,
            failures=told.failures + tuple(self._failures),
            skipped=told.skipped,
            warnings=tuple(self._warnings),
            chunks=self._written,
            seconds=seconds,
            edition=edition,
        )


def title_of(document: Document, reading: Reading) -> str:
    """Return what people call a document: its title, first heading or file name."""
    if reading.title:
        return reading.title
    for element in reading.elements:
        if element.kind == "title":
            return element.heading_path[-1] if element.heading_path else element.text
    return Path(document.path).stem.replace("-", " ").replace("_", " ")


def _embedded(chunk: Chunk) -> str:
    return embedded_text(chunk.heading_path, chunk.title, chunk.text)


def _prose(reading: Reading) -> str:
    """Return text whose language is the document's: code and tables tell little."""
    blocks = [e.text for e in reading.elements if e.kind in ("text", "list")]
    return "\n".join(blocks)[:4000] or reading.text[:4000]
