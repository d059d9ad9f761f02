"""No secret and no word of anybody's stands in logs, metrics, errors or health (L1, L2).

Each canary is put where a secret or somebody's words come in; then every route is
asked, well and badly, with every part the service leans on broken as well. What belongs
into an answer to who asked is no leak; everything else is searched for each of them.
"""

import base64
import itertools
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.command import frontdesk, start
from tests.databases import database_url
from tests.keys import make_key
from tests.redis_server import own_redis
from tests.reliability.faultproxy import FaultProxy, faulty
from tests.reliability.recording import Figure
from tests.reliability.sizes import SEED
from tests.scripted_upstream import ScriptedUpstream, answered, either, refused
from tests.service import Running, running

_MARK = random.Random(SEED).randbytes(6).hex()


def canary(name: str) -> str:
    return f"canary{name}{_MARK}"


SECRETS = {
    name: canary(name)
    for name in (
        "upstreamkey", "upstreampassword", "databasepassword", "redispassword",
        "pepper", "idempotency", "header", "cookie", "query", "wrongkey",
    )
}  # fmt: skip
WORDS = {
    name: canary(name)
    for name in ("message", "answer", "document", "file", "user", "title", "comment", "metadata")
}  # fmt: skip


class Leaky:
    """A service with a canary in every place, and everything it said anywhere."""

    def __init__(self, service: Running, key: str, ways: list[FaultProxy]) -> None:
        self.service = service
        self.key = key
        self.ways = ways
        self.errors: list[str] = []
        self.http = httpx.Client(
            base_url=service.address, timeout=60,
            headers={
                "authorization": f"Bearer {key}", "x-odd": SECRETS["header"],
                "cookie": f"session={SECRETS['cookie']}",
            },
        )  # fmt: skip

    def send(self, method: str, path: str, **given: Any) -> httpx.Response:
        reply = self.http.request(method, path, **given)
        if reply.status_code >= 400 or path.startswith(("/metrics", "/health")):
            said = f"{reply.status_code} {dict(reply.headers)} {reply.text}"
            self.errors.append(said)
        return reply


@contextmanager
def leaky(home: Path, folder: Path, upstream: ScriptedUpstream) -> Iterator[Leaky]:
    with database_url("postgresql", folder) as url, own_redis() as redis:
        port = int(redis.url.rsplit(":", 1)[1].split("/")[0])
        with faulty("127.0.0.1", 5432) as first, faulty("127.0.0.1", port) as second:
            name = url.rsplit("/", 1)[1]
            secretly = upstream.url.replace("//", f"//u:{SECRETS['upstreampassword']}@")
            variables = {
                "DATABASE_URL": f"postgresql://postgres:{SECRETS['databasepassword']}@127.0.0.1:{first.port}/{name}",
                "DATABASE_TIMEOUT": "1",
                "REDIS_URL": f"redis://:{SECRETS['redispassword']}@127.0.0.1:{second.port}/0",
                # One is shown a password, the other the key.
                "OPENAI_BASE_URL": f"{secretly},{upstream.url}",
                "OPENAI_API_KEY": SECRETS["upstreamkey"],
                "ACCESS_PEPPER": SECRETS["pepper"],
                "CHAT_MODEL": "writer-1",
                "LOG_LEVEL": "debug",
                "RETRIEVAL_MIN_CONFIDENCE": "0",
                "SERVER_DRAIN": "1",
                "INDEX_URL": f"file:{home / 'index'}",
                "CONVERSATIONS_SPOOL": str(folder / "spool"),
            }  # fmt: skip
            scopes = (
                "chat",
                "retrieve",
                "conversations",
                "feedback",
                "insights",
                "admin",
            )
            asked = [part for scope in scopes for part in ("--scope", scope)]
            key = make_key(home, *asked, **variables)
            with running(home, **variables) as service:
                found = Leaky(service, key, [first, second])
                try:
                    yield found
                finally:
                    doctor = frontdesk(home, "doctor", **variables)
                    found.errors.append(doctor.stdout + doctor.stderr)
                    found.http.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of one document, whose name and words are canaries."""
    home = tmp_path_factory.mktemp("canaries")
    docs = home / "docs"
    docs.mkdir()
    (docs / f"{WORDS['file']}.md").write_text(
        f"# Reset\n\nTo reset the hub hold {WORDS['document']} for 12 seconds.\n"
    )
    done = frontdesk(home, "ingest", str(docs))
    assert done.returncode == 0, done.stderr
    return home


def chat(**more: Any) -> dict[str, Any]:
    said = f"How do I reset the hub {WORDS['message']}?"
    return {
        "model": "frontdesk",
        "messages": [{"role": "user", "content": said}],
        "user": WORDS["user"],
        **more,
    }


def ask_everything(leaky: Leaky) -> None:
    """Ask every route, as it should be and as it should not."""
    send = leaky.send
    once = {"idempotency-key": SECRETS["idempotency"]}
    begun = send("POST", "/v1/conversations", json={
        "title": WORDS["title"], "user": WORDS["user"], "metadata": {"a": WORDS["metadata"]},
    })  # fmt: skip
    conversation = begun.json().get("id", "conv_" + "a" * 24)
    for stream in (False, True):
        rag = {"conversation_id": conversation}
        send(
            "POST",
            "/v1/chat/completions",
            json=chat(stream=stream, rag=rag),
            headers=once,
        )
        send("POST", "/v1/chat/completions", json=chat(stream=stream))
    asked = send("POST", "/v1/chat/completions", json=chat())
    answer = asked.json().get("id", "chatcmpl-" + "a" * 24)
    send("POST", "/v1/feedback", json={"message_id": answer, "rating": "down", "comment": WORDS["comment"]})  # fmt: skip
    send("POST", "/v1/feedback", json={"message_id": WORDS["message"], "rating": "up"})
    send("POST", "/v1/search", json={"query": WORDS["message"]})
    for path in (
        "/v1/conversations", f"/v1/conversations/{conversation}",
        f"/v1/conversations/{conversation}/messages", f"/v1/data?user={WORDS['user']}",
        "/v1/insights", "/v1/models", "/v1/keys", f"/v1/keys/{SECRETS['query']}",
        f"/v1/sources/{WORDS['file']}", f"/{SECRETS['query']}?a={SECRETS['query']}",
        f"/v1/models?api_key={SECRETS['query']}", "/health/ready", "/metrics", "/health/live",
    ):  # fmt: skip
        send("GET", path)
    for path in ("/v1/chat/completions", "/v1/search", "/v1/conversations", "/v1/feedback", "/v1/keys"):  # fmt: skip
        send("POST", path, content=b'{"messages": "' + WORDS["message"].encode() + b'"')
        send("POST", path, json={"model": [WORDS["message"]], "messages": WORDS["message"], "query": {}})  # fmt: skip
        send("POST", path, json=chat(), headers={"authorization": f"Bearer {SECRETS['wrongkey']}"})  # fmt: skip
    send("POST", "/v1/chat/completions", json=chat(model=WORDS["message"], n=9))
    send("PUT", f"/v1/conversations/{WORDS['title']}", json={})


# What a caller sent may be quoted in the refusal to this very caller.
OWN = ("message", "query", "wrongkey", "title", "file", "idempotency")


def test_no_canary_leaves_by_a_log_a_metric_an_error_or_the_state(
    home: Path, tmp_path: Path, figure: Figure
) -> None:
    echo = refused(400, "bad", f"Key {SECRETS['upstreamkey']} said {WORDS['message']}")
    replies: list[Any] = [
        either(f"Hold {WORDS['answer']} [1]."),
        echo,
        refused(401, "invalid_api_key", f"Incorrect API key: {SECRETS['upstreamkey']}"),
        answered(f"<html>{SECRETS['upstreamkey']}{SECRETS['upstreampassword']}", 500),
        answered({"choices": WORDS["answer"]}, 200),
    ]
    with (
        ScriptedUpstream(replies[0]) as upstream,
        leaky(home, tmp_path, upstream) as found,
    ):
        for reply in replies:
            upstream.then(reply)
            ask_everything(found)
        upstream.then(replies[0])
        for way in found.ways:
            way.cut()
            ask_everything(found)
        for way in found.ways:
            way.mend()
        ask_everything(found)
    log, told = found.service.log, "\n".join(found.errors)

    canaries = SECRETS | WORDS | {"key": found.key.split("_")[2][:20]}
    canaries["basic"] = base64.b64encode(
        f"u:{SECRETS['upstreampassword']}".encode()
    ).decode()
    leaks = [f"log: {name}" for name, text in canaries.items() if text in log]
    own = {name for name in OWN if name in canaries}
    leaks += [
        f"error: {name}" for name, text in canaries.items()
        if text in told and name not in own
    ]  # fmt: skip
    figure("secrets and canaries in logs, metrics, errors", f"{len(leaks)} of {len(canaries)}", f"0 of {len(canaries)}")  # fmt: skip
    assert leaks == [], [line for line in log.splitlines() if _MARK in line][:3]
    # The paths were really walked: successes, refusals, and failures of all kinds.
    statuses = {int(s) for s in re.findall(r'"status":(\d+)', log)}
    codes = set(re.findall(r'"code": ?"(\w+)"', told))
    shown = {request.headers["authorization"] for request in upstream.requests}
    assert shown == {
        f"Basic {canaries['basic']}",
        f"Bearer {SECRETS['upstreamkey']}",
    }, codes
    assert {200, 400, 401, 404, 502, 503} <= statuses, (codes, statuses)
    assert all(line.startswith("{") for line in log.splitlines())
    assert log.count("\n") > 100


def test_what_a_service_says_as_it_starts_holds_no_password(
    sample_home: Path, tmp_path: Path
) -> None:
    process = start(
        sample_home, "serve", "--port", "0",
        OPENAI_BASE_URL=f"http://u:{SECRETS['upstreampassword']}@127.0.0.1:9/v1",
        DATABASE_URL=f"sqlite:///{tmp_path / 'x.db'}",
    )  # fmt: skip
    assert process.stdout is not None
    with process:
        said = "".join(
            itertools.takewhile(lambda line: "curl" not in line, process.stdout)
        )
        process.terminate()

    assert "answers    by http://u:" in said
    assert SECRETS["upstreampassword"] not in said
