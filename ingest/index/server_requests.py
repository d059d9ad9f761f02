"""What is asked of a Qdrant server, in its client's types. Pure; part of the door."""

from collections.abc import Iterable, Sequence
from typing import Any

from qdrant_client import models

from ingest.documents import Principal, SparseVector
from ingest.index import filters, server_config
from ingest.index.base import IndexQuery
from ingest.index.filters import Condition
from ingest.index.points import DENSE, KEYWORDS, Point


def search(principal: Principal, query: IndexQuery) -> list[models.QueryRequest]:
    """Return the two rankings that a query asks for, as one batch."""
    wanted: dict[str, Any] = {
        "filter": selecting(filters.of_query(principal, query)),
        "limit": query.fetch,
        "with_payload": True,
    }
    vector = query.vector.tolist()
    requests = [
        models.QueryRequest(
            query=vector,
            using=DENSE,
            params=server_config.precise(query.fetch),
            **wanted,
        )
    ]
    if query.keywords.indices:
        # How rare a term is in documents one may not see is not to be told by scores.
        own = selecting(filters.visible_to(principal))
        rarity = models.SearchParams(idf=models.IdfCorpusParams(corpus=own))
        terms = _sparse(query.keywords)
        requests.append(
            models.QueryRequest(query=terms, using=KEYWORDS, params=rarity, **wanted)
        )
    return requests


def point(one: Point) -> models.PointStruct:
    """Return a point as it is written."""
    vectors: dict[str, Any] = {DENSE: one.dense.tolist()}
    if one.keywords.indices:
        vectors[KEYWORDS] = _sparse(one.keywords)
    return models.PointStruct(id=one.id, vector=vectors, payload=one.payload)


def _sparse(terms: SparseVector) -> models.SparseVector:
    return models.SparseVector(indices=list(terms.indices), values=list(terms.values))


def selecting(
    conditions: Iterable[Condition], but_ids: Sequence[str] = ()
) -> models.Filter:
    """Return what fulfils `conditions` and has none of some ids."""
    return models.Filter.model_validate(filters.as_json(conditions, but_ids))
