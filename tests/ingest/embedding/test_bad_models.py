"""What is wrong with a model, its cache or the machine: said, and borne or refused."""

import json
import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ingest.embedding import carried, open_embedder
from ingest.embedding.compiled import CompiledEmbedder
from ingest.embedding.probes import PROBES
from ingest.embedding.processor import flags_of, warn_if_old
from ingest.errors import ModelUnusable
from ingest.settings import EmbeddingSettings
from tests.ingest.embedding.tiny_models import make_model, write

ROOT = Path(__file__).parents[3]

ON_A_FULL_DISK = """
import logging, resource, sys
logging.basicConfig(level=logging.WARNING)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
from ingest.embedding import open_embedder
from ingest.settings import EmbeddingSettings
embedder = open_embedder(EmbeddingSettings(cache=sys.argv[1], threads=1))
print(type(embedder).__name__, embedder.embed_passages(["a"]).shape)
"""
"""A file that may grow no further fails as it does on a disk without space."""


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def change(file: Path, **values: object) -> None:
    told = json.loads(file.read_text(encoding="utf-8"))
    write(file, told | values)


def settings(model: Path, cache: Path) -> EmbeddingSettings:
    return EmbeddingSettings(model=str(model), cache=str(cache), threads=1)


def test_a_model_that_cannot_be_drawn_runs_as_it_is_and_the_log_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = make_model(tmp_path / "tiny-relu")
    change(model / "config.json", hidden_act="relu")

    embedder = open_embedder(settings(model, tmp_path / "cache"))

    assert not isinstance(embedder, CompiledEmbedder)
    assert embedder.embed_passages(["a", "b"]).shape == (2, embedder.dim)
    (said,) = [one for one in caplog.messages if "cannot be compiled" in one]
    assert "tiny-relu@" in said
    assert "sentence-transformers runs it" in said


def test_a_model_that_compiled_differs_runs_as_it_is_and_the_log_says_how_much(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # It cuts long texts at their beginning, which the compiled road does not know.
    model = make_model(tmp_path / "tiny-left")
    change(model / "tokenizer_config.json", truncation_side="left")

    first = open_embedder(settings(model, tmp_path / "cache"))
    said = [one for one in caplog.messages if "runs uncompiled" in one]
    again = open_embedder(settings(model, tmp_path / "cache"))

    assert not isinstance(first, CompiledEmbedder)
    assert not isinstance(again, CompiledEmbedder)
    assert len(said) == 1
    assert "tiny-left@" in said[0]
    assert "differs from the original: cosine 0." in said[0]


def test_a_model_with_pickled_weights_alone_is_refused(tmp_path: Path) -> None:
    model = make_model(tmp_path / "tiny")
    (model / "model.safetensors").rename(model / "pytorch_model.bin")

    with pytest.raises(ModelUnusable, match="Only safetensors are taken") as caught:
        open_embedder(settings(model, tmp_path / "cache"))

    assert str(model) in str(caught.value)
    assert "pytorch_model.bin" in str(caught.value)


def test_a_damaged_weights_file_is_refused_by_its_name(tmp_path: Path) -> None:
    model = make_model(tmp_path / "tiny")
    file = model / "model.safetensors"
    file.write_bytes(file.read_bytes()[:1000])

    with pytest.raises(ModelUnusable, match="cannot be loaded") as caught:
        open_embedder(settings(model, tmp_path / "cache"))

    assert str(model) in str(caught.value)


@pytest.mark.parametrize("name", ["model.xml", "made.json"])
def test_a_damaged_compiled_file_is_made_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    chosen = EmbeddingSettings(cache=str(tmp_path), threads=1)
    open_embedder(chosen)
    (file,) = tmp_path.glob(f"*/{name}")
    file.write_bytes(file.read_bytes()[:100])

    embedder = open_embedder(chosen)
    said = [one for one in caplog.messages if "is damaged" in one]
    caplog.clear()
    open_embedder(chosen)

    assert isinstance(embedder, CompiledEmbedder)
    assert np.min(np.sum(embedder.embed_texts(PROBES) * carried.expected(), 1)) > 0.9995
    assert len(said) == 1
    assert str(file.parent) in said[0]
    assert "damaged" not in caplog.text


@pytest.mark.parametrize("megabytes", [1, 90])
def test_a_full_disk_costs_the_compiled_copy_and_nothing_else(
    tmp_path: Path, megabytes: int
) -> None:
    cache, most = tmp_path / "cache", megabytes * 1_000_000

    done = subprocess.run(
        [sys.executable, "-c", ON_A_FULL_DISK, str(cache), str(most)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "CompiledEmbedder (1, 384)\n"
    assert "each start makes it anew" in done.stderr
    assert str(cache) in done.stderr
    assert "EMBEDDING_CACHE" in done.stderr
    assert [file.name for file in cache.iterdir()] == ["stamps.json"]


def test_a_processor_without_avx2_is_told_of_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    warn_if_old("x86_64", flags_of("flags : fpu sse2 avx avx2\n"))
    assert caplog.messages == []

    warn_if_old("x86_64", flags_of("flags : fpu sse2 avx\n"))

    (said,) = caplog.messages
    assert "no AVX2" in said
    assert "slower" in said
