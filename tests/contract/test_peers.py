"""The service in front of real servers that nobody here wrote, with random weights.

Run with ``make test-peers``: one of the two servers is compiled on installation.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from openai import OpenAI

from tests.contract.random_models import write_gguf, write_llama
from tests.service import service

pytestmark = pytest.mark.peers

QUESTION = "How long do I hold the pin button for a factory reset?"


@contextmanager
def server(*command: str, ready: str) -> Iterator[str]:
    """Run `command` on a free port; yields its address when `ready` answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(process, address + ready)
        yield f"{address}/v1"
    finally:
        process.terminate()
        process.wait(timeout=60)


def _wait(process: "subprocess.Popen[bytes]", address: str) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    pytest.fail("the server did not come up")


@pytest.fixture(scope="module", params=["llama-cpp-python", "transformers"])
def client(
    request: pytest.FixtureRequest,
    sample_home: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[OpenAI]:
    folder = tmp_path_factory.mktemp("peer")
    command: tuple[str, ...]
    if request.param == "transformers":
        model = str(write_llama(folder / "tiny-llama"))
        program = str(Path(sys.executable).with_name("transformers"))
        command, ready = (program, "serve"), "/health"
    else:
        model = str(write_gguf(folder / "tiny.gguf"))
        serve = ("-m", "llama_cpp.server", "--model", model, "--n_ctx", "4096")
        command, ready = (sys.executable, *serve), "/v1/models"
    with (
        server(*command, ready=ready) as upstream,
        service(
            sample_home,
            OPENAI_BASE_URL=upstream,
            CHAT_MODEL=model,
            CHAT_CONTEXT_WINDOW="4096",
            CHAT_ANSWER_TOKENS="64",
        ) as address,
    ):
        yield OpenAI(base_url=f"{address}/v1", api_key="unused", max_retries=0)


def test_a_whole_answer_has_content_sources_and_usage(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model="frontdesk",
        messages=[{"role": "user", "content": QUESTION}],
        max_tokens=24,
    )

    assert answer.choices[0].finish_reason in ("stop", "length")
    assert answer.choices[0].message.role == "assistant"
    assert answer.usage is not None
    assert answer.usage.prompt_tokens > 200
    assert answer.model_extra is not None
    assert answer.model_extra["rag"]["answered"] is True


def test_a_stream_follows_the_grammar_and_ends_with_usage(client: OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model="frontdesk",
            messages=[{"role": "user", "content": QUESTION}],
            max_tokens=24,
            stream=True,
            stream_options={"include_usage": True},
        )
    )

    assert len({chunk.id for chunk in chunks}) == 1
    assert chunks[0].choices[0].delta.role == "assistant"
    finishes = [c.choices[0].finish_reason for c in chunks if c.choices]
    assert [reason for reason in finishes if reason] in (["stop"], ["length"])
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.prompt_tokens > 200
