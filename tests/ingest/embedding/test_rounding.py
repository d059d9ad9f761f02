"""A model in int8 is asked for, has a name of its own and says what it is."""

import logging
from pathlib import Path

import msgspec
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from ingest.embedding import carried, open_embedder, outline
from ingest.embedding.compiled import CompiledEmbedder
from ingest.embedding.probes import FLOOR, PROBES, ROUNDED_FLOOR
from ingest.settings import EmbeddingSettings
from tests.ingest.embedding.tiny_models import LAYERS, make_model


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> EmbeddingSettings:
    cache = tmp_path_factory.mktemp("models")
    return EmbeddingSettings(cache=str(cache), threads=1, precision="int8")


@pytest.fixture(scope="module")
def embedder(settings: EmbeddingSettings) -> CompiledEmbedder:
    opened = open_embedder(settings)
    assert isinstance(opened, CompiledEmbedder)
    return opened


def test_vectors_in_int8_are_near_those_of_the_original_and_not_the_same(
    embedder: CompiledEmbedder,
) -> None:
    found = embedder.embed_texts(PROBES)

    assert np.linalg.norm(found, axis=1) == pytest.approx(1.0, abs=1e-4)
    nearest = np.sum(found * carried.expected(), axis=1)
    assert np.min(nearest) > ROUNDED_FLOOR
    assert np.max(nearest) < FLOOR


def test_an_index_in_int8_is_no_index_in_full_precision(
    embedder: CompiledEmbedder, settings: EmbeddingSettings
) -> None:
    usual = msgspec.structs.replace(settings, precision="auto")
    exact = msgspec.structs.replace(settings, precision="fp32")

    names = [open_embedder(one).name for one in (usual, exact)]

    assert names[0] == names[1]
    assert embedder.name == f"{names[0]}-int8"


def test_only_the_opened_model_tells_whether_it_runs_in_int8(
    settings: EmbeddingSettings,
) -> None:
    assert outline(settings) is None


def test_opened_again_it_makes_the_same_vectors_and_the_log_says_int8(
    embedder: CompiledEmbedder,
    settings: EmbeddingSettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)

    again = open_embedder(settings).embed_passages(PROBES)

    assert np.array_equal(again, embedder.embed_passages(PROBES))
    (said,) = caplog.messages
    assert said.startswith(f"{embedder.name} runs in int8 and ")


def test_a_model_that_int8_spoils_keeps_its_precision_and_the_log_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    model = make_model(tmp_path / "tiny")
    _spoil(model / "model.safetensors")
    asked = EmbeddingSettings(
        model=str(model), cache=str(tmp_path / "c"), threads=1, precision="int8"
    )

    embedder = open_embedder(asked)

    assert isinstance(embedder, CompiledEmbedder)
    assert not embedder.name.endswith("-int8")
    assert any(
        "does not run in int8" in one and "cosine" in one for one in caplog.messages
    )
    assert any(one.startswith(f"{embedder.name} runs in ") for one in caplog.messages)


def _spoil(weights: Path) -> None:
    """Make an inner number of each layer so large that 256 steps leave no others.

    Nothing is made of it, so that in full precision the model is no worse.
    """
    found = load_file(weights)
    for layer in range(LAYERS):
        inner = f"encoder.layer.{layer}.intermediate.dense"
        found[f"{inner}.weight"][0] *= 300
        found[f"{inner}.bias"][0] = 300
        found[f"encoder.layer.{layer}.output.dense.weight"][:, 0] = 0
    save_file(found, weights)
