"""Texts are embedded together, once each, and off the event loop."""

import asyncio
import gc
import threading
from collections.abc import Sequence

import numpy as np
import pytest

from ingest.documents import Principal, Vectors
from ingest.embedding.lanes import Lanes, Line

ME = Principal(tenant="acme", labels=("public",))


class Model:
    """Embeds a text as its length, when it is let; remembers its batches."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.let = threading.Event()
        self.started = threading.Event()
        self.second = threading.Event()

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.batches.append(list(texts))
        self.started.set()
        if len(self.batches) == 2:
            self.second.set()
        assert self.let.wait(10)
        if "bad" in texts:
            raise ValueError("bad text")
        return np.array([[len(text)] for text in texts], dtype=np.float32)


def opened(model: Model, *, lanes: int = 1, batch: int = 8, kept: int = 99) -> Line:
    return Lanes(lanes, batch=batch).line(model.embed, kept=kept)


async def test_what_comes_while_a_batch_runs_goes_together() -> None:
    model = Model()
    questions = opened(model)

    first = asyncio.create_task(questions.one(ME, "a"))
    await asyncio.to_thread(model.started.wait, 10)
    others = asyncio.create_task(questions.all(ME, ["bb", "ccc", "dddd"]))
    await asyncio.sleep(0)
    model.let.set()
    vectors = [*await others, await first]

    assert [float(vector[0]) for vector in vectors] == [2, 3, 4, 1]
    assert model.batches == [["a"], ["bb", "ccc", "dddd"]]


async def test_equal_questions_are_embedded_once() -> None:
    model = Model()
    model.let.set()
    questions = opened(model)

    await questions.all(ME, ["a", "a", "b"])
    await questions.one(ME, "a")

    assert model.batches == [["a", "b"]]


async def test_who_sees_other_chunks_cannot_tell_what_was_asked_before() -> None:
    model = Model()
    model.let.set()
    questions = opened(model)
    others = (
        Principal(tenant="other", labels=("public",)),
        Principal(tenant="acme", labels=("public", "staff")),
        Principal(tenant="acme public", labels=()),
    )

    for principal in (ME, *others, ME, *others):
        await questions.one(principal, "are we for sale?")

    assert model.batches == [["are we for sale?"]] * 4


async def test_who_sees_the_same_shares_what_was_embedded_whatever_the_key() -> None:
    model = Model()
    model.let.set()
    questions = opened(model)
    keyed = Principal(
        tenant="acme", labels=("public", "public"), key_id="k", session="s"
    )

    await asyncio.gather(questions.one(ME, "a"), questions.one(keyed, "a"))
    await questions.one(keyed, "a")

    assert model.batches == [["a"]]


async def test_what_is_on_its_way_for_one_is_not_given_to_another() -> None:
    model = Model()
    questions = opened(model)
    first = asyncio.create_task(questions.one(ME, "a"))
    await asyncio.to_thread(model.started.wait, 10)
    other = Principal(tenant="other", labels=("public",))

    second = asyncio.create_task(questions.one(other, "a"))
    await asyncio.sleep(0)
    model.let.set()
    await asyncio.gather(first, second)

    assert model.batches == [["a"], ["a"]]


async def test_what_is_kept_is_bounded_and_the_oldest_goes_first() -> None:
    model = Model()
    model.let.set()
    questions = opened(model, batch=1, kept=2)

    for text in ("a", "b", "a", "c", "a", "b"):
        await questions.one(ME, text)

    assert model.batches == [["a"], ["b"], ["c"], ["b"]]


async def test_a_batch_has_a_limit() -> None:
    model = Model()
    model.let.set()
    questions = opened(model, batch=2)

    await questions.all(ME, ["a", "b", "c"])

    assert [len(batch) for batch in model.batches] == [2, 1]


async def test_a_failure_reaches_its_callers_and_no_later_ones() -> None:
    model = Model()
    model.let.set()
    questions = opened(model)

    with pytest.raises(ValueError, match="bad text"):
        await questions.one(ME, "bad")

    assert float((await questions.one(ME, "good"))[0]) == 4


async def test_a_caller_who_leaves_takes_nothing_from_the_others() -> None:
    model = Model()
    questions = opened(model)
    leaving = asyncio.create_task(questions.one(ME, "a"))
    staying = asyncio.create_task(questions.one(ME, "a"))
    await asyncio.to_thread(model.started.wait, 10)

    leaving.cancel()
    model.let.set()

    assert float((await staying)[0]) == 1
    assert leaving.cancelled()


async def test_a_vector_cannot_be_changed_by_who_got_it() -> None:
    model = Model()
    model.let.set()

    vector = await opened(model).one(ME, "a")

    with pytest.raises(ValueError, match="read-only"):
        vector[0] = 0


async def test_a_failure_that_nobody_waits_for_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    model = Model()
    questions = opened(model)
    leaving = asyncio.create_task(questions.one(ME, "bad"))
    await asyncio.to_thread(model.started.wait, 10)

    leaving.cancel()
    model.let.set()
    await questions.one(ME, "good")
    gc.collect()

    assert caplog.messages == []


async def test_a_question_goes_before_the_sentences_that_came_first() -> None:
    model = Model()
    lanes = Lanes(1, batch=2)
    questions = lanes.line(model.embed, kept=99)
    sentences = lanes.line(model.embed, kept=99)
    reading = asyncio.create_task(sentences.all(ME, ["s1", "s2", "s3", "s4"]))
    await asyncio.to_thread(model.started.wait, 10)

    asking = asyncio.create_task(questions.one(ME, "q"))
    await asyncio.sleep(0)
    model.let.set()
    await asyncio.gather(asking, reading)

    assert model.batches == [["s1", "s2"], ["q"], ["s3", "s4"]]


async def test_sentences_leave_a_lane_to_questions() -> None:
    model = Model()
    lanes = Lanes(2, batch=1)
    questions = lanes.line(model.embed, kept=99)
    sentences = lanes.line(model.embed, kept=99)
    reading = asyncio.create_task(sentences.all(ME, ["s1", "s2", "s3"]))
    await asyncio.to_thread(model.started.wait, 10)

    asking = asyncio.create_task(questions.one(ME, "q"))
    await asyncio.to_thread(model.second.wait, 10)
    running = list(model.batches)
    model.let.set()
    await asyncio.gather(asking, reading)

    assert running == [["s1"], ["q"]]


async def test_sentences_never_push_a_question_out() -> None:
    model = Model()
    model.let.set()
    lanes = Lanes(1, batch=8)
    questions = lanes.line(model.embed, kept=2)
    sentences = lanes.line(model.embed, kept=2)

    await questions.one(ME, "q")
    await sentences.all(ME, [f"s{number}" for number in range(8)])
    await questions.one(ME, "q")

    assert sum("q" in batch for batch in model.batches) == 1


async def test_half_precision_tells_the_same_each_time_and_almost_the_truth() -> None:
    def embed(texts: Sequence[str]) -> Vectors:
        return np.full((len(texts), 3), 3**-0.5, dtype=np.float32)

    line = Lanes(1, batch=8).line(embed, kept=99, precision=np.float16)
    first = await line.all(ME, ["a"])
    again = await line.all(ME, ["a"])

    assert first.dtype == np.float32
    assert np.array_equal(first, again)
    assert float(first[0] @ embed(["a"])[0]) == pytest.approx(1, abs=1e-3)
