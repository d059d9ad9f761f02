"""Prompts are in the vectors, however a model is run: compiled or not."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ingest.embedding import Embedder, open_embedder
from ingest.embedding.compiled import CompiledEmbedder
from ingest.embedding.folder import open_folder
from ingest.embedding.languages import EVERY
from ingest.embedding.sentence import SentenceEmbedder
from ingest.embedding.stamps import Stamps
from ingest.errors import ModelUnusable
from ingest.settings import EmbeddingSettings
from tests.ingest.embedding.tiny_models import make_model, write
from tests.ingest.embedding.tiny_qwen import QUERY, make_qwen
from tests.ingest.index.made_index import principal

ME = principal()


TEXT = "the hub is slow"

Open = Callable[[EmbeddingSettings], Embedder]


def compiled(settings: EmbeddingSettings) -> Embedder:
    embedder = open_embedder(settings)
    assert isinstance(embedder, CompiledEmbedder)
    return embedder


def original(settings: EmbeddingSettings) -> Embedder:
    folder = open_folder(settings, stamps=Stamps(Path(settings.cache)))
    return SentenceEmbedder(folder, settings)


@pytest.fixture(params=[compiled, original], ids=["compiled", "original"])
def way(request: pytest.FixtureRequest) -> Open:
    found: Open = request.param
    return found


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("models") / "multilingual-e5-tiny")


def settings(model: Path, *, query: str = "", passage: str = "") -> EmbeddingSettings:
    return EmbeddingSettings(
        model=str(model),
        cache=str(model.parent / "cache"),
        query_prompt=query,
        passage_prompt=passage,
    )


async def test_known_prompts_stand_in_front_of_every_text(
    model: Path, way: Open
) -> None:
    known = way(settings(model))
    bare = way(settings(model, query="none", passage="none"))

    asked = bare.embed_passages([f"query: {TEXT}", f"passage: {TEXT}", TEXT])
    found = np.stack([await known.embed_query(ME, TEXT), *known.embed_passages([TEXT])])

    assert np.sum(found * asked[:2], axis=1) == pytest.approx(1.0, abs=1e-5)
    assert np.max(np.sum(found * asked[2], axis=1)) < 0.9999


async def test_prompts_that_are_set_stand_there_instead_and_count(
    model: Path, way: Open
) -> None:
    bare = way(settings(model, query="none", passage="none"))
    told = way(settings(model, query=r"ask:\n", passage="text: "))

    (prompt,) = bare.offsets(["text: "])
    (passage,) = told.embed_passages([TEXT])
    (expected,) = bare.embed_passages([f"text: {TEXT}"])
    question = await told.embed_query(ME, TEXT)

    assert told.max_tokens == bare.max_tokens - len(prompt)
    assert float(passage @ expected) == pytest.approx(1.0, abs=1e-5)
    assert float(question @ await bare.embed_query(ME, f"ask:\n{TEXT}")) > 0.99999
    assert told.name != bare.name


def test_a_prompt_that_leaves_no_room_is_refused(model: Path) -> None:
    with pytest.raises(ModelUnusable, match="shorter EMBEDDING_PASSAGE_PROMPT"):
        open_embedder(settings(model, passage="a " * 60))


def test_a_model_that_leaves_its_prompt_out_of_the_mean_is_not_compiled_so(
    model: Path, tmp_path: Path
) -> None:
    apart = make_model(tmp_path / "multilingual-e5-tiny")
    place = apart / "1_Pooling" / "config.json"
    write(place, json.loads(place.read_text()) | {"include_prompt": False})

    embedder = open_embedder(settings(apart))
    (found,) = embedder.embed_passages([TEXT])
    (whole,) = compiled(settings(model)).embed_passages([TEXT])

    assert isinstance(embedder, SentenceEmbedder)
    assert float(found @ whole) < 0.9999


async def test_a_model_of_the_last_piece_is_asked_with_its_instruction(
    tmp_path: Path,
) -> None:
    from transformers import AutoModel, AutoTokenizer

    folder = make_qwen(tmp_path / "Qwen3-Embedding-tiny")
    told = settings(folder)
    embedder = open_embedder(told)
    tokenizer, network = (
        kind.from_pretrained(folder) for kind in (AutoTokenizer, AutoModel)
    )

    def last_piece(text: str) -> "np.typing.NDArray[np.float32]":
        states = network(**tokenizer([text], return_tensors="pt")).last_hidden_state
        vector = states[0, -1].detach().numpy()
        unit: np.typing.NDArray[np.float32] = vector / np.linalg.norm(vector)
        return unit

    question = await embedder.embed_query(ME, TEXT)
    short, passage = embedder.embed_passages(["one", TEXT])

    assert isinstance(embedder, SentenceEmbedder)
    assert float(question @ last_piece(QUERY + TEXT)) > 0.9999
    assert float(passage @ last_piece(TEXT)) > 0.9999
    assert float(short @ last_piece("one")) > 0.9999
    assert float(question @ last_piece(TEXT)) < 0.999
    assert embedder.languages == EVERY
    assert embedder.max_tokens == 255
