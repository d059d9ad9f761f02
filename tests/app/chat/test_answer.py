import pytest

from app.chat.answer import EXTRACT_MODEL
from app.chat.phrases import phrase
from app.messages import JSON, RagOptions, Usage
from app.settings import ChatSettings, Settings
from tests.app.chat.made_answers import FAR, RESET, answerer, ask, says
from tests.app.chat.writers import Script
from tests.app.hits import hit
from tests.app.shelf import EVERYBODY

UNKNOWN = "which school discount does Zanzibar have?"


async def test_without_an_upstream_the_answer_is_quoted() -> None:
    answer = await answerer().answer(EVERYBODY, ask())

    (choice,) = (await answer.completion()).choices
    assert choice.content is not None
    assert RESET.chunk.text in choice.content
    assert answer.model == EXTRACT_MODEL
    assert answer.answered
    assert choice.citations == answer.citations(0)
    assert all(answer.hits[c.number - 1] is c.hit for c in choice.citations)


async def test_what_is_not_known_is_said_with_the_nearest_documents() -> None:
    script = Script(*says("a guess"))

    answer = await answerer(FAR, upstream=script).answer(EVERYBODY, ask(UNKNOWN))

    (choice,) = (await answer.completion()).choices
    assert choice.content is not None
    assert choice.content.startswith(phrase("unknown", "en"))
    assert "Reset the hub [1]" in choice.content
    assert not answer.answered
    assert script.sent == []


async def test_it_is_said_in_the_language_of_the_question() -> None:
    question = ask("Welchen Rabatt bekommt eine Schule in Zanzibar?")

    answer = await answerer(FAR).answer(EVERYBODY, question)

    (choice,) = (await answer.completion()).choices
    assert (choice.content or "").startswith(phrase("unknown", "de"))


async def test_a_greeting_is_not_refused() -> None:
    answer = await answerer().answer(EVERYBODY, ask("Hello!"))
    script = Script(*says("Hi!"))
    relayed = await answerer(upstream=script).answer(EVERYBODY, ask("Hello!"))

    (choice,) = (await answer.completion()).choices
    assert choice.content == phrase("greeting", "")
    assert (await relayed.completion()).choices[0].content == "Hi!"
    assert relayed.hits == ()


async def test_a_sign_without_words_is_no_question_of_the_documents() -> None:
    answer = await answerer().answer(EVERYBODY, ask("👍"))
    script = Script(*says("Glad to help!"))
    relayed = await answerer(upstream=script).answer(EVERYBODY, ask("👍"))

    assert not answer.answered
    assert (await relayed.completion()).choices[0].content == "Glad to help!"


TOOL = {"type": "function", "function": {"name": "look"}}


@pytest.mark.parametrize(
    "parameters", [{"tools": [TOOL]}, {"response_format": {"type": "json_object"}}]
)
async def test_what_needs_a_model_is_never_refused(parameters: JSON) -> None:
    script = Script(*says("{}"))

    await answerer(FAR, upstream=script).answer(EVERYBODY, ask(UNKNOWN, **parameters))

    assert len(script.sent) == 1


async def test_the_upstream_gets_the_sources_and_its_citations_come_back() -> None:
    script = Script(*says("Hold it [1].", " Buy it [7]."))

    answer = await answerer(upstream=script).answer(EVERYBODY, ask())
    (choice,) = (await answer.completion()).choices

    assert choice.content == "Hold it [1]. Buy it."
    assert [c.hit.chunk for c in choice.citations] == [RESET.chunk]
    assert RESET.chunk.text in str(script.sent[0])
    assert (answer.model, script.model) == ("frontdesk", "first")
    assert answer.upstream_seconds is not None


async def test_each_request_has_its_own_marker() -> None:
    script = Script(*says("yes"))
    busy = answerer(upstream=script)

    await busy.answer(EVERYBODY, ask())
    await busy.answer(EVERYBODY, ask())

    assert script.sent[0] != script.sent[1]


async def test_json_is_left_as_it_is() -> None:
    script = Script(*says('{"rows": [9]}'))
    question = ask(response_format={"type": "json_object"})

    answer = await answerer(upstream=script).answer(EVERYBODY, question)

    assert (await answer.completion()).choices[0].content == '{"rows": [9]}'
    assert answer.citations(0) == ()


async def test_without_retrieval_the_talk_is_relayed_as_it_is() -> None:
    script = Script(*says("As [9] I was."))
    question = ask(rag=RagOptions(enabled=False))

    answer = await answerer(upstream=script).answer(EVERYBODY, question)

    assert list(script.sent[0]) == [question.messages[0].as_json()]
    assert (await answer.completion()).choices[0].content == "As [9] I was."
    assert answer.findings is None


async def test_the_caller_can_ask_for_an_extract() -> None:
    script = Script(*says("a model's words"))

    answer = await answerer(upstream=script).answer(EVERYBODY, ask(model=EXTRACT_MODEL))

    assert RESET.chunk.text in str((await answer.completion()).choices[0].content)
    assert script.sent == []


async def test_the_setting_names_the_model_and_the_caller_sees_his_own() -> None:
    script = Script(*says("yes"))
    settings = Settings(chat=ChatSettings(model="big-one"))

    answer = await answerer(upstream=script, settings=settings).answer(EVERYBODY, ask())

    assert (script.model, answer.model) == ("big-one", "frontdesk")


async def test_usage_is_the_upstreams_and_tells_what_retrieval_saved() -> None:
    told = Usage(prompt=800, completion=5, cached=3)
    whole = hit("x " * 20_000, path="reset.md", position=9, start=90_000, score=0.01)
    script = Script(*says("yes"), usage=told)

    busy = answerer(RESET, whole, upstream=script)
    answer = await busy.answer(EVERYBODY, ask(rag=RagOptions(top_k=1)))
    await answer.completion()

    assert (answer.usage.prompt, answer.usage.completion) == (800, 5)
    assert 0 < answer.usage.sources < 800 < answer.usage.stuffed
    assert answer.usage.cached == 3


async def test_usage_is_counted_where_the_upstream_does_not_tell() -> None:
    script = Script(*says("Hold it."))

    answer = await answerer(upstream=script).answer(EVERYBODY, ask(stream=True))
    async for _ in answer.bursts():
        pass

    assert answer.usage.prompt > answer.usage.sources > 0 < answer.usage.completion


async def test_n_answers_without_a_model_are_the_same() -> None:
    answer = await answerer().answer(EVERYBODY, ask(n=2))

    first, second = (await answer.completion()).choices
    assert (first.content, first.index, second.index) == (second.content, 0, 1)
