"""The confidence is told as early as it is certain, and is the same either way."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.question import queries
from app.messages import Findings, Message, Queries
from app.retrieval.confidence import COEFFICIENTS
from app.retrieval.judging import Judge, settled
from ingest.documents import Vectors
from ingest.errors import ModelUnusable
from tests.app.hits import hit
from tests.app.shelf import Letters

HITS = (
    hit("Hold the reset button of the hub for ten seconds.", similarity=0.8),
    hit("The hub has a light.", path="light.md", similarity=0.4, keyword_score=0.2),
)


def asked(text: str = "reset the hub") -> Queries:
    return queries([Message(role="user", content=text)])


def found(confidence: float, exact: "asyncio.Task[float] | None") -> Findings:
    return Findings(
        hits=HITS, confidence=confidence, queries=(), edition="1", exact=exact
    )


class Slow(Letters):
    """Embeds sentences of documents when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def embed_queries(self, texts: Sequence[str]) -> Vectors:
        await self.go.wait()
        return await super().embed_queries(texts)


class Failing(Letters):
    """Embeds questions, and fails at sentences."""

    async def embed_queries(self, texts: Sequence[str]) -> Vectors:
        raise ModelUnusable("out of memory")


async def test_what_is_certain_is_told_before_any_sentence_is_embedded() -> None:
    model = Slow()

    told = await Judge(model).judge(asked(), HITS, least=0.1)

    assert told.confidence >= 0.1
    assert told.exact is not None
    assert not told.exact.done()
    model.go.set()
    final = await settled(found(told.confidence, told.exact))
    assert final.confidence > told.confidence
    assert final.exact is None


async def test_what_a_sentence_could_decide_is_waited_for() -> None:
    unsure = await Judge(Letters()).judge(asked(), HITS, least=0.9999)

    assert unsure.exact is None
    assert unsure == await Judge(Letters()).judge(asked(), HITS, least=None)


@given(st.floats(0, 1), st.floats(-1, 1))
async def test_a_bound_changes_when_it_is_told_and_not_what(
    least: float, similarity: float
) -> None:
    hits = (hit("Reset the hub with its button.", similarity=similarity),)
    judge = Judge(Letters())

    early = await judge.judge(asked(), hits, least=least)
    exact = await judge.judge(asked(), hits, least=None)

    assert (early.confidence >= least) == (exact.confidence >= least)
    final = await settled(found(early.confidence, early.exact))
    assert final.confidence == pytest.approx(exact.confidence)


def test_a_sentence_that_fits_never_lowers_the_confidence() -> None:
    assert COEFFICIENTS.similarity > 0


async def test_where_the_model_fails_meanwhile_the_least_is_told() -> None:
    told = await Judge(Failing()).judge(asked(), HITS, least=0.1)

    final = await settled(found(told.confidence, told.exact))

    assert final.confidence == told.confidence


async def test_where_nothing_is_certain_a_failing_model_is_an_error() -> None:
    with pytest.raises(ModelUnusable):
        await Judge(Failing()).judge(asked(), HITS, least=None)
