"""What is left of a service that is killed in mid-answer, and of a log nobody reads."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from tests.app.api.talking import Talks
from tests.command import environment
from tests.databases import KINDS, database_url
from tests.redis_server import own_redis
from tests.reliability.desks import SURE, told
from tests.reliability.recording import Seen
from tests.scripted_upstream import Hold, Reply, ScriptedUpstream, chunk, event
from tests.service import Running, running

BEGUN = event(chunk({"role": "assistant", "content": "Open the lid"}))


@pytest.mark.row(
    "P2", "SIGKILL in mid-stream",
    "the client sees a connection error; another replica serves; the turn is no "
    "finished one; what was held is free after its lease",
)  # fmt: skip
@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_replica_leaves_no_short_success_and_nothing_held(
    sample_home: Path, tmp_path: Path, kind: str, seen: Seen
) -> None:
    with (
        database_url(kind, tmp_path) as url,
        own_redis() as redis,
        ScriptedUpstream(Reply((BEGUN, Hold()))) as upstream,
    ):
        shared = {
            "DATABASE_URL": url,
            "REDIS_URL": redis.url,
            "REDIS_TIMEOUT": "1",
            "LIMITS_LEASE": "3",
            "TENANT_LIMIT_STREAMS": "1",
            "OPENAI_BASE_URL": upstream.url,
            "OPENAI_API_KEY": "k",
            "SERVER_DRAIN": "0",
        }
        with (
            running(sample_home, **shared) as one,
            running(sample_home, **shared) as other,
            Talks(other.address) as talks,
        ):
            begun = talks.begin()
            client = openai.OpenAI(
                base_url=f"{one.address}/v1", api_key="k", max_retries=0
            )
            stream = client.chat.completions.create(
                model="m",
                messages=[{"role": "user", "content": SURE}],
                stream=True,
                extra_body={"rag": {"conversation_id": begun}},
            )
            with pytest.raises(
                (openai.APIConnectionError, httpx.TransportError)
            ) as raised:
                kill_once_it_speaks(stream, one)
            client.close()
            killed = time.monotonic()
            asked = {"model": "m", "messages": [{"role": "user", "content": SURE}]}
            upstream.then(Reply((BEGUN, b"data: [DONE]\n\n")))

            def ask() -> httpx.Response:
                return httpx.post(
                    f"{other.address}/v1/chat/completions",
                    json=asked | {"stream": True}, timeout=30,
                )  # fmt: skip

            served, held = talks.send("GET", f"/{begun}").status_code, told(ask())
            while (last := ask().status_code) == 429:
                assert time.monotonic() - killed < 30
                time.sleep(0.2)
            freed = time.monotonic() - killed
            status = talks.last(begun)["status"]
    seen(
        f"{type(raised.value).__name__}; other replica {served}; the stream's place "
        f"{held}, free after {freed:.1f} s of a lease of 3; turn {status}"
    )
    assert served == 200
    assert held.startswith("429")
    assert last == 200
    assert status == "running"


def kill_once_it_speaks(stream: Any, service: Running) -> None:
    for part in stream:
        if part.choices and part.choices[0].delta.content:
            service.process.kill()


@contextmanager
def logging_into(
    home: Path, target: int, folder: Path
) -> Iterator[tuple["subprocess.Popen[str]", httpx.Client]]:
    """Serve with standard error going to a descriptor; yields process and a client."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "app.cli", "serve", "--port", "0"],
        cwd=home,
        env=environment(home, DATABASE_URL=f"sqlite:///{folder / 'frontdesk.db'}"),
        stdout=subprocess.PIPE,
        stderr=target,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            line = next(s for s in process.stdout if s.startswith("frontdesk"))
            with httpx.Client(base_url=line.split()[1], timeout=30) as client:
                deadline = time.monotonic() + 60
                while time.monotonic() < deadline:
                    try:
                        client.get("/health/live")
                        break
                    except httpx.ConnectError:
                        time.sleep(0.05)
                yield process, client
        finally:
            process.kill()


def dropped(client: httpx.Client, why: str) -> float:
    text = client.get("/metrics").text
    name = f'frontdesk_log_lines_dropped_total{{why="{why}"}} '
    return float(text.partition(name)[2].split("\n")[0] or 0)


def ask_much(client: httpx.Client, count: int) -> float:
    started = time.monotonic()
    for n in range(count):
        assert client.get("/v1/models", headers={"x": str(n)}).status_code == 200
    return (time.monotonic() - started) / count


def state_of(client: httpx.Client) -> Any:
    return client.get("/health/ready").json()["parts"]["log"]["state"]


@pytest.mark.row(
    "P11", "/dev/full", "requests go on; every line counted; degraded; ends"
)
def test_a_log_that_is_full_holds_nothing_up(
    sample_home: Path, tmp_path: Path, seen: Seen
) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        with logging_into(sample_home, full, tmp_path) as (process, client):
            each = ask_much(client, 50)
            deadline = time.monotonic() + 10
            while dropped(client, "target") < 50 and time.monotonic() < deadline:
                time.sleep(0.1)
            lost, state = dropped(client, "target"), state_of(client)
            process.terminate()
            ended = process.wait(40)
    finally:
        os.close(full)
    seen(f"{each * 1000:.1f} ms each; {lost:.0f} lines counted; {state}; exit {ended}")
    assert lost >= 50
    assert (state, ended) == ("degraded", 0)


@pytest.mark.row(
    "P11", "a pipe nobody reads, then somebody does",
    "requests go on at speed, the queue is bounded; what was lost is told; it ends",
)  # fmt: skip
def test_a_log_that_nobody_reads_holds_nothing_up_and_tells_later(
    sample_home: Path, tmp_path: Path, seen: Seen
) -> None:
    reading, writing = os.pipe()
    try:
        with logging_into(sample_home, writing, tmp_path) as (process, client):
            # 64 KB of the pipe are some 250 lines, and a message comes 100 times a second.
            each = ask_much(client, 600)
            deadline = time.monotonic() + 30
            while not dropped(client, "sampled") and time.monotonic() < deadline:
                ask_much(client, 200)
            lost = dropped(client, "sampled")
            os.set_blocking(reading, False)
            said = b""
            deadline = time.monotonic() + 20
            while b'"lost":{' not in said and time.monotonic() < deadline:
                try:
                    said += os.read(reading, 1 << 20)
                except BlockingIOError:
                    time.sleep(0.05)
            ask_much(client, 400)
            process.terminate()
            ended = process.wait(40)
    finally:
        os.close(reading)
        os.close(writing)
    seen(f"{each * 1000:.1f} ms each; {lost:.0f} lines left out and told; exit {ended}")
    assert b'"message":"log lines were lost"' in said
    assert ended == 0
