"""Who may see which chunks, and what else narrows a search. Pure.

A principal becomes a filter in one function, `visible_to`, and what the index
answers is compared with the principal once more.
"""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from ingest.documents import Chunk, Principal
from ingest.errors import IndexDamaged
from ingest.index.base import IndexQuery

log = logging.getLogger(__name__)

TENANT = "tenant"
PATH = "path"
POSITION = "position"
FILTERED = (TENANT, "labels", "document_id", PATH, "language")
"""Payload fields of words that have an index; `POSITION` has one of numbers."""


class Condition(Struct, frozen=True):
    """What a payload field must be. Each variant translates it to its own words.

    Attributes:
        field: Name of the field.
        any_of: The field is, or holds, one of these; with none, nothing fits.
        prefix: The field starts with this instead.
        equals: The field is this number instead.
    """

    field: str
    any_of: tuple[str, ...] = ()
    prefix: str = ""
    equals: int | None = None


FIRST = Condition(POSITION, equals=0)
"""Every document has exactly one such point."""


def visible_to(principal: Principal) -> tuple[Condition, ...]:
    """Return what every point must fulfil that `principal` is shown.

    This is the only place where access becomes a filter.
    """
    return (
        Condition(TENANT, (principal.tenant,)),
        Condition("labels", principal.labels),
    )


def of_query(principal: Principal, query: IndexQuery) -> tuple[Condition, ...]:
    """Return what every hit must fulfil: access first, then the query's filters."""
    conditions = list(visible_to(principal))
    if query.path_prefix:
        conditions.append(Condition(PATH, prefix=query.path_prefix))
    if query.languages:
        conditions.append(Condition("language", query.languages))
    if query.documents:
        conditions.append(Condition("document_id", query.documents))
    return tuple(conditions)


def of_document(document_id: str) -> tuple[Condition, ...]:
    """Return what the points of one document fulfil."""
    return (Condition("document_id", (document_id,)),)


def may_see(principal: Principal, chunk: Chunk) -> bool:
    """Say whether `chunk` is visible to `principal`."""
    return chunk.tenant == principal.tenant and not set(chunk.labels).isdisjoint(
        principal.labels
    )


def checked(principal: Principal, chunks: Iterable[Chunk]) -> list[Chunk]:
    """Return `chunks`, having looked again that `principal` may see each.

    Raises:
        IndexDamaged: The index gave out what its filter should have held back.
    """
    found = list(chunks)
    leaked = [chunk.id for chunk in found if not may_see(principal, chunk)]
    if leaked:
        log.error("the index ignored the access filter for %s", ", ".join(leaked))
        raise IndexDamaged("the index answered with chunks outside of the filter")
    return found


def as_json(
    conditions: Iterable[Condition], but_ids: Sequence[str] = ()
) -> dict[str, Any]:
    """Return a filter in the form of Qdrant's HTTP interface.

    Args:
        conditions: What a point must fulfil, all of it.
        but_ids: Points that are left out.
    """
    left_out = [{"has_id": list(but_ids)}] if but_ids else []
    return {
        "must": [
            {"key": condition.field, "match": _match(condition)}
            for condition in conditions
        ],
        "must_not": left_out,
    }


def _match(condition: Condition) -> dict[str, Any]:
    if condition.equals is not None:
        return {"value": condition.equals}
    if condition.prefix:
        return {"prefix": condition.prefix}
    return {"any": list(condition.any_of)}
