"""Who may see which chunks, and what else narrows a search. Pure.

A principal becomes a filter in one function, `visible_to`, and what the index
answers is compared with the principal once more.
"""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from ingest.declarations import day_number, same_version, versions_of
from ingest.documents import Chunk, Principal
from ingest.errors import IndexDamaged
from ingest.index.base import IndexQuery

log = logging.getLogger(__name__)

TENANT = "tenant"
LABELS = "labels"
PATH = "path"
POSITION = "position"
VERSION = "version"
DAY = "day"
FILTERED = (TENANT, LABELS, "document_id", PATH, "language", VERSION)
"""Payload fields of words that have an index."""

NUMBERS = (POSITION, DAY)
"""Payload fields of whole numbers that have an index."""


class Condition(Struct, frozen=True):
    """What a payload field must be. Each variant translates it to its own words.

    Attributes:
        field: Name of the field.
        any_of: The field is, or holds, one of these; with none, nothing fits.
        prefixes: The field starts with one of these instead.
        equals: The field is this number instead.
        at_least: The field is this number or more instead.
        at_most: The field is this number or less instead, or besides `at_least`.
    """

    field: str
    any_of: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    equals: int | None = None
    at_least: int | None = None
    at_most: int | None = None

    @property
    def is_range(self) -> bool:
        """Whether the field must be a number between two others."""
        return self.at_least is not None or self.at_most is not None


FIRST = Condition(POSITION, equals=0)
"""Every document has exactly one such point."""


def visible_to(principal: Principal) -> tuple[Condition, ...]:
    """Return what every point must fulfil that `principal` is shown.

    This is the only place where access becomes a filter.
    """
    return (
        Condition(TENANT, (principal.tenant,)),
        Condition(LABELS, principal.labels),
    )


def held_by(principal: Principal) -> tuple[Condition, ...]:
    """Return what the first points of a tenant's documents fulfil, visible or not."""
    return (Condition(TENANT, (principal.tenant,)), FIRST)


def of_query(principal: Principal, query: IndexQuery) -> tuple[Condition, ...]:
    """Return what every hit must fulfil: access first, then the query's filters."""
    narrowed = [
        Condition(PATH, prefixes=query.paths if all(query.paths) else ()),
        Condition("language", query.languages),
        Condition("document_id", query.documents),
        Condition(VERSION, tuple(map(same_version, query.versions))),
    ]
    given = [one for one in narrowed if one.any_of or one.prefixes]
    if query.labels:
        # Chunks carry labels that this principal must not learn of.
        held = tuple(label for label in query.labels if label in principal.labels)
        given.append(Condition(LABELS, held))
    days = Condition(
        DAY,
        at_least=day_number(query.since) if query.since else None,
        at_most=day_number(query.until) if query.until else None,
    )
    return (*visible_to(principal), *given, *([days] if days.is_range else []))


def filterable(chunk: Chunk) -> dict[str, Any]:
    """Return what is stored of `chunk` only to filter by."""
    words = {word for version in chunk.versions for word in versions_of(version)}
    stored: dict[str, Any] = {VERSION: sorted(words)}
    return stored | {DAY: day_number(chunk.date)} if chunk.date else stored


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
        "must": [_as_json(condition) for condition in conditions],
        "must_not": left_out,
    }


def _as_json(condition: Condition) -> dict[str, Any]:
    key = condition.field
    if condition.equals is not None:
        return {"key": key, "match": {"value": condition.equals}}
    if condition.is_range:
        limits = {"gte": condition.at_least, "lte": condition.at_most}
        return {"key": key, "range": limits}
    if condition.prefixes:
        return {
            "should": [
                {"key": key, "match": {"prefix": prefix}}
                for prefix in condition.prefixes
            ]
        }
    return {"key": key, "match": {"any": list(condition.any_of)}}
