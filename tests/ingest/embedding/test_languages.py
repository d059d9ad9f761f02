"""Which languages a model knows: by a setting, else by its name, else by a probe."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import Vectors
from ingest.embedding import languages, open_embedder
from ingest.embedding.language_probe import KNOWN, judged, probe, score
from ingest.embedding.languages import EVERY, Languages
from ingest.embedding.pairs import PAIRS
from ingest.errors import SettingsError
from ingest.settings import EmbeddingSettings, load
from tests.ingest.embedding.tiny_models import make_model

CODES = st.sampled_from(sorted(PAIRS))


@pytest.mark.parametrize(
    ("name", "knows", "lacks"),
    [
        ("all-MiniLM-L6-v2", "en", "de ru zh"),
        ("sentence-transformers/all-mpnet-base-v2", "en", "de"),
        ("BAAI/bge-base-en-v1.5", "en", "zh"),
        ("BAAI/bge-small-zh-v1.5", "zh", "en"),
        ("intfloat/e5-base-v2", "en", "de"),
        ("intfloat/multilingual-e5-small", "en de ar hi th no nb", "tlh"),
        ("BAAI/bge-m3", "en zh ko", "xx"),
        ("thenlper/gte-base", "en", "zh"),
        ("thenlper/gte-base-zh", "zh", "en"),
        ("Alibaba-NLP/gte-multilingual-base", "en vi yo", "eo"),
        ("Qwen/Qwen3-Embedding-0.6B", "en de xx", ""),
        ("paraphrase-multilingual-MiniLM-L12-v2", "en de no", "eo"),
        ("distiluse-base-multilingual-cased-v1", "en tr", "sv"),
        ("distiluse-base-multilingual-cased-v2", "en sv", "eo"),
        ("LaBSE", "en eo zu", "xx"),
        ("T-Systems-onsite/cross-en-de-roberta-sentence-transformer", "en de", "fr"),
        ("msmarco-distilbert-multilingual-en-de-v2-tmp-lng-aligned", "en de", "fr"),
        ("snowflake-arctic-embed-m-v1.5", "en", "de"),
        ("snowflake-arctic-embed-l-v2.0", "en de", "eo"),
    ],
)
def test_a_name_tells_what_its_makers_say(name: str, knows: str, lacks: str) -> None:
    found = languages.of_name(name)

    assert found is not None
    assert all(code in found for code in knows.split())
    assert not any(code in found for code in lacks.split())


@pytest.mark.parametrize(
    "name", ["my-model", "german-roberta-sentence", "gbert-large", "gemma-it", "tiny"]
)
def test_a_name_of_our_own_tells_nothing(name: str) -> None:
    assert languages.of_name(name) is None


def test_a_setting_names_codes_or_all() -> None:
    assert languages.of_setting("") is None
    assert languages.of_setting("all") == EVERY
    assert languages.of_setting(" en, de-AT ,") == Languages(frozenset({"en", "de"}))


@pytest.mark.parametrize("value", ["german", "en,german", "e", "all,en", "d3"])
def test_a_setting_that_is_no_code_is_named(value: str) -> None:
    with pytest.raises(SettingsError, match=r"EMBEDDING_.*languages.*no language code"):
        load(EmbeddingSettings, "EMBEDDING_", {"EMBEDDING_LANGUAGES": value})


def test_every_language_asks_the_same_and_no_two_sentences_are_equal() -> None:
    sentences = [text for own in PAIRS.values() for pair in own for text in pair]

    assert {len(own) for own in PAIRS.values()} == {8}
    assert len(set(sentences)) == len(sentences)


def test_no_answer_repeats_a_long_word_of_its_question() -> None:
    # Else whoever compares letters would seem to understand.
    shared = [
        (code, word)
        for code, own in PAIRS.items()
        for question, answer in own
        for word in set(_words(question)) & set(_words(answer))
        if len(word) > 4
    ]

    assert shared == []


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.lower())


@given(st.integers(2, 9), st.integers(0, 2**32 - 1))
def test_a_score_is_a_share_and_right_pairs_alone_make_it_one(
    n: int, seed: int
) -> None:
    random = np.random.default_rng(seed).standard_normal((n, 64)).astype(np.float32)
    unit: Vectors = random / np.linalg.norm(random, axis=1, keepdims=True)

    assert score(unit, unit) == 1.0
    assert 0.0 <= score(unit, np.roll(unit, 1, axis=0)) < 1.0
    assert score(np.ones_like(unit), np.ones_like(unit)) == 0.5


@given(st.dictionaries(CODES, st.floats(0, 1), min_size=1))
def test_what_scores_low_is_unknown_and_what_scores_high_is_known(
    scores: dict[str, float],
) -> None:
    found = judged(scores)

    assert all((code in found) == (value >= KNOWN) for code, value in scores.items())


def test_who_knows_most_languages_is_trusted_with_the_rest() -> None:
    many = judged(dict.fromkeys(PAIRS, 0.95) | {"hi": 0.6})
    few = judged(dict.fromkeys(PAIRS, 0.5) | {"en": 0.95})

    assert "sv" in many
    assert "hi" not in many
    assert few == Languages(frozenset({"en"}))


class Bilingual:
    """Knows where German and French pairs belong; in all else it guesses."""

    def __init__(self) -> None:
        self.batches = 0
        self._axis = {
            text: axis
            for code in ("de", "fr")
            for axis, pair in enumerate(PAIRS[code])
            for text in pair
        }

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.batches += 1
        return np.stack([self._vector(text) for text in texts])

    def _vector(self, text: str) -> Vectors:
        random = np.random.default_rng(list(text.encode()))
        vector = random.standard_normal(256).astype(np.float32) / 16
        if text in self._axis:
            vector[self._axis[text]] += 1
        unit: Vectors = vector / np.linalg.norm(vector)
        return unit


def test_a_probe_finds_what_a_model_knows_and_does_it_once(tmp_path: Path) -> None:
    model = Bilingual()

    def found(name: str) -> Languages:
        return probe(name, tmp_path, queries=model.embed, passages=model.embed)

    assert found("one@01") == Languages(frozenset({"de", "fr"}))
    once = model.batches
    assert found("one@01") == Languages(frozenset({"de", "fr"}))
    assert model.batches == once
    found("other@02")
    assert model.batches == 2 * once


def test_a_damaged_note_is_made_again_and_an_unwritable_place_is_no_harm(
    tmp_path: Path,
) -> None:
    model = Bilingual()
    (tmp_path / "file").write_bytes(b"")
    for cache in (tmp_path, tmp_path, tmp_path / "file"):
        found = probe("m@1", cache, queries=model.embed, passages=model.embed)
        for note in tmp_path.glob("languages/*.json"):
            note.write_bytes(b"{")
        assert found == Languages(frozenset({"de", "fr"}))


def test_a_random_model_knows_nothing_and_a_setting_overrules_that(
    tmp_path: Path,
) -> None:
    model = str(make_model(tmp_path / "tiny"))
    cache = str(tmp_path / "cache")

    probed = open_embedder(EmbeddingSettings(model=model, cache=cache))
    told = open_embedder(EmbeddingSettings(model=model, cache=cache, languages="de"))

    assert probed.languages == Languages(frozenset())
    assert told.languages == Languages(frozenset({"de"}))


def test_the_carried_model_knows_english_by_name_and_by_probe(tmp_path: Path) -> None:
    carried = open_embedder(EmbeddingSettings(cache=str(tmp_path)))

    def embed(texts: Sequence[str]) -> Vectors:
        return carried.embed_passages(texts)

    by_probe = probe("carried", tmp_path, queries=embed, passages=embed)

    assert carried.languages == by_probe == Languages(frozenset({"en"}))
