"""What every variant promises to the run that writes an index."""

import asyncio
import random
import sys
from pathlib import Path

import numpy as np
import pytest

from ingest.index import (
    IndexWriter,
    Stored,
    edit_index,
    list_editions,
    open_index,
)
from ingest.settings import IndexSettings
from tests.ingest.index.made_index import (
    EAST,
    FINGERPRINT,
    NORTH,
    OTHER_MODEL,
    Page,
    asking,
    page,
    principal,
    put,
)
from tests.ingest.index.writing import PAGES

ME = principal()
ROOT = Path(__file__).parent.parent.parent


async def editing(settings: IndexSettings) -> IndexWriter:
    return await edit_index(settings, FINGERPRINT)


async def texts(settings: IndexSettings) -> list[tuple[str, str]]:
    """Return path and text of everything that can be found."""
    reader = await open_index(settings, FINGERPRINT)
    hits = await reader.search(ME, asking(keep=100))
    await reader.close()
    return sorted((hit.chunk.path, hit.chunk.text) for hit in hits)


async def test_an_edited_document_replaces_all_of_what_it_was(
    settings: IndexSettings,
) -> None:
    writer = await editing(settings)
    await put(writer, page("a.md", ["one", "two", "three"]), page("b.md", ["other"]))
    await writer.publish()

    writer = await editing(settings)
    await put(writer, page("a.md", ["uno", "dos"], digest="second"))
    edition = await writer.publish()

    assert await texts(settings) == [
        ("a.md", "dos"),
        ("a.md", "uno"),
        ("b.md", "other"),
    ]
    assert (edition.documents, edition.chunks, edition.current) == (2, 3, True)


async def test_a_removed_document_is_not_found(settings: IndexSettings) -> None:
    writer = await editing(settings)
    kept, gone = page("kept.md", ["kept"]), page("gone.md", ["gone"])
    await put(writer, kept, gone)
    await writer.publish()

    writer = await editing(settings)
    await writer.remove(gone.document.id)
    await writer.remove("a document that was never there")
    edition = await writer.publish()

    assert await texts(settings) == [("kept.md", "kept")]
    assert edition.documents == 1


async def test_the_same_text_under_two_names_is_two_documents(
    settings: IndexSettings,
) -> None:
    writer = await editing(settings)
    await put(writer, page("a.md", ["same"]), page("b.md", ["same"]))
    await writer.remove(page("a.md", ["same"]).document.id)
    await writer.publish()

    assert await texts(settings) == [("b.md", "same")]


async def test_a_writer_knows_what_is_stored_of_a_tenant(
    settings: IndexSettings,
) -> None:
    writer = await editing(settings)
    own, foreign = page("a.md", ["one", "two"]), page("a.md", ["x"], tenant="other")
    await put(writer, own, foreign)

    stored = await writer.stored("acme")
    await writer.close()

    assert stored == {
        own.document.id: Stored(
            document_id=own.document.id, path="a.md", digest="first", chunks=2
        )
    }


async def test_vectors_are_given_back_by_the_digest_of_their_text(
    settings: IndexSettings,
) -> None:
    writer = await editing(settings)
    one = page("a.md", ["east", "north"], [EAST, NORTH])
    await put(writer, one)

    vectors = await writer.vectors(one.document.id)
    unknown = await writer.vectors("unknown")
    await writer.close()

    assert vectors.keys() == {chunk.digest for chunk in one.chunks}
    assert vectors[one.chunks[1].digest] == pytest.approx(NORTH)
    assert all(vector.dtype == np.float32 for vector in vectors.values())
    assert unknown == {}


async def test_publishing_nothing_new_is_no_new_edition(
    settings: IndexSettings,
) -> None:
    writer = await editing(settings)
    await put(writer, page("a.md", ["a"]))
    first = await writer.publish()

    again = await (await editing(settings)).publish()

    assert again == first
    assert await list_editions(settings) == [first]


async def test_an_empty_index_can_be_published_and_searched(
    settings: IndexSettings,
) -> None:
    edition = await (await editing(settings)).publish()

    assert (edition.documents, edition.chunks) == (0, 0)
    assert await texts(settings) == []


async def test_what_was_written_before_a_close_is_found_by_the_next_writer(
    settings: IndexSettings,
) -> None:
    writer = await editing(settings)
    await put(writer, page("a.md", ["a"]))
    await writer.close()

    writer = await editing(settings)
    stored = await writer.stored("acme")
    edition = await writer.publish()

    assert [one.path for one in stored.values()] == ["a.md"]
    assert edition.documents == 1


async def test_another_model_begins_empty(settings: IndexSettings) -> None:
    writer = await editing(settings)
    await put(writer, page("a.md", ["a"]))
    await writer.publish()

    writer = await edit_index(settings, OTHER_MODEL)
    stored = await writer.stored("acme")
    await writer.close()

    assert stored == {}


def misfits() -> list[Page]:
    own, foreign = page("a.md", ["a"]), page("b.md", ["b"])
    shapes = [(2, 4), (1, 3), (1, 4)]
    too_many, too_short, fitting = (np.ones(n, dtype=np.float32) for n in shapes)
    return [
        Page(own.document, (), too_many[:0]),
        Page(own.document, own.chunks, too_many),
        Page(own.document, own.chunks, too_short),
        Page(own.document, foreign.chunks, fitting),
    ]


@pytest.mark.parametrize("broken", misfits())
async def test_chunks_that_do_not_fit_are_refused(
    settings: IndexSettings, broken: Page
) -> None:
    writer = await editing(settings)

    with pytest.raises(ValueError, match=r"a\.md"):
        await put(writer, broken)

    assert await writer.stored("acme") == {}
    await writer.close()


@pytest.mark.row(
    "P1",
    "killed between documents, in a folder or on a server",
    "each is whole or not there; the next run makes the whole",
)
async def test_a_killed_run_leaves_nothing_half_and_the_next_one_finishes(
    settings: IndexSettings,
) -> None:
    moments = random.Random(7)

    for _ in range(4):
        process = await start_run(settings)
        for _ in range(moments.randrange(1, 20)):
            await read_line(process)
        process.kill()
        await process.communicate()
        writer = await editing(settings)
        for stored in (await writer.stored("acme")).values():
            assert (stored.digest, stored.chunks) == ("first", 5)
        await writer.close()
    process = await start_run(settings)
    output, _ = await process.communicate()

    assert output.decode().splitlines()[-1] == "published 30 150"
    wanted = [(c.path, c.text) for one in PAGES for c in one.chunks]
    assert set(await texts(settings)) <= set(wanted)
    reader = await open_index(settings, FINGERPRINT)
    ids = [
        chunk.id
        for one in await reader.documents(ME)
        for chunk in await reader.document(ME, one.document_id)
    ]
    await reader.close()
    assert sorted(ids) == sorted(c.id for one in PAGES for c in one.chunks)


async def start_run(settings: IndexSettings) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.ingest.index.writing",
        settings.url,
        settings.collection,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )


async def read_line(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    assert await process.stdout.readline()
