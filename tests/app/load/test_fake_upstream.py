"""The fake upstream speaks the chat API by the clock; OpenAI's client is the judge."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from tests.app.load.fakes import fake_upstream
from tests.command import frontdesk

ASKED: list[ChatCompletionMessageParam] = [
    {"role": "user", "content": "What does E-207 mean?"}
]
TEXT = "The answer stands in the first source [1], and the"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("fake")
    with fake_upstream(home, first_byte=100, gap=20, pieces=11) as address:
        yield address


@pytest.fixture
def client(url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=url, api_key="any", max_retries=0)


def test_it_lists_its_model(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["fake"]


def test_a_stream_is_whole_and_on_time(client: openai.OpenAI) -> None:
    with client.chat.completions.create(
        model="any/name",
        messages=ASKED,
        stream=True,
        stream_options={"include_usage": True},
    ) as stream:
        start = time.perf_counter()
        chunks = [(chunk, time.perf_counter() - start) for chunk in stream]

    texts = [(c.choices[0].delta.content or "", t) for c, t in chunks if c.choices]
    usage = chunks[-1][0].usage
    assert "".join(text for text, _ in texts) == TEXT
    assert [c.choices[0].finish_reason for c, _ in chunks if c.choices][-1] == "stop"
    assert usage is not None
    assert usage.completion_tokens == 11
    assert {c.model for c, _ in chunks} == {"any/name"}
    # The client was answered with the first piece: the gaps are left.
    assert chunks[-1][1] == pytest.approx(0.2, abs=0.09)


def test_an_answer_that_is_not_streamed_takes_as_long(client: openai.OpenAI) -> None:
    start = time.perf_counter()
    answer = client.chat.completions.create(model="fake", messages=ASKED)
    seconds = time.perf_counter() - start

    assert answer.choices[0].message.content == TEXT
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 11
    assert seconds == pytest.approx(0.3, abs=0.09)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "chat/completions", b"{oops", 400),
        ("POST", "chat/completions", b"[]", 400),
        ("GET", "chat/completions", b"", 405),
        ("POST", "embeddings", b"{}", 404),
    ],
)
def test_what_it_does_not_serve_is_refused_in_the_shape_of_the_api(
    url: str, method: str, path: str, body: bytes, status: int
) -> None:
    reply = httpx.request(method, f"{url}/{path}", content=body)

    assert reply.status_code == status
    assert reply.json()["error"]["message"]


def test_requests_sent_at_once_are_answered_in_order(url: str) -> None:
    where = urlsplit(url)
    head = b"%b HTTP/1.1\r\nhost: x\r\n\r\n"
    with socket.create_connection((str(where.hostname), where.port or 0)) as raw:
        raw.sendall(head % b"GET /v1/models" + head % b"GET /nothing")
        raw.sendall(head % b"GET /v1/models")
        raw.settimeout(2)
        got = b""
        while got.count(b"HTTP/1.1") < 3:
            got += raw.recv(65536)

    assert [part[:3] for part in got.split(b"HTTP/1.1 ")[1:]] == [
        b"200",
        b"404",
        b"200",
    ]


def test_what_is_no_http_is_refused(url: str) -> None:
    where = urlsplit(url)
    with socket.create_connection((str(where.hostname), where.port or 0)) as raw:
        raw.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        raw.settimeout(2)

        assert raw.recv(65536).startswith(b"HTTP/1.1 400 ")
        assert raw.recv(65536) == b""


def test_a_client_that_leaves_disturbs_nobody(url: str, client: openai.OpenAI) -> None:
    for _ in range(3):
        with httpx.stream(
            "POST",
            f"{url}/chat/completions",
            json={"messages": ASKED, "stream": True},
        ) as reply:
            next(reply.iter_raw())

    assert [model.id for model in client.models.list()] == ["fake"]


def test_a_port_in_use_is_named_with_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = frontdesk(tmp_path, "bench", "--fake-upstream", "--port", str(port))

    assert done.returncode == 2
    assert f"127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr
