"""The process when it is crowded: by those who do not read, by idle ones, by too many."""

import asyncio
import os
import time
from pathlib import Path

import httpx
import pytest

from tests.app.api.whole import SURE
from tests.raw import Caller, chat, post, request
from tests.reliability.load import Callers, files_of, memory_of
from tests.reliability.recording import Figure, Seen
from tests.reliability.sizes import size
from tests.reliability.writing import BEGUN, JSON, PIECE, STREAMED, writing
from tests.scripted_upstream import Reply, ScriptedUpstream, spoken
from tests.service import Running, running


@pytest.mark.row(
    "C2",
    "hundreds read nothing",
    "memory grows by less than 20 MB, the others are served",
)
def test_many_callers_that_read_nothing_cost_little(
    sample_home: Path, seen: Seen, figure: Figure
) -> None:  # fmt: skip
    stalled = size(40, 200)
    endless = Reply((BEGUN, *(PIECE,) * 1_000))
    with writing(sample_home, spoken("warm")) as (service, upstream):
        # As many that read, first: what they take is not counted.
        asyncio.run(_rush(service, stalled))
        upstream.then(endless)
        before = memory_of(service.process.pid)
        callers: list[Caller] = []
        # A few at a time: what is tried is not how many the upstream accepts at once.
        while len(callers) < stalled:
            callers += [Caller(service.address, buffer=4096) for _ in range(20)]
            for caller in callers[-20:]:
                caller.send(post(STREAMED))
            _wait_for(upstream, answering=len(callers))
        time.sleep(2)

        grown = (memory_of(service.process.pid) - before) / 2**20
        start = time.monotonic()
        upstream.then(spoken("Hi"))
        other = httpx.post(f"{service.address}/v1/chat/completions", content=STREAMED, headers=JSON, timeout=60)  # fmt: skip
        took = time.monotonic() - start
        for caller in callers:
            caller.__exit__()

    seen(f"{grown:.0f} MB for {stalled}, another caller after {took:.2f} s")
    figure(
        f"memory for {stalled} callers that read nothing",
        f"{grown:.1f} MB",
        "less than 20 MB",
    )
    assert other.status_code == 200
    assert grown < 20 * max(stalled / 200, 1) + 10


def _wait_for(upstream: ScriptedUpstream, *, answering: int) -> None:
    assert upstream.wait_until(lambda u: u.answering == answering, seconds=60)


async def _rush(service: Running, count: int) -> None:
    callers = Callers(service.address)
    for _ in range(3):
        await asyncio.gather(*(callers.ask(STREAMED) for _ in range(count)))
    await callers.aclose()


@pytest.mark.row(
    "C6", "hundreds of idle connections", "memory grows little, and others are served"
)
def test_idle_connections_cost_little(
    sample_home: Path, seen: Seen, figure: Figure
) -> None:  # fmt: skip
    idle = size(500, 5000)
    with running(sample_home) as service:
        httpx.get(f"{service.address}/health/live")
        before = memory_of(service.process.pid)
        callers = [Caller(service.address) for _ in range(idle)]
        for caller in callers:
            caller.send(request())
        for caller in callers:
            assert caller.read().status == 200

        each = (memory_of(service.process.pid) - before) / 1024 / idle
        live = httpx.get(f"{service.address}/health/live", timeout=30)
        assert live.status_code == 200
        for caller in callers:
            caller.__exit__()
    seen(f"{each:.1f} KiB each, 200")
    figure(f"memory for each of {idle:,} idle connections", f"{each:.1f} KiB", "little")
    assert each < 60


@pytest.mark.row(
    "P5",
    "more connections than file descriptors",
    "the longest idle give way, live answers, little processor is used; then all as before",
)
def test_a_service_short_of_files_goes_on(sample_home: Path, seen: Seen) -> None:  # fmt: skip
    with running(sample_home, prefix="prlimit --nofile=160:160") as service:
        process = service.process.pid
        callers = [Caller(service.address, seconds=10) for _ in range(300)]
        for caller in callers:
            try:
                caller.send(request())
            except OSError:
                continue
        time.sleep(1)

        live = httpx.get(f"{service.address}/health/live", timeout=30)
        used = files_of(process)
        cpu = _processor(process)
        time.sleep(2)
        spent = _processor(process) - cpu
        asked = httpx.post(f"{service.address}/v1/chat/completions", content=chat(question=SURE), headers=JSON, timeout=60)  # fmt: skip
        for caller in callers:
            caller.__exit__()

    seen(f"200, {used} of 160 used, {spent:.2f} s of processor in 2 s")
    assert live.status_code == 200
    assert asked.status_code == 200
    assert used < 160 - 30
    assert spent < 1.2


def _processor(process: int) -> float:
    stat = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
