"""Services under load: ours, the afternoon's, a scripted upstream, and who asks them."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from app.load.runs import Run
from tests.command import ROOT, environment, frontdesk, start
from tests.service import running

MODEL = "fake"


class Served(Struct, frozen=True):
    """A service that answers.

    Attributes:
        address: Its base address, as the openai client takes it.
        pid: Its process.
        seconds: From its start to its first answer.
    """

    address: str
    pid: int
    seconds: float


@contextmanager
def upstream(*, first_byte: float, gap: float, pieces: int) -> Iterator[str]:
    """Serve answers by the clock; yields the address. Times are milliseconds."""
    process = start(
        ROOT, "bench", "--fake-upstream", "--first-byte", str(first_byte),
        "--gap", str(gap), "--pieces", str(pieces),
    )  # fmt: skip
    with process, ended(process):
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http"), f"no fake upstream: {address!r}"
        yield address


@contextmanager
def ours(
    home: Path, upstream: str, *, key: str = "", **variables: str
) -> Iterator[Served]:
    """Serve the index under `home` in front of `upstream`; `key` opens it."""
    begun = time.perf_counter()
    with running(
        home, OPENAI_BASE_URL=upstream, OPENAI_API_KEY="none", CHAT_MODEL=MODEL,
        LOG_LEVEL="error", **variables,
    ) as found:  # fmt: skip
        address = f"{found.address}/v1"
        _first_answer(address, lambda: found.process.poll() is None, key)
        yield Served(address, found.process.pid, time.perf_counter() - begun)


@contextmanager
def afternoon(store: Path, upstream: str) -> Iterator[Served]:
    """Serve the chunks in `store` as in an afternoon, in front of `upstream`."""
    port = _free_port()
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.afternoon",
         "serve", str(store), str(port), upstream],
        cwd=ROOT, env=environment(store.parent), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with process, ended(process):
        address = f"http://127.0.0.1:{port}/v1"
        _first_answer(address, lambda: process.poll() is None)
        yield Served(address, process.pid, time.perf_counter() - begun)


@contextmanager
def ended(process: "subprocess.Popen[str] | subprocess.Popen[bytes]") -> Iterator[None]:
    """End a process, however its use ends."""
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def load(
    address: str,
    questions: Path,
    *,
    callers: int,
    requests: int,
    stream: bool = True,
    key: str = "",
) -> Run:
    """Ask a service with ``frontdesk bench``; every answer must be complete."""
    told = questions.parent / "run.json"
    done = frontdesk(
        questions.parent, "bench", address, "--questions", str(questions),
        "--concurrency", str(callers), "--requests", str(requests), "--json", str(told),
        "--stream" if stream else "--no-stream", "--model", MODEL,
        FRONTDESK_API_KEY=key,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stderr}\n{done.stdout[-2000:]}"
    return msgspec.json.decode(told.read_bytes(), type=Run)


def write_questions(file: Path, texts: Sequence[str], count: int) -> Path:
    """Write `count` questions, all different, so that no answer is a remembered one."""
    lines = []
    for number in range(count):
        turn, place = divmod(number, len(texts))
        more = f" (my question number {turn})" if turn else ""
        lines.append(" ".join(texts[place].split()) + more)
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def _first_answer(address: str, lives: Callable[[], bool], key: str = "") -> None:
    """Ask until there is an answer."""
    asked = {"model": MODEL, "messages": [{"role": "user", "content": "Hello wifi?"}]}
    body = msgspec.json.encode(asked | {"stream": True})
    request = urllib.request.Request(
        f"{address}/chat/completions",
        data=body,
        headers={"content-type": "application/json", "authorization": f"Bearer {key}"},
    )
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and lives():
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                assert answer.read()
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.01)
    raise AssertionError(f"{address} does not answer")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
