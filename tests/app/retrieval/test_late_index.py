"""An index that comes later, goes, and says what has become of it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

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
from ingest.withdrawals import Withdrawals
from tests.app.shelf import Shelf
from tests.waiting import until


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

    index = LateIndex(open_index, Withdrawals(Path("nowhere")), pause=0.01)
    try:
        await index.start()
        yield index, shelf
    finally:
        await index.close()


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
async def test_a_trouble_is_shown_as_long_as_it_lasts(
    trouble: IngestError, state: str
) -> None:
    async with late() as (index, shelf):
        before = index.state()[0]
        shelf.happened = trouble
        told = index.state()
        shelf.happened = None
        after = index.state()[0]

    assert (before, after) == ("up", "up")
    assert told[0] == state
    assert str(trouble) in told[1]


async def test_an_edition_is_said_once_in_the_log_whatever_happens_to_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with late() as (index, shelf):
        shelf.happened = DiskFull("12 MB free")
        await asyncio.sleep(0.1)
        shelf.happened = None
        await asyncio.sleep(0.1)
        name = index.edition.name

    lines = [one.message for one in caplog.records if "the index" in one.message]
    assert len(lines) == 1
    assert name in lines[0]
