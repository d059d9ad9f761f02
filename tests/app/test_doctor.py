"""What ``frontdesk doctor`` finds."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.command import frontdesk, told
from tests.ingest.embedding.tiny_models import make_model
from tests.redis_server import own_redis
from tests.scripted_upstream import (
    ScriptedUpstream,
    spoken,
)
from tests.scripted_upstream import refused as refusing

SURE = "What does error E-207 mean?"


@pytest.fixture
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream(
        spoken("The circuit of the ", "probe is open [", "1", "]."),
        models=[{"id": "writer-1"}],
    ) as started:
        yield started


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


def findings(done: "CompletedProcess[str]") -> dict[str, dict[str, Any]]:
    """Return what ``doctor --json`` found, by part."""
    assert "Traceback" not in done.stderr
    return {found["part"]: found for found in json.loads(done.stdout)}


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
    assert list(found) == [
        "settings",
        "model",
        "index",
        "upstream",
        "database",
        "readers",
        "documents",
        "disk",
    ]
    assert {found[part]["state"] for part in list(found)[:5]} == {"ok"}
    assert found["model"]["detail"].endswith("knows en")
    assert re.search(r"\d+ documents, [\d,]+ chunks", found["index"]["detail"])
    assert upstream.url in found["upstream"]["detail"]
    assert found["readers"]["state"] in ("ok", "warning")
    assert re.match("network: (none|held by Python only), files: ", told_of(found))


def told_of(found: dict[str, dict[str, Any]]) -> str:
    return str(found["readers"]["detail"])


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
    assert starts == [
        "settings",
        "model",
        "index",
        "upstream",
        "database",
        "readers",
        "documents",
        "disk",
    ]


def test_doctor_says_whether_documents_can_be_kept(sample_home: Path) -> None:
    well = frontdesk(sample_home, "doctor", "--json")
    (sample_home / "no-folder").write_text("")
    ill = frontdesk(sample_home, "doctor", "--json", DESK_FOLDER="no-folder")

    assert findings(well)["documents"]["state"] == "ok"
    assert findings(ill)["documents"]["state"] == "warning"
    assert "DESK_FOLDER" in findings(ill)["documents"]["detail"]


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


def test_doctor_names_a_database_that_cannot_be_used(
    sample_home: Path, tmp_path: Path
) -> None:
    (tmp_path / "bad.db").write_bytes(b"not a database " * 1000)

    done = frontdesk(
        sample_home, "doctor", "--json", DATABASE_URL=f"sqlite:///{tmp_path / 'bad.db'}"
    )

    found = findings(done)["database"]
    assert (done.returncode, found["state"]) == (2, "error")
    assert "bad.db" in found["detail"]


def test_doctor_says_whether_limits_can_be_counted_together(sample_home: Path) -> None:
    with own_redis() as redis:
        well = frontdesk(sample_home, "doctor", "--json", REDIS_URL=redis.url)
        redis.kill()
        ill = frontdesk(sample_home, "doctor", "--json", REDIS_URL=redis.url)

    assert findings(well)["limits"]["state"] == "ok"
    assert findings(ill)["limits"]["state"] == "warning"
    assert "REDIS_URL" in findings(ill)["limits"]["detail"]


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
    served = frontdesk(tmp_path, "serve", "--port", "0", **{name: "3"})

    said = findings(examined)["settings"]["detail"]
    assert examined.returncode == 2
    assert name in said
    assert f"did you mean {meant}?" in said
    assert said in told(served)
