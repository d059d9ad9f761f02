"""What a service records of its chats is what insights tell of them."""

import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.command import frontdesk
from tests.service import service

KNOWN, UNKNOWN = "What does error E-207 mean?", "How do I bake sourdough bread?"


def told(address: str, questions: int) -> Any:
    """Return the insights once as many questions are written, which is soon."""
    deadline = time.monotonic() + 30
    while True:
        found = httpx.get(f"{address}/v1/insights", timeout=30).json()
        if found["total"]["questions"] >= questions or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def ask(address: str, question: str) -> None:
    messages = [{"role": "user", "content": question}]
    body = {"model": "frontdesk", "messages": messages}
    reply = httpx.post(f"{address}/v1/chat/completions", json=body, timeout=30)
    assert reply.status_code == 200


@pytest.mark.parametrize("record", ["questions", "figures", "off"])
def test_topics_need_texts_and_figures_do_not(
    sample_home: Path, tmp_path: Path, record: str
) -> None:
    variables = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'frontdesk.db'}",
        "CONVERSATIONS_RECORD": record,
    }
    with service(sample_home, **variables) as address:
        for question in (KNOWN, UNKNOWN, UNKNOWN):
            ask(address, question)
        found = told(address, 0 if record == "off" else 3)

    total = found["total"]
    asked = 0 if record == "off" else 3
    assert (total["questions"], total["refused"]) == (asked, 2 if asked else 0)
    used = [one["path"] for one in found["documents"]["most_used"]]
    assert ("sensors/frost.md" in used) == bool(asked)
    assert found["documents"]["elsewhere"] == 0
    topics = [(topic["question"], topic["count"]) for topic in found["topics"]]
    assert topics == ([(UNKNOWN, 2)] if record == "questions" else [])
    assert found["unrecorded"] == (2 if record == "figures" else 0)

    printed = frontdesk(sample_home, "insights", **variables).stderr
    assert ("2 of the questions" in printed) == (record == "figures")
    assert ("No question is recorded" in printed) == (record == "off")
