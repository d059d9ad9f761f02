"""The index in a folder: editions, private copies, locks, and what can go wrong."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ingest.errors import (
    IndexBusy,
    IndexDamaged,
)
from ingest.index import (
    IndexReader,
    edit_index,
    list_editions,
    open_index,
    roll_back,
)
from ingest.settings import IndexSettings
from tests.ingest.index.made_index import (
    FINGERPRINT,
    Page,
    asking,
    page,
    principal,
    put,
)

ME = principal()
ROOT = Path(__file__).parent.parent.parent.parent


@asynccontextmanager
async def reading(settings: IndexSettings) -> AsyncIterator[IndexReader]:
    reader = await open_index(settings, FINGERPRINT)
    try:
        yield reader
    finally:
        await reader.close()


async def publish(settings: IndexSettings, *pages: Page) -> str:
    writer = await edit_index(settings, FINGERPRINT)
    await put(writer, *pages)
    return (await writer.publish()).name


async def texts(reader: IndexReader) -> list[str]:
    return sorted(hit.chunk.text for hit in await reader.search(ME, asking()))


def damage(folder: Path, name: str) -> None:
    """Change one written byte of an edition."""
    files = (folder / "editions" / name / "shard").rglob("*")
    largest = max(
        (file for file in files if file.is_file()),
        key=lambda file: file.stat().st_blocks,
    )
    content = bytearray(largest.read_bytes())
    place = next(i for i, byte in enumerate(content) if byte)
    content[place] ^= 1
    largest.write_bytes(content)


async def until(reader: IndexReader, name: str) -> None:
    async with asyncio.timeout(5):
        while reader.edition.name != name:
            await texts(reader)
            await asyncio.sleep(0.01)


async def test_readers_see_nothing_before_it_is_published(
    settings: IndexSettings,
) -> None:
    await publish(settings, page("a.md", ["before"]))
    writer = await edit_index(settings, FINGERPRINT)
    await put(writer, page("a.md", ["after"], digest="second"))

    async with reading(settings) as reader:
        assert await texts(reader) == ["before"]
        edition = await writer.publish()
        await until(reader, edition.name)
        assert await texts(reader) == ["after"]


async def test_two_readers_and_a_writer_do_not_meet(settings: IndexSettings) -> None:
    await publish(settings, page("a.md", ["a"]))

    async with reading(settings) as one, reading(settings) as other:
        writer = await edit_index(settings, FINGERPRINT)
        assert await texts(one) == await texts(other) == ["a"]
        await writer.close()


async def test_a_reader_leaves_the_edition_and_nothing_else_behind(
    settings: IndexSettings, folder: Path
) -> None:
    name = await publish(settings, page("a.md", ["a"]))
    before = content_of(folder / "editions" / name)

    async with reading(settings) as reader:
        await texts(reader)

    assert content_of(folder / "editions" / name) == before
    assert [entry.name for entry in (folder / "readers").iterdir()] == ["lock"]


def content_of(place: Path) -> dict[str, bytes]:
    files = (path for path in place.rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in files}


def open_and_be_killed(url: str) -> None:
    program = (
        "import asyncio, os, signal\n"
        "from ingest.index import open_index\n"
        "from ingest.settings import IndexSettings\n"
        "async def main():\n"
        f"    reader = await open_index(IndexSettings(url={url!r}, disk_floor=0), None)\n"
        "    os.kill(reader.pid, signal.SIGKILL)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False)


async def test_the_copy_of_a_killed_reader_is_swept_away(
    settings: IndexSettings, folder: Path
) -> None:
    await publish(settings, page("a.md", ["a"]))
    await asyncio.to_thread(open_and_be_killed, settings.url)
    left = {entry.name for entry in (folder / "readers").iterdir()} - {"lock"}

    async with reading(settings):
        now = {entry.name for entry in (folder / "readers").iterdir()} - {"lock"}

    assert len(left) == 1
    assert len(now) == 1
    assert left != now


async def test_a_second_writer_is_told_who_the_first_is(
    settings: IndexSettings,
) -> None:
    writer = await edit_index(settings, FINGERPRINT)

    with pytest.raises(IndexBusy, match=f"process {os.getpid()} on "):
        await edit_index(settings, FINGERPRINT)
    await writer.close()

    await (await edit_index(settings, FINGERPRINT)).close()


async def test_nobody_rolls_back_under_a_writer(settings: IndexSettings) -> None:
    await publish(settings, page("a.md", ["a"]))
    await publish(settings, page("b.md", ["b"]))
    writer = await edit_index(settings, FINGERPRINT)

    with pytest.raises(IndexBusy):
        await roll_back(settings, None)
    await writer.close()


async def test_the_oldest_editions_go_and_the_names_go_on(
    settings: IndexSettings,
) -> None:
    names = [await publish(settings, page(f"{n}.md", ["x"])) for n in range(5)]

    kept = await list_editions(settings)

    assert names == sorted(set(names))
    assert [edition.name for edition in kept] == names[-3:]
    assert [edition.documents for edition in kept] == [3, 4, 5]
    assert [edition.current for edition in kept] == [False, False, True]


async def test_an_open_reader_follows_a_roll_back(settings: IndexSettings) -> None:
    first = await publish(settings, page("a.md", ["old"]))
    await publish(settings, page("a.md", ["new"], digest="second"))

    async with reading(settings) as reader:
        assert await texts(reader) == ["new"]
        await roll_back(settings, None)
        await until(reader, first)
        assert await texts(reader) == ["old"]


async def test_the_next_run_goes_on_from_what_was_rolled_back_to(
    settings: IndexSettings,
) -> None:
    await publish(settings, page("a.md", ["good"]))
    await publish(settings, page("b.md", ["bad"]))
    await roll_back(settings, None)

    last = await publish(settings, page("c.md", ["next"]))

    async with reading(settings) as reader:
        assert reader.edition.name == last == "000003"
        assert await texts(reader) == ["good", "next"]


async def test_of_a_damaged_edition_the_one_before_serves(
    settings: IndexSettings, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = await publish(settings, page("a.md", ["old"]))
    second = await publish(settings, page("a.md", ["new"], digest="second"))
    damage(folder, second)

    async with reading(settings) as reader:
        assert (reader.edition.name, reader.edition.current) == (first, False)
        assert await texts(reader) == ["old"]
    assert f"edition {second} is not what was published" in caplog.text
    with pytest.raises(IndexDamaged):
        await roll_back(settings, second)

    third = await publish(settings, page("b.md", ["mended"]))
    async with reading(settings) as reader:
        assert (reader.edition.name, reader.edition.current) == (third, True)
        assert await texts(reader) == ["mended", "old"]


async def test_an_open_reader_stays_with_what_it_has_if_the_new_is_damaged(
    settings: IndexSettings, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await publish(settings, page("a.md", ["old"]))
    await publish(settings, page("a.md", ["new"], digest="second"))
    await roll_back(settings, "000001")
    damage(folder, "000002")

    async with reading(settings) as reader:
        (folder / "CURRENT").write_text("000002\n")
        async with asyncio.timeout(5):
            while reader.edition.current:
                assert await texts(reader) == ["old"]
                await asyncio.sleep(0.01)
        assert await texts(reader) == ["old"]


async def test_who_reads_the_pointer_as_it_moves_reads_one_name_whole(
    settings: IndexSettings, folder: Path
) -> None:
    await publish(settings, page("a.md", ["old"]))

    with (folder / "CURRENT").open() as pointer:
        await publish(settings, page("b.md", ["new"]))

        assert pointer.read() == "000001\n"
    assert (folder / "CURRENT").read_text() == "000002\n"


async def test_an_edition_that_opens_with_other_counts_does_not_serve(
    settings: IndexSettings, folder: Path
) -> None:
    await publish(settings, page("a.md", ["old"]))
    name = await publish(settings, page("b.md", ["new"]))
    note = folder / "editions" / name / "edition.json"
    note.write_text(note.read_text().replace('"chunks":2', '"chunks":3'))

    async with reading(settings) as reader:
        assert await texts(reader) == ["old"]


async def test_with_every_edition_damaged_the_index_is_refused(
    settings: IndexSettings, folder: Path
) -> None:
    damage(folder, await publish(settings, page("a.md", ["a"])))

    with pytest.raises(IndexDamaged, match="no edition in"):
        await open_index(settings, FINGERPRINT)
