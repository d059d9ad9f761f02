"""An index that comes later, goes, and says what has become of it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from prometheus_client import REGISTRY

from app.retrieval.late_index import LateIndex
from ingest.errors import (
    DiskFull,
    IndexDamaged,
    IndexForbidden,
    IndexMismatch,
    IndexMissing,
    IndexUnreachable,
    IngestError,
)
from ingest.index import IndexReader
from tests.app.shelf import Shelf


class Troubled(Shelf):
    """An index to which something can happen."""

    happened: IngestError | None = None

    @property
    def trouble(self) -> IngestError | None:
        return self.happened


@asynccontextmanager
async def late(*failures: IngestError) -> AsyncIterator[tuple[LateIndex, Troubled]]:
    """An index that can be opened after these failures."""
    coming, shelf = list(failures), Troubled()

    async def open_index() -> IndexReader:
        if coming:
            raise coming.pop(0)
        return shelf

    index = LateIndex(open_index, pause=0.01)
    try:
        await index.start()
        yield index, shelf
    finally:
        await index.close()


async def until(found: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        # Nothing tells when.
        while not found():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def gauge() -> float | None:
    return REGISTRY.get_sample_value("frontdesk_degraded", {"part": "index"})


@pytest.mark.parametrize(
    "failure", [IndexMissing("none"), IndexUnreachable("no"), DiskFull("full")]
)
async def test_what_may_come_is_waited_for(failure: IngestError) -> None:
    async with late(failure) as (index, _):
        early = index.state()
        await until(lambda: index.state()[0] == "up")

    assert early == ("down", str(failure))


@pytest.mark.parametrize("failure", [IndexMismatch("both"), IndexForbidden("who")])
async def test_what_nobody_mends_by_waiting_is_refused(failure: IngestError) -> None:
    with pytest.raises(type(failure)):
        async with late(failure):
            pass


@pytest.mark.parametrize(
    ("trouble", "state"),
    [
        (IndexUnreachable("no answer"), "down"),
        (IndexMissing("no collection"), "down"),
        (IndexDamaged("edition 2 is not what was published"), "degraded"),
        (DiskFull("12 MB free"), "degraded"),
    ],
)
async def test_a_change_is_said_once_in_the_log_and_shown_in_the_gauge(
    trouble: IngestError, state: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with late() as (index, shelf):
        before = gauge()
        shelf.happened = trouble
        await until(lambda: gauge() == 1.0)
        await asyncio.sleep(0.1)
        told = index.state()
        shelf.happened = None
        await until(lambda: gauge() == 0.0)

    assert before == 0.0
    assert told[0] == state
    assert str(trouble) in told[1]
    lines = [one.message for one in caplog.records if "the index is" in one.message]
    words = [line.split()[3].rstrip(":") for line in lines]
    assert words == ["up", state, "up"]
