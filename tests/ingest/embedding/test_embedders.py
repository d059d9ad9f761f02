"""One body for every way of running a model, on small random ones."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ingest.embedding import Embedder, open_embedder
from ingest.embedding.compiled import CompiledEmbedder
from ingest.settings import EmbeddingSettings
from tests.ingest.embedding.tiny_models import LENGTH, make_model
from tests.ingest.index.made_index import principal

ME = principal()


TEXTS = ("The hub is slow.", "one", "a much longer text than the other two " * 20, "")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> EmbeddingSettings:
    folder = tmp_path_factory.mktemp("tiny")
    model = make_model(folder / "tiny-e5")
    return EmbeddingSettings(model=str(model), cache=str(folder / "cache"), batch=2)


@pytest.fixture(scope="module")
def compiled(settings: EmbeddingSettings) -> Embedder:
    return open_embedder(settings)


@pytest.fixture(scope="module")
def original(compiled: Embedder, settings: EmbeddingSettings) -> Embedder:
    (note,) = Path(settings.cache).glob("*/made.json")
    kept = note.read_text(encoding="utf-8")
    note.write_text(json.dumps(json.loads(kept) | {"agreement": 0.9}), encoding="utf-8")
    embedder = open_embedder(settings)
    note.write_text(kept, encoding="utf-8")
    return embedder


@pytest.fixture(params=["compiled", "original"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    found: Embedder = request.getfixturevalue(request.param)
    return found


def test_vectors_have_unit_length_in_the_order_of_their_texts(
    embedder: Embedder,
) -> None:
    together = embedder.embed_passages(TEXTS)
    alone = np.concatenate([embedder.embed_passages([text]) for text in TEXTS])

    assert together.shape == (len(TEXTS), embedder.dim)
    assert together.dtype == np.float32
    assert np.linalg.norm(together, axis=1) == pytest.approx(1.0, abs=1e-4)
    assert np.sum(together * alone, axis=1) == pytest.approx(1.0, abs=1e-3)


def test_no_texts_have_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed_passages([]).shape == (0, embedder.dim)


def test_offsets_cover_all_of_a_text_however_long(embedder: Embedder) -> None:
    text = "ab " * 1000

    (found,) = embedder.offsets([text])

    assert [text[start:end] for start, end in found] == ["a", "b"] * 1000


def test_what_fits_is_seen_to_its_last_piece_and_what_does_not_is_not(
    embedder: Embedder,
) -> None:
    fits = "a " * embedder.max_tokens
    changed, beyond = fits[:-2] + "b", fits + "b"

    plain, last, more = embedder.embed_passages([fits, changed, beyond])

    assert np.max(np.abs(plain - more)) < 1e-4
    assert np.max(np.abs(plain - last)) > 1e-3


def test_the_prompt_of_the_family_is_part_of_the_length(embedder: Embedder) -> None:
    (prompt,) = embedder.offsets(["passage: "])

    assert embedder.max_tokens == LENGTH - 2 - len(prompt)


async def test_questions_and_documents_have_prompts_of_their_own(
    embedder: Embedder,
) -> None:
    question = await embedder.embed_query(ME, "reset")
    (document,) = embedder.embed_passages(["reset"])

    assert float(question @ document) < 0.9999


async def test_concurrent_questions_get_their_own_vectors(embedder: Embedder) -> None:
    texts = [f"question {number}" for number in range(20)]

    together = await embedder.embed_queries(ME, [*texts, *texts])
    alone = np.stack([await embedder.embed_query(ME, text) for text in texts])

    assert np.array_equal(together[:20], together[20:])
    assert np.array_equal(together[:20], alone)


async def test_sentences_are_embedded_as_documents_are(embedder: Embedder) -> None:
    sentences = await embedder.embed_sentences(ME, TEXTS[:2])

    assert sentences.dtype == np.float32
    found = np.sum(sentences * embedder.embed_passages(TEXTS[:2]), axis=1)
    assert found == pytest.approx(1.0, abs=1e-3)


def test_threads_may_embed_at_once(embedder: Embedder) -> None:
    def embed(texts: Sequence[str]) -> bytes:
        return embedder.embed_passages(texts).tobytes()

    expected = embed(TEXTS)
    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(embed, [TEXTS] * 24))

    assert found == {expected}


async def test_both_ways_give_the_same_vectors_under_the_same_name(
    compiled: Embedder, original: Embedder
) -> None:
    assert isinstance(compiled, CompiledEmbedder)
    assert not isinstance(original, CompiledEmbedder)
    assert compiled.name == original.name
    assert (compiled.dim, compiled.max_tokens) == (original.dim, original.max_tokens)
    assert compiled.offsets(TEXTS) == original.offsets(TEXTS)
    for ours, theirs in (
        (compiled.embed_passages(TEXTS), original.embed_passages(TEXTS)),
        (
            await compiled.embed_queries(ME, TEXTS),
            await original.embed_queries(ME, TEXTS),
        ),
    ):
        assert float(np.min(np.sum(ours * theirs, axis=1))) > 0.9995


def test_the_first_piece_and_shifted_positions_are_compiled_too(
    tmp_path: Path,
) -> None:
    model = make_model(tmp_path / "m", family="xlm-roberta", pooling="cls")

    embedder = open_embedder(
        EmbeddingSettings(model=str(model), cache=str(tmp_path / "c"), threads=1)
    )

    assert isinstance(embedder, CompiledEmbedder)
