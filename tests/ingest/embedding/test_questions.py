"""Questions are embedded together, once each, and off the event loop."""

import asyncio
import threading
from collections.abc import Sequence

import numpy as np
import pytest

from ingest.documents import Vectors
from ingest.embedding.questions import Questions


class Model:
    """Embeds a text as its length, when it is let; remembers its batches."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.let = threading.Event()
        self.started = threading.Event()

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.batches.append(list(texts))
        self.started.set()
        assert self.let.wait(10)
        if "bad" in texts:
            raise ValueError("bad text")
        return np.array([[len(text)] for text in texts], dtype=np.float32)


async def test_what_comes_while_a_batch_runs_goes_together() -> None:
    model = Model()
    questions = Questions(model.embed, lanes=1, batch=8)

    first = asyncio.create_task(questions.one("a"))
    await asyncio.to_thread(model.started.wait, 10)
    others = asyncio.create_task(questions.all(["bb", "ccc", "dddd"]))
    await asyncio.sleep(0)
    model.let.set()
    vectors = [*await others, await first]

    assert [float(vector[0]) for vector in vectors] == [2, 3, 4, 1]
    assert model.batches == [["a"], ["bb", "ccc", "dddd"]]


async def test_equal_questions_are_embedded_once() -> None:
    model = Model()
    model.let.set()
    questions = Questions(model.embed, lanes=1, batch=8)

    await questions.all(["a", "a", "b"])
    await questions.one("a")

    assert model.batches == [["a", "b"]]


async def test_what_is_kept_is_bounded_and_the_oldest_goes_first() -> None:
    model = Model()
    model.let.set()
    questions = Questions(model.embed, lanes=1, batch=1, kept=2)

    for text in ("a", "b", "a", "c", "a", "b"):
        await questions.one(text)

    assert model.batches == [["a"], ["b"], ["c"], ["b"]]


async def test_a_batch_has_a_limit() -> None:
    model = Model()
    model.let.set()
    questions = Questions(model.embed, lanes=1, batch=2)

    await questions.all(["a", "b", "c"])

    assert [len(batch) for batch in model.batches] == [2, 1]


async def test_a_failure_reaches_its_callers_and_no_later_ones() -> None:
    model = Model()
    model.let.set()
    questions = Questions(model.embed, lanes=1, batch=8)

    with pytest.raises(ValueError, match="bad text"):
        await questions.one("bad")

    assert float((await questions.one("good"))[0]) == 4


async def test_a_caller_who_leaves_takes_nothing_from_the_others() -> None:
    model = Model()
    questions = Questions(model.embed, lanes=1, batch=8)
    leaving = asyncio.create_task(questions.one("a"))
    staying = asyncio.create_task(questions.one("a"))
    await asyncio.to_thread(model.started.wait, 10)

    leaving.cancel()
    model.let.set()

    assert float((await staying)[0]) == 1
    assert leaving.cancelled()


async def test_a_vector_cannot_be_changed_by_who_got_it() -> None:
    model = Model()
    model.let.set()

    vector = await Questions(model.embed, lanes=1, batch=8).one("a")

    with pytest.raises(ValueError, match="read-only"):
        vector[0] = 0
