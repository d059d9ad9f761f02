import pytest

from app.chat.phrases import phrase
from app.errors import (
    ContextTooLong,
    RetrievalUnavailable,
    UnsupportedParameter,
    UpstreamRejected,
    UpstreamUnavailable,
)
from app.messages import RagOptions
from app.settings import RetrievalSettings, Settings, UpstreamSettings
from ingest.errors import IndexUnreachable
from tests.app.chat.made_answers import answerer, ask, says
from tests.app.chat.writers import Script
from tests.app.shelf import EVERYBODY

DOWN = IndexUnreachable("no answer")


async def test_what_needs_a_model_is_refused_without_one() -> None:
    for question in (
        ask(rag=RagOptions(enabled=False)),
        ask(response_format={"type": "json_object"}),
    ):
        with pytest.raises(UnsupportedParameter):
            await answerer().answer(EVERYBODY, question)


async def test_an_index_that_is_down_refuses() -> None:
    with pytest.raises(RetrievalUnavailable):
        await answerer(broken=DOWN, upstream=Script()).answer(EVERYBODY, ask())


async def test_an_index_that_is_down_can_be_answered_without() -> None:
    script = Script(*says("I cannot look."))
    settings = Settings(retrieval=RetrievalSettings(on_error="answer_without_sources"))

    busy = answerer(broken=DOWN, upstream=script, settings=settings)
    answer = await busy.answer(EVERYBODY, ask())

    assert answer.degraded == "retrieval_unavailable"
    assert not answer.answered
    assert "cannot be searched" in str(script.sent[0])


GIVES_WAY = Settings(upstream=UpstreamSettings(on_down="extract"))


async def test_an_upstream_that_is_down_gives_way_to_an_extract() -> None:
    script = Script(failure=UpstreamUnavailable("no connection"))

    busy = answerer(upstream=script, settings=GIVES_WAY)
    answer = await busy.answer(EVERYBODY, ask())

    (choice,) = (await answer.completion()).choices
    assert choice.content is not None
    assert choice.content.startswith(phrase("quoted", "en"))
    assert answer.degraded == "upstream_unavailable"
    (citation, *_) = choice.citations
    assert choice.content[citation.start : citation.end] == "[1]"


async def test_without_that_setting_it_is_an_error() -> None:
    script = Script(failure=UpstreamUnavailable("no connection"))

    with pytest.raises(UpstreamUnavailable):
        await answerer(upstream=script).answer(EVERYBODY, ask())


async def test_a_request_the_upstream_called_invalid_stays_an_error() -> None:
    script = Script(failure=UpstreamRejected("bad"))

    with pytest.raises(UpstreamRejected):
        await answerer(upstream=script, settings=GIVES_WAY).answer(EVERYBODY, ask())


async def test_too_long_is_refused_before_the_upstream_is_asked() -> None:
    script = Script(window=300)

    with pytest.raises(ContextTooLong):
        await answerer(upstream=script).answer(EVERYBODY, ask("reset hub " * 900))

    assert script.sent == []
