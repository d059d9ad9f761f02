"""The service and the commands with a reranker: a real process, a random model."""

import json
import math
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ingest.documents import embedded_text
from tests.app.retrieval.cross_encoders import logits_of, make_cross_encoder
from tests.command import frontdesk
from tests.service import running, service

QUESTION = "What does error E-207 mean?"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_cross_encoder(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def late(sample_home: Path, model: Path) -> Iterator[str]:
    """A service whose reranker is never in time."""
    with service(
        sample_home, RERANK_MODEL=str(model), RERANK_TIMEOUT="0.0001"
    ) as address:
        yield address


def search(address: str) -> dict[str, object]:
    answer = httpx.post(f"{address}/v1/search", json={"query": QUESTION, "limit": 8})
    found: dict[str, object] = answer.json()
    return found


def test_hits_come_as_the_model_orders_them(sample_home: Path, model: Path) -> None:
    with running(
        sample_home,
        RERANK_MODEL=str(model),
        RERANK_TIMEOUT="60",
        RERANK_DEPTH="100",
        RETRIEVAL_PER_DOCUMENT="100",
    ) as found:
        answer = httpx.post(
            f"{found.address}/v1/search",
            json={"query": QUESTION, "limit": 30},
            timeout=60,
        ).json()
        ready = httpx.get(f"{found.address}/health/ready").json()
        metrics = httpx.get(f"{found.address}/metrics").text

    hits = answer["data"]
    passages = [
        embedded_text(tuple(h["heading_path"]), h["document"]["title"], h["text"])
        for h in hits
    ]
    scores = [1 / (1 + math.exp(-x)) for x in logits_of(model, QUESTION, passages)]
    assert [h["score"] for h in hits] == pytest.approx(scores, abs=1e-4)
    assert scores == pytest.approx(sorted(scores, reverse=True))
    assert answer["degraded"] is None
    assert ready["parts"]["rerank"]["state"] == "up"
    assert 'frontdesk_reranks_total{outcome="done"} 1.0' in metrics


def test_a_late_reranker_changes_nothing_but_is_told(
    late: str, sample_service: str
) -> None:
    found, usual = search(late), search(sample_service)

    assert found["degraded"] == "rerank_timeout"
    assert usual["degraded"] is None
    assert found["data"] == usual["data"]
    assert found["confidence"] == usual["confidence"]


def test_an_answer_tells_that_its_sources_were_not_reranked(late: str) -> None:
    asked = {"model": "frontdesk", "messages": [{"role": "user", "content": QUESTION}]}

    answer = httpx.post(f"{late}/v1/chat/completions", json=asked)

    assert answer.json()["rag"]["degraded"] == "rerank_timeout"
    assert answer.json()["choices"][0]["message"]["content"]
    assert "rerank;dur=" in answer.headers["server-timing"]


def test_the_search_command_reranks_as_well(sample_home: Path, model: Path) -> None:
    done = frontdesk(
        sample_home,
        "search",
        QUESTION,
        "--json",
        RERANK_MODEL=str(model),
        RERANK_TIMEOUT="60",
    )

    found = json.loads(done.stdout)
    passages = [
        embedded_text(tuple(h["heading_path"]), h["document"]["title"], h["text"])
        for h in found["data"][:1]
    ]
    (logit,) = logits_of(model, QUESTION, passages)
    assert found["data"][0]["score"] == pytest.approx(
        1 / (1 + math.exp(-logit)), abs=1e-4
    )


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["search", "reset"]])
def test_a_model_that_does_not_load_is_a_clear_error(
    sample_home: Path, tmp_path: Path, command: list[str]
) -> None:
    done = frontdesk(sample_home, *command, RERANK_MODEL=str(tmp_path / "none"))

    assert done.returncode == 78
    *logged, line = done.stderr.strip().splitlines()
    assert line == f"error: RERANK_MODEL: there is no folder {tmp_path / 'none'}"
    assert all(entry.startswith("{") for entry in logged)


@pytest.mark.parametrize(
    ("seconds", "state", "word"),
    [("60", "ok", "20 chunks in"), ("0.0001", "warning", "raise RERANK_TIMEOUT")],
)
def test_the_doctor_tries_the_reranker(
    sample_home: Path, model: Path, seconds: str, state: str, word: str
) -> None:
    done = frontdesk(
        sample_home,
        "doctor",
        "--json",
        RERANK_MODEL=str(model),
        RERANK_TIMEOUT=seconds,
    )

    found = {part["part"]: part for part in json.loads(done.stdout)}
    assert found["rerank"]["state"] == state
    assert word in found["rerank"]["detail"]


def test_the_doctor_names_a_model_that_is_damaged(
    sample_home: Path, tmp_path: Path
) -> None:
    folder = make_cross_encoder(tmp_path / "damaged", labels=3)

    done = frontdesk(sample_home, "doctor", "--json", RERANK_MODEL=str(folder))

    found = {part["part"]: part for part in json.loads(done.stdout)}
    assert done.returncode == 2
    assert found["rerank"]["state"] == "error"
    assert "3 scores" in found["rerank"]["detail"]
