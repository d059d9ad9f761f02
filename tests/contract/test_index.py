"""What every variant of the index promises."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from ingest.errors import IndexMismatch, IndexMissing
from ingest.index import (
    Fingerprint,
    IndexReader,
    edit_index,
    list_editions,
    open_index,
    roll_back,
)
from ingest.settings import IndexSettings
from tests.ingest.index.made_index import (
    EAST,
    FINGERPRINT,
    NORTH,
    OTHER_MODEL,
    PAST,
    UP,
    Page,
    asking,
    page,
    principal,
    put,
)

ME = principal()


@asynccontextmanager
async def reading(
    settings: IndexSettings, fingerprint: Fingerprint | None = FINGERPRINT
) -> AsyncIterator[IndexReader]:
    reader = await open_index(settings, fingerprint)
    try:
        yield reader
    finally:
        await reader.close()


async def publish(
    settings: IndexSettings, *pages: Page, fingerprint: Fingerprint = FINGERPRINT
) -> str:
    writer = await edit_index(settings, fingerprint)
    await put(writer, *pages)
    return (await writer.publish()).name


@asynccontextmanager
async def published(
    settings: IndexSettings, *pages: Page
) -> AsyncIterator[IndexReader]:
    await publish(settings, *pages)
    async with reading(settings) as reader:
        yield reader


async def test_the_nearest_chunk_comes_first(settings: IndexSettings) -> None:
    somewhere = page("a.md", ["east", "north"], [EAST, NORTH])

    async with published(settings, somewhere) as reader:
        hits = await reader.search(ME, asking(NORTH * 0.8 + EAST * 0.6))

    assert [hit.chunk for hit in hits] == [somewhere.chunks[1], somewhere.chunks[0]]
    assert hits[0].similarity == pytest.approx(0.8, abs=1e-5)
    assert hits[0].keyword_score == 0.0


async def test_an_error_code_is_found_by_its_letters(settings: IndexSettings) -> None:
    codes = page("codes.md", ["Error E-204: low battery", "Error E-207: open circuit"])

    async with published(settings, codes) as reader:
        hits = await reader.search(ME, asking(EAST, "what does E-207 mean"))

    assert hits[0].chunk.position == 1
    assert hits[0].score == pytest.approx(1.0, abs=1e-5)
    assert hits[0].keyword_score > hits[1].keyword_score


async def test_no_more_hits_than_wanted_and_scores_never_rise(
    settings: IndexSettings,
) -> None:
    many = page("many.md", [f"text number {n}" for n in range(9)])

    async with published(settings, many) as reader:
        hits = await reader.search(ME, asking(EAST, "number 3", keep=5))

    assert len(hits) == 5
    assert sorted((hit.score for hit in hits), reverse=True) == [h.score for h in hits]
    assert all(0 <= hit.score <= 1 for hit in hits)


async def test_no_tenant_ever_sees_what_belongs_to_another(
    settings: IndexSettings,
) -> None:
    tenants = [f"tenant-{number}" for number in range(20)]
    pages = [
        page("same.md", ["the same text", f"canary of {tenant}"], tenant=tenant)
        for tenant in tenants
    ]

    async with published(settings, *pages) as reader:
        for tenant, own in zip(tenants, pages, strict=True):
            me = principal(tenant)
            hits = await reader.search(me, asking(EAST, "same text canary", keep=100))
            listed = await reader.documents(me)
            foreign = pages[0] if own is not pages[0] else pages[1]
            stolen = [
                await reader.chunk(me, foreign.chunks[0].id),
                *await reader.document(me, foreign.document.id),
                *await reader.neighbours(me, foreign.chunks[0], radius=3),
                *await reader.chunks(me, [chunk.id for chunk in foreign.chunks]),
            ]

            assert {hit.chunk.id for hit in hits} == {chunk.id for chunk in own.chunks}
            assert [stored.document_id for stored in listed] == [own.document.id]
            assert stolen == [None]


async def test_what_one_may_not_see_changes_no_score(settings: IndexSettings) -> None:
    own = [page("a.md", ["zebra stripes"]), page("b.md", ["banana bread"])]
    hidden = [
        page(f"{label} {n}.md", ["zebra"], tenant=tenant, labels=(label,))
        for tenant, label in (("acme", "hr"), ("other", "public"))
        for n in range(5)
    ]
    asked = asking(EAST, "zebra banana", weight=0.0)

    async with published(settings, *own) as reader:
        alone = {h.chunk.path: h.score for h in await reader.search(ME, asked)}
        extent = await reader.extent(ME)
    async with published(settings, *own, *hidden) as reader:
        among = {h.chunk.path: h.score for h in await reader.search(ME, asked)}

        assert among == pytest.approx(alone)
        assert await reader.extent(ME) == extent
    assert (extent.documents, extent.chunks) == (2, 2)


async def test_a_chunk_is_seen_with_one_of_its_labels_and_not_without(
    settings: IndexSettings,
) -> None:
    pages = [
        page("open.md", ["open"], labels=("public",)),
        page("staff.md", ["inside"], labels=("staff", "board")),
    ]

    async with published(settings, *pages) as reader:
        seen = {
            labels: sorted(
                hit.chunk.path
                for hit in await reader.search(principal("acme", *labels), asking())
            )
            for labels in [("public",), ("board",), ("public", "staff"), ("guest",)]
        }

    assert seen == {
        ("public",): ["open.md"],
        ("board",): ["staff.md"],
        ("public", "staff"): ["open.md", "staff.md"],
        ("guest",): [],
    }


async def test_who_holds_no_label_sees_nothing(settings: IndexSettings) -> None:
    nobody = principal()
    nobody = type(nobody)(tenant="acme", labels=())

    async with published(settings, page("open.md", ["open"])) as reader:
        assert await reader.search(nobody, asking(EAST, "open")) == []
        assert await reader.documents(nobody) == []


async def test_a_chunk_has_neighbours_and_a_document(settings: IndexSettings) -> None:
    long = page("long.md", [f"part {n}" for n in range(6)])
    short = page("short.md", ["only"])

    async with published(settings, long, short) as reader:
        first, fourth = long.chunks[0], long.chunks[3]

        assert await reader.chunk(ME, fourth.id) == fourth
        assert await reader.document(ME, long.document.id) == list(long.chunks)
        assert await reader.neighbours(ME, fourth, radius=1) == list(long.chunks[2:5])
        assert await reader.neighbours(ME, first, radius=2) == list(long.chunks[:3])
        several = [long.chunks[4].id, "x", short.chunks[0].id, first.id]
        found = await reader.chunks(ME, several)
        assert {chunk.id for chunk in found} == {*several} - {"x"}
        assert await reader.chunks(ME, []) == []
        listed = await reader.documents(ME)
        assert [(one.path, one.chunks) for one in listed] == [
            ("long.md", 6),
            ("short.md", 1),
        ]


@pytest.mark.parametrize("id_", ["", "x", "12", "../../etc/passwd", "0" * 32])
async def test_an_id_that_is_none_finds_nothing(
    settings: IndexSettings, id_: str
) -> None:
    async with published(settings, page("a.md", ["a"])) as reader:
        assert await reader.chunk(ME, id_) is None
        assert await reader.document(ME, id_) == []


@pytest.mark.row(
    "Q7", "of a question or a chunk, in a folder or on a server", "refused by name"
)
@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
async def test_a_vector_that_points_nowhere_is_refused(
    settings: IndexSettings, value: float
) -> None:
    nowhere = np.full(4, value, dtype=np.float32)
    bad = page("bad.md", ["bad"], [nowhere])

    async with published(settings, page("a.md", ["a"])) as reader:
        with pytest.raises(ValueError, match="finite"):
            await reader.search(ME, asking(nowhere))
    writer = await edit_index(settings, FINGERPRINT)
    with pytest.raises(ValueError, match="finite"):
        await put(writer, bad)
    await writer.close()


async def test_a_query_of_another_length_is_a_mismatch(settings: IndexSettings) -> None:
    async with published(settings, page("a.md", ["a"])) as reader:
        with pytest.raises(IndexMismatch, match="expected dim: 4, got 2"):
            await reader.search(ME, asking(np.ones(2, dtype=np.float32)))


async def test_nothing_published_is_a_missing_index(settings: IndexSettings) -> None:
    with pytest.raises(IndexMissing, match="frontdesk ingest"):
        await open_index(settings, FINGERPRINT)

    assert await list_editions(settings) == []
    with pytest.raises(IndexMissing):
        await roll_back(settings, None)


async def test_an_index_built_with_another_model_names_both(
    settings: IndexSettings,
) -> None:
    await publish(settings, page("a.md", ["a"]))

    with pytest.raises(IndexMismatch, match="model first in the index and second here"):
        await open_index(settings, OTHER_MODEL)
    async with reading(settings, None) as reader:
        assert reader.edition.fingerprint == FINGERPRINT


async def test_another_model_is_built_beside_and_rolled_back(
    settings: IndexSettings,
) -> None:
    first = await publish(settings, page("a.md", ["old"], [UP]))
    async with reading(settings) as reader:
        second = await publish(
            settings, page("a.md", ["new"], [PAST]), fingerprint=OTHER_MODEL
        )
        hits = await reader.search(ME, asking(UP))
    assert [hit.chunk.text for hit in hits] == ["old"]
    editions = await list_editions(settings)
    assert [(e.name, e.current) for e in editions] == [(first, False), (second, True)]

    shown = await roll_back(settings, None)

    assert shown.name == first
    async with reading(settings) as reader:
        assert [hit.chunk.text for hit in await reader.search(ME, asking(UP))] == [
            "old"
        ]
    assert (await roll_back(settings, second)).name == second
    async with reading(settings, OTHER_MODEL) as reader:
        assert reader.edition.name == second
    with pytest.raises(IndexMissing):
        await roll_back(settings, "no such edition")


async def test_an_open_reader_follows_while_it_searches(
    settings: IndexSettings,
) -> None:
    await publish(settings, page("a.md", ["before"]))
    async with reading(settings) as reader:
        name = await publish(settings, page("a.md", ["after"], digest="second"))
        texts = []

        async with asyncio.timeout(2):
            while reader.edition.name != name:
                texts += [h.chunk.text for h in await reader.search(ME, asking())]
                await asyncio.sleep(0)
        texts += [h.chunk.text for h in await reader.search(ME, asking())]

    assert texts[-1] == "after"
    assert set(texts) <= {"before", "after"}
