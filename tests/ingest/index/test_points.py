"""Chunks become points and come back; what should not be seen is not."""

import datetime as dt
import logging
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import Chunk, embedded_text
from ingest.errors import IndexDamaged, IndexMismatch
from ingest.index import filters, points
from ingest.keywords import passage_keywords
from tests.ingest.index.made_index import FINGERPRINT, asking, page, principal

words = st.text(max_size=20)


@given(
    st.builds(
        Chunk,
        id=words,
        document_id=words,
        document_digest=words,
        path=words,
        title=words,
        url=words,
        heading_path=st.lists(words, max_size=3).map(tuple),
        page=st.none() | st.integers(1, 9999),
        position=st.integers(0, 9999),
        start=st.integers(0, 10**9),
        end=st.integers(0, 10**9),
        text=words,
        kind=st.sampled_from(["title", "text", "list", "code", "table"]),
        language=words,
        tenant=words,
        labels=st.lists(words, min_size=1, max_size=3).map(tuple),
        digest=words,
        versions=st.lists(words, max_size=3).map(tuple),
        date=st.just("") | st.dates().map(dt.date.isoformat),
    )
)
def test_a_chunk_comes_back_from_its_point_as_it_was(chunk: Chunk) -> None:
    made = page("a.md", ["a"])
    document = msgspec.structs.replace(
        made.document, id=chunk.document_id, digest=chunk.document_digest
    )

    (point,) = points.to_points(document, [chunk], made.vectors, dim=4)

    assert points.to_chunk(point.id, point.payload) == chunk


def test_a_point_has_the_terms_of_what_was_embedded() -> None:
    made = page("a.md", ["how to pair a sensor"])
    chunk = msgspec.structs.replace(
        made.chunks[0], title="Ostrel Hub", heading_path=("Install", "Pairing")
    )

    (point,) = points.to_points(made.document, [chunk], made.vectors, dim=4)

    indexed = embedded_text(chunk.heading_path, chunk.title, chunk.text)
    assert point.keywords == passage_keywords(indexed, "en")
    assert "Pairing" in indexed


@pytest.mark.parametrize("payload", [None, {}, {"text": 7}])
def test_a_point_that_holds_no_chunk_is_damage(payload: dict[str, int] | None) -> None:
    with pytest.raises(IndexDamaged, match="holds no chunk"):
        points.to_chunk("id", payload)


def test_what_a_filter_let_through_is_compared_with_the_principal(
    caplog: pytest.LogCaptureFixture,
) -> None:
    own, foreign = page("a.md", ["a"]).chunks, page("b.md", ["b"], tenant="x").chunks
    unlabelled = page("c.md", ["c"], labels=("staff",)).chunks

    assert filters.checked(principal(), own) == list(own)
    for leaked in (foreign, unlabelled):
        with pytest.raises(IndexDamaged):
            filters.checked(principal(), [*own, *leaked])
        assert leaked[0].id in caplog.text
    assert all(record.levelno == logging.ERROR for record in caplog.records)


several = st.lists(words, max_size=3).map(tuple)
days = st.just("") | st.dates().map(dt.date.isoformat)


@given(
    st.fixed_dictionaries(
        dict.fromkeys(
            ("paths", "languages", "documents", "labels", "versions"), several
        )
        | {"since": days, "until": days}
    )
)
def test_no_query_widens_what_a_principal_sees(narrowing: dict[str, Any]) -> None:
    me = principal("acme", "public", "staff")

    first, second, *narrower = filters.of_query(me, asking(**narrowing))

    assert (first, second) == filters.visible_to(me)
    fields = [condition.field for condition in narrower]
    assert ("path" in fields) == bool(narrowing["paths"] and all(narrowing["paths"]))
    assert ("day" in fields) == bool(narrowing["since"] or narrowing["until"])
    for field, name in (
        ("language", "languages"),
        ("document_id", "documents"),
        ("labels", "labels"),
        ("version", "versions"),
    ):
        assert (field in fields) == bool(narrowing[name])
    for condition in narrower:
        assert condition.field != "labels" or set(condition.any_of) <= set(me.labels)


def test_a_document_is_whole_only_with_all_chunks_of_one_version() -> None:
    made = page("a.md", ["one", "two"])
    old = page("a.md", ["one", "two"], digest="older")

    def digest(*payloads: dict[str, object]) -> str:
        return points.to_stored(payloads)[made.document.id].digest

    new = [
        p.payload
        for p in points.to_points(made.document, made.chunks, made.vectors, dim=4)
    ]
    mixed = [
        p.payload
        for p in points.to_points(old.document, old.chunks, old.vectors, dim=4)
    ]
    assert digest(*new) == "first"
    assert digest(new[0]) == ""
    assert digest(new[0], mixed[1]) == ""
    assert digest(*new, mixed[1]) == ""


def test_ids_around_a_chunk_stay_inside_its_document() -> None:
    chunks = page("a.md", [str(n) for n in range(5)]).chunks

    assert points.around(chunks[1], 2) == [chunk.id for chunk in chunks[:4]]
    assert points.around(chunks[0], 0) == [chunks[0].id]


def test_only_fields_that_differ_are_named() -> None:
    other = msgspec.structs.replace(FINGERPRINT, dim=8)
    points.require_same(FINGERPRINT, None)
    points.require_same(FINGERPRINT, FINGERPRINT)

    with pytest.raises(IndexMismatch) as caught:
        points.require_same(FINGERPRINT, other)

    assert "dim 4 in the index and 8 here" in str(caught.value)
    assert "model" not in str(caught.value)


def test_how_documents_were_cut_makes_no_difference_to_a_reader() -> None:
    cut = msgspec.structs.replace(FINGERPRINT, chunk_size=100, chunk_overlap=7)
    made_anew = msgspec.structs.replace(cut, schema=FINGERPRINT.schema + 1)

    points.require_same(FINGERPRINT, cut)

    with pytest.raises(IndexMismatch, match=r"^[^_]*schema[^_]*$"):
        points.require_same(FINGERPRINT, made_anew)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 0.0])
def test_only_a_vector_that_points_somewhere_is_usable(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        points.usable(np.full(4, value, dtype=np.float32))
