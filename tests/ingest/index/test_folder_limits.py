"""The index in a folder: other models, full disks, foreign owners, broken drafts."""

import asyncio
import os
from pathlib import Path

import msgspec
import pytest

from ingest.errors import DiskFull, IndexDamaged, IndexMismatch, IndexUnusable
from ingest.index import Edition, edit_index, list_editions, open_index
from ingest.index.copies import checksum, copy, occupied, require_space
from ingest.settings import IndexSettings
from tests.ingest.index.made_index import (
    FINGERPRINT,
    OTHER_MODEL,
    asking,
    page,
    principal,
    put,
)

ME = principal()
ALL_OF_IT = 1 << 62


async def publish(settings: IndexSettings) -> Edition:
    writer = await edit_index(settings, FINGERPRINT)
    await put(writer, page("a.md", ["a"]))
    return await writer.publish()


async def test_a_reader_keeps_its_edition_when_another_model_publishes(
    settings: IndexSettings,
) -> None:
    first = await publish(settings)
    reader = await open_index(settings, FINGERPRINT)
    writer = await edit_index(settings, OTHER_MODEL)
    await put(writer, page("a.md", ["b"]))
    await writer.publish()

    async with asyncio.timeout(5):
        while not isinstance(reader.trouble, IndexMismatch):
            assert len(await reader.search(ME, asking())) == 1
            await asyncio.sleep(0.01)

    assert reader.edition.name == first.name
    assert not reader.edition.current
    assert [hit.chunk.text for hit in await reader.search(ME, asking())] == ["a"]
    await reader.close()
    with pytest.raises(IndexUnusable, match="closed"):
        await reader.search(ME, asking())


async def test_below_the_floor_nothing_is_opened(settings: IndexSettings) -> None:
    await publish(settings)
    full = msgspec.structs.replace(settings, disk_floor=ALL_OF_IT)

    with pytest.raises(DiskFull, match="INDEX_DISK_FLOOR"):
        await open_index(full, FINGERPRINT)
    with pytest.raises(DiskFull, match="MB free"):
        await edit_index(full, FINGERPRINT)

    reader = await open_index(settings, FINGERPRINT)
    assert len(await reader.documents(ME)) == 1
    await reader.close()


def test_space_counts_what_is_about_to_be_written(tmp_path: Path) -> None:
    require_space(tmp_path, floor=0)

    with pytest.raises(DiskFull):
        require_space(tmp_path, floor=0, needed=ALL_OF_IT)


async def test_a_damaged_draft_is_begun_anew_from_the_current_edition(
    settings: IndexSettings, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await publish(settings)
    writer = await edit_index(settings, FINGERPRINT)
    await put(writer, page("b.md", ["b"]))
    await writer.close()
    for file in (folder / "draft" / "shard").rglob("segment.json"):
        file.write_text("{")

    writer = await edit_index(settings, FINGERPRINT)
    stored = await writer.stored("acme")
    await writer.close()

    assert [one.path for one in stored.values()] == ["a.md"]
    assert "begun anew" in caplog.text


async def test_a_draft_of_another_model_is_not_continued(
    settings: IndexSettings,
) -> None:
    writer = await edit_index(settings, OTHER_MODEL)
    await put(writer, page("b.md", ["b"]))
    await writer.close()

    writer = await edit_index(settings, FINGERPRINT)

    assert await writer.stored("acme") == {}
    await writer.close()


async def test_an_edition_that_tells_nothing_of_itself_is_left_out(
    settings: IndexSettings, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = await publish(settings)
    (folder / "editions" / first.name / "edition.json").write_text("{}")

    assert await list_editions(settings) == []
    with pytest.raises(IndexDamaged):
        await open_index(settings, FINGERPRINT)
    assert "edition.json" in caplog.text


async def test_a_folder_that_is_a_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("not a folder")
    settings = IndexSettings(url=f"file:{tmp_path / 'index'}", disk_floor=0)

    with pytest.raises(
        IndexUnusable, match=f"index cannot be used by user {os.getuid()}"
    ):
        await edit_index(settings, FINGERPRINT)


def test_a_copy_takes_no_more_than_what_was_written(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "empty").mkdir(parents=True)
    with (source / "sparse").open("wb") as file:
        file.truncate(32 << 20)
        file.seek(20 << 20)
        file.write(b"written")
    (source / "short").write_bytes(b"x" * 70_000)

    digest = copy(source, tmp_path / "copy")

    assert digest == checksum(source) == checksum(tmp_path / "copy")
    assert occupied(tmp_path / "copy") < 1 << 20
    for name in ("sparse", "short"):
        assert (tmp_path / "copy" / name).read_bytes() == (source / name).read_bytes()


@pytest.mark.parametrize("change", ["content", "size", "name", "folder"])
def test_a_checksum_tells_every_change(tmp_path: Path, change: str) -> None:
    file = tmp_path / "place" / "file"
    file.parent.mkdir()
    file.write_bytes(b"content")
    before = checksum(tmp_path / "place")

    if change == "content":
        file.write_bytes(b"c0ntent")
    elif change == "size":
        os.truncate(file, 100)
    elif change == "name":
        file.rename(file.with_name("other"))
    else:
        (tmp_path / "place" / "more").mkdir()

    assert checksum(tmp_path / "place") != before
