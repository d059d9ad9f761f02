"""The model that comes with the installation."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ingest.embedding import Embedder, carried, open_embedder
from ingest.embedding.compiled import CompiledEmbedder
from ingest.embedding.probes import PROBES
from ingest.settings import EmbeddingSettings
from tests.ingest.index.made_index import principal

ME = principal()
ROOT = Path(__file__).parents[3]

WATCHED = """
import asyncio, json, os, sys
seen = []
def watch(event, arguments):
    if event.startswith("socket.") or event in ("os.fork", "subprocess.Popen"):
        seen.append(event)
sys.addaudithook(watch)
from ingest.embedding import open_embedder
from ingest.settings import EmbeddingSettings
embedder = open_embedder(EmbeddingSettings(cache=sys.argv[1]))
embedder.embed_passages(["one", "two"])
heavy = {"torch", "transformers", "sentence_transformers", "huggingface_hub"}
print(json.dumps({"seen": seen, "heavy": sorted(heavy & sys.modules.keys())}))
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def embedder(cache: Path) -> Embedder:
    return open_embedder(EmbeddingSettings(cache=str(cache)))


def test_it_makes_the_vectors_of_sentence_transformers(embedder: Embedder) -> None:
    found = embedder.embed_passages(PROBES)

    assert np.min(np.sum(found * carried.expected(), axis=1)) > 0.9995


def test_its_name_and_sizes_are_known(embedder: Embedder) -> None:
    assert embedder.name.startswith("all-MiniLM-L6-v2@")
    assert (embedder.dim, embedder.max_tokens) == (384, 254)


async def test_like_questions_are_nearer_than_unlike_ones(embedder: Embedder) -> None:
    question = await embedder.embed_query(ME, "How can I get my money back?")
    near, far = embedder.embed_passages(
        ["Refunds are paid within 14 days.", "The sensor needs two batteries."]
    )

    assert float(question @ near) > float(question @ far) + 0.2


def test_it_serves_without_torch_network_or_traces(
    embedder: Embedder, cache: Path, tmp_path: Path
) -> None:
    environ = os.environ | {"HOME": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(cache)],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == {"seen": [], "heavy": []}
    assert list(tmp_path.iterdir()) == []


def test_it_is_compiled_once_and_again_when_damaged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = EmbeddingSettings(cache=str(tmp_path))
    caplog.set_level(logging.INFO)
    first = open_embedder(settings).embed_passages(PROBES)
    made = len(caplog.messages)

    open_embedder(settings)
    untouched = caplog.messages[made:]
    (graph,) = tmp_path.glob("*/model.bin")
    graph.write_bytes(graph.read_bytes()[:-1000] + bytes(1000))
    again = open_embedder(settings).embed_passages(PROBES)

    assert not any("compiling" in message for message in untouched)
    assert any("is damaged" in message for message in caplog.messages)
    assert np.array_equal(again, first)


def test_a_cache_that_cannot_be_written_costs_only_time(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")

    embedder = open_embedder(EmbeddingSettings(cache=str(file / "cache")))

    assert isinstance(embedder, CompiledEmbedder)
    assert embedder.embed_passages(["a"]).shape == (1, embedder.dim)
    assert any("is not kept" in message for message in caplog.messages)
