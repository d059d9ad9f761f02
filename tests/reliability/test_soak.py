"""Half an hour of everything at half load: nothing grows."""

import asyncio
import json
import random
import time
from pathlib import Path

import pytest
from msgspec import Struct

from tests.app.load.fakes import fake_upstream
from tests.reliability.load import (
    Callers,
    closed_loop,
    files_of,
    memory_of,
    question,
)
from tests.reliability.recording import Figure, Seen
from tests.reliability.sizes import SEED, size
from tests.service import running

SECONDS = size(12, 90, 1800)
IDLE = size(3, 20)
"""Seconds without load before the process is looked at; connections to the upstream
that nobody uses are closed after 15."""

SPARE = size(20, 5)
"""Descriptors and tasks that may differ."""


class Sample(Struct, frozen=True):
    """The process at one moment: minutes from the start, bytes, descriptors, tasks."""

    minutes: float
    memory: int
    files: int
    tasks: int


@pytest.mark.row(
    "P4",
    "half of what it can do, of everything, for long",
    "memory, descriptors and tasks do not grow",
)
async def test_nothing_grows(
    sample_home: Path, tmp_path: Path, seen: Seen, figure: Figure
) -> None:  # fmt: skip
    with (
        fake_upstream(sample_home, first_byte=20, gap=5, pieces=40) as url,
        running(
            sample_home,
            OPENAI_BASE_URL=url,
            OPENAI_API_KEY="k",
            DATABASE_URL=f"sqlite:///{tmp_path / 'soak.db'}",
            CONVERSATIONS_SPOOL=str(tmp_path / "spool"),
        ) as service,
    ):
        process = service.process.pid
        callers = Callers(service.address)
        warm = await closed_loop(callers, count=8, seconds=min(SECONDS / 4, 20))
        rate = len(warm) / min(SECONDS / 4, 20) / 2
        await callers.aclose()
        await asyncio.sleep(IDLE)
        start = await sample(callers, process, 0.0)

        samples = await load(callers, process, rate)

        await callers.aclose()
        await asyncio.sleep(IDLE)
        end = await sample(callers, process, SECONDS / 60)
        await callers.aclose()
    late = samples[len(samples) // 2 :]
    grown = slope(late)
    files, tasks = end.files - start.files, end.tasks - start.tasks
    seen(f"{grown:+.2f} MiB a minute, {files:+d} descriptors, {tasks:+d} tasks")
    figure(
        f"memory growth at half load over {SECONDS} s, last half",
        f"{grown:+.2f} MiB a minute",
        "at most 1",
    )
    figure(
        "memory idle after that load",
        f"{end.memory / start.memory:.2f} times what it was",
        "at most 1.1",
    )
    figure("descriptors and tasks after that load", f"{files:+d} and {tasks:+d}", "equal, +- 5")  # fmt: skip
    assert abs(files) <= SPARE
    assert abs(tasks) <= SPARE
    if SECONDS >= 600:
        assert grown <= 1


async def sample(callers: Callers, process: int, minutes: float) -> Sample:
    """Look at the process."""
    figures = await callers.ask(method="GET", path="/metrics")
    lines = figures.body.decode().splitlines()
    tasks = next(line for line in lines if line.startswith("frontdesk_tasks "))
    return Sample(
        minutes, memory_of(process), files_of(process), int(float(tasks.split()[1]))
    )


async def load(callers: Callers, process: int, rate: float) -> list[Sample]:
    """Ask everything there is, at a rate, and look at the process meanwhile."""
    chance = random.Random(SEED)
    samples: list[Sample] = []
    tasks: set[asyncio.Task[None]] = set()
    start = time.monotonic()
    look = 0.0
    number = 0
    while (now := time.monotonic() - start) < SECONDS:
        task = asyncio.create_task(one(callers, chance.random()))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        if now >= look:
            look = now + SECONDS / 60
            samples.append(await sample(callers, process, now / 60))
        number += 1
        await asyncio.sleep(max(start + number / rate - time.monotonic(), 0))
    await asyncio.gather(*tasks)
    return samples


async def one(callers: Callers, kind: float) -> None:
    """Do one of everything that callers do."""
    if kind < 0.35:
        await callers.ask(question(stream=True))
    elif kind < 0.6:
        await callers.ask(question())
    elif kind < 0.75:
        asked = json.dumps({"query": f"reset {kind}"}).encode()
        await callers.ask(asked, path="/v1/search")
    elif kind < 0.85:
        made = await callers.ask(b"{}", path="/v1/conversations")
        if made.status == 200:
            within = {"conversation_id": json.loads(made.body)["id"]}
            await callers.ask(question(rag=within, stream=kind < 0.8))
    elif kind < 0.92:
        await callers.ask(b'{"model": 5}' if kind < 0.88 else b"{", path="/v1/search")
    else:
        # Leaves in the middle.
        asking = asyncio.create_task(callers.ask(question(stream=True)))
        await asyncio.sleep(0.1)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


def slope(samples: list[Sample]) -> float:
    """Return the growth of memory in MiB a minute, by least squares."""
    if len(samples) < 2:
        return 0.0
    xs = [s.minutes for s in samples]
    ys = [s.memory / 2**20 for s in samples]
    middle, mean = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - middle) ** 2 for x in xs)
    return sum((x - middle) * (y - mean) for x, y in zip(xs, ys, strict=True)) / spread


def test_growth_is_told_in_mebibytes_a_minute() -> None:
    grown = [Sample(n, (100 + 3 * n) * 2**20, 0, 0) for n in range(10)]

    assert slope(grown) == pytest.approx(3.0)
    assert slope(grown[:1]) == 0.0
