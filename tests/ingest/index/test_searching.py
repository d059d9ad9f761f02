"""The process that searches a folder's index: how it lives, dies and is replaced."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from ingest.documents import document_id
from ingest.errors import IndexDamaged, IndexUnusable
from ingest.index import edit_index
from ingest.index.folder_reader import FolderReader
from ingest.index.folder_writer import FolderWriter
from ingest.index.points import Point
from ingest.index.searcher import STUCK_SECONDS
from ingest.settings import IndexSettings
from tests.ingest.index.made_index import (
    EAST,
    FINGERPRINT,
    NO_KEYWORDS,
    Page,
    asking,
    page,
    principal,
    put,
)
from tests.waiting import until

ME = principal()
ROOT = Path(__file__).parent.parent.parent.parent


async def publish(settings: IndexSettings, *pages: Page) -> str:
    writer = await edit_index(settings, FINGERPRINT)
    await put(writer, *pages)
    return (await writer.publish()).name


@asynccontextmanager
async def reading(
    settings: IndexSettings, *, patience: float = STUCK_SECONDS
) -> AsyncIterator[FolderReader]:
    folder = Path(settings.url.removeprefix("file:"))
    reader = FolderReader(folder, settings, FINGERPRINT, patience=patience)
    await reader.open()
    try:
        yield reader
    finally:
        await reader.close()


async def texts(reader: FolderReader) -> list[str]:
    return sorted(hit.chunk.text for hit in await reader.search(ME, asking()))


async def texts_again(reader: FolderReader) -> list[str]:
    async with asyncio.timeout(10):
        while True:
            try:
                return await texts(reader)
            except IndexUnusable:
                await asyncio.sleep(0.01)


def lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def shows(reader: FolderReader, name: str) -> bool:
    return reader.edition.name == name


def known_to(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_text(encoding="utf-8")


def copies_in(folder: Path) -> int:
    return len(list((folder / "readers").iterdir())) - 1


async def test_who_waits_for_a_process_that_dies_is_told_how_it_died(
    settings: IndexSettings,
) -> None:
    await publish(settings, page("a.md", ["a"]))

    async with reading(settings) as reader:
        os.kill(reader.pid, signal.SIGSTOP)
        waiting = asyncio.create_task(texts(reader))
        await asyncio.sleep(0)
        os.kill(reader.pid, signal.SIGBUS)
        os.kill(reader.pid, signal.SIGCONT)
        with pytest.raises(IndexUnusable, match="ended with SIGBUS"):
            await waiting


async def test_a_process_that_dies_is_replaced(
    settings: IndexSettings, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await publish(settings, page("a.md", ["a"]))

    async with reading(settings) as reader:
        for _ in range(2):
            dead = reader.pid
            os.kill(dead, signal.SIGKILL)
            assert await texts_again(reader) == ["a"]
            assert reader.pid != dead
        assert copies_in(folder) == 1
    assert "ended with SIGKILL" in caplog.text


async def test_one_that_dies_at_once_again_is_replaced_after_a_pause(
    settings: IndexSettings,
) -> None:
    await publish(settings, page("a.md", ["a"]))

    async with reading(settings) as reader:
        waited = []
        for _ in range(2):
            os.kill(reader.pid, signal.SIGKILL)
            began = asyncio.get_running_loop().time()
            await texts_again(reader)
            waited.append(asyncio.get_running_loop().time() - began)
    assert waited[1] > 1.0


async def test_one_that_does_not_answer_is_replaced(settings: IndexSettings) -> None:
    await publish(settings, page("a.md", ["a"]))

    async with reading(settings, patience=0.2) as reader:
        os.kill(reader.pid, signal.SIGSTOP)
        async with asyncio.timeout(5):
            with pytest.raises(IndexUnusable, match="SIGKILL"):
                await texts(reader)
        assert await texts_again(reader) == ["a"]


async def test_no_search_is_lost_while_editions_change(
    settings: IndexSettings, folder: Path
) -> None:
    await publish(settings, page("a.md", ["0"]))
    found: list[list[str]] = []
    done = asyncio.Event()

    async def ask(reader: FolderReader) -> None:
        while not done.is_set():
            found.append(await texts(reader))

    async with reading(settings) as reader:
        asking_ = [asyncio.create_task(ask(reader)) for _ in range(8)]
        first = reader.pid
        await until(lambda: ["0"] in found)
        for number in ("1", "2"):
            shown = await publish(settings, page("a.md", [number], digest=number))
            await until(partial(shows, reader, shown))
            await until(partial(found.__contains__, [number]))
        assert await texts(reader) == ["2"]
        done.set()
        await asyncio.gather(*asking_)
        # The old one ends after the new one serves.
        await until(lambda: not lives(first) and copies_in(folder) == 1)
    assert {text for texts_ in found for text in texts_} == {"0", "1", "2"}
    assert all(len(texts_) == 1 for texts_ in found)


async def test_closing_answers_who_has_asked_and_leaves_nothing(
    settings: IndexSettings, folder: Path
) -> None:
    await publish(settings, page("a.md", ["a"]))

    async with reading(settings) as reader:
        pid = reader.pid
        waiting = [asyncio.create_task(texts(reader)) for _ in range(20)]
        await asyncio.sleep(0)

    assert await asyncio.gather(*waiting) == [["a"]] * 20
    assert not lives(pid)
    assert copies_in(folder) == 0


async def test_who_goes_away_takes_no_answer_from_others(
    settings: IndexSettings,
) -> None:
    await publish(settings, page("a.md", ["a"]))

    async with reading(settings) as reader:
        gone = asyncio.create_task(texts(reader))
        await asyncio.sleep(0)
        gone.cancel()
        assert await texts(reader) == ["a"]


async def test_answers_of_any_length_arrive(settings: IndexSettings) -> None:
    long = ["x" * 400_000, "y" * 70_000, "z"]
    await publish(settings, page("a.md", long))

    async with reading(settings) as reader:
        found = await asyncio.gather(*(texts(reader) for _ in range(4)))

    assert found == [long] * 4


async def test_the_process_ends_with_the_service_and_removes_its_copy(
    settings: IndexSettings, folder: Path
) -> None:
    await publish(settings, page("a.md", ["a"]))
    program = (
        "import asyncio, os, signal\n"
        "from ingest.index import open_index\n"
        "from ingest.settings import IndexSettings\n"
        "async def main():\n"
        f"    reader = await open_index(IndexSettings(url={settings.url!r}), None)\n"
        "    print(reader.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    pid = int(done.stdout)

    await until(lambda: not lives(pid))
    assert copies_in(folder) == 0


async def test_the_process_holds_no_key_and_hears_no_ctrl_c(
    settings: IndexSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary-key")
    await publish(settings, page("a.md", ["a"]))

    async with reading(settings) as reader:
        environment = known_to(reader.pid)
        assert os.getpgid(reader.pid) != os.getpgid(0)

    assert "canary-key" not in environment
    assert "PYTHONNOUSERSITE=1" in environment.split("\0")


async def test_a_point_that_holds_no_chunk_is_damage(settings: IndexSettings) -> None:
    writer = await edit_index(settings, FINGERPRINT)
    assert isinstance(writer, FolderWriter)
    await put(writer, page("a.md", ["a"]))
    id_ = document_id("acme", "b.md")
    odd = {
        "document_id": id_, "document_digest": "odd", "path": "b.md", "chunks": 1,
        "tenant": "acme", "labels": ["public"], "position": 1,
    }  # fmt: skip
    held = await writer._begun()
    held.shard.replace(id_, [Point(id_, EAST, NO_KEYWORDS, odd)])
    await writer.publish()

    async with reading(settings) as reader:
        with pytest.raises(IndexDamaged, match="holds no chunk"):
            await texts(reader)
        assert (await reader.extent(ME)).chunks == 2
