import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from app.chat.writing import Answer
from app.messages import JSON, Piece
from tests.app.chat.made_answers import RESET, answerer, ask, says
from tests.app.chat.writers import Script, ScriptedStream
from tests.app.shelf import EVERYBODY


async def pieces_of(answer: Answer) -> list[Piece]:
    """Return the pieces of an answer, one after the other."""
    return [piece async for burst in answer.bursts() for piece in burst]


async def test_an_extract_can_be_streamed() -> None:
    answer = await answerer().answer(EVERYBODY, ask(stream=True))

    pieces = await pieces_of(answer)

    assert RESET.chunk.text in "".join(piece.content for piece in pieces)
    assert [p.finish_reason for p in pieces if p.finish_reason] == ["stop"]
    assert answer.citations(0)


async def test_a_stream_is_filtered_as_it_goes() -> None:
    script = Script(*says("Hold it [", "1]", ". Buy [", "7", "] it."))

    answer = await answerer(upstream=script).answer(EVERYBODY, ask(stream=True))
    pieces = await pieces_of(answer)

    assert "".join(piece.content for piece in pieces) == "Hold it [1]. Buy it."
    assert [p.finish_reason for p in pieces if p.finish_reason] == ["stop"]
    assert [c.number for c in answer.citations(0)] == [1]
    assert script.closed


async def test_every_choice_of_a_stream_is_filtered_for_itself() -> None:
    script = Script(
        Piece(index=0, content="a [1"),
        Piece(index=1, content="b [9"),
        Piece(index=0, content="]", finish_reason="stop"),
        Piece(index=1, content="]", finish_reason="length"),
    )

    answer = await answerer(upstream=script).answer(EVERYBODY, ask(stream=True, n=2))
    pieces = await pieces_of(answer)

    said = ["".join(p.content for p in pieces if p.index == index) for index in (0, 1)]
    assert said == ["a [1]", "b"]
    assert [p.finish_reason for p in pieces if p.finish_reason] == ["stop", "length"]


async def test_probabilities_of_changed_text_are_dropped_and_others_kept() -> None:
    def piece(text: str) -> Piece:
        return Piece(content=text, logprobs={"content": [{"token": text}]})

    tokens = ["Hold", " it", " [", "1", "]", ".", " Buy", " [9", "]", "."]
    script = Script(*map(piece, tokens), Piece(finish_reason="stop"))

    answer = await answerer(upstream=script).answer(
        EVERYBODY, ask(stream=True, logprobs=True)
    )
    pieces = await pieces_of(answer)

    kept = [t["token"] for p in pieces if p.logprobs for t in p.logprobs["content"]]
    assert kept == ["Hold", " it", " [", "1", "]", ".", " Buy"]
    assert "".join(piece.content for piece in pieces) == "Hold it [1]. Buy."


class _Stuck(ScriptedStream):
    """Says one piece and then nothing more."""

    async def __aiter__(self) -> AsyncIterator[Sequence[Piece]]:
        yield (Piece(content="first"),)
        await asyncio.Event().wait()


class _StuckScript(Script):
    async def stream(
        self, prompt: Sequence[JSON], parameters: JSON, *, model: str
    ) -> ScriptedStream:
        await super().stream(prompt, parameters, model=model)
        return _Stuck(self, (), None)


async def test_who_leaves_takes_the_upstream_with_him() -> None:
    script = _StuckScript()
    answer = await answerer(upstream=script).answer(EVERYBODY, ask(stream=True))
    came = asyncio.Event()

    async def read() -> None:
        async for _ in answer.bursts():
            came.set()

    reading = asyncio.create_task(read())
    await came.wait()
    reading.cancel()

    with pytest.raises(asyncio.CancelledError):
        await reading
    assert script.closed


async def test_an_answer_nobody_read_can_be_closed() -> None:
    script = Script(*says("never read"))

    answer = await answerer(upstream=script).answer(EVERYBODY, ask(stream=True))
    await answer.aclose()

    assert script.closed
