"""A whole service in its own process, as tests of its database, Redis and log see it."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from msgspec import Struct

from tests.scripted_upstream import ScriptedUpstream, either
from tests.service import Running, running

ANSWER = "The circuit of the probe is open [1]."
SURE = "What does error E-207 mean?"


class Desk(Struct, frozen=True):
    """A running service, its upstream, and a caller without retries."""

    service: Running
    upstream: ScriptedUpstream
    http: httpx.Client

    def ask(self, **fields: Any) -> httpx.Response:
        """Ask what the sample answers."""
        asked = {"messages": [{"role": "user", "content": SURE}], **fields}
        return self.http.post(
            "/v1/chat/completions", json={"model": "frontdesk", **asked}
        )

    def begin(self, **fields: Any) -> httpx.Response:
        """Begin a conversation: one write."""
        return self.http.post("/v1/conversations", json=fields)

    def listed(self) -> httpx.Response:
        """List conversations: one reading."""
        return self.http.get("/v1/conversations")

    def part(self, name: str) -> tuple[str, str]:
        """Return state and detail of a part."""
        found = self.http.get("/health/ready").json()["parts"][name]
        return found["state"], found["detail"]

    def until(self, holds: Callable[[], object], seconds: float = 30) -> float:
        """Wait until something holds; return how many seconds that took."""
        started = time.monotonic()
        while not holds():
            assert time.monotonic() - started < seconds, "it never came about"
            time.sleep(0.05)
        return time.monotonic() - started

    def metric(self, line: str) -> float:
        """Return the value of a metric with its labels; 0 where it was never set."""
        text = self.http.get("/metrics").text
        found = [at for at in text.splitlines() if at.startswith(f"{line} ")]
        return float(found[0].rpartition(" ")[2]) if found else 0.0

    def lines(self) -> list[dict[str, Any]]:
        """Return the log so far."""
        said = list(self.service.lines.queue)
        return [json.loads(line) for line in said if line.startswith("{")]

    def changes(self, part: str) -> list[str]:
        """Return what the log says that a part became, in order."""
        return [line["state"] for line in self.lines() if line.get("part") == part]


@contextmanager
def desk(home: Path, **variables: str) -> Iterator[Desk]:
    """Run a service over the sample; yields it when it is up."""
    with (
        ScriptedUpstream(either(ANSWER)) as upstream,
        running(
            home,
            **{
                "OPENAI_BASE_URL": upstream.url,
                "OPENAI_API_KEY": "the-upstreams-key",
                "CHAT_MODEL": "writer-1",
                "SERVER_DRAIN": "1",
                **variables,
            },
        ) as service,
        httpx.Client(base_url=service.address, timeout=60) as http,
    ):
        yield Desk(service, upstream, http)


def told(reply: httpx.Response) -> str:
    """Return an answer's status, and code and wait of an error."""
    if reply.status_code < 400:
        return str(reply.status_code)
    error = reply.json()["error"]
    wait = reply.headers.get("retry-after")
    return f"{reply.status_code} {error['code']}" + (f", wait {wait}" if wait else "")
