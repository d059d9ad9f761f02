"""The whole service when its database goes away, and when the service itself does."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from msgspec import Struct

from tests.app.api.talking import Talks, within
from tests.app.api.whole import ANSWER, SURE, Whole, whole_service
from tests.databases import database_url, faulty_url
from tests.reliability.faultproxy import FaultProxy
from tests.reliability.recording import Seen
from tests.scripted_upstream import (
    Hold,
    Reply,
    ScriptedUpstream,
    chunk,
    event,
    spoken,
    written,
)
from tests.service import Running, running

BEGUN = event(chunk({"role": "assistant", "content": "Open the lid"}))


class Away(Struct, frozen=True):
    """A service, its conversations, and the way to its database."""

    whole: Whole
    talks: Talks
    way: FaultProxy
    spool: Path

    def wait(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 30
        while not holds():
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def recorded(self) -> list[str]:
        """Return the questions outside of any conversation."""
        told = self.talks._http.get("/data", params={"all": "true"})
        lines = [line for line in told.text.splitlines() if '"object":"turn"' in line]
        return [line.split('"question":"')[1].split('"')[0] for line in lines]


@pytest.fixture
def away(sample_home: Path, tmp_path: Path) -> Iterator[Away]:
    spool = tmp_path / "spool"
    with (
        faulty_url(tmp_path) as (url, way),
        whole_service(
            sample_home, DATABASE_URL=url, CONVERSATIONS_SPOOL=str(spool)
        ) as whole,
        Talks(whole.address) as talks,
    ):
        yield Away(whole, talks, way, spool)
        way.mend()


def test_without_its_database_a_conversation_waits_and_a_question_does_not(
    away: Away,
) -> None:
    begun = away.talks.begin()
    away.whole.ask(**within(begun))
    away.way.cut()
    away.whole.says()
    for stream in (False, True):
        with pytest.raises(openai.InternalServerError) as caught:
            away.whole.ask(stream=stream, **within(begun))
        assert caught.value.status_code == 503
        assert caught.value.code == "database_unavailable"
        assert caught.value.response.headers["retry-after"] == "5"
    assert away.whole.asked == []
    assert away.talks.send("GET", f"/{begun}/messages").status_code == 503
    for question in ("What is E-207?", "What is E-208?"):
        reply = away.whole.ask(question)
        assert reply.choices[0].message.content == ANSWER

    away.way.mend()

    away.wait(lambda: away.talks.send("GET", f"/{begun}").status_code == 200)
    away.wait(lambda: len(away.recorded()) == 2)
    assert sorted(away.recorded()) == ["What is E-207?", "What is E-208?"]
    away.whole.ask("Again?", **within(begun))
    assert [text for _, text, _ in away.talks.said(begun)] == [
        SURE, ANSWER, "Again?", ANSWER,
    ]  # fmt: skip


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_an_answer_that_cannot_be_saved_is_given_and_saved_later(
    away: Away, stream: bool
) -> None:
    begun = away.talks.begin()

    def cut_and_answer(_: Any) -> Reply:
        away.way.cut()
        return spoken(ANSWER) if stream else written(ANSWER)

    away.whole.says(cut_and_answer)
    body = {
        "model": "frontdesk",
        "messages": [{"role": "user", "content": SURE}],
        "stream": stream,
        "rag": {"conversation_id": begun},
    }
    reply = away.talks._http.post("/chat/completions", json=body)

    assert reply.status_code == 200
    assert '"saved":false' in reply.text
    if not stream:
        assert reply.headers["x-conversation-saved"] == "false"
        assert reply.json()["choices"][0]["message"]["content"] == ANSWER
    away.way.mend()
    away.wait(lambda: away.talks.send("GET", f"/{begun}").status_code == 200)
    last = away.talks.wait_for(begun, lambda m: m["status"] == "complete")
    assert last["content"] == ANSWER
    assert len(away.talks.messages(begun)) == 2
    assert (away.spool / "turns.jsonl").read_bytes() == b""


def test_a_saved_answer_says_nothing_of_it(away: Away) -> None:
    begun = away.talks.begin()
    reply = away.talks._http.post(
        "/chat/completions",
        json={
            "model": "frontdesk",
            "messages": [{"role": "user", "content": SURE}],
            "rag": {"conversation_id": begun},
        },
    )

    assert "x-conversation-saved" not in reply.headers
    assert "saved" not in reply.json()["rag"]


@contextmanager
def streaming(service: Running, conversation: str) -> Iterator[None]:
    """Have an answer streamed whose first words are there."""
    body = {
        "model": "m",
        "messages": [{"role": "user", "content": SURE}],
        "stream": True,
        "rag": {"conversation_id": conversation},
    }
    route = f"{service.address}/v1/chat/completions"
    with httpx.stream("POST", route, json=body, timeout=20) as reply:
        lines = reply.iter_lines()
        while "Open" not in next(lines):
            pass
        yield


def serving(home: Path, database: Path, upstream: str) -> Any:
    return running(
        home,
        OPENAI_BASE_URL=upstream,
        OPENAI_API_KEY="k",
        SERVER_DRAIN="1",
        DATABASE_URL=f"sqlite:///{database}",
    )


@pytest.mark.row(
    "P2", "its turn, when its lease is over", "running until then, incomplete after"
)
def test_a_turn_whose_service_was_killed_is_incomplete_once_its_lease_is_over(
    sample_home: Path, tmp_path: Path, seen: Seen
) -> None:
    database = tmp_path / "frontdesk.db"
    with ScriptedUpstream(Reply((BEGUN, Hold()))) as upstream:
        with (
            serving(sample_home, database, upstream.url) as service,
            Talks(service.address) as talks,
        ):
            begun = talks.begin()
            with streaming(service, begun):
                service.process.kill()
                service.process.wait(10)
        with (
            serving(sample_home, database, upstream.url) as service,
            Talks(service.address) as talks,
        ):
            before = talks.last(begun)["status"]
            with sqlite3.connect(database) as other:
                leases = other.execute("SELECT lease FROM turns").fetchall()
                other.execute("UPDATE turns SET lease = lease - 61")
            other.close()
            after = talks.last(begun)["status"]

    seen(f"{before}, then {after}")
    assert (before, after) == ("running", "incomplete")
    assert leases[0][0] <= time.time() + 60


def test_a_stream_that_is_ended_with_its_service_is_incomplete(
    sample_home: Path, tmp_path: Path
) -> None:
    database = tmp_path / "frontdesk.db"
    with ScriptedUpstream(Reply((BEGUN, Hold()))) as upstream:
        with (
            serving(sample_home, database, upstream.url) as service,
            Talks(service.address) as talks,
        ):
            begun = talks.begin()
            with streaming(service, begun):
                service.process.terminate()
                assert service.process.wait(10) == 0
        with (
            serving(sample_home, database, upstream.url) as service,
            Talks(service.address) as talks,
        ):
            last = talks.last(begun)

    assert (last["status"], last["content"]) == ("incomplete", "Open the lid")
    assert last["error"] == "shutting_down"


def test_questions_are_recorded_when_the_service_ends(
    sample_home: Path, tmp_path: Path
) -> None:
    database = tmp_path / "frontdesk.db"
    asked = [{"role": "user", "content": SURE}]
    with (
        ScriptedUpstream(written(ANSWER)) as upstream,
        serving(sample_home, database, upstream.url) as service,
    ):
        for _ in range(5):
            httpx.post(
                f"{service.address}/v1/chat/completions",
                json={"model": "m", "messages": asked, "user": "ann"},
                timeout=20,
            )
    with sqlite3.connect(database) as other:
        found = other.execute(
            "SELECT question, answer, status, user, conversation_id, answered, "
            "prompt_tokens, completion_tokens, seconds > 0, documents LIKE '[\"%' "
            "FROM turns"
        ).fetchall()
    other.close()

    assert found == [(SURE, "", "complete", "ann", None, 1, 10, 5, 1, 1)] * 5


def test_two_replicas_keep_one_conversation(sample_home: Path, tmp_path: Path) -> None:
    with database_url("postgresql", tmp_path) as url, ExitStack() as stack:
        wholes = [
            stack.enter_context(whole_service(sample_home, DATABASE_URL=url))
            for _ in range(2)
        ]
        talks = [stack.enter_context(Talks(whole.address)) for whole in wholes]
        begun = talks[0].begin()
        first = wholes[0].ask(**within(begun))
        wholes[1].says()
        wholes[1].ask("And then?", **within(begun))
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda n: wholes[n % 2].ask(**within(begun)), range(6)))

        assert any(m["content"] == ANSWER for m in wholes[1].asked[0]["messages"])
        kept = talks[1].messages(begun, limit=100)
        assert kept == [
            *({**m, **_moved(m, wholes)} for m in talks[0].messages(begun, limit=100)),
        ]
        assert kept[1]["id"] == first.id
        assert len(kept) == 16


def _moved(message: dict[str, Any], wholes: list[Whole]) -> dict[str, Any]:
    """Return what differs of a message where another replica shows it: addresses."""
    text = json.dumps(
        {k: message[k] for k in ("annotations", "sources") if k in message}
    )
    moved: dict[str, Any] = json.loads(
        text.replace(wholes[0].address, wholes[1].address)
    )
    return moved
