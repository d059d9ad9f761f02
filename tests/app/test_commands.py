"""The commands as people run them: what they print, and the code they end with."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.command import frontdesk, told
from tests.scripted_upstream import (
    Cut,
    Reply,
    ScriptedUpstream,
    chunk,
    event,
    spoken,
)

SURE = "What does error E-207 mean?"
UNSURE = "How do I bake sourdough bread?"


@pytest.fixture
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream(
        spoken("The circuit of the ", "probe is open [", "1", "]."),
        models=[{"id": "writer-1"}],
    ) as started:
        yield started


def test_help_names_every_command_and_where_to_start(tmp_path: Path) -> None:
    done = frontdesk(tmp_path, "--help")

    words = set(done.stdout.split())
    assert done.returncode == 0
    assert {
        "ingest",
        "editions",
        "serve",
        "ask",
        "search",
        "eval",
        "bench",
        "doctor",
    } <= words
    assert "frontdesk ingest FOLDER" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    "command",
    ["ingest", "editions", "serve", "ask", "search", "eval", "bench", "doctor"],
)
def test_each_command_explains_itself(tmp_path: Path, command: str) -> None:
    done = frontdesk(tmp_path, command, "--help")

    assert done.returncode == 0
    assert f"Usage: frontdesk {command}" in done.stdout


def test_a_port_in_use_is_named_with_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = frontdesk(tmp_path, "serve", "--port", str(port))

    line = told(done)
    assert f"127.0.0.1:{port}" in line
    assert "choose another port" in line
    assert done.stdout == ""


def test_a_model_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    done = frontdesk(tmp_path, "serve", "--port", "0", EMBEDDING_MODEL="/no/such")

    assert "EMBEDDING_MODEL: there is no folder /no/such" in told(done, code=78)
    assert done.stdout == ""


def test_ask_quotes_an_answer_with_its_places(sample_home: Path) -> None:
    done = frontdesk(sample_home, "ask", SURE)

    answer, _, places = done.stdout.rpartition("\n\n")
    assert done.returncode == 0
    assert "E-207" in answer
    assert "[1]" in answer
    assert places.startswith("  [1] ")
    assert done.stderr == ""


def test_ask_streams_what_the_upstream_says(
    sample_home: Path, upstream: ScriptedUpstream
) -> None:
    done = frontdesk(
        sample_home, "ask", SURE, OPENAI_BASE_URL=upstream.url, CHAT_MODEL="writer-1"
    )

    answer, places = done.stdout.split("\n\n")
    assert done.returncode == 0
    assert answer == "The circuit of the probe is open [1]."
    assert places.startswith("  [1] Frost")
    assert upstream.requests[0].body["model"] == "writer-1"


def test_ask_says_that_it_does_not_know(
    sample_home: Path, upstream: ScriptedUpstream
) -> None:
    done = frontdesk(sample_home, "ask", UNSURE, OPENAI_BASE_URL=upstream.url)

    assert done.returncode == 0
    assert done.stdout.startswith("I do not know")
    assert upstream.requests == []


def test_ask_says_when_an_answer_breaks_off(
    sample_home: Path, upstream: ScriptedUpstream
) -> None:
    upstream.then(Reply((event(chunk({"content": "The circuit"})), Cut())))

    done = frontdesk(sample_home, "ask", SURE, OPENAI_BASE_URL=upstream.url)

    assert "frontdesk doctor" in told(done)
    assert done.stdout == "The circuit"


@pytest.mark.parametrize("command", ["ask", "search"])
def test_without_an_index_the_way_to_one_is_named(tmp_path: Path, command: str) -> None:
    done = frontdesk(tmp_path, command, SURE)

    assert "frontdesk ingest" in told(done)


def test_search_prints_what_the_search_api_answers(
    sample_home: Path, sample_service: str
) -> None:
    asked = {"query": SURE, "limit": 3}

    done = frontdesk(sample_home, "search", SURE, "--limit", "3", "--json")

    assert done.returncode == 0
    reply = httpx.post(f"{sample_service}/v1/search", json=asked)
    assert json.loads(done.stdout) == reply.json()
