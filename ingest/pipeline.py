"""The road of a document: scan, read, split, embed, store, publish, as one stream.

    scan ──▶ plan ──▶ read (worker processes) ──▶ split ──▶ embed ──▶ replace ──▶ publish

All stages work at the same time and each only so far ahead of the next: memory does
not grow with the folder. Chunks of several documents are embedded together, so that
batches hold texts of like length, and two groups at once, so that no processor waits
for the last batch of a group. Documents are stored in the order they were found in.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from functools import partial
from pathlib import Path

from msgspec import Struct

from ingest.chunking import measure, split
from ingest.documents import Chunk, Document, Reading, Vector, Vectors
from ingest.embedding import Embedder
from ingest.errors import (
    HoldsHiddenText,
    IngestInterrupted,
    ReadError,
    VectorUnusable,
)
from ingest.hidden import HiddenKind, concealed
from ingest.index import IndexWriter
from ingest.index.base import Edition
from ingest.language import declared, detect
from ingest.pace import Progress
from ingest.plan import Job, Plan, Report, Trouble, foreseen
from ingest.sandbox import Sandbox
from ingest.settings import ChunkSettings
from ingest.source import read_bytes
from ingest.stream import ahead, side_by_side
from ingest.vectors import vectors_of

_READ_AHEAD = 8
"""Documents that are read before they are needed; more would only take memory."""

_FIRST_GROUP, _GROUP = 64, 512
"""Chunks that are embedded together: enough to sort by length, little to lose. The
first groups are small, so that embedding begins soon."""

_AT_ONCE = 2
"""Groups that are embedded at the same time."""


class Cut(Struct, frozen=True):
    """A document and its chunks, by position."""

    document: Document
    chunks: list[Chunk]

    @property
    def labels(self) -> tuple[str, ...]:
        """Access labels of them all."""
        return self.chunks[0].labels


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
        self._hidden = Counter[HiddenKind]()
        self._quarantined: list[str] = []
        self._written = 0
        self._done, self._of = 0, 0

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
        self._of = len(documents)
        self._tell("reading")
        groups = ahead(self._groups(documents), most=1)
        embed = partial(self._embed, _before(planned))
        async with aclosing(
            ahead(side_by_side(groups, embed, most=_AT_ONCE), most=1)
        ) as embedded:
            async for group, vectors in embedded:
                await self._store(group, vectors)
                self._go_on()
        self._go_on()
        self._tell("publishing")
        gone = [known.document_id for known in planned.gone]
        for document_id in (*gone, *self._quarantined):
            await self._writer.remove(document_id)
        edition = await self._writer.publish()
        return self._report(planned, edition, time.monotonic() - start)

    def _go_on(self) -> None:
        """Raise IngestInterrupted if the run is to end."""
        if self._stop:
            raise IngestInterrupted(
                f"stopped after {self._done} of {self._of} documents; "
                "run the same command again to go on from here"
            )

    async def _groups(self, documents: Sequence[Document]) -> AsyncGenerator[list[Cut]]:
        """Yield what documents were cut into, as much as is embedded together."""
        group: list[Cut] = []
        most = _FIRST_GROUP
        readings = side_by_side(_each(documents), self._read, most=_READ_AHEAD)
        async with aclosing(readings):
            async for document, reading in readings:
                if self._stop:
                    return
                if chunks := await self._split(document, reading):
                    group.append(Cut(document, chunks))
                if sum(len(one.chunks) for one in group) >= most:
                    yield group
                    group, most = [], min(2 * most, _GROUP)
        if group:
            yield group

    async def _read(self, document: Document) -> tuple[Document, Reading | ReadError]:
        try:
            data = await asyncio.to_thread(read_bytes, self._job.folder, document)
            return document, await self._sandbox.read(
                document.path, data, document.media_type, document.hidden_text
            )
        except ReadError as error:
            return document, error

    async def _split(
        self, document: Document, reading: Reading | ReadError
    ) -> list[Chunk]:
        """Return the chunks of a document; none, and a failure, if it has none."""
        try:
            if isinstance(reading, ReadError):
                raise reading
            self._hidden.update(reading.hidden)
            self._weigh(document, reading)
            chunks = await asyncio.to_thread(self._cut, document, reading)
        except ReadError as error:
            self._done += 1
            labels = () if isinstance(reading, ReadError) else reading.labels
            self._failures.append(_about(document, labels, error.reason, error.code))
            return []
        self._warnings += [
            _about(document, reading.labels, warning) for warning in reading.warnings
        ]
        return chunks

    def _weigh(self, document: Document, reading: Reading) -> None:
        """Say what hidden text a document holds.

        Raises:
            HoldsHiddenText: It holds some, and is not to be taken in then.
        """
        found = concealed(reading.hidden)
        if not found:
            return
        if self._job.hidden_text == "quarantine":
            # A version that was taken in before is hidden from nobody's model.
            self._quarantined.append(document.id)
            raise HoldsHiddenText(document.path, found)
        became = "kept" if self._job.hidden_text == "keep" else "left out"
        reason = f"hidden text was {became}: {found}"
        self._warnings.append(
            _about(document, reading.labels, reason, HoldsHiddenText.code)
        )

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

    async def _embed(
        self, before: dict[str, str], group: list[Cut]
    ) -> tuple[list[Cut], list[Vectors]]:
        """Return a group with the vectors of each document."""
        known: dict[str, Vector] = {}
        for one in group:
            if one.document.id in before:
                known |= await self._writer.vectors(before[one.document.id])
        chunks = [one.chunks for one in group]
        embed = partial(vectors_of, check=self._go_on)
        return group, await asyncio.to_thread(embed, chunks, known, self._embedder)

    async def _store(self, group: Sequence[Cut], vectors: Sequence[Vectors]) -> None:
        for one, rows in zip(group, vectors, strict=True):
            try:
                await self._writer.replace(one.document, one.chunks, rows)
                self._written += len(one.chunks)
            except VectorUnusable as error:
                reason = f"the model made no vector of it: {error}"
                self._failures.append(_about(one.document, one.labels, reason))
            self._done += 1
            self._tell("embedding", one.document.path, one.labels)

    def _tell(self, stage: str, path: str = "", labels: tuple[str, ...] = ()) -> None:
        told = Progress(
            documents=self._done,
            of=self._of,
            chunks=self._written,
            path=path,
            labels=labels,
            stage=stage,
        )
        self._on_progress(told)

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
            hidden_text=dict(sorted(self._hidden.items())),
            quarantined=len(self._quarantined),
            chunks=self._written,
            seconds=seconds,
            edition=edition,
        )


def _about(of: Document, labels: tuple[str, ...], why: str, code: str = "") -> Trouble:
    """Say something to whom it is shown: by the labels it declares, or its folder's."""
    labels = labels or of.labels
    return Trouble(path=of.path, reason=why, code=code, labels=labels)


def title_of(document: Document, reading: Reading) -> str:
    """Return what people call a document: its title, first heading or file name."""
    if reading.title:
        return reading.title
    for element in reading.elements:
        if element.kind == "title":
            return element.heading_path[-1] if element.heading_path else element.text
    return Path(document.path).stem.replace("-", " ").replace("_", " ")


def _prose(reading: Reading) -> str:
    """Return text whose language is the document's: code and tables tell little."""
    blocks = [e.text for e in reading.elements if e.kind in ("text", "list")]
    return "\n".join(blocks)[:4000] or reading.text[:4000]


def _before(planned: Plan) -> dict[str, str]:
    """Return under which id the index holds what documents were, by their id."""
    edited = {document.id: document.id for document in planned.edited}
    return edited | {id_: known.document_id for id_, known in planned.moved.items()}


async def _each(documents: Sequence[Document]) -> AsyncGenerator[Document]:
    for document in documents:
        yield document
