"""Documents as those see them who look after them: with title, language and labels."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from ingest.index.base import Holding
from ingest.index.points import STORED_FIELDS

FIELDS = [*STORED_FIELDS, "title", "language", "labels"]
"""Payload fields of first points that tell of a document."""


def of(payloads: Iterable[Mapping[str, Any]]) -> list[Holding]:
    """Return the documents whose first points have these payloads, by path."""
    told = ({**one, "digest": one["document_digest"]} for one in payloads)
    found = (msgspec.convert(one, Holding) for one in told)
    return sorted(found, key=lambda holding: holding.path)
