"""The commands as people run them: what they print, and the code they end with."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import httpx
import pytest

from tests.command import frontdesk
from tests.ingest.embedding.tiny_models import make_model
from tests.scripted_upstream import (
    Cut,
    Reply,
    ScriptedUpstream,
    chunk,
    event,
    spoken,
)
from tests.scripted_upstream import refused as refusing

SURE = "What does error E-207 mean?"
UNSURE = "How do I bake sourdough bread?"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose index was built with a model that is not the usual one."""
    home = tmp_path_factory.mktemp("elsewhere")
    make_model(home / "tiny")
    docs = home / "docs"
    docs.mkdir()
    (docs / "reset.md").write_text("# Reset\n\nHold the pin button for 12 seconds.\n")
    done = frontdesk(home, "ingest", "docs", EMBEDDING_MODEL=str(home / "tiny"))
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream(
        spoken("The circuit of the ", "probe is open [", "1", "]."),
        models=[{"id": "writer-1"}],
    ) as started:
        yield started


def told(done: "CompletedProcess[str]") -> str:
    """Return the one line a command that failed says."""
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("error: ")
    return line


def findings(done: "CompletedProcess[str]") -> dict[str, dict[str, Any]]:
    """Return what ``doctor --json`` found, by part."""
    assert "Traceback" not in done.stderr
    return {found["part"]: found for found in json.loads(done.stdout)}


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

    assert "EMBEDDING_MODEL: there is no folder /no/such" in told(done)
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


def test_doctor_finds_a_healthy_service_healthy(
    sample_home: Path, upstream: ScriptedUpstream
) -> None:
    done = frontdesk(
        sample_home,
        "doctor",
        "--json",
        OPENAI_BASE_URL=upstream.url,
        CHAT_MODEL="writer-1",
    )

    found = findings(done)
    assert done.returncode == 0
    assert list(found) == ["settings", "model", "index", "upstream", "disk"]
    assert {found[part]["state"] for part in list(found)[:4]} == {"ok"}
    assert found["model"]["detail"].endswith("knows en")
    assert re.search(r"\d+ documents, [\d,]+ chunks", found["index"]["detail"])
    assert upstream.url in found["upstream"]["detail"]


def test_doctor_warns_of_an_upstream_without_a_model(
    sample_home: Path, upstream: ScriptedUpstream
) -> None:
    done = frontdesk(sample_home, "doctor", "--json", OPENAI_BASE_URL=upstream.url)

    found = findings(done)["upstream"]
    assert (done.returncode, found["state"]) == (0, "warning")
    assert "CHAT_MODEL" in found["detail"]


def test_doctor_prints_a_line_a_part(sample_home: Path) -> None:
    done = frontdesk(sample_home, "doctor")

    starts = [line.split()[0] for line in done.stdout.splitlines() if line[0] != " "]
    assert done.returncode == 0
    assert starts == ["settings", "model", "index", "upstream", "disk"]


def test_doctor_names_a_key_that_is_not_taken(sample_home: Path) -> None:
    refusal = refusing(401, "invalid_api_key")
    with ScriptedUpstream(refusal, models=refusal) as upstream:
        done = frontdesk(
            sample_home,
            "doctor",
            "--json",
            OPENAI_BASE_URL=upstream.url,
            OPENAI_API_KEY="sk-wrong",
        )

    found = findings(done)["upstream"]
    assert done.returncode == 2
    assert found["state"] == "error"
    assert "OPENAI_API_KEY" in found["detail"]
    assert upstream.url in found["detail"]
    assert "sk-wrong" not in done.stdout + done.stderr


def test_doctor_names_an_upstream_that_is_not_there(sample_home: Path) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/v1"
        done = frontdesk(sample_home, "doctor", "--json", OPENAI_BASE_URL=url)

    found = findings(done)["upstream"]
    assert (done.returncode, found["state"]) == (2, "error")
    assert url in found["detail"]
    assert "OPENAI_BASE_URL" in found["detail"]


def test_doctor_without_an_index_names_the_way_to_one(tmp_path: Path) -> None:
    done = frontdesk(tmp_path, "doctor", "--json")

    found = findings(done)["index"]
    assert (done.returncode, found["state"]) == (2, "error")
    assert "frontdesk ingest" in found["detail"]


def test_doctor_names_both_models_of_an_index_built_with_another(
    elsewhere: Path,
) -> None:
    done = frontdesk(elsewhere, "doctor", "--json")

    found = findings(done)["index"]
    assert (done.returncode, found["state"]) == (2, "error")
    assert "tiny@" in found["detail"]
    assert "all-MiniLM-L6-v2@" in found["detail"]
    assert "ingest again" in found["detail"]


def test_an_index_fits_the_model_it_was_built_with(elsewhere: Path) -> None:
    done = frontdesk(
        elsewhere, "doctor", "--json", EMBEDDING_MODEL=str(elsewhere / "tiny")
    )

    assert done.returncode == 0
    assert "1 document," in findings(done)["index"]["detail"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [("CHUNK_SIZ", "CHUNK_SIZE"), ("OPENAI_BASE_ULR", "OPENAI_BASE_URL")],
)
def test_a_misspelled_variable_is_named_with_what_was_meant(
    tmp_path: Path, name: str, meant: str
) -> None:
    examined = frontdesk(tmp_path, "doctor", "--json", **{name: "3"})
    served = frontdesk(tmp_path, "serve", **{name: "3"})

    said = findings(examined)["settings"]["detail"]
    assert examined.returncode == 2
    assert name in said
    assert f"did you mean {meant}?" in said
    assert said in told(served)
