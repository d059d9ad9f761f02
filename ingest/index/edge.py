"""A shard of Qdrant Edge: the index's engine in this process. The qdrant_edge door.

Edge 0.9 holds the interpreter's lock in every call (measured): a thread frees nobody
while it searches or loads. So these methods are plain, and who minds an event loop
has them called in another process (`searching`).
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import qdrant_edge as edge

from ingest.documents import Principal, Vector
from ingest.errors import DiskFull, IndexDamaged
from ingest.index import edge_config, filters, points
from ingest.index.base import IndexQuery, Stored
from ingest.index.filters import Condition
from ingest.index.points import DENSE, KEYWORDS, Point
from ingest.settings import Quantization

_STEPS = 128
"""How far the graph is followed at least, however few are wanted."""


class Shard:
    """An open shard. Its folder belongs to it until it is closed."""

    def __init__(self, shard: edge.EdgeShard) -> None:
        self._shard = shard
        self._closed = False

    @classmethod
    def create(cls, folder: Path, dim: int, quantization: Quantization) -> "Shard":
        """Make an empty shard for vectors of length `dim` in the new `folder`."""
        config = edge_config.as_set(dim, quantization)
        with _named("creating a shard"):
            shard = edge.EdgeShard.create(str(folder), config)
            for field, params in edge_config.fields().items():
                shard.update(edge.UpdateOperation.create_field_index(field, params))
        return cls(shard)

    @classmethod
    def load(cls, folder: Path, dim: int) -> "Shard":
        """Open the shard in `folder` as it was built.

        Raises:
            IndexDamaged: It cannot be opened.
        """
        with _named(f"opening {folder}"):
            config = edge_config.as_it_is(dim)
            return cls(edge.EdgeShard.load(str(folder), config))

    @classmethod
    def load_to_build(
        cls, folder: Path, dim: int, quantization: Quantization
    ) -> "Shard":
        """Open the shard in `folder`; `finish` builds it as it is now set.

        Raises:
            IndexDamaged: It cannot be opened.
        """
        with _named(f"opening {folder}"):
            if quantization == "none":
                edge_config.forget_quantization(folder)
            config = edge_config.as_set(dim, quantization)
            return cls(edge.EdgeShard.load(str(folder), config))

    @classmethod
    def load_to_search(cls, folder: Path, dim: int) -> "Shard":
        """Open the shard in `folder`, which is finished, and never write to it.

        Raises:
            IndexDamaged: It cannot be opened.
        """
        # All of it is in the segments; the log would take 64 MB of memory. Without
        # it Edge numbers anew what is written, and ignores in silence what has a
        # smaller number than what it replaces: so this is only for searching.
        shutil.rmtree(folder / "wal", ignore_errors=True)
        shard = cls.load(folder, dim)
        # What the first search would wait for.
        _ = shard.is_shared
        return shard

    def search(self, principal: Principal, query: IndexQuery) -> list[points.Found]:
        """Return the best hits of both rankings, fused, best first."""
        wanted = _filter(filters.of_query(principal, query))
        dense = edge.Query.Nearest(query.vector.tolist(), using=DENSE)
        requests = [
            edge.QueryRequest(
                limit=query.fetch,
                query=dense,
                filter=wanted,
                params=_precise(query.fetch),
            )
        ]
        if query.keywords.indices:
            requests.append(self._keyword_request(principal, query, wanted))
        with _named("searching"):
            found: Any = self._shard.query_batch(edge.QueryBatchRequest(requests))
        # Without dashes, which Edge understands too: its ids are Python's slow UUIDs.
        rankings = [[(p.id.hex, p.score) for p in ranking] for ranking in found]
        dense_ranking, keyword_ranking = [*rankings, []][:2]
        scores = points.best(dense_ranking, keyword_ranking, query)
        records = self._retrieve(scores)
        chunks = {record.id.hex: _raw(record) for record in records}
        return points.found(chunks, scores, dense_ranking, keyword_ranking)

    def chunks(self, ids: Iterable[str]) -> list[points.RawChunk]:
        """Return the chunks that have these ids, in any order."""
        return [_raw(record) for record in self._retrieve(ids)]

    def matching(self, conditions: Sequence[Condition]) -> list[points.RawChunk]:
        """Return the chunks that fulfil `conditions`, in any order."""
        return [_raw(record) for record in self._scroll(conditions, with_payload=True)]

    def listing(self, conditions: Sequence[Condition]) -> list[Stored]:
        """Return the documents whose first points fulfil `conditions`, by path."""
        return points.to_listing(self.stored(conditions))

    def stored(
        self,
        conditions: Sequence[Condition] = (),
        fields: list[str] = points.STORED_FIELDS,
    ) -> Iterator[dict[str, Any]]:
        """Yield `fields` of the points that fulfil `conditions`."""
        for record in self._scroll(conditions, with_payload=fields):
            yield record.payload

    def vectors(self, document_id: str) -> dict[str, Vector]:
        """Return a document's vectors by chunk digest."""
        records = self._scroll(
            filters.of_document(document_id), with_payload=["digest"], with_vector=True
        )
        return {
            record.payload["digest"]: np.asarray(record.vector[DENSE], dtype=np.float32)
            for record in records
        }

    def replace(self, document_id: str, found: Sequence[Point]) -> None:
        """Let a document have these points and no others."""
        with _named("writing to the draft"):
            for batch in points.batches(found):
                written = [_point(point) for point in batch]
                self._shard.update(edge.UpdateOperation.upsert_points(written))
            stale = _filter(filters.of_document(document_id), {p.id for p in found})
            self._shard.update(edge.UpdateOperation.delete_points_by_filter(stale))

    def count(self, conditions: Sequence[Condition] = ()) -> int:
        """Return how many points fulfil `conditions`."""
        with _named("counting"):
            counted: int = self._shard.count(
                edge.CountRequest(exact=True, filter=_filter(conditions))
            )
        return counted

    def finish(self) -> None:
        """Build what makes searching fast, and bring all of it to disk."""
        with _named("optimizing"):
            self._shard.optimize()
            self._shard.flush()

    def close(self) -> None:
        """Bring what was written to disk and let go of the folder; twice is once."""
        if not self._closed:
            self._closed = True
            with _named("closing a shard"):
                self._shard.close()

    def _keyword_request(
        self, principal: Principal, query: IndexQuery, wanted: edge.Filter
    ) -> edge.QueryRequest:
        terms = query.keywords
        sparse = edge.SparseVector(list(terms.indices), list(terms.values))
        # How rare a term is in documents that one may not see is not to be told by
        # scores. Where everybody sees all, this would double the time for nothing.
        own = _filter(filters.visible_to(principal))
        rarity = edge.SearchParams(idf=edge.IdfParams(corpus=own))
        return edge.QueryRequest(
            limit=query.fetch,
            query=edge.Query.Nearest(sparse, using=KEYWORDS),
            filter=wanted,
            params=rarity if self.is_shared else None,
        )

    @cached_property
    def is_shared(self) -> bool:
        """Whether there is more than one tenant or label; asked of readers only."""
        with _named("counting"):
            return any(
                len(self._shard.facet(edge.FacetRequest(field, limit=2, exact=True)))
                > 1
                for field in (filters.TENANT, filters.LABELS)
            )

    def _retrieve(self, ids: Iterable[str]) -> list[Any]:
        with _named("reading chunks"):
            # All there is takes a third less than a list of fields (.23 and .32 ms).
            records: list[Any] = self._shard.retrieve(list(ids), True, False)
        return records

    def _scroll(
        self,
        conditions: Sequence[Condition],
        *,
        with_payload: bool | list[str],
        with_vector: bool = False,
    ) -> Iterator[Any]:
        offset = None
        while True:
            request = edge.ScrollRequest(
                offset=offset,
                limit=4 * points.BATCH,
                filter=_filter(conditions),
                with_payload=with_payload,
                with_vector=[DENSE] if with_vector else False,
            )
            with _named("reading chunks"):
                records, offset = self._shard.scroll(request)
            yield from records
            if offset is None:
                return


def _precise(fetch: int) -> edge.SearchParams:
    rescoring = edge.QuantizationSearchParams(
        rescore=True, oversampling=points.oversampling(fetch)
    )
    return edge.SearchParams(hnsw_ef=_STEPS, quantization=rescoring)


def _raw(record: edge.Record) -> points.RawChunk:
    return {**(record.payload or {}), "id": str(record.id)}


def _point(point: Point) -> edge.Point:
    vectors: dict[str, Any] = {DENSE: point.dense.tolist()}
    if point.keywords.indices:
        vectors[KEYWORDS] = edge.SparseVector(
            list(point.keywords.indices), list(point.keywords.values)
        )
    return edge.Point(point.id, vectors, point.payload)


def _filter(
    conditions: Iterable[Condition], but_ids: Iterable[str] = ()
) -> edge.Filter:
    kept: set[edge.PointId] = set(but_ids)
    return edge.Filter(
        must=[_condition(condition) for condition in conditions],
        must_not=[edge.HasIdCondition(kept)] if kept else None,
    )


def _condition(condition: Condition) -> edge.FieldCondition | edge.Filter:
    field = condition.field
    if condition.equals is not None:
        return edge.FieldCondition(field, edge.MatchValue(condition.equals))
    if condition.is_range:
        limits = edge.RangeFloat(gte=condition.at_least, lte=condition.at_most)
        return edge.FieldCondition(field, range=limits)
    if condition.prefixes:
        starts = map(edge.MatchPrefix, condition.prefixes)
        return edge.Filter(should=[edge.FieldCondition(field, one) for one in starts])
    return edge.FieldCondition(field, edge.MatchAny(list(condition.any_of)))


@contextmanager
def _named(doing: str) -> Iterator[None]:
    """Give Edge's bare exceptions a name of ours."""
    try:
        yield
    except Exception as error:
        # Edge raises Exception itself and nothing better; its classes are not it.
        if type(error) is not Exception:
            raise
        if "No space left" in str(error):
            raise DiskFull(f"{doing}: {error}") from error
        raise IndexDamaged(f"{doing}: {error}") from error
