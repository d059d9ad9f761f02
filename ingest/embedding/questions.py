"""Embeds questions for the event loop: together, off the loop, and once each."""

import asyncio
import functools
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ingest.documents import Vector, Vectors

EmbedTexts = Callable[[Sequence[str]], Vectors]
"""Embeds n texts, shape (n, dim); keeps a processor busy."""


class Questions:
    """Questions on their way to a model.

    A question starts at once while a lane is free. The others wait for no longer
    than a batch takes, and then go together.
    """

    def __init__(
        self, embed: EmbedTexts, *, lanes: int, batch: int, kept: int = 1024
    ) -> None:
        """Use `embed` for at most `lanes` batches at once.

        Args:
            embed: The model.
            lanes: Batches that may run at the same time.
            batch: Most questions in a batch.
            kept: Most vectors that are remembered.
        """
        self._embed = embed
        self._lanes = lanes
        self._batch = batch
        self._kept = kept
        self._known: OrderedDict[str, Vector] = OrderedDict()
        self._coming: dict[str, asyncio.Future[Vector]] = {}
        self._waiting: list[str] = []
        self._running = 0
        # Not the loop's own threads: whoever blocks those would delay questions.
        self._threads = ThreadPoolExecutor(lanes, thread_name_prefix="questions")

    async def one(self, text: str) -> Vector:
        """Embed one question, shape (dim,)."""
        if (vector := self._known.get(text)) is not None:
            self._known.move_to_end(text)
            return vector
        # A caller who leaves must not take the vector from the others.
        return await asyncio.shield(self._coming.get(text) or self._ask(text))

    async def all(self, texts: Sequence[str]) -> Vectors:
        """Embed n questions, shape (n, dim), n at least 1."""
        return np.stack(await asyncio.gather(*map(self.one, texts)))

    def _ask(self, text: str) -> asyncio.Future[Vector]:
        """Queue a question; questions of the same tick share a batch."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Vector] = loop.create_future()
        self._coming[text] = future
        self._waiting.append(text)
        loop.call_soon(self._start)
        return future

    def _start(self) -> None:
        """Send what waits to the free lanes."""
        loop = asyncio.get_running_loop()
        while self._waiting and self._running < self._lanes:
            texts = self._waiting[: self._batch]
            del self._waiting[: self._batch]
            self._running += 1
            done = loop.run_in_executor(self._threads, self._embed, texts)
            done.add_done_callback(functools.partial(self._finish, texts))

    def _finish(self, texts: list[str], done: asyncio.Future[Vectors]) -> None:
        """Hand out the vectors of a batch, or its failure, and start the next."""
        self._running -= 1
        for number, text in enumerate(texts):
            future = self._coming.pop(text)
            if done.cancelled():
                future.cancel()
            elif (failure := done.exception()) is not None:
                future.set_exception(failure)
            else:
                # A row of its own, or the whole batch would stay in memory.
                vector = done.result()[number].copy()
                vector.flags.writeable = False
                self._remember(text, vector)
                future.set_result(vector)
        self._start()

    def _remember(self, text: str, vector: Vector) -> None:
        self._known[text] = vector
        if len(self._known) > self._kept:
            self._known.popitem(last=False)
