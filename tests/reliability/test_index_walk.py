"""A long random walk over an index, beside a dictionary that does the same."""

import asyncio
import random
import sys
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

from ingest.errors import IndexMissing
from ingest.index import IndexWriter, edit_index, open_index, roll_back
from ingest.settings import IndexSettings
from tests.command import ROOT
from tests.ingest.index.made_index import FINGERPRINT, asking, principal, put
from tests.reliability.index_contents import published
from tests.reliability.recording import Figure
from tests.reliability.sizes import SEED, size
from tests.reliability.walking import made

KEPT = 3
PATHS = [f"guide/{number}.md" for number in range(12)]
WORDS = ["hub", "sensor", "door", "alarm", "cable", "battery", "token", "light"]
ME = principal()

Texts = dict[str, str]
"""What each document says, by its path."""


class Walk:
    """An index, a writer of it, and what both should hold.

    Attributes:
        editions: What each edition that is kept says, by its name.
        shown: The edition that readers see.
        draft: What the coming edition says; None if it was not begun.
    """

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder = folder
        self.chance = chance
        self.settings = IndexSettings(url=f"file:{folder}", disk_floor=0, editions=KEPT)
        self.editions: dict[str, Texts] = {}
        self.shown = ""
        self.draft: Texts | None = None
        self.writer: IndexWriter | None = None

    @property
    def known(self) -> Texts:
        """What the coming edition says, begun or not."""
        begun = self.draft is not None
        return (self.draft if begun else self.editions.get(self.shown)) or {}

    @property
    def coming(self) -> Texts:
        """The same, begun: to be changed."""
        if self.draft is None:
            self.draft = dict(self.known)
        return self.draft

    def text(self) -> str:
        return f"{self.chance.choice(WORDS)} {self.chance.randrange(100_000)}"

    async def open_writer(self) -> IndexWriter:
        if self.writer is None:
            self.writer = await edit_index(self.settings, FINGERPRINT)
        return self.writer

    async def put(self) -> None:
        path, text = self.chance.choice(PATHS), self.text()
        await put(await self.open_writer(), made(path, text))
        self.coming[path] = text

    async def remove(self) -> None:
        path = self.chance.choice(PATHS)
        there = path in self.known
        await (await self.open_writer()).remove(made(path, "").document.id)
        if there:
            del self.coming[path]

    async def rename(self) -> None:
        known = dict(self.known)
        free = [path for path in PATHS if path not in known]
        if not known or not free:
            return
        old, new = self.chance.choice(sorted(known)), self.chance.choice(free)
        writer = await self.open_writer()
        await put(writer, made(new, known[old]))
        await writer.remove(made(old, "").document.id)
        self.coming[new] = self.coming.pop(old)

    async def publish(self) -> None:
        edition = await (await self.open_writer()).publish()
        self.writer = None
        if self.draft is None and self.shown:
            assert edition.name == self.shown
            return
        name = f"{int(max([*self.editions, self.shown or '0'])) + 1:06d}"
        assert edition.name == name
        self.editions[name], self.shown, self.draft = self.coming, name, None
        others = sorted(self.editions.keys() - {name})
        for old in others[: max(len(others) - (KEPT - 1), 0)]:
            del self.editions[old]

    async def restart(self) -> None:
        await self.close()
        assert await self.stored() == self.known

    async def kill(self) -> None:
        await self.close()
        written = {path: self.text() for path in self.chance.sample(PATHS, 3)}
        asked = [f"{path}={text}" for path, text in written.items()]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.reliability.walking",
            self.settings.url,
            *asked,
            cwd=ROOT,
        )
        assert await process.wait() == -9
        self.coming.update(written)
        assert await self.stored() == self.coming

    async def roll_back(self) -> None:
        await self.close()
        older = sorted(name for name in self.editions if name < self.shown)
        try:
            edition = await roll_back(self.settings, None)
        except IndexMissing:
            assert not older
            return
        assert edition.name == older[-1]
        # A draft is the next of what was shown; now it is the next of nothing.
        self.shown, self.draft = edition.name, None

    async def search(self) -> None:
        reader = await open_index(self.settings, FINGERPRINT)
        wanted = self.editions[self.shown]
        found = {one.path: one for one in await reader.documents(ME)}
        word = self.chance.choice(WORDS)
        hits = await reader.search(ME, asking(words=word, keep=50))
        await reader.close()
        assert found.keys() == wanted.keys()
        saying = {hit.chunk.path for hit in hits if word in hit.chunk.text}
        assert saying == {path for path, text in wanted.items() if word in text}

    async def read(self) -> None:
        found = published(self.folder)
        assert found is not None
        assert found.edition == self.shown
        said = {
            (one["path"], one["text"], one["position"]) for one in found.chunks.values()
        }
        assert said == {
            (path, told, position)
            for path, text in self.editions[self.shown].items()
            for position, told in enumerate([text, f"more of {text}"])
        }

    async def stored(self) -> Texts:
        """Return what the coming edition holds, by the digests of its documents."""
        writer = await self.open_writer()
        return {
            one.path: one.digest.removeprefix("digest of ")
            for one in (await writer.stored("acme")).values()
        }

    async def close(self) -> None:
        if self.writer is not None:
            await self.writer.close()
            self.writer = None


STEPS = {
    "put": 40,
    "remove": 10,
    "rename": 8,
    "publish": 12,
    "restart": 8,
    "read": 14,
    "roll_back": 5,
    "kill": 2,
    "search": 2,
}
"""What is done, and how often of a hundred times or so."""


async def test_an_index_does_what_a_dictionary_does(
    tmp_path: Path, figure: Figure
) -> None:
    chance, steps = random.Random(SEED), size(80, 2_000, 20_000)
    walk = Walk(tmp_path / "index", chance)
    taken: Counter[str] = Counter()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(walk.close)
        await walk.put()
        await walk.publish()
        names = chance.choices([*STEPS], [*STEPS.values()], k=steps)
        for number, name in enumerate(names):
            try:
                await getattr(walk, name)()
            except AssertionError as error:
                error.add_note(f"seed {SEED}, step {number}: {name}")
                raise
            taken[name] += 1
            await asyncio.sleep(0)

    assert taken.total() == steps
    figure(
        "random operations on an index beside a dictionary",
        f"0 mismatches in {steps:,} (seed {SEED})",
        "0",
    )
