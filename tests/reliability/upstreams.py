"""A service over a bad upstream, asked as a caller asks, and what the caller is told."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from msgspec import Struct

from app.settings import ChatSettings
from tests.app.api.relaying import QUESTION, relaying_app
from tests.scripted_upstream import Reply, Script, ScriptedUpstream, chunk, event
from tests.served import served

HELLO = event(chunk({"role": "assistant", "content": "Hello"}))
END = event(chunk(finish="stop"))

FAST: dict[str, Any] = {
    "first_byte_timeout": 3.0,
    "gap_timeout": 0.5,
    "total_timeout": 10.0,
}
"""Time-outs for tests, wide enough for a busy machine."""


class Told(Struct, frozen=True, kw_only=True):
    """What a caller is told.

    Attributes:
        status: HTTP status.
        code: Code of the error, be it a body or a frame; "" for none.
        text: What the answer says.
        finish: Its finish reason, or None.
        message: Message of the error.
        retry_after: The header, or "".
        should_retry: The header ``x-should-retry``, or "".
        raw: The body.
    """

    status: int
    code: str = ""
    text: str = ""
    finish: str | None = None
    message: str = ""
    retry_after: str = ""
    should_retry: str = ""
    raw: str = ""

    def __str__(self) -> str:
        """Return it as a row of the table tells it."""
        parts = [f"{self.status} {self.code}".strip()]
        if self.text:
            parts.append(f"text {self.text[:20]!r}")
        if self.finish:
            parts.append(self.finish)
        if self.retry_after:
            parts.append(f"Retry-After {self.retry_after}")
        if self.should_retry:
            parts.append(f"x-should-retry {self.should_retry}")
        return ", ".join(parts)


@contextmanager
def desk(*urls: str, loop: Any = "auto", **options: Any) -> Iterator[str]:
    """Serve over the upstreams at `urls`; yields the address.

    Args:
        urls: Addresses of upstreams, in order of preference.
        loop: The event loop it runs in.
        options: Fields of the chat's settings, and `ping` and `held_back`.
    """
    beside = {n: options.pop(n) for n in ("ping", "held_back") if n in options}
    chat = ChatSettings(**{**FAST, **options})
    with served(
        relaying_app(", ".join(urls), chat=chat, **beside), loop=loop
    ) as address:
        yield address


@contextmanager
def bad(*script: Script, **options: Any) -> Iterator[tuple[str, ScriptedUpstream]]:
    """Serve over an upstream that answers `script`; yields the address and it."""
    with (
        ScriptedUpstream(*script) as upstream,
        desk(upstream.url, **options) as address,
    ):
        yield address, upstream


def ask(address: str, *, stream: bool, **fields: Any) -> Told:
    """Ask, and return what is told."""
    body = {"model": "m", "messages": QUESTION, "stream": stream, **fields}
    reply = httpx.post(f"{address}/v1/chat/completions", json=body, timeout=60)
    return told(reply)


def told(reply: httpx.Response) -> Told:
    """Return what a whole reply tells."""
    about: dict[str, Any] = {
        "status": reply.status_code,
        "retry_after": reply.headers.get("retry-after", ""),
        "should_retry": reply.headers.get("x-should-retry", ""),
        "raw": reply.text,
    }
    if not reply.headers["content-type"].startswith("text/event-stream"):
        return _whole(reply.json(), about)
    frames = [line[6:] for line in reply.text.splitlines() if line.startswith("data: ")]
    assert frames[-1] == "[DONE]", reply.text
    chunks = [json.loads(frame) for frame in frames[:-1]]
    error = chunks.pop()["error"] if "error" in chunks[-1] else {}
    choices = [choice for c in chunks for choice in c["choices"]]
    return Told(
        code=error.get("code", ""),
        message=error.get("message", ""),
        text="".join(c["delta"].get("content") or "" for c in choices),
        finish=next((c["finish_reason"] for c in choices if c["finish_reason"]), None),
        **about,
    )


def _whole(body: dict[str, Any], about: dict[str, Any]) -> Told:
    if error := body.get("error"):
        return Told(code=error["code"], message=error["message"], **about)
    (choice,) = body["choices"]
    return Told(
        text=choice["message"]["content"] or "", finish=choice["finish_reason"], **about
    )


def row(fault: str, variant: str, expected: str, *values: Any) -> Any:
    """Return the parameters of one variant: what is expected, then `values`."""
    mark = pytest.mark.row(fault, variant, expected)
    return pytest.param(expected, *values, marks=mark, id=f"{fault}: {variant}")


def raw(status: int, body: bytes, **headers: str) -> Reply:
    """Return a reply of any kind; ``content_type`` names a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply((body,), status, named)
