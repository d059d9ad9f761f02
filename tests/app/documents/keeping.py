"""Whoever keeps documents over HTTP: puts them, waits for runs, asks about them."""

import time
from pathlib import Path
from typing import Any

import httpx

PATIENCE = 120.0


class Keeper:
    """A caller of a service that looks after a folder."""

    def __init__(self, address: str, key: str = "") -> None:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self.http = httpx.Client(base_url=address, timeout=60, headers=headers)

    def put(self, path: str, text: str | bytes, **headers: str) -> httpx.Response:
        """Put a document."""
        content = text.encode() if isinstance(text, str) else text
        return self.http.put(f"/v1/documents/{path}", content=content, headers=headers)

    def delete(self, path: str) -> httpx.Response:
        """Delete a document."""
        return self.http.delete(f"/v1/documents/{path}")

    def document(self, path: str) -> Any:
        """Return one document."""
        return self.http.get(f"/v1/documents/{path}").json()

    def run(self, run: str) -> Any:
        """Return one run."""
        return self.http.get(f"/v1/ingests/{run}").json()

    def over(self, asked: httpx.Response) -> Any:
        """Return what came of the run that an answer names, and wait for its edition."""
        assert asked.status_code == 202, asked.text
        told = asked.json()
        run = told["id"] if told["object"] == "ingest" else told["ingest"]
        found = self.until(
            lambda: self.run(run), lambda it: it["state"] not in ("waiting", "running")
        )
        if found["report"]:
            self.until(self.serving, lambda name: name == found["report"]["edition"])
        return found

    def serving(self) -> str:
        """Return the name of the edition that answers, or ""."""
        found = self.http.post("/v1/search", json={"query": "x"})
        return str(found.json()["edition"]) if found.status_code == 200 else ""

    def paths(self, query: str) -> list[str]:
        """Return the paths of what a search finds."""
        found = self.http.post("/v1/search", json={"query": query, "limit": 50})
        assert found.status_code == 200, found.text
        return [hit["document"]["path"] for hit in found.json()["data"]]

    def answer(self, question: str) -> Any:
        """Ask the chat."""
        messages = [{"role": "user", "content": question}]
        body = {"model": "frontdesk", "messages": messages}
        return self.http.post("/v1/chat/completions", json=body).json()

    @staticmethod
    def until(look: Any, fits: Any) -> Any:
        """Look until what is seen fits."""
        deadline = time.monotonic() + PATIENCE
        while not fits(seen := look()):
            assert time.monotonic() < deadline, seen
            time.sleep(0.05)
        return seen


def process_of(run: str) -> int:
    """Return the number of the process that does a run; waits for it."""

    def look() -> list[int]:
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            try:
                command = (place / "cmdline").read_bytes()
            except OSError:
                continue
            if f"--run={run}".encode() in command.split(b"\0"):
                found.append(int(place.name))
        return found

    return int(Keeper.until(look, bool)[0])
