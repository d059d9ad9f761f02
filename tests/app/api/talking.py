"""Conversations of a running service, as a caller sees them."""

import time
from collections.abc import Callable
from typing import Any, Self

import httpx


class Talks:
    """The conversations at one address."""

    def __init__(self, address: str) -> None:
        self._http = httpx.Client(base_url=f"{address}/v1", timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def send(self, method: str, path: str = "", **given: Any) -> httpx.Response:
        """Send a request below ``/v1/conversations``."""
        return self._http.request(method, f"/conversations{path}", **given)

    def begin(self, **body: Any) -> str:
        """Begin a conversation; return its id."""
        reply = self.send("POST", json=body)
        assert reply.status_code == 200, reply.text
        return str(reply.json()["id"])

    def messages(self, conversation: str, **query: Any) -> list[dict[str, Any]]:
        """Return messages of a conversation."""
        reply = self.send("GET", f"/{conversation}/messages", params=query)
        assert reply.status_code == 200, reply.text
        return list(reply.json()["data"])

    def said(self, conversation: str) -> list[tuple[str, str, str]]:
        """Return role, text and status of each message."""
        found = self.messages(conversation, limit=100)
        return [(m["role"], m["content"], m["status"]) for m in found]

    def last(self, conversation: str) -> dict[str, Any]:
        """Return the last message."""
        return self.messages(conversation, limit=100)[-1]

    def wait_for(
        self, conversation: str, holds: Callable[[dict[str, Any]], bool]
    ) -> dict[str, Any]:
        """Return the last message once it is as wanted."""
        deadline = time.monotonic() + 30
        while not holds(last := self.last(conversation)):
            assert time.monotonic() < deadline, last
            time.sleep(0.05)
        return last


def within(conversation: str) -> dict[str, Any]:
    """Return what OpenAI's client is given to continue a conversation."""
    return {"extra_body": {"rag": {"conversation_id": conversation}}}
