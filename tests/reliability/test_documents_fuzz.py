"""However a document is damaged, it is read or refused with a reason, and in time."""

import asyncio
import time
from collections import Counter

import pytest

from ingest.errors import ReadError
from ingest.readers.formats import NAMES
from ingest.sandbox import Sandbox, open_sandbox
from ingest.settings import ReadSettings
from tests.ingest.test_sandbox import children
from tests.reliability.fuzzing import Seed, damaged, seeds
from tests.reliability.recording import Figure, Seen
from tests.reliability.sizes import SEED, size

SETTINGS = ReadSettings(workers=2, timeout=20, memory=512 * 1024 * 1024)
_KILLED = ("the parser crashed", "it took longer", "it needed more than")


async def told(sandbox: Sandbox, damaged_: Seed) -> tuple[str, float]:
    """Return the reason that a document was refused for, or "", and the seconds."""
    media_type, name, data = damaged_
    start = time.monotonic()
    try:
        await sandbox.read(name, data, media_type)
    except ReadError as error:
        return error.reason, time.monotonic() - start
    return "", time.monotonic() - start


def test_every_type_that_is_read_is_damaged() -> None:
    assert {media_type for media_type, _, _ in seeds()} == set(NAMES)


@pytest.mark.row("I2", "documents damaged at random", "read, or refused with a reason")
async def test_a_document_damaged_at_random_is_read_or_refused_with_a_reason(
    figure: Figure, seen: Seen
) -> None:
    count = size(150, 3_000, 20_000)
    documents = list(damaged(count, SEED))
    pending = iter(enumerate(documents))
    ends: dict[int, tuple[str, float]] = {}

    async def work(sandbox: Sandbox) -> None:
        for number, document in pending:
            ends[number] = await told(sandbox, document)

    async with open_sandbox(SETTINGS) as sandbox:
        await asyncio.gather(work(sandbox), work(sandbox))
        after = await sandbox.read("good.txt", b"still reading", "text/plain")

    refused = [reason for reason, _ in ends.values() if reason]
    killed = Counter(
        (documents[number][0], reason)
        for number, (reason, _) in ends.items()
        if reason.startswith(_KILLED)
    )
    assert len(ends) == count, SEED
    assert after.text == "still reading"
    assert [reason for reason in refused if not reason.strip()] == []
    # Starting another process after one that was killed takes its time, too.
    assert max(seconds for _, seconds in ends.values()) < SETTINGS.timeout + 60
    assert children() == []
    seen(
        f"{count - len(refused)} read, {len(refused)} refused, {sum(killed.values())} killed"
    )
    figure("documents damaged at random that were not survived", f"0 of {count:,}", "0")
    for (media_type, reason), times in sorted(killed.items()):
        print(f"{times} x {media_type}: {reason}")
