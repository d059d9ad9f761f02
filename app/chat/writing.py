"""An answer while it is written, and what is told with it."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from app.chat.citations import cited
from app.chat.following import Around, follow_ups
from app.chat.outgoing.texts import Rules
from app.chat.outgoing.voices import Voice, checked
from app.chat.prompt import Prompt
from app.errors import UpstreamFailed
from app.messages import JSON, Citation, Completion, Findings, Piece, Usage
from ingest.documents import Hit

PATIENCE = 0.15
"""Seconds that text is held back for what follows it, at most."""


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
        rules: What may leave.
        around: What the answer stands among.
        sent: The prompt, and the name of the model that it was sent to; None where
            no model was asked.
    """

    hits: tuple[Hit, ...]
    findings: Findings | None
    model: str
    answered: bool
    degraded: str | None = None
    upstream_seconds: float | None = None
    rules: Rules = Rules()
    around: Around = Around()
    sent: tuple[Prompt, str] | None = None


class Answer:
    """An answer being written; must be closed.

    Attributes:
        hits: Sources offered; number 1 is the first.
        findings: What retrieval found; None where it was switched off.
        model: Name of the model to report.
        answered: False where the answer is that the documents hold none.
        degraded: Why the answer is weaker than asked for, or None.
        upstream_seconds: Seconds until the upstream began; None without one.
        sent: The prompt, and the model it was sent to; None where none was asked.
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
        self.sent = about.sent
        self.usage = Usage()
        self._rules = about.rules
        self._around = about.around
        self._writing = writing
        self._bill = bill
        self._over = False
        self._due: float | None = None
        self._waits = False
        self._beside: list[JSON] = []
        self._voices: dict[int, Voice] = {}
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
            async with aclosing(self._grown(self._writing)) as grown:
                async for said in grown:
                    yield said
        except UpstreamFailed:
            # What had come by then is not lost with the rest.
            if late := self._released():
                yield late
            raise
        finally:
            await self._writing.aclose()
        self.usage = await self._bill.told(self._writing.usage, self._text)
        self._over = True

    async def _grown(self, writing: PieceStream) -> AsyncGenerator[Sequence[Piece]]:
        """Yield what may leave as it comes, or once it was held back for too long."""
        stream, coming = aiter(writing), None
        try:
            while True:
                if self._due is None:
                    burst = await anext(stream, None)
                else:
                    coming = asyncio.ensure_future(_next(stream))
                    await asyncio.wait({coming}, timeout=self._due - time.monotonic())
                    if not coming.done() and (late := self._released()):
                        yield late
                    burst = await coming
                if burst is None:
                    return
                said = [left for piece in burst if (left := self._said(piece))]
                if self._waits:
                    self._watch()
                if said:
                    yield said
        finally:
            await _stop(coming)

    async def completion(self) -> Completion:
        """Return the answer to a question that did not ask for a stream."""
        if not isinstance(self._writing, Completion):
            raise TypeError("this answer is streamed: read its pieces")
        whole = self._writing
        choices = tuple(checked(c, self._rules, self.hits) for c in whole.choices)
        self._citations = {choice.index: choice.citations for choice in choices}
        text = "\n".join(choice.content or "" for choice in choices)
        self.usage = await self._bill.told(whole.usage, text)
        self._over = True
        return replace(whole, choices=choices, usage=self.usage)

    def citations(self, index: int) -> tuple[Citation, ...]:
        """Return the citations of choice `index` (from 0), so far."""
        if index in self._voices and self._rules.is_prose and self._rules.cites:
            return cited(self._voices[index].text, self.hits)
        return self._citations.get(index, ())

    @property
    def follow_ups(self) -> tuple[str, ...]:
        """What may be asked next; final after the end."""
        if not self.answered:
            return ()
        cited_ids = {citation.hit.chunk.id for citation in self.citations(0)}
        return follow_ups(self._around, cited_ids)

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
            voice = self._voices[piece.index] = Voice(self._rules)
        left = voice.take(piece)
        self._waits = self._waits or voice.waiting
        return left

    def _watch(self) -> None:
        """Note until when what is held back may stay so."""
        for voice in self._voices.values():
            if voice.waiting:
                self._due = self._due or time.monotonic() + PATIENCE
                return
        self._due, self._waits = None, False

    def _released(self) -> list[Piece]:
        """Return what was held back for too long: the upstream takes its time."""
        late = [voice.release(index) for index, voice in self._voices.items()]
        self._due = None
        self._watch()
        return [piece for piece in late if piece]


async def _next(stream: AsyncIterator[Sequence[Piece]]) -> Sequence[Piece] | None:
    return await anext(stream, None)


async def _stop(coming: "asyncio.Future[Sequence[Piece] | None] | None") -> None:
    """End a wait for the upstream that nobody waits for any more."""
    if coming is not None and not coming.done():
        coming.cancel()
        await asyncio.wait({coming})


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
