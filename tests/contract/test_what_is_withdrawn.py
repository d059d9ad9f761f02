"""What every variant of the index holds back when documents were deleted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from app.retrieval.late_index import LateIndex
from ingest.index import edit_index, open_index
from ingest.settings import IndexSettings
from ingest.withdrawals import Withdrawals
from tests.ingest.index.made_index import (
    EAST,
    FINGERPRINT,
    asking,
    page,
    principal,
    put,
)

ME = principal()


@asynccontextmanager
async def late(settings: IndexSettings, records: Path) -> AsyncIterator[LateIndex]:
    async def open_() -> object:
        return await open_index(settings, FINGERPRINT)

    index = LateIndex(open_, Withdrawals(records))  # type: ignore[arg-type]  # a reader
    try:
        await index.start()
        yield index
    finally:
        await index.close()


async def test_no_way_leads_to_a_document_that_was_withdrawn(
    settings: IndexSettings, tmp_path: Path
) -> None:
    gone, stays = page("gone.md", ["one", "two"]), page("stays.md", ["three"])
    writer = await edit_index(settings, FINGERPRINT)
    await put(writer, gone, stays)
    await writer.publish()

    async with late(settings, tmp_path) as index:
        before = await index.search(ME, asking(EAST, "one two three"))
        index.withdrawals.add("acme", "gone.md")
        found = await index.search(ME, asking(EAST, "one two three"))
        others = [
            await index.chunk(ME, gone.chunks[0].id),
            *await index.chunks(ME, [chunk.id for chunk in gone.chunks]),
            *await index.document(ME, gone.document.id),
            *await index.neighbours(ME, gone.chunks[0], radius=2),
        ]
        listed = await index.documents(ME)
        held = await index.holdings(ME)

    assert len(before) == 3
    assert [hit.chunk.path for hit in found] == ["stays.md"]
    assert others == [None]
    assert [stored.path for stored in listed] == ["stays.md"]
    assert [holding.path for holding in held] == ["gone.md", "stays.md"]


async def test_what_is_held_back_takes_no_place_of_what_is_not(
    settings: IndexSettings, tmp_path: Path
) -> None:
    many = page("many.md", ["east wind"] * 12)
    one = page("one.md", ["wind"])
    writer = await edit_index(settings, FINGERPRINT)
    await put(writer, many, one)
    await writer.publish()

    async with late(settings, tmp_path) as index:
        query = asking(EAST, "east wind", keep=2)
        before = await index.search(ME, query)
        index.withdrawals.add("acme", "many.md")
        found = await index.search(ME, query)

    assert {hit.chunk.path for hit in before} == {"many.md"}
    assert [hit.chunk.path for hit in found] == ["one.md"]


async def test_an_edition_that_is_right_about_it_shows_it_again(
    settings: IndexSettings, tmp_path: Path
) -> None:
    writer = await edit_index(settings, FINGERPRINT)
    await put(writer, page("back.md", ["one"]))
    edition = await writer.publish()

    async with late(settings, tmp_path) as index:
        withdrawn = index.withdrawals.add("acme", "back.md")
        hidden = await index.search(ME, asking(EAST, "one"))
        index.withdrawals.settle([withdrawn], edition.created)
        shown = await index.search(ME, asking(EAST, "one"))
        index.withdrawals.settle([withdrawn], edition.created)

    assert hidden == []
    assert [hit.chunk.path for hit in shown] == ["back.md"]


async def test_who_looks_after_documents_sees_a_tenants_whatever_their_labels(
    settings: IndexSettings,
) -> None:
    pages = [
        page("a.md", ["one", "two"]),
        page("b.md", ["three"], labels=("staff",), language="de"),
        page("c.md", ["four"], tenant="other"),
    ]
    writer = await edit_index(settings, FINGERPRINT)
    await put(writer, *pages)
    await writer.publish()

    reader = await open_index(settings, FINGERPRINT)
    try:
        held = await reader.holdings(ME)
    finally:
        await reader.close()

    assert [
        (one.path, one.title, one.chunks, one.labels, one.language) for one in held
    ] == [
        ("a.md", "a.md", 2, ("public",), "en"),
        ("b.md", "b.md", 1, ("staff",), "de"),
    ]
