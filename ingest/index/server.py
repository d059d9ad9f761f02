"""A Qdrant server: the index's engine behind HTTP. The qdrant_client door.

What an index was built with and when it was published is kept in the metadata of
its collection, so it is asked for with the alias, in one call, and no search can
ever meet it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Any, TypeVar

import msgspec
import numpy as np
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import (
    ApiException,
    UnexpectedResponse,
)

from ingest.documents import Chunk, Hit, Principal, Vector
from ingest.errors import (
    DiskFull,
    IndexMismatch,
    IndexMissing,
    IndexUnreachable,
    IndexUnusable,
)
from ingest.index import filters, points, server_config, server_requests
from ingest.index.base import IndexQuery
from ingest.index.filters import Condition
from ingest.index.points import DENSE, KEYWORDS, Point
from ingest.index.points import STORED_FIELDS as STORED
from ingest.index.server_requests import selecting
from ingest.index.states import State
from ingest.settings import IndexSettings

T = TypeVar("T")


class Server:
    """An open connection to the server that `settings.url` names."""

    def __init__(self, settings: IndexSettings, *, timeout: float) -> None:
        self._settings = settings
        self._timeout = timeout
        self._client = AsyncQdrantClient(
            url=settings.url,
            # An address without a port means what it does everywhere, not 6333.
            port=None,
            # As api_key=… the client would warn of plain HTTP inside a network.
            headers={"api-key": settings.api_key} if settings.api_key else None,
            timeout=int(timeout) + 1,
            check_compatibility=False,
        )

    async def close(self) -> None:
        """Close the connection."""
        await self._client.close()

    async def state(self, name: str) -> State:
        """Return the state of the collection or alias `name`.

        Raises:
            IndexMissing: There is none.
            IndexMismatch: It is not one of ours.
        """
        found = await self._ask(self._client.get_collection(name))
        try:
            return msgspec.convert(found.config.metadata, State)
        except msgspec.ValidationError as error:
            reason = "was not made by frontdesk, or on a server older than 1.16"
            raise IndexMismatch(f"the collection {name} {reason}") from error

    async def names(self) -> list[str]:
        """Return the names of all collections."""
        found = (await self._ask(self._client.get_collections())).collections
        return [collection.name for collection in found]

    async def shown(self) -> str:
        """Return the collection that the alias points to, "" if there is none."""
        found = (await self._ask(self._client.get_aliases())).aliases
        targets = {alias.alias_name: alias.collection_name for alias in found}
        return targets.get(self._settings.collection, "")

    async def create(self, state: State) -> None:
        """Make an empty collection."""
        dim, quantization = state.fingerprint.dim, self._settings.quantization
        dense = server_config.vectors(dim, quantization)
        sparse = models.SparseVectorParams(modifier=models.Modifier.IDF)
        await self._ask(
            self._client.create_collection(
                state.collection,
                vectors_config={DENSE: dense},
                sparse_vectors_config={KEYWORDS: sparse},
                shard_number=self._settings.shards,
                replication_factor=self._settings.replicas,
                metadata=msgspec.to_builtins(state),
            )
        )
        if self._settings.replicas > 1:
            await self._ask(
                self._client.update_collection(
                    state.collection,
                    collection_params=server_config.hedged(self._settings.timeout),
                )
            )

    async def index_payload(self, collection: str) -> None:
        """See to it that the fields we filter by have an index."""
        wanted = server_config.fields()
        found = await self._ask(self._client.get_collection(collection))
        for field in wanted.keys() - found.payload_schema.keys():
            await self._ask(
                self._client.create_payload_index(
                    collection, field, wanted[field], wait=True
                )
            )

    async def remember(self, state: State) -> None:
        """Write down the state of a collection."""
        await self._ask(
            self._client.update_collection(
                state.collection, metadata=msgspec.to_builtins(state)
            )
        )

    async def show(self, collection: str) -> None:
        """Let the alias point to `collection`, in one step."""
        alias = self._settings.collection
        here = models.CreateAlias(collection_name=collection, alias_name=alias)
        steps: list[models.AliasOperations] = [
            models.CreateAliasOperation(create_alias=here)
        ]
        if await self.shown():
            away = models.DeleteAlias(alias_name=alias)
            steps.insert(0, models.DeleteAliasOperation(delete_alias=away))
        await self._ask(self._client.update_collection_aliases(steps))

    async def drop(self, collection: str) -> None:
        """Delete a collection."""
        await self._ask(self._client.delete_collection(collection))

    async def search(
        self, collection: str, principal: Principal, query: IndexQuery
    ) -> list[Hit]:
        """Return the best hits of both rankings, fused; one request."""
        requests = server_requests.search(principal, query)
        found = await self._read(
            lambda: self._client.query_batch_points(collection, requests)
        )
        rankings = [[(str(p.id), p.score) for p in ranking.points] for ranking in found]
        dense, keywords = [*rankings, []][:2]
        scores = points.best(dense, keywords, query)
        hits = {str(p.id): p.payload for ranking in found for p in ranking.points}
        chunks = [points.to_chunk(id_, hits[id_]) for id_ in scores]
        filters.checked(principal, chunks)
        return points.to_hits(chunks, scores, dense, keywords)

    async def chunks(self, collection: str, ids: Iterable[str]) -> list[Chunk]:
        """Return the chunks that have these ids, in any order."""
        wanted = list(ids)
        found = await self._read(
            lambda: self._client.retrieve(collection, wanted, True)
        )
        return [points.to_chunk(record.id, record.payload) for record in found]

    async def matching(
        self, collection: str, conditions: Sequence[Condition]
    ) -> list[Chunk]:
        """Return the chunks that fulfil `conditions`, in any order."""
        return [
            points.to_chunk(record.id, record.payload)
            async for record in self._scroll(collection, conditions)
        ]

    async def stored(
        self, collection: str, wanted: Sequence[Condition], fields: list[str] = STORED
    ) -> list[dict[str, Any]]:
        """Return `fields` of the points that fulfil what is `wanted`."""
        found = self._scroll(collection, wanted, fields)
        return [record.payload or {} async for record in found]

    async def vectors(self, collection: str, document_id: str) -> dict[str, Vector]:
        """Return a document's vectors by chunk digest."""
        conditions = filters.of_document(document_id)
        return {
            record.payload["digest"]: np.asarray(record.vector[DENSE], np.float32)
            async for record in self._scroll(
                collection, conditions, ["digest"], [DENSE]
            )
            if record.payload and isinstance(record.vector, dict)
        }

    async def replace(
        self, collection: str, document_id: str, found: Sequence[Point]
    ) -> None:
        """Let a document have these points and no others, in order."""
        steps: list[models.UpdateOperation] = [
            models.UpsertOperation(
                upsert=models.PointsList(
                    points=[server_requests.point(one) for one in batch]
                )
            )
            for batch in points.batches(found)
        ]
        stale = selecting(
            filters.of_document(document_id), [point.id for point in found]
        )
        steps.append(models.DeleteOperation(delete=models.FilterSelector(filter=stale)))

        def write(ordering: models.WriteOrdering) -> Awaitable[object]:
            return self._client.batch_update_points(
                collection, steps, wait=True, ordering=ordering
            )

        # Strong order is kept by one replica; without it another can take its place.
        await self._twice(
            lambda: write(models.WriteOrdering.STRONG),
            lambda: write(models.WriteOrdering.MEDIUM),
        )

    async def count(self, collection: str, conditions: Sequence[Condition]) -> int:
        """Return how many points fulfil `conditions`."""
        counted = await self._read(
            lambda: self._client.count(
                collection, count_filter=selecting(conditions), exact=True
            )
        )
        return counted.count

    async def _scroll(
        self,
        collection: str,
        conditions: Sequence[Condition],
        fields: list[str] | None = None,
        vectors: list[str] | None = None,
    ) -> AsyncIterator[models.Record]:
        offset = None
        while True:
            call = partial(
                self._client.scroll,
                collection,
                scroll_filter=selecting(conditions),
                limit=4 * points.BATCH,
                offset=offset,
                with_payload=fields or True,
                with_vectors=vectors or False,
            )
            records, offset = await self._read(call)
            for record in records:
                yield record
            if offset is None:
                return

    async def _read(self, call: Callable[[], Awaitable[T]]) -> T:
        """Ask, and once more if that may help: any replica of a shard can tell."""
        return await self._twice(call, call)

    async def _twice(
        self, call: Callable[[], Awaitable[T]], again: Callable[[], Awaitable[T]]
    ) -> T:
        """Ask `call`, and `again` if the server was in trouble; both in one time."""
        start = asyncio.get_running_loop().time()
        try:
            return await self._ask(call())
        except IndexUnreachable:
            left = start + self._timeout - asyncio.get_running_loop().time()
            if left <= 0:
                raise
            return await self._ask(again(), within=left)

    async def _ask(self, call: Awaitable[T], *, within: float | None = None) -> T:
        """Wait for an answer; give what may go wrong a name of ours."""
        try:
            async with asyncio.timeout(within or self._timeout):
                return await call
        except UnexpectedResponse as error:
            raise _refusal(error, self._settings.url) from error
        except (ApiException, QdrantException, TimeoutError) as error:
            reason = getattr(error, "source", error)
            raise IndexUnreachable(
                f"no answer from {self._settings.url}: {type(reason).__name__} {reason}"
            ) from error


def _refusal(error: UnexpectedResponse, url: str) -> Exception:
    status = error.status_code or 500
    text = error.content.decode(errors="replace")[:300]
    said = f"{url} answered {status}: {text}"
    if status == 404:
        return IndexMissing(f"{said}; run: frontdesk ingest")
    if status in (401, 403):
        return IndexUnreachable(f"{said}; check INDEX_API_KEY")
    if "dimension error" in text:
        return IndexMismatch(said)
    if "No space left" in text or "disk" in text.lower():
        return DiskFull(said)
    return IndexUnreachable(said) if status >= 500 else IndexUnusable(said)
