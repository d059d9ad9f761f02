"""A deleted document answers nothing from the moment its deletion is published."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.ingest.help_folder import make_folder, report
from tests.service import running

CANARY = "quokka-5177"
QUESTION = f"What about the {CANARY} of the hub?"
_LATEST = 30.0
"""Seconds after which a service that still shows the old edition is stuck; usually it
takes one or two."""


def traces(address: str, opened: list[str]) -> Iterator[str]:
    """Yield the text of every answer that could hold the document."""
    chat: dict[str, Any] = {
        "model": "frontdesk",
        "messages": [{"role": "user", "content": QUESTION}],
    }
    with httpx.Client(base_url=address, timeout=30) as http:
        yield http.post("/v1/search", json={"query": CANARY}).text
        narrowed = {"query": "hub", "filter": {"path": "secret.md"}}
        yield http.post("/v1/search", json=narrowed).text
        yield http.post("/v1/chat/completions", json=chat).text
        yield http.post("/v1/chat/completions", json=chat | {"stream": True}).text
        for id_ in opened:
            reply = http.get(f"/v1/sources/{id_}", headers={"accept": "text/html"})
            yield f"{reply.status_code} {reply.text}"


def is_shown(address: str, opened: list[str]) -> bool:
    # The question is repeated in no answer but as what was searched for.
    return any(
        "One in the lab" in text or '"path":"secret.md"' in text or "200 " in text[:4]
        for text in traces(address, opened)
    )


@pytest.mark.parametrize("ended", ["told to end", "killed"])
def test_a_deleted_document_answers_nothing_and_not_after_a_restart_either(
    tmp_path: Path, ended: str
) -> None:
    folder = make_folder(tmp_path)
    secret = folder / "secret.md"
    secret.write_text(f"# Secret\n\nThe {CANARY} of the hub: One in the lab.\n")
    report(tmp_path)

    with running(tmp_path) as service:
        query = {"query": CANARY, "limit": 1}
        found = httpx.post(f"{service.address}/v1/search", json=query).json()
        opened = [found["data"][0]["id"]]
        assert is_shown(service.address, opened)

        secret.unlink()
        assert report(tmp_path)["removed"] == ["secret.md"]

        deadline = time.monotonic() + _LATEST
        while is_shown(service.address, opened) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not is_shown(service.address, opened)
        if ended == "killed":
            service.process.kill()

    with running(tmp_path) as again:
        for _ in range(3):
            assert not is_shown(again.address, opened)
