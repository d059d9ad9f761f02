"""The confidence is told as early as it is certain, and decides the same either way."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.question import queries
from app.messages import Message, Queries
from app.retrieval.confidence import COEFFICIENTS
from app.retrieval.judging import Judge
from ingest.documents import Principal, Vectors
from ingest.errors import ModelUnusable
from tests.app.hits import hit
from tests.app.shelf import EVERYBODY, Letters

HITS = (
    hit("Hold the reset button of the hub for ten seconds.", similarity=0.8),
    hit("The hub has a light.", path="light.md", similarity=0.4, keyword_score=0.2),
)


def asked(text: str = "reset the hub") -> Queries:
    return queries([Message(role="user", content=text)])


class Counting(Letters):
    """Counts the sentences of documents that it embeds."""

    def __init__(self, languages: str = "en") -> None:
        super().__init__(languages)
        self.sentences = 0

    async def embed_sentences(
        self, principal: Principal, texts: Sequence[str]
    ) -> Vectors:
        self.sentences += len(texts)
        return await super().embed_sentences(principal, texts)


class Failing(Letters):
    """Embeds questions, and fails at sentences."""

    async def embed_sentences(
        self, principal: Principal, texts: Sequence[str]
    ) -> Vectors:
        raise ModelUnusable("out of memory")


@pytest.mark.parametrize("least", [0.0, 0.1, 1.0])
async def test_no_sentence_is_embedded_where_none_could_decide(least: float) -> None:
    model = Counting()

    told = await Judge(model).confidence(EVERYBODY, asked(), HITS, least=least)

    assert model.sentences == 0
    assert (told >= least) == (least < 1)


async def test_what_a_sentence_could_decide_is_told_exactly() -> None:
    model = Counting()
    exact = await Judge(model).confidence(EVERYBODY, asked(), HITS, least=None)

    assert model.sentences > 0
    assert await Judge(model).confidence(EVERYBODY, asked(), HITS, least=exact) == exact


@given(st.floats(0, 1), st.floats(-1, 1), st.sampled_from(["en", "ja"]))
async def test_a_bound_changes_what_it_takes_and_not_what_is_decided(
    least: float, similarity: float, languages: str
) -> None:
    hits = (hit("Reset the hub with its button.", similarity=similarity),)
    judge = Judge(Letters(languages))

    bounded = await judge.confidence(EVERYBODY, asked(), hits, least=least)
    exact = await judge.confidence(EVERYBODY, asked(), hits, least=None)

    assert (bounded >= least) == (exact >= least)


def test_a_sentence_that_fits_never_lowers_the_confidence() -> None:
    assert COEFFICIENTS.similarity > 0


async def test_where_nothing_is_certain_a_failing_model_is_an_error() -> None:
    with pytest.raises(ModelUnusable):
        await Judge(Failing()).confidence(EVERYBODY, asked(), HITS, least=None)
