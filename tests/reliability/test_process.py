"""The process when it is told to stop."""

import asyncio
import signal
import time
from pathlib import Path

import httpx
import pytest

from tests.app.api.whole import SURE
from tests.command import start
from tests.raw import Caller, chat, post
from tests.reliability.load import Callers, Exchange
from tests.reliability.recording import Figure, Seen
from tests.reliability.sizes import size
from tests.reliability.writing import BEGUN, STREAMED, writing
from tests.scripted_upstream import DONE, Hold, Reply, ScriptedUpstream, spoken
from tests.service import Running


async def _told_to_stop(
    service: Running, upstream: ScriptedUpstream, streams: int
) -> tuple[list[Exchange], list[Exchange]]:
    """Return what comes of so many streams, and of whoever asks later."""
    callers = Callers(service.address)
    asking = [asyncio.ensure_future(callers.ask(STREAMED)) for _ in range(streams)]
    while upstream.answering < streams:  # noqa: ASYNC110 - it is in another thread
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    later = Callers(service.address)
    kept = [await later.ask(method="GET", path="/health/live")]

    service.process.terminate()
    kept.append(await later.ask(method="GET", path="/health/ready"))
    kept.append(await later.ask(chat(question=SURE)))
    told = await asyncio.gather(*asking)
    await callers.aclose()
    await later.aclose()
    return told, kept


@pytest.mark.row(
    "P3",
    "SIGTERM with live streams",
    "each gets a frame shutting_down and [DONE] after SERVER_DRAIN; exit 0",
)
def test_every_live_stream_is_told_that_the_service_stops(
    sample_home: Path, seen: Seen, figure: Figure
) -> None:  # fmt: skip
    streams, drain = size(50, 50), size(2, 25)
    script = Reply((BEGUN, Hold()))
    with writing(sample_home, script, SERVER_DRAIN=str(drain)) as (service, upstream):
        start = time.monotonic()
        found, _ = asyncio.run(_told_to_stop(service, upstream, streams))
        code = service.process.wait(60)
        took = time.monotonic() - start

        assert upstream.wait_until(lambda u: u.answering == 0)
    told = [
        e for e in found
        if e.status == 200 and b'"shutting_down"' in e.body and e.body.endswith(DONE)
    ]  # fmt: skip
    seen(f"{len(told)} of {streams} told, exit {code} after {took:.1f} s")
    figure(
        f"streams of {streams} cut without a frame when told to stop",
        f"{streams - len(told)}, exit {code} {took:.1f} s after the signal",
        "0, exit 0 within 30 s",
    )
    assert len(told) == streams
    assert code == 0
    assert took < drain + 20


@pytest.mark.row(
    "P3",
    "a balancer that has not noticed yet",
    "readiness 503 and questions answered for SERVER_NOTICE, then refused",
)
def test_questions_are_taken_for_a_notice_while_readiness_says_no(
    sample_home: Path, seen: Seen
) -> None:  # fmt: skip
    with writing(sample_home, spoken("Hi"), SERVER_NOTICE="4", SERVER_DRAIN="2") as (
        service, _,
    ):  # fmt: skip
        with httpx.Client(base_url=service.address, timeout=30) as http:
            assert http.get("/health/ready").status_code == 200
            service.process.terminate()
            time.sleep(0.3)

            ready = http.get("/health/ready")
            asked = httpx.post(
                f"{service.address}/v1/chat/completions",
                content=STREAMED,
                headers={"content-type": "application/json"},
                timeout=30,
            )

        assert ready.status_code == 503
        assert "down" in ready.json()["parts"]["service"]["state"]
        assert asked.status_code == 200
        assert asked.text.endswith("[DONE]\n\n")
        assert service.process.wait(30) == 0
    seen("503, 200, exit 0")


@pytest.mark.row(
    "P3", "a second signal", "SIGTERM changes nothing; Ctrl-C ends it at once"
)
def test_a_second_ctrl_c_ends_it_at_once(sample_home: Path, seen: Seen) -> None:  # fmt: skip
    script = Reply((BEGUN, Hold()))
    with (
        writing(sample_home, script, SERVER_DRAIN="60") as (service, upstream),
        Caller(service.address) as caller,
    ):
        caller.send(post(STREAMED))
        assert upstream.wait_until(lambda u: u.answering == 1)
        service.process.terminate()
        time.sleep(0.5)
        service.process.terminate()
        time.sleep(1)
        assert service.process.poll() is None

        start = time.monotonic()
        service.process.send_signal(signal.SIGINT)
        code = service.process.wait(30)

        took = time.monotonic() - start
    assert took < 20
    seen(f"exit {code} after {took:.1f} s")


@pytest.mark.row(
    "P3", "SIGTERM while it starts", "it ends, and leaves no process behind"
)
@pytest.mark.parametrize("after", [0.3, 1.0, 2.0])
def test_a_service_told_to_stop_while_it_starts_ends(
    after: float, sample_home: Path
) -> None:  # fmt: skip
    process = start(sample_home, "serve", "--port", "0")
    with process:
        time.sleep(after)
        children = _children(process.pid)
        process.terminate()
        process.communicate(timeout=60)

    deadline = time.monotonic() + 20
    while left := [pid for pid in children if _is_alive(pid)]:
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


def _children(process: int) -> list[int]:
    try:
        text = Path(f"/proc/{process}/task/{process}/children").read_text("ascii")
    except OSError:
        return []
    return [int(child) for child in text.split()]


def _is_alive(process: int) -> bool:
    try:
        stat = Path(f"/proc/{process}/stat").read_text("ascii")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
