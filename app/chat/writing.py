"""An answer while it is written, and what is told with it."""

from collections.abc import AsyncIterator, Sequence
from itertools import chain
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from app.chat.citations import cited
from app.chat.outgoing import MarkerFilter
from app.messages import JSON, Choice, Citation, Completion, Findings, Piece, Usage
from ingest.documents import Hit


class PieceStream(Protocol):
    """An answer of the upstream in pieces; `app.upstream.stream.UpstreamStream`."""

    usage: Usage | None
    rest: JSON

    def __aiter__(self) -> AsyncIterator[Sequence[Piece]]:
        """Return the pieces, together what came together."""
        ...

    async def aclose(self) -> None:
        """Drop the connection at once."""
        ...


class Bill(Protocol):
    """What an answer takes; `app.chat.spending.Spending`, see there."""

    async def told(self, usage: Usage | None, text: str) -> Usage:
        """Return what an answer took that is over."""
        ...

    def break_off(
        self, usage: Usage | None, text: str, beside: Sequence[JSON]
    ) -> Usage:
        """Return what an answer took that is given up."""
        ...

    async def aclose(self) -> None:
        """Give back what was not taken."""
        ...


class About(Struct, frozen=True, kw_only=True):
    """What is told with an answer.

    Attributes:
        hits: Sources offered; number 1 is the first.
        findings: What retrieval found; None where it was switched off.
        model: Name of the model to report.
        answered: False where the answer is that the documents hold none.
        degraded: Why the answer is weaker than asked for, or None.
        upstream_seconds: Seconds until the upstream began; None without one.
        filtered: Markers without a source are taken out of the text.
    """

    hits: tuple[Hit, ...]
    findings: Findings | None
    model: str
    answered: bool
    degraded: str | None = None
    upstream_seconds: float | None = None
    filtered: bool = True


class Answer:
    """An answer being written; must be closed.

    Attributes:
        hits: Sources offered; number 1 is the first.
        findings: What retrieval found; None where it was switched off.
        model: Name of the model to report.
        answered: False where the answer is that the documents hold none.
        degraded: Why the answer is weaker than asked for, or None.
        upstream_seconds: Seconds until the upstream began; None without one.
        usage: Tokens; final after the end.
    """

    def __init__(
        self, about: About, writing: Completion | PieceStream, bill: Bill
    ) -> None:
        self.hits = about.hits
        self.findings = about.findings
        self.model = about.model
        self.answered = about.answered
        self.degraded = about.degraded
        self.upstream_seconds = about.upstream_seconds
        self.usage = Usage()
        self._filtered = about.filtered
        self._writing = writing
        self._bill = bill
        self._over = False
        self._beside: list[JSON] = []
        self._voices: dict[int, _Voice] = {}
        self._citations: dict[int, tuple[Citation, ...]] = {}

    async def bursts(self) -> AsyncIterator[Sequence[Piece]]:
        """Yield the answer as it grows: pieces, together what came together.

        Each choice ends with one finish reason.

        Raises:
            UpstreamFailed: The upstream stopped, stalled or said too much.
        """
        if isinstance(self._writing, Completion):
            yield _pieces_of(await self.completion())
            return
        try:
            async for burst in self._writing:
                said = [left for piece in burst if (left := self._said(piece))]
                if said:
                    yield said
        finally:
            await self._writing.aclose()
        self.usage = await self._bill.told(self._writing.usage, self._text)
        self._over = True

    async def completion(self) -> Completion:
        """Return the answer to a question that did not ask for a stream."""
        if not isinstance(self._writing, Completion):
            raise TypeError("this answer is streamed: read its pieces")
        whole = self._writing
        choices = tuple(map(self._checked, whole.choices))
        text = "\n".join(choice.content or "" for choice in choices)
        self.usage = await self._bill.told(whole.usage, text)
        self._over = True
        return replace(whole, choices=choices, usage=self.usage)

    def citations(self, index: int) -> tuple[Citation, ...]:
        """Return the citations of choice `index` (from 0), so far."""
        if index in self._voices and self._filtered:
            return cited(self._voices[index].text, self.hits)
        return self._citations.get(index, ())

    async def aclose(self) -> None:
        """Stop the upstream, if it is still writing, and count what it took."""
        try:
            if not isinstance(self._writing, Completion):
                await self._writing.aclose()
        finally:
            await self._settle()

    async def _settle(self) -> None:
        if not self._over:
            self._over = True
            usage = self._writing.usage
            self.usage = self._bill.break_off(usage, self._text, self._beside)
        await self._bill.aclose()

    @property
    def _text(self) -> str:
        if isinstance(self._writing, Completion):
            return "\n".join(choice.content or "" for choice in self._writing.choices)
        return "\n".join(voice.text for voice in self._voices.values())

    def _said(self, piece: Piece) -> Piece | None:
        """Return what may leave of a piece."""
        if piece.rest:
            self._beside.append(piece.rest)
        voice = self._voices.get(piece.index)
        if voice is None:
            markers = MarkerFilter(len(self.hits)) if self._filtered else None
            voice = self._voices[piece.index] = _Voice(markers)
        return voice.take(piece)

    def _checked(self, choice: Choice) -> Choice:
        if choice.content and self._filtered and not choice.citations:
            markers = MarkerFilter(len(self.hits))
            text = markers.feed(choice.content) + markers.flush()
            same = text == choice.content
            choice = replace(
                choice,
                content=text,
                logprobs=choice.logprobs if same else None,
                citations=cited(text, self.hits),
            )
        self._citations[choice.index] = choice.citations
        return choice


class _Voice:
    """One choice of a stream: its text so far, and what is held back of it."""

    def __init__(self, markers: MarkerFilter | None) -> None:
        self._markers = markers
        self._said: list[str] = []
        self._came = ""
        self._ready = ""
        self._logprobs: list[JSON] = []

    @property
    def text(self) -> str:
        """What left so far."""
        return "".join(self._said)

    def take(self, piece: Piece) -> Piece | None:
        """Return what may leave of a piece, or None if nothing may yet."""
        if self._markers is None:
            self._said.append(piece.content)
            return piece
        if self._is_plain(piece) and self._markers.passes(piece.content):
            self._said.append(piece.content)
            return piece
        self._came += piece.content
        self._ready += self._markers.feed(piece.content)
        if piece.logprobs is not None:
            self._logprobs.append(piece.logprobs)
        if piece.finish_reason is not None:
            self._ready += self._markers.flush()
        # Probabilities belong to whole pieces, so these leave whole or not yet.
        elif self._logprobs and self._markers.waiting:
            return replace(piece, content="", logprobs=None) if piece.rest else None
        logprobs = _joined(self._logprobs) if self._ready == self._came else None
        said = replace(piece, content=self._ready, logprobs=logprobs)
        self._said.append(self._ready)
        if not self._markers.waiting:
            self._came = ""
        self._ready, self._logprobs = "", []
        empty = not (said.content or said.rest or said.logprobs)
        return None if empty and said.finish_reason is None else said

    def _is_plain(self, piece: Piece) -> bool:
        """Return whether a piece is text alone, and nothing before it waits."""
        held = self._came or self._logprobs or piece.logprobs or piece.rest
        return not held and piece.finish_reason is None


def _joined(logprobs: Sequence[JSON]) -> JSON | None:
    """Return the probabilities of several pieces as those of one."""
    if not logprobs:
        return None
    names = dict.fromkeys(name for part in logprobs for name in part)
    lists = {n: [part[n] for part in logprobs if part.get(n)] for n in names}
    return {n: [*chain.from_iterable(found)] or None for n, found in lists.items()}


def _pieces_of(completion: Completion) -> list[Piece]:
    """Return an answer that is there as a whole in pieces."""
    pieces = []
    for choice in completion.choices:
        said = Piece(
            index=choice.index,
            content=choice.content or "",
            rest=choice.rest,
            logprobs=choice.logprobs,
        )
        pieces += [said, Piece(index=choice.index, finish_reason=choice.finish_reason)]
    return pieces
