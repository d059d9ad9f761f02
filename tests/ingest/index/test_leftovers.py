"""What a killed run left behind, when the next one comes."""

from pathlib import Path

from ingest.index import edit_index
from ingest.settings import IndexSettings
from tests.ingest.index.made_index import FINGERPRINT, page, put


async def test_halves_are_swept_and_what_is_whole_stays(
    settings: IndexSettings, folder: Path
) -> None:
    writer = await edit_index(settings, FINGERPRINT)
    await put(writer, page("a.md", ["a"]))
    await writer.publish()
    whole = all_of(folder)
    for name in ("draft.new/shard", "draft.0123.gone", "editions/000001.0123.gone"):
        (folder / name).mkdir(parents=True)
    for name in ("CURRENT.0123.part", "editions/000001/documents.msgpack.0123.part"):
        (folder / name).write_text("half")
    (folder / "editions/000001/draft.json").write_text("{}")

    await (await edit_index(settings, FINGERPRINT)).close()

    assert all_of(folder) == whole


async def test_a_finished_edition_that_nobody_was_shown_is_the_draft_again(
    settings: IndexSettings, folder: Path
) -> None:
    writer = await edit_index(settings, FINGERPRINT)
    await put(writer, page("a.md", ["a"]))
    await writer.close()
    (folder / "editions").mkdir()
    (folder / "draft").rename(folder / "editions" / "000001")

    writer = await edit_index(settings, FINGERPRINT)
    stored = await writer.stored("acme")
    edition = await writer.publish()

    assert [one.path for one in stored.values()] == ["a.md"]
    assert (edition.name, edition.documents) == ("000001", 1)


def all_of(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))
