"""Opens and closes everything the service holds; the place where parts meet."""

import asyncio
import importlib
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from app import logs
from app.access.meter import Meter
from app.admission import Admission
from app.chat.answer import EXTRACT_MODEL, Answerer, Library, Retrieve
from app.chat.asking import DEFAULT_MODEL
from app.chat.context import joining
from app.chat.turns import embed_in_turn, in_turn
from app.documents.desk import Desk
from app.errors import ShuttingDown
from app.retrieval.judging import Judge
from app.retrieval.late_index import LateIndex
from app.retrieval.rerank import Rerank, Reranker, keep_order, open_reranker
from app.retrieval.retriever import Retriever, Searched
from app.settings import Settings
from app.states import Watch, watching
from app.stores import Stores, anybody, open_stores
from app.tokens import open_tokens
from ingest.building import built_with
from ingest.embedding import Embedder, open_embedder, outline
from ingest.errors import IndexMismatch
from ingest.index import Fingerprint, IndexReader, open_index, records_of
from ingest.withdrawals import Withdrawals

if TYPE_CHECKING:
    from app.upstream.client import Upstream


def _as_it_is(retrieve: Retrieve) -> Retrieve:
    return retrieve


_SLOTS = 4
"""Questions that are searched for at once by each processor core: more only wait for
each other."""


class Doors(Struct, frozen=True, kw_only=True):
    """What the road from a question to its answer leads through.

    Attributes:
        index: What is searched.
        rerank: Puts the first hits in a better order.
        judge: Tells how far what was found can be trusted; None for the usual one.
        found: Returns what finds hits, perhaps with something around it.
    """

    index: Searched
    rerank: Rerank
    judge: Judge | None = None
    found: Callable[[Retrieve], Retrieve] = _as_it_is


class Resources:
    """What is held while the service runs.

    Attributes:
        stopping: The service is told to stop, and says so to whoever asks.
        closed: It takes no more questions.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        embedder: Embedder,
        index: LateIndex,
        stores: Stores,
        upstream: "Upstream | None",
        reranker: Reranker | None = None,
    ) -> None:
        self.settings = settings
        self.embedder = embedder
        self.index = index
        self.desk = Desk(settings, index)
        self.database = stores.database
        self.doorkeeper = stores.doorkeeper
        self.kept = stores.kept
        self.meter = Meter(stores.ledger, settings, stores.limits_of)
        self.upstream = upstream
        self.reranker = reranker
        self.stopping = self.closed = False
        self.watch = Watch(self.states)
        self.principal = anybody(settings)
        slots = settings.server.concurrency or _SLOTS * (os.cpu_count() or 1)
        self.admission = Admission(slots)
        self.tokens = open_tokens(settings.upstream.tiktoken_cache_dir)
        self.rerank: Rerank = reranker.rerank if reranker else keep_order
        self.retriever, self.answerer = self.road(
            Doors(index=index, rerank=self.rerank)
        )

    def road(self, doors: Doors) -> tuple[Retriever, Answerer]:
        """Return what finds and what answers, leading through `doors`."""
        settings = self.settings
        retriever = Retriever(
            index=doors.index,
            embedder=self.embedder,
            settings=settings.retrieval,
            fusion_weight=settings.index.fusion_weight,
            rerank=doors.rerank,
            depth=settings.rerank.depth if self.reranker else 0,
        )
        retriever.judge = doors.judge or retriever.judge
        found = joining(doors.found(retriever.retrieve), retriever.chunks)
        library = Library(
            retrieve=in_turn(found, self.admission),
            lengths=retriever.lengths,
            embed=embed_in_turn(self.embedder.embed_queries, self.admission),
        )
        return retriever, Answerer(
            library,
            upstream=self.upstream,
            tokens=self.tokens,
            meter=self.meter,
            settings=settings,
        )

    @property
    def models(self) -> tuple[str, ...]:
        """Names that ``/v1/models`` lists."""
        own = (self.settings.chat.model,) if self.settings.chat.model else ()
        return (*own, DEFAULT_MODEL, EXTRACT_MODEL)

    def states(self) -> dict[str, tuple[str, str]]:
        """Return state and detail of each part that answers need."""
        states = {
            "model": ("up", self.embedder.name),
            "index": self.index.state(),
        }
        if self.upstream is None:
            states["upstream"] = ("up", "none set: answers are extracts")
        else:
            states["upstream"] = self.upstream.state()
        if self.database is not None:
            states["database"] = self.database.state()
        if (limits := self.meter.state()) is not None:
            states["limits"] = limits
        if self.reranker is not None:
            states["rerank"] = self.reranker.state()
        if self.kept is not None:
            states["conversations"] = self.kept.recorder.state()
        states["log"] = logs.LOSSES.state()
        if self.stopping:
            states["service"] = ("down", "shutting down")
        return states

    def refuse_unless_open(self) -> None:
        """Raise if no new question may begin.

        Raises:
            ShuttingDown: The service is about to stop.
            Overloaded: It answers as many as it can.
        """
        if self.closed:
            raise ShuttingDown("the service is about to stop; try again")
        self.refuse_if_full()

    def refuse_if_full(self, *, answers: bool = True) -> None:
        """Refuse a question before anything is done for it.

        Args:
            answers: It wants an answer, and not only hits.

        Raises:
            Overloaded: It would find no room.
        """
        if answers:
            self.meter.refuse_if_full()
        self.admission.refuse_if_full()


@asynccontextmanager
async def open_resources(
    settings: Settings, *, serving: bool = False
) -> AsyncIterator[Resources]:
    """Open everything; what is opened first is closed last.

    Args:
        settings: Every setting.
        serving: Open the database and Redis as well: there are callers to know apart.

    Raises:
        SettingsError: The address of Redis is none.
        DatabaseUnusable: The database is damaged, or made by a newer version.
        ModelUnusable: The embedding model or the reranker cannot be used.
        IndexMismatch: The index was built with another model.
        IndexForbidden: This user may not use the index's folder.
    """
    async with AsyncExitStack() as stack:
        embedder, index = await _open_model_and_index(settings, stack)
        stores = await stack.enter_async_context(open_stores(settings, serving=serving))
        held = Resources(
            settings,
            embedder=embedder,
            index=index,
            stores=stores,
            upstream=await _open_upstream(settings, stack),
            reranker=await _open_reranker(settings, stack),
        )
        every = settings.limits.lease / 3
        await stack.enter_async_context(held.meter.renewing(every=every))
        if serving:
            await stack.enter_async_context(watching(held.watch))
            await stack.enter_async_context(held.desk.open())
        yield held


async def _open_model_and_index(
    settings: Settings, stack: AsyncExitStack
) -> tuple[Embedder, LateIndex]:
    """Open both at the same time, where the model's folder tells what it is."""
    told = await asyncio.to_thread(outline, settings.embedding)
    opening = asyncio.create_task(asyncio.to_thread(open_embedder, settings.embedding))
    ahead = asyncio.create_task(_import_upstream(settings))
    try:
        early = built_with(told, settings.chunk) if told else None
        index = await _open_index(settings, early, stack) if early else None
    except IndexMismatch:
        # Its folder may tell less than the model does.
        index = None
    finally:
        # What is closed next is theirs, even if the index cannot be opened.
        await asyncio.wait({opening, ahead})
    embedder = opening.result()
    built = built_with(embedder, settings.chunk)
    if index is None:
        return embedder, await _open_index(settings, built, stack)
    if built != early:
        # Left alone, it would go on looking for an index that is not wanted.
        await index.close()
        index = await _open_index(settings, built, stack)
    return embedder, index


async def _open_index(
    settings: Settings, fingerprint: Fingerprint, stack: AsyncExitStack
) -> LateIndex:
    async def open_() -> IndexReader:
        return await open_index(settings.index, fingerprint)

    index = LateIndex(open_, Withdrawals(records_of(settings.index)))
    stack.push_async_callback(index.close)
    await index.start()
    return index


async def _import_upstream(settings: Settings) -> None:
    """Import the openai client in a thread, where one will be needed."""
    # It takes most of a second.
    if settings.upstream.base_url:
        await asyncio.to_thread(importlib.import_module, "app.upstream.client")


async def _open_reranker(settings: Settings, stack: AsyncExitStack) -> Reranker | None:
    if not settings.rerank.model:
        return None
    cache = Path(settings.embedding.cache)
    reranker = await asyncio.to_thread(open_reranker, settings.rerank, cache=cache)
    stack.push_async_callback(reranker.close)
    await reranker.start()
    return reranker


async def _open_upstream(
    settings: Settings, stack: AsyncExitStack
) -> "Upstream | None":
    if not settings.upstream.base_url:
        return None
    # Imported only where it is used, and by now it is: see `_import_upstream`.
    from app.upstream.client import open_upstream  # noqa: PLC0415

    upstream = open_upstream(settings.upstream, settings.chat)
    stack.push_async_callback(upstream.aclose)
    return upstream
