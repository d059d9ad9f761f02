"""Embeds texts for the event loop: together, off the loop, and once for each sight.

questions ──▶ Line ──┐
                     ├── Lanes: the first line first ──▶ the model's threads
sentences ──▶ Line ──┘

What is embedded for one principal is found again only by those who see the same: the
answer to a question that was asked before comes sooner, and would tell that it was.
"""

import asyncio
import functools
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from ingest.documents import Principal, Sight, Vector, Vectors

EmbedTexts = Callable[[Sequence[str]], Vectors]
"""Embeds n texts, shape (n, dim); keeps a processor busy."""

_Key = tuple[Sight, str]
"""A text, and who may notice that it was embedded."""

QUESTIONS = 1024
"""Questions whose vectors are remembered."""

SENTENCES = 8192
"""Sentences of documents whose vectors are remembered, some 10 MB at 384 numbers
each: a help desk reads the same few articles again and again."""


class Lanes:
    """The batches that a model works on at the same time, taken from lines.

    A text starts at once while a lane is free. The others wait for no longer than a
    batch takes, and then go together.
    """

    def __init__(self, lanes: int, *, batch: int) -> None:
        """Run at most `lanes` batches at once, of at most `batch` texts each."""
        self._lanes = lanes
        self._batch = batch
        self._lines: list[Line] = []
        # Not the loop's own threads: whoever blocks those would delay questions.
        self._threads = ThreadPoolExecutor(lanes, thread_name_prefix="embedding")

    def line(
        self, embed: EmbedTexts, *, kept: int, precision: npt.DTypeLike = np.float32
    ) -> "Line":
        """Open a line behind those that are there; every later one leaves a lane free.

        Args:
            embed: Turns a batch of its texts into vectors.
            kept: Most vectors that it remembers.
            precision: Type of the numbers in which it remembers and tells them.
        """
        most = max(self._lanes - 1, 1) if self._lines else self._lanes
        line = Line(self, embed, most=most, kept=kept, precision=precision)
        self._lines.append(line)
        return line

    def start(self) -> None:
        """Send what waits to the free lanes, the first line first."""
        loop = asyncio.get_running_loop()
        for line in self._lines:
            while (
                line.waiting
                and line.running < line.most
                and sum(one.running for one in self._lines) < self._lanes
            ):
                keys = line.waiting[: self._batch]
                del line.waiting[: self._batch]
                line.running += 1
                texts = [text for _, text in keys]
                done = loop.run_in_executor(self._threads, line.embed, texts)
                done.add_done_callback(functools.partial(self._finish, line, keys))

    def _finish(
        self, line: "Line", keys: list[_Key], done: asyncio.Future[Vectors]
    ) -> None:
        line.running -= 1
        line.finish(keys, done)
        self.start()


class Line:
    """Texts of one kind on their way to a model.

    Attributes:
        embed: Turns a batch into vectors.
        most: Batches of it that may run at once.
        waiting: Texts of which no batch is made yet, in the order they came.
        running: Batches on their way.
    """

    def __init__(
        self,
        lanes: Lanes,
        embed: EmbedTexts,
        *,
        most: int,
        kept: int,
        precision: npt.DTypeLike,
    ) -> None:
        """Open a line; `Lanes.line` does it."""
        self.embed = embed
        self.most = most
        self.waiting: list[_Key] = []
        self.running = 0
        self._lanes = lanes
        self._kept = kept
        self._precision = precision
        self._known: OrderedDict[_Key, npt.NDArray[np.floating]] = OrderedDict()
        self._coming: dict[_Key, asyncio.Future[Vector]] = {}

    async def one(self, principal: Principal, text: str) -> Vector:
        """Embed one text, shape (dim,)."""
        (vector,) = await self._vectors([(principal.sight, text)])
        return vector

    async def all(self, principal: Principal, texts: Sequence[str]) -> Vectors:
        """Embed n texts, shape (n, dim), n at least 1."""
        sight = principal.sight
        return np.stack(await self._vectors([(sight, text) for text in texts]))

    async def _vectors(self, keys: Sequence[_Key]) -> list[Vector]:
        found = [self._recalled(key) for key in keys]
        asked = {
            key: self._asked(key)
            for key, vector in zip(keys, found, strict=True)
            if vector is None
        }
        if asked:
            # A caller who leaves must not take the vectors from the others: `wait`
            # leaves what it waits for alone when it is cancelled.
            await asyncio.wait(asked.values())
        return [
            asked[key].result() if vector is None else vector
            for key, vector in zip(keys, found, strict=True)
        ]

    def _recalled(self, key: _Key) -> Vector | None:
        """Return the vector of a text; None if it is not remembered."""
        if (vector := self._known.get(key)) is None:
            return None
        self._known.move_to_end(key)
        return _told(vector)

    def _asked(self, key: _Key) -> asyncio.Future[Vector]:
        """Queue a text; texts of the same tick share a batch."""
        if key in self._coming:
            return self._coming[key]
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Vector] = loop.create_future()
        self._coming[key] = future
        self.waiting.append(key)
        loop.call_soon(self._lanes.start)
        return future

    def finish(self, keys: list[_Key], done: asyncio.Future[Vectors]) -> None:
        """Hand out the vectors of a batch, or its failure."""
        for number, key in enumerate(keys):
            future = self._coming.pop(key)
            if done.cancelled():
                future.cancel()
            elif (failure := done.exception()) is not None:
                future.set_exception(failure)
                # All who asked may have left; a failure nobody looks at is logged.
                future.exception()
            else:
                # A row of its own, or the whole batch would stay in memory.
                vector = done.result()[number].astype(self._precision)
                self._remember(key, vector)
                future.set_result(_told(vector))

    def _remember(self, key: _Key, vector: npt.NDArray[np.floating]) -> None:
        self._known[key] = vector
        if len(self._known) > self._kept:
            self._known.popitem(last=False)


def _told(vector: npt.NDArray[np.floating]) -> Vector:
    """Return what is remembered so that nobody can change it."""
    told: Vector = vector.astype(np.float32, copy=False)
    told.flags.writeable = False
    return told
