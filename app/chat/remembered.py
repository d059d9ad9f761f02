"""An answer that is kept as it is written: whatever becomes of it, its turn says so."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from msgspec.structs import replace

from app.chat.hearing import Heard, kept_fields
from app.conversations.recording import Recorder
from app.conversations.rows import row_of
from app.conversations.spool import Write
from app.conversations.turns import (
    Cited,
    KeptCitation,
    Rag,
    Status,
    Turn,
    kept_hits,
)
from app.errors import UpstreamInterrupted
from app.messages import Citation, Completion, Findings, Piece, Usage
from ingest.documents import Hit

CodeOf = Callable[[BaseException], str]
"""Returns the code that callers are told for an error."""


class Written(Protocol):
    """An answer being written; `app.chat.writing.Answer`."""

    @property
    def hits(self) -> tuple[Hit, ...]:
        """Sources offered."""
        ...

    @property
    def findings(self) -> Findings | None:
        """What retrieval found."""
        ...

    @property
    def model(self) -> str:
        """The model to report."""
        ...

    @property
    def answered(self) -> bool:
        """Whether it says more than that it does not know."""
        ...

    @property
    def degraded(self) -> str | None:
        """Why it is weaker than asked for."""
        ...

    @property
    def follow_ups(self) -> tuple[str, ...]:
        """What may be asked next; final after the end."""
        ...

    @property
    def usage(self) -> Usage:
        """Tokens; final after the end."""
        ...

    def bursts(self) -> AsyncIterator[Sequence[Piece]]:
        """Return it as it grows."""
        ...

    async def completion(self) -> Completion:
        """Return it whole."""
        ...

    def citations(self, index: int) -> tuple[Citation, ...]:
        """Return the citations of a choice, so far."""
        ...

    async def aclose(self) -> None:
        """Stop it."""
        ...


class Ending:
    """Keeps the end of one turn, once."""

    def __init__(
        self,
        turn: Turn,
        *,
        tenant: str,
        recorder: Recorder | None,
        code_of: CodeOf,
        closing: asyncio.Event,
    ) -> None:
        """Wait for the end of `turn`, which begins now.

        Args:
            turn: What was asked.
            tenant: Whose it is.
            recorder: What writes it; None keeps nothing.
            code_of: Returns the code of an error.
            closing: Set when answers must end because the service does.
        """
        self.turn = turn
        self.over = False
        self._tenant = tenant
        self._recorder = recorder
        self._code_of = code_of
        self._closing = closing
        self._start = time.perf_counter()

    def broken(self, error: BaseException, *, begun: bool) -> None:
        """Keep that it broke off; `begun` when something had been said."""
        if isinstance(error, (asyncio.CancelledError, GeneratorExit)):
            self.left()
            return
        status: Status = "incomplete" if begun else "failed"
        self.put(replace(self.turn, status=status, error=self._code_of(error)))

    def left(self) -> None:
        """Keep that nobody waits for it any longer: the caller left, or we end."""
        ends = self._closing.is_set()
        status: Status = "incomplete" if ends else "cancelled"
        error = "shutting_down" if ends else ""
        self.put(replace(self.turn, status=status, error=error))

    def put(self, turn: Turn) -> None:
        """Keep its end, without waiting."""
        if write := self._write(turn):
            write[0].put(write[1])

    async def save(self, turn: Turn) -> bool:
        """Keep its end, and return whether the database has it."""
        write = self._write(turn)
        return write is None or await write[0].save(write[1])

    def _write(self, turn: Turn) -> tuple[Recorder, Write] | None:
        if self.over or self._recorder is None:
            return None
        self.over = True
        seconds = round(time.perf_counter() - self._start, 4)
        row = row_of(replace(turn, seconds=seconds), self._tenant)
        return self._recorder, Write(not turn.conversation_id, row)


class Remembered:
    """An answer being written, and kept; must be closed.

    Attributes:
        id: Id of the completion, and of its turn.
        conversation_id: The conversation it is in, or "".
        saved: Whether the conversation has it; final after the end.
        hits: Sources offered; number 1 is the first.
        findings: What retrieval found; None where it was switched off.
        model: Name of the model to report.
        answered: False where the answer is that the documents hold none.
        degraded: Why the answer is weaker than asked for, or None.
    """

    def __init__(self, answer: Written, ending: Ending) -> None:
        self.id = ending.turn.id
        self.conversation_id = ending.turn.conversation_id
        self.saved = True
        self.hits = answer.hits
        self.findings = answer.findings
        self.model = answer.model
        self.answered = answer.answered
        self.degraded = answer.degraded
        self._answer = answer
        self._ending = ending
        self._heard = Heard()
        self._begun = self._ended = False
        ending.turn = self._offered(ending.turn)

    @property
    def follow_ups(self) -> tuple[str, ...]:
        """What may be asked next; final after the end."""
        return self._answer.follow_ups

    @property
    def usage(self) -> Usage:
        """Tokens; final after the end."""
        return self._answer.usage

    async def bursts(self) -> AsyncIterator[Sequence[Piece]]:
        """Yield the answer as it grows: pieces, together what came together.

        Raises:
            UpstreamFailed: The upstream stopped, stalled or said too much.
        """
        try:
            async for burst in self._answer.bursts():
                self._begun = True
                for piece in burst:
                    self._hear(piece)
                yield burst
            self._refuse_unended()
        except BaseException as error:
            # Whatever it is, being left included: the turn says how it ended.
            self._ending.turn = self._said()
            self._ending.broken(error, begun=self._begun)
            raise
        await self._complete(self._said())

    async def completion(self) -> Completion:
        """Return the answer to a question that did not ask for a stream."""
        try:
            whole = await self._answer.completion()
        except BaseException as error:
            # Being left counts too.
            self._ending.broken(error, begun=False)
            raise
        first = whole.choices[0]
        self._hear(Piece(content=first.content or "", rest=kept_fields(first.rest)))
        await self._complete(self._said())
        return whole

    def citations(self, index: int) -> tuple[Citation, ...]:
        """Return the citations of choice `index` (from 0), so far."""
        return self._answer.citations(index)

    async def aclose(self) -> None:
        """Stop it, if it is still being written."""
        if not self._ending.over:
            self._ending.turn = self._said()
            self._ending.left()
        await self._answer.aclose()

    def _hear(self, piece: Piece) -> None:
        if piece.index:
            return
        if piece.finish_reason is not None:
            self._ended = True
        # Of an answer outside of any conversation nothing is kept.
        if self.conversation_id:
            self._heard.take(piece)

    def _refuse_unended(self) -> None:
        if not self._ended:
            raise UpstreamInterrupted("the answer ended without a reason")

    async def _complete(self, turn: Turn) -> None:
        whole = replace(turn, status="complete", answered=self.answered)
        if turn.rag is not None:
            whole = replace(
                whole, rag=replace(turn.rag, follow_ups=self._answer.follow_ups)
            )
        if self.conversation_id:
            self.saved = await self._ending.save(whole)
        else:
            self._ending.put(whole)

    def _offered(self, turn: Turn) -> Turn:
        """Return `turn` with what is known as soon as the answer has begun."""
        findings = self.findings
        paths = dict.fromkeys(hit.chunk.path for hit in self.hits)
        return replace(
            turn,
            model=self.model,
            confidence=round(findings.confidence, 4) if findings else None,
            documents=tuple(paths),
        )

    def _said(self) -> Turn:
        """Return the turn with what was said so far."""
        turn = replace(self._ending.turn, usage=self.usage)
        if not self.conversation_id:
            return turn
        citations = tuple(
            KeptCitation(number=c.number, start=c.start, end=c.end)
            for c in self.citations(0)
        )
        return replace(
            turn,
            answer=self._heard.text,
            said=self._heard.fields,
            cited=Cited(hits=kept_hits(self.hits), citations=citations),
            rag=self._rag(),
        )

    def _rag(self) -> Rag | None:
        if self.findings is None:
            return None
        return Rag(
            edition=self.findings.edition,
            queries=self.findings.queries,
            degraded=self.degraded,
            usage=self.usage,
        )
