import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import Vectors
from ingest.leaning import LONGEST_ARTICLE, digests, leaning, leans


def vectors(count: int, seed: int = 0) -> Vectors:
    drawn = np.random.default_rng(seed).normal(size=(count, 8)).astype(np.float32)
    lengths: Vectors = np.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn / lengths


@given(st.integers(2, LONGEST_ARTICLE), st.integers(0, 9))
def test_vectors_of_an_article_come_closer_and_keep_their_length(
    count: int, seed: int
) -> None:
    own = vectors(count, seed)

    leant = leaning(own)

    assert np.linalg.norm(leant, axis=1) == pytest.approx(1, abs=1e-5)
    assert (leant @ leant.T).mean() > (own @ own.T).mean()
    # Each stays nearer to itself than to any other.
    assert ((leant @ own.T).argmax(axis=1) == np.arange(count)).all()


@pytest.mark.parametrize("count", [0, 1, LONGEST_ARTICLE + 1])
def test_a_single_chunk_and_those_of_a_book_stay_by_themselves(count: int) -> None:
    own = vectors(count)

    assert not leans(count)
    assert np.array_equal(leaning(own), own)


def test_vectors_that_cancel_each_other_out_stay_as_they_are() -> None:
    own = np.array([[1, 0], [-1, 0]], np.float32)

    assert np.isfinite(leaning(own)).all()


def test_a_digest_changes_with_all_that_its_vector_is_made_from() -> None:
    before = digests(["one", "two", "one"])

    assert len(set(before)) == 3, "equal texts at two places lean differently"
    assert before == digests(["one", "two", "one"])
    assert set(before).isdisjoint(digests(["one", "two", "new"]))
    assert {len(digest) for digest in before} == {32}


def test_in_a_book_only_what_changed_has_a_new_digest() -> None:
    texts = [f"text {n}" for n in range(LONGEST_ARTICLE + 1)]
    before, after = digests(texts), digests([*texts[:-1], "new"])

    assert before[:-1] == after[:-1]
    assert before[-1] != after[-1]
