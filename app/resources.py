"""Opens and closes everything the service holds; the place where parts meet."""

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.access.scopes import SCOPES
from app.chat.answer import EXTRACT_MODEL, Answerer
from app.chat.asking import DEFAULT_MODEL
from app.chat.context import joining
from app.errors import ShuttingDown
from app.retrieval.late_index import LateIndex
from app.retrieval.rerank import Reranker, keep_order, open_reranker
from app.retrieval.retriever import Retriever
from app.settings import Settings
from app.tokens import open_tokens
from ingest.building import built_with
from ingest.documents import Principal
from ingest.embedding import Embedder, open_embedder, outline
from ingest.errors import IndexUnusable
from ingest.index import Fingerprint, IndexReader, open_index

if TYPE_CHECKING:
    from app.access.doorkeeper import Doorkeeper
    from app.conversations.keeping import Kept
    from app.database.engine import Database
    from app.upstream.client import Upstream

OLDER_EDITION = (
    "the one published last is damaged or was built otherwise: ingest again, or roll "
    "back with `frontdesk editions rollback`"
)
"""What to say when the edition that answers is not the current one."""


class Resources:
    """What is held while the service runs."""

    def __init__(
        self,
        settings: Settings,
        *,
        embedder: Embedder,
        index: LateIndex,
        upstream: "Upstream | None",
        reranker: Reranker | None = None,
        database: "Database | None" = None,
    ) -> None:
        self.settings = settings
        self.embedder = embedder
        self.index = index
        self.upstream = upstream
        self.reranker = reranker
        self.database = database
        self.doorkeeper = _door(settings, database) if database else None
        # Set by who opens it, for it works in the background.
        self.kept: Kept | None = None
        self.stopping = False
        self.principal = anybody(settings)
        self.retriever = Retriever(
            index=index,
            embedder=embedder,
            settings=settings.retrieval,
            fusion_weight=settings.index.fusion_weight,
            rerank=reranker.rerank if reranker else keep_order,
            depth=settings.rerank.depth if reranker else 0,
        )
        self.answerer = Answerer(
            retrieve=joining(self.retriever.retrieve, self.retriever.chunks),
            lengths=self.retriever.lengths,
            upstream=upstream,
            embed=embedder.embed_queries,
            tokens=open_tokens(settings.upstream.tiktoken_cache_dir),
            settings=settings,
        )

    @property
    def models(self) -> tuple[str, ...]:
        """Names that ``/v1/models`` lists."""
        own = (self.settings.chat.model,) if self.settings.chat.model else ()
        return (*own, DEFAULT_MODEL, EXTRACT_MODEL)

    def states(self) -> dict[str, tuple[str, str]]:
        """Return state and detail of each part that answers need."""
        states = {"model": ("up", self.embedder.name)}
        try:
            edition = self.index.edition
        except IndexUnusable as error:
            states["index"] = ("down", str(error))
        else:
            detail = f"edition {edition.name}, {edition.documents} documents"
            if edition.current:
                states["index"] = ("up", detail)
            else:
                states["index"] = ("degraded", f"{detail}; {OLDER_EDITION}")
        if self.upstream is None:
            states["upstream"] = ("up", "none set: answers are extracts")
        else:
            states["upstream"] = self.upstream.state()
        if self.database is not None:
            states["database"] = self.database.state()
        if self.reranker is not None:
            states["rerank"] = self.reranker.state()
        if self.stopping:
            states["service"] = ("down", "shutting down")
        return states

    def refuse_when_stopping(self) -> None:
        """Raise if no new question may begin.

        Raises:
            ShuttingDown: The service is about to stop.
        """
        if self.stopping:
            raise ShuttingDown("the service is about to stop; try again")


@asynccontextmanager
async def open_resources(
    settings: Settings, *, serving: bool = False
) -> AsyncIterator[Resources]:
    """Open everything; what is opened first is closed last.

    Args:
        settings: Every setting.
        serving: Open the database as well: there are callers to know apart.

    Raises:
        DatabaseUnusable: The database is damaged, or made by a newer version.
        ModelUnusable: The embedding model or the reranker cannot be used.
        IndexMismatch: The index was built with another model.
    """
    async with AsyncExitStack() as stack:
        embedder, index = await _open_model_and_index(settings, stack)
        database, kept = None, None
        if serving:
            database, kept = await _open_database(settings, stack)
        held = Resources(
            settings,
            embedder=embedder,
            index=index,
            upstream=await _open_upstream(settings, stack),
            reranker=await _open_reranker(settings, stack),
            database=database,
        )
        held.kept = kept
        if held.doorkeeper:
            stack.push_async_callback(held.doorkeeper.keyring.close)
        yield held


def anybody(settings: Settings) -> Principal:
    """Return who asks where no keys are looked at: commands, and a service without."""
    return Principal(
        tenant=settings.access.tenant,
        labels=tuple(p.strip() for p in settings.access.labels.split(",")),
        scopes=frozenset(SCOPES),
    )


async def _open_database(
    settings: Settings, stack: AsyncExitStack
) -> tuple["Database", "Kept"]:
    # Takes a quarter of a second; commands that answer one question do without.
    from app.conversations.keeping import open_kept  # noqa: PLC0415
    from app.database.engine import open_database  # noqa: PLC0415

    database = await stack.enter_async_context(open_database(settings.database))
    keeping = open_kept(database, settings.conversations)
    return database, await stack.enter_async_context(keeping)


def _door(settings: Settings, database: "Database") -> "Doorkeeper":
    # As above.
    from app.access.doorkeeper import Doorkeeper  # noqa: PLC0415
    from app.access.keyring import Keyring  # noqa: PLC0415

    keyring = Keyring(database, pepper=settings.access.pepper)
    return Doorkeeper(keyring, settings, anybody=anybody(settings))


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

    index = LateIndex(open_)
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
