"""An upstream that says what it is told to, and remembers what it was sent."""

from collections.abc import AsyncIterator, Sequence

from app.messages import JSON, Choice, Completion, Piece, Usage


class Script:
    """Writes the same answer to everything."""

    def __init__(
        self,
        *pieces: Piece,
        failure: Exception | None = None,
        usage: Usage | None = None,
        window: int | None = None,
    ) -> None:
        self.sent: list[Sequence[JSON]] = []
        self.closed = False
        self.model = ""
        self._pieces = pieces
        self._failure = failure
        self._usage = usage
        self._window = window

    async def complete(
        self, prompt: Sequence[JSON], parameters: JSON, *, model: str
    ) -> Completion:
        self._take(prompt, model)
        text = "".join(piece.content for piece in self._pieces)
        return Completion(choices=(Choice(content=text),), usage=self._usage)

    async def stream(
        self, prompt: Sequence[JSON], parameters: JSON, *, model: str
    ) -> "ScriptedStream":
        self._take(prompt, model)
        return ScriptedStream(self, self._pieces, self._usage)

    async def context_window(self, model: str) -> int | None:
        return self._window

    async def first_model(self) -> str:
        return "first"

    def _take(self, prompt: Sequence[JSON], model: str) -> None:
        self.sent.append(prompt)
        self.model = model
        if self._failure is not None:
            raise self._failure


class ScriptedStream:
    """The pieces of a script; a piece of content "BREAK" breaks the stream."""

    def __init__(
        self, script: Script, pieces: Sequence[Piece], usage: Usage | None
    ) -> None:
        self.usage: Usage | None = None
        self.rest: JSON = {}
        self._script = script
        self._pieces = pieces
        self._last = usage

    async def __aiter__(self) -> AsyncIterator[Sequence[Piece]]:
        for piece in self._pieces:
            yield (piece,)
        self.usage = self._last

    async def aclose(self) -> None:
        self._script.closed = True
