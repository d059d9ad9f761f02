"""A Qdrant server with an index on it, and what a service says of its index."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from msgspec import Struct
from qdrant_client import QdrantClient

from tests.command import frontdesk
from tests.contract.qdrant_stand_in import StandIn
from tests.reliability.faultproxy import FaultProxy
from tests.service import Running

QUESTION = {
    "model": "frontdesk",
    "messages": [{"role": "user", "content": "How do I reset the hub?"}],
}
PATIENCE = 30.0
"""Seconds for what takes five where nothing else runs."""


class Store(Struct, frozen=True, kw_only=True):
    """A server with an index on it.

    Attributes:
        home: Where commands run, with a folder ``docs``.
        way: What lies between them and the server.
        url: The server's own address.
        alias: The collection's alias.
        stand_in: The server, if it is a stand-in.
    """

    home: Path
    way: FaultProxy
    url: str
    alias: str
    stand_in: StandIn | None

    @property
    def variables(self) -> dict[str, str]:
        return {
            "INDEX_URL": f"http://127.0.0.1:{self.way.port}",
            "INDEX_API_KEY": os.environ.get("QDRANT_API_KEY", ""),
            "INDEX_COLLECTION": self.alias,
            "INDEX_TIMEOUT": "2",
        }

    def ingest(self) -> None:
        done = frontdesk(self.home, "ingest", "docs", **self.variables)
        assert done.returncode == 0, done.stderr

    def client(self) -> QdrantClient:
        key = os.environ.get("QDRANT_API_KEY", "")
        headers = {"api-key": key} if key else None
        return QdrantClient(url=self.url, headers=headers, check_compatibility=False)


def drop_all(store: Store) -> None:
    client = store.client()
    for collection in client.get_collections().collections:
        if collection.name.startswith(store.alias):
            client.delete_collection(collection.name)
    client.close()


def chat(address: str) -> httpx.Response:
    return httpx.post(f"{address}/v1/chat/completions", json=QUESTION, timeout=60)


def told(reply: httpx.Response) -> str:
    """Return status, code and wait of an answer, as the table has it."""
    if reply.status_code == 200:
        return "200"
    code, wait = reply.json()["error"]["code"], reply.headers.get("retry-after")
    return f"{reply.status_code} {code}, Retry-After {wait}"


def index_of(address: str) -> tuple[int, str, str]:
    """Return the status of the readiness, and what it says of the index."""
    ready = httpx.get(f"{address}/health/ready", timeout=10)
    part = ready.json()["parts"]["index"]
    return ready.status_code, part["state"], part["detail"]


def gauge(address: str) -> float:
    figures = httpx.get(f"{address}/metrics", timeout=10).text
    (line,) = (
        one
        for one in figures.splitlines()
        if one.startswith('frontdesk_part_state{part="index"}')
    )
    return float(line.split()[1])


def until(found: Callable[[], bool]) -> float:
    """Wait for something; return how many seconds that took."""
    start = time.monotonic()
    while not found():
        assert time.monotonic() - start < PATIENCE
        time.sleep(0.05)
    return time.monotonic() - start


def is_well(serving: Running) -> bool:
    state = index_of(serving.address)[1]
    return state == "up" and told(chat(serving.address)) == "200"


def changes_in(log: str) -> int:
    return log.count('"part":"index","state":"down"')


def search(address: str) -> httpx.Response:
    return httpx.post(f"{address}/v1/search", json={"query": "reset"}, timeout=30)
