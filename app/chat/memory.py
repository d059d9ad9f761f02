"""Remembers what is asked and answered: recalls a conversation, and keeps each turn.

    question --recall--> question in its conversation --Answerer--> answer --keep--> turn

A turn of a conversation is written before it is answered, so that it is there
whatever happens; a question outside of any is written once, at its end.
"""

import asyncio
import time
from typing import Protocol

from msgspec.structs import replace

from app.chat.recall import added, beyond_text, continued, question_text
from app.chat.remembered import CodeOf, Ending, Remembered, Written
from app.conversations.keeping import Kept
from app.conversations.turns import Turn
from app.errors import DatabaseUnavailable, Forbidden, InvalidRequest
from app.ids import new_id
from app.messages import Question
from ingest.documents import Principal

_LONGEST = 4_000
"""Characters that are kept of a question outside of any conversation."""


class Answers(Protocol):
    """Answers questions; `app.chat.answer.Answerer`."""

    async def answer(self, principal: Principal, question: Question) -> Written:
        """Begin to answer."""
        ...


class Memory:
    """Answers questions, and remembers them."""

    def __init__(
        self,
        answerer: Answers,
        kept: Kept | None,
        *,
        code_of: CodeOf,
        closing: asyncio.Event,
    ) -> None:
        """Remember what `answerer` answers.

        Args:
            answerer: Answers.
            kept: What keeps conversations and turns; None where nothing is kept.
            code_of: Returns the code that callers are told for an error.
            closing: Set when answers must end because the service does.
        """
        self._answerer = answerer
        self._kept = kept
        self._code_of = code_of
        self._closing = closing

    async def answer(self, principal: Principal, question: Question) -> Remembered:
        """Begin to answer.

        Raises:
            Forbidden: The principal may not continue conversations.
            ConversationNotFound: It may not continue this one.
            NotFound: What it replaces does not stand there.
            DatabaseUnavailable: The conversation cannot be read or written now; the
                upstream was not asked.
            AppError: Whatever the answerer raises.
        """
        if question.conversation_id:
            question, ending = await self._recall(principal, question)
        else:
            ending = self._alone(principal, question)
        try:
            answer = await self._answerer.answer(principal, question)
        except BaseException as error:
            # Being left counts too.
            if question.conversation_id or not isinstance(error, InvalidRequest):
                ending.broken(error, begun=False)
            raise
        return Remembered(answer, ending)

    async def _recall(
        self, principal: Principal, question: Question
    ) -> tuple[Question, Ending]:
        """Begin a turn; return the question in its conversation."""
        _refuse_strangers(principal)
        if self._kept is None:
            raise DatabaseUnavailable("no database is open")
        new = added(question.messages)
        turn = Turn(
            id=new_id("chatcmpl-"),
            conversation_id=question.conversation_id,
            user=question.user,
            key_id=principal.key_id,
            digest=question.digest,
            question=question_text(new.said),
            asked=beyond_text(new.said),
            model=question.model,
            created=time.time(),
        )
        turn, before = await self._kept.history.begin(
            principal, turn, retried=question.retried, replaces=question.replaces
        )
        ending = self._ending(turn, principal)
        self._kept.recorder.hold(turn.id)
        try:
            messages = continued(before, new)
        except InvalidRequest as error:
            ending.broken(error, begun=False)
            raise
        return replace(question, messages=messages), ending

    def _alone(self, principal: Principal, question: Question) -> Ending:
        """Begin a turn outside of any conversation; nothing is written yet."""
        record = "off" if self._kept is None else self._kept.settings.record
        text = ""
        if record == "questions":
            said = [m for m in question.messages if m.role == "user"][-1:]
            text = question_text(said)[:_LONGEST]
        turn = Turn(
            id=new_id("chatcmpl-"),
            user=question.user,
            session=principal.session,
            key_id=principal.key_id,
            question=text,
            model=question.model,
            created=time.time(),
        )
        return self._ending(turn, principal, keep=record != "off")

    def _ending(self, turn: Turn, principal: Principal, *, keep: bool = True) -> Ending:
        recorder = self._kept.recorder if self._kept and keep else None
        return Ending(
            turn,
            tenant=principal.tenant,
            recorder=recorder,
            code_of=self._code_of,
            closing=self._closing,
        )


def _refuse_strangers(principal: Principal) -> None:
    # A visitor's session has conversations of its own.
    if not principal.session and "conversations" not in principal.scopes:
        raise Forbidden("To continue a conversation takes the scope conversations.")
