"""The chat route over real HTTP: bytes, fields, headers, waiting, ending."""

import threading
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.body import read_json
from app.errors import InvalidRequest
from tests.app.api.relaying import QUESTION, hit, relaying, relaying_app
from tests.scripted_upstream import (
    DONE,
    Hold,
    Reply,
    ScriptedUpstream,
    Wait,
    chunk,
    either,
    event,
    spoken,
)
from tests.served import served

CHAT = "/v1/chat/completions"
BODY: dict[str, Any] = {"model": "frontdesk", "messages": QUESTION}


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[httpx.Client, ScriptedUpstream]]:
    with (
        relaying(either("Hello"), hits=[hit()]) as (address, upstream),
        httpx.Client(base_url=address) as client,
    ):
        yield client, upstream


@pytest.fixture
def http(service: tuple[httpx.Client, ScriptedUpstream]) -> httpx.Client:
    service[1].requests.clear()
    service[1].then(either("Hello"))
    return service[0]


@pytest.fixture
def upstream(service: tuple[httpx.Client, ScriptedUpstream]) -> ScriptedUpstream:
    return service[1]


def send(http: httpx.Client, content: bytes) -> httpx.Response:
    headers = {"content-type": "application/json; charset=utf-8"}
    return http.post(CHAT, content=content, headers=headers)


def with_text(text: bytes) -> bytes:
    message = b'{"role": "user", "content": "' + text + b'"}'
    return b'{"model": "frontdesk", "messages": [' + message + b"]}"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "invalid_json"),
        (b"nonsense", "invalid_json"),
        (b'{"model": "x"', "invalid_json"),
        (b"[" * 5_000 + b"]" * 5_000, "invalid_json"),
        (b"[" * 90_000, "invalid_json"),
        (b'{"a":' * 10_000, "invalid_json"),
        (b'{"a":' + b"[" * 64 + b"]" * 64 + b"}", "invalid_json"),
        (with_text(b"\xff\xfe"), "invalid_json"),
        (with_text(rb"\ud800"), "invalid_json"),
        (b'{"temperature": NaN}', "invalid_json"),
        (b'{"temperature": 1e999}', "invalid_json"),
        (b'{"seed": ' + b"9" * 5_000 + b"}", "invalid_json"),
        (b"[]", "invalid_type"),
        (b'"text"', "invalid_type"),
        (b"null", "invalid_type"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_bytes_that_are_no_request_are_a_400(
    http: httpx.Client, content: bytes, code: str
) -> None:
    reply = send(http, content)

    assert reply.status_code == 400
    assert reply.json()["error"]["code"] == code


def test_brackets_in_a_text_are_no_depth(http: httpx.Client) -> None:
    assert send(http, with_text(b"[" * 1_000 + rb"\"{{")).status_code == 200


def test_nul_characters_are_taken_out(
    http: httpx.Client, upstream: ScriptedUpstream
) -> None:
    reply = send(http, with_text(rb"a\u0000b"))

    assert reply.status_code == 200
    assert upstream.requests[0].body["messages"][0]["content"] == "ab"


@given(st.binary(max_size=60) | st.text(alphabet='[]{}":,\\ 1ae', max_size=80))
def test_any_bytes_are_an_object_or_refused(body: bytes | str) -> None:
    given = body.encode() if isinstance(body, str) else body

    try:
        value = read_json(given)
    except InvalidRequest as error:
        assert error.code in ("invalid_json", "invalid_type")  # noqa: PT017
    else:
        assert isinstance(value, dict)


@pytest.mark.parametrize("stream", [False, True])
def test_headers_tell_the_id_and_the_time_of_each_part(
    http: httpx.Client, stream: bool
) -> None:
    reply = http.post(CHAT, json=BODY | {"stream": stream})

    assert reply.status_code == 200
    assert reply.headers["x-request-id"].startswith("req_")
    assert int(reply.headers["openai-processing-ms"]) >= 0
    assert "upstream_ttfb;dur=" in reply.headers["server-timing"]


def test_a_stream_is_neither_cached_nor_buffered(http: httpx.Client) -> None:
    reply = http.post(CHAT, json=BODY | {"stream": True})

    assert reply.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert reply.headers["cache-control"] == "no-cache, no-transform"
    assert reply.headers["x-accel-buffering"] == "no"
    assert reply.headers["transfer-encoding"] == "chunked"
    assert reply.text.endswith(DONE.decode())


def test_without_retrieval_there_are_no_extras(http: httpx.Client) -> None:
    reply = http.post(CHAT, json=BODY | {"rag": {"enabled": False}}).json()

    assert "rag" not in reply
    assert "sources" not in reply


def test_silence_is_filled_with_comments() -> None:
    slow = Reply(
        (event(chunk({"content": "a"})), Wait(0.5), event(chunk(finish="stop")))
    )
    with (
        relaying(slow, ping=0.1) as (address, _),
        httpx.Client(base_url=address) as client,
    ):
        reply = client.post(CHAT, json=BODY | {"stream": True})

    assert ": ping\n\n" in reply.text
    assert reply.text.endswith(DONE.decode())


def test_a_failure_before_the_headers_has_a_status_and_after_them_is_a_frame() -> None:
    late = Reply((), 500, {"retry-after": "99"}, before=(Wait(0.5),))
    for held_back, status in ((8.0, 502), (0.05, 200)):
        with (
            relaying(late, held_back=held_back) as (address, _),
            httpx.Client(base_url=address) as client,
        ):
            reply = client.post(CHAT, json=BODY | {"stream": True})

        assert reply.status_code == status
        assert '"code":"upstream_error"' in reply.text
        assert reply.text.endswith(DONE.decode()) is (status == 200)


def test_leaving_before_the_answer_began_stops_the_upstream(
    http: httpx.Client, upstream: ScriptedUpstream
) -> None:
    before = upstream.cancelled
    upstream.then(Reply(before=(Hold(),)))

    with pytest.raises(httpx.ReadTimeout):
        http.post(CHAT, json=BODY | {"stream": True}, timeout=0.3)

    assert upstream.wait_until(lambda s: s.cancelled == before + 1, seconds=1)


def test_a_service_that_closes_ends_its_streams_with_a_frame() -> None:
    with ScriptedUpstream(Reply((event(chunk({"content": "a"})), Hold()))) as upstream:
        app = relaying_app(upstream.url)
        with (
            served(app) as address,
            httpx.stream(
                "POST", f"{address}{CHAT}", json=BODY | {"stream": True}
            ) as reply,
        ):
            lines = reply.iter_lines()
            first = next(lines)
            app.state.loop.call_soon_threadsafe(app.state.terms.closing.set)
            rest = "\n".join(lines)

    assert first.startswith("data: {")
    assert '"code":"shutting_down"' in rest
    assert "[DONE]" in rest


def test_many_streams_at_once_all_arrive_whole() -> None:
    texts = [f"piece {i} " for i in range(20)]
    replies: list[str] = []
    with relaying(spoken(*texts)) as (address, _):

        def ask() -> None:
            body = BODY | {"stream": True}
            replies.append(httpx.post(f"{address}{CHAT}", json=body, timeout=30).text)

        threads = [threading.Thread(target=ask) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(replies) == 20
    for reply in replies:
        frames = [f[6:] for f in reply.split("\n\n") if f.startswith("data: {")]
        said = [msgspec.json.decode(f)["choices"][0]["delta"] for f in frames]
        assert "".join(d.get("content", "") for d in said) == "".join(texts)
