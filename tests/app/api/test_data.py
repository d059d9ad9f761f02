"""What is kept of people, exported and erased over HTTP and from the command line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.api.talking import Talks, within
from tests.app.api.whole import ANSWER, Whole, whole_service
from tests.command import frontdesk
from tests.scripted_upstream import ScriptedUpstream, either, written
from tests.service import running

CANARY = "canary-7Qd2vX0pL"


@pytest.fixture
def kept(sample_home: Path, tmp_path: Path) -> Iterator[tuple[Whole, Talks, Path]]:
    """A service that has a folder of its own for what it keeps."""
    with (
        whole_service(sample_home, **variables(tmp_path)) as whole,
        Talks(whole.address) as talks,
    ):
        yield whole, talks, tmp_path


def variables(folder: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": f"sqlite:///{folder / 'frontdesk.db'}",
        "CONVERSATIONS_SPOOL": str(folder / "spool"),
        "RETRIEVAL_MIN_CONFIDENCE": "0",
    }


def fill(whole: Whole, talks: Talks) -> None:
    """Keep a conversation and a question of each of two users."""
    whole.says(either(f"{CANARY} says [1]."))
    for user in ("ann", "bob"):
        begun = talks.begin(user=user, title=f"{CANARY} title")
        whole.ask(f"What does error E-207 mean, {CANARY}?", **within(begun))
        whole.ask(f"And what is {CANARY} alone?", user=user)


def everything(folder: Path) -> str:
    files = [p for p in folder.rglob("*") if p.is_file()]
    return "".join(p.read_bytes().decode("latin-1") for p in files)


def data(talks: Talks, method: str, **query: str) -> httpx.Response:
    return talks._http.request(method, "/data", params=query)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_what_is_kept_is_exported_and_erased_over_http(
    kept: tuple[Whole, Talks, Path],
) -> None:
    whole, talks, folder = kept
    fill(whole, talks)
    shown = data(talks, "GET", user="ann")
    before = everything(folder)
    erased = data(talks, "DELETE", user="ann")
    rest = data(talks, "DELETE", all="true")

    assert shown.headers["content-type"].startswith("application/x-ndjson")
    told = lines(shown.text)
    assert [t["object"] for t in told] == ["conversation", "turn", "end"]
    assert told[0]["turns"][0]["answer"] == f"{CANARY} says [1]."
    assert told[1]["answer"] == ""
    assert told[-1] == {"object": "end", "conversations": 1, "turns": 2, "feedback": 0}
    assert CANARY in before
    for reply in (erased, rest):
        assert reply.json() == {
            "conversations": 1, "turns": 2, "feedback": 0, "replies": 0, "spooled": 0,
            "scrubbed": True,
        }  # fmt: skip
    assert CANARY not in everything(folder)
    assert CANARY not in talks.send("GET").text


@pytest.mark.parametrize("query", [{}, {"user": ""}, {"user": "ann", "all": "true"}])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_nobody_is_meant_by_accident(
    whole: Whole, method: str, query: dict[str, str]
) -> None:
    with Talks(whole.address) as talks:
        reply = data(talks, method, **query)

    assert reply.status_code == 400
    assert reply.json()["error"]["param"] == "user"


def test_what_is_kept_is_exported_and_erased_from_the_command_line(
    kept: tuple[Whole, Talks, Path], sample_home: Path
) -> None:
    whole, talks, folder = kept
    fill(whole, talks)
    # A stand-alone question is written a moment after its answer.
    data(talks, "GET", all="true")
    shown = frontdesk(
        sample_home, "data", "export", "--user", "ann", **variables(folder)
    )
    other = frontdesk(
        sample_home, "data", "export", "--tenant", "other", **variables(folder)
    )
    refused = frontdesk(sample_home, "data", "erase", **variables(folder))
    erased = frontdesk(sample_home, "data", "erase", "--yes", **variables(folder))

    assert shown.returncode == 0, shown.stderr
    assert [t["object"] for t in lines(shown.stdout)][:1] == ["conversation"]
    assert ANSWER not in shown.stdout
    assert lines(other.stdout) == [
        {"object": "end", "conversations": 0, "turns": 0, "feedback": 0}
    ]
    assert refused.returncode == 1
    assert erased.returncode == 0, erased.stderr
    assert lines(erased.stdout)[0]["conversations"] == 2
    assert CANARY not in everything(folder)


def test_a_database_that_is_not_there_is_one_line(sample_home: Path) -> None:
    done = frontdesk(
        sample_home,
        "data",
        "export",
        DATABASE_URL="postgresql://u:secret@127.0.0.1:9/x",
        DATABASE_TIMEOUT="0.5",
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


def test_nothing_that_was_said_stands_in_the_log(
    sample_home: Path, tmp_path: Path
) -> None:
    with ScriptedUpstream(written(f"{CANARY} [1]")) as upstream:
        with running(
            sample_home, OPENAI_BASE_URL=upstream.url, OPENAI_API_KEY="k",
            **variables(tmp_path),
        ) as service, Talks(service.address) as talks:  # fmt: skip
            begun = talks.begin(title=CANARY, user=CANARY)
            asked = {"role": "user", "content": f"What does E-207 mean, {CANARY}?"}
            for rag in ({}, {"conversation_id": begun}):
                body = {"model": "m", "messages": [asked], "rag": rag}
                assert talks._http.post("/chat/completions", json=body).is_success
        said = service.log

    assert "request" in said
    assert CANARY not in said
