"""Lets the upstream answer: the prompt within the model's window, and its answer."""

import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Protocol

from app import metrics
from app.access.tabs import Call, Tab
from app.chat.found import Found
from app.chat.outgoing.addresses import addresses
from app.chat.outgoing.calls import declared
from app.chat.outgoing.leaks import instructions_of
from app.chat.outgoing.texts import Rules
from app.chat.prompt import (
    INSTRUCTIONS,
    NO_SOURCES,
    UNSEARCHED,
    WITHOUT_MARKERS,
    Budget,
    Frame,
    Prompt,
    build_prompt,
    plain_prompt,
    role_for,
)
from app.chat.spending import Spending, whole_documents
from app.chat.writing import About, Answer, PieceStream
from app.errors import UpstreamFailed
from app.messages import JSON, Completion, Question
from app.settings import Settings
from app.tokens import DEFAULT_WINDOW, TokenCounter, known_window
from ingest.documents import Hit, Principal

DEFAULT_MODEL = "frontdesk"
"""Name a caller may always use: whatever this service answers with."""

_BESIDE = ("tools", "functions", "response_format")
"""Parameters that take room in the model's window."""

Lengths = Callable[[Principal, Sequence[Hit]], Awaitable[dict[str, int]]]
"""Returns the length of each hit's document in characters, by document id."""


class Writer(Protocol):
    """What writes answers; `app.upstream.client.Upstream`."""

    async def complete(
        self, prompt: Sequence[JSON], parameters: JSON, *, model: str
    ) -> Completion:
        """Return a whole answer."""
        ...

    async def stream(
        self, prompt: Sequence[JSON], parameters: JSON, *, model: str
    ) -> PieceStream:
        """Return an answer in pieces."""
        ...

    async def context_window(self, model: str) -> int | None:
        """Return the tokens `model` can take, or None if nobody says."""
        ...

    async def first_model(self) -> str:
        """Return the first model that the upstream lists."""
        ...


class Asker:
    """Asks the upstream."""

    def __init__(
        self,
        *,
        upstream: Writer,
        lengths: Lengths,
        tokens: TokenCounter,
        settings: Settings,
    ) -> None:
        """Ask `upstream`; see `app.chat.answer.Answerer` for the rest."""
        self._upstream = upstream
        self._lengths = lengths
        self._tokens = tokens
        self._settings = settings

    async def answer(self, principal: Principal, found: Found, tab: Tab) -> Answer:
        """Begin to answer; the upstream has answered 2xx when this returns.

        Raises:
            ContextTooLong: Conversation and question do not fit the model.
            LimitReached: What it may take is more than a limit leaves.
            UpstreamFailed: The upstream gave no answer.
        """
        question = found.question
        model = await self.model_for(question)
        window = await self._window(model)
        with metrics.stage("prompt"):
            prompt = self._prompt(found, model, window)
        call, parameters = await self._reserve(question, prompt, model, tab)
        writer = self._upstream
        send = writer.stream if question.stream else writer.complete
        start = time.perf_counter()
        try:
            writing = await send(prompt.messages, parameters, model=model)
        except UpstreamFailed as error:
            call.fail(error)
            raise
        about = About(
            hits=prompt.hits,
            findings=found.findings,
            model=question.model,
            answered=found.is_sure(self._settings.retrieval.min_confidence),
            degraded=found.degraded,
            upstream_seconds=time.perf_counter() - start,
            rules=self._rules(question, prompt, found),
            around=found.around(prompt.hits),
            sent=(prompt, model),
        )
        spending = Spending(
            tab=tab,
            tokens=self._tokens,
            model=model,
            whole=partial(
                whole_documents, prompt.hits, partial(self._lengths, principal)
            ),
            sent=(prompt, call),
            rewrite=found.rewrite_tokens,
        )
        return Answer(about, writing, spending)

    async def model_for(self, question: Question) -> str:
        """Return what to ask the upstream for."""
        if self._settings.chat.model or question.model != DEFAULT_MODEL:
            return self._settings.chat.model or question.model
        # Our own name means nothing there.
        return await self._upstream.first_model()

    async def _reserve(
        self, question: Question, prompt: Prompt, model: str, tab: Tab
    ) -> tuple[Call, JSON]:
        """Reserve the most that the answer can take, and return what bounds it."""
        given = question.parameters
        most = _asked_for(given) or self._settings.chat.answer_tokens
        call = await tab.reserve(
            model,
            prompt=prompt.tokens,
            completion=most * (given.get("n") or 1),
        )
        if tab.is_bounded and not _asked_for(given):
            # Where tokens are limited, what is reserved must be the most there is.
            given = given | {"max_completion_tokens": most}
        return call, given

    async def _window(self, model: str) -> int | None:
        """Return the tokens `model` can take, or None for a model nobody knows."""
        if self._settings.chat.context_window:
            return self._settings.chat.context_window
        return await self._upstream.context_window(model) or known_window(model)

    def _prompt(self, found: Found, model: str, window: int | None) -> Prompt:
        question, chat = found.question, self._settings.chat
        role = role_for(chat.system_role, model)
        budget = self._budget(question, model, window)

        def count(message: JSON) -> int:
            return self._tokens.of_message(message, model=model)

        if found.findings is None:
            return plain_prompt(
                question.messages, role=role, budget=budget, count=count
            )
        frame = Frame(
            role=role,
            marker=secrets.token_hex(12),
            instructions=self._instructions(question),
            no_sources=UNSEARCHED if found.unsearched else NO_SOURCES,
        )
        hits = () if found.greets else found.findings.hits
        return build_prompt(
            question.messages, hits, frame=frame, budget=budget, count=count
        )

    def _instructions(self, question: Question) -> str:
        more = [WITHOUT_MARKERS] if question.wants_json else []
        parts = [INSTRUCTIONS, *more, self._settings.chat.instructions]
        return "\n".join(filter(None, parts))

    def _rules(self, question: Question, prompt: Prompt, found: Found) -> Rules:
        """Return what may leave with the answer."""
        framed = found.findings is not None
        given = (message.text for message in question.messages)
        return Rules(
            offered=len(prompt.hits),
            addresses=addresses(prompt.hits, given, self._settings.chat.link_hosts),
            instructions=instructions_of(
                self._instructions(question) if framed else ""
            ),
            tools=declared(question.parameters),
            cites=framed,
            is_prose=not question.wants_json,
        )

    def _budget(self, question: Question, model: str, window: int | None) -> Budget:
        given = question.parameters
        answer = _asked_for(given) or self._settings.chat.answer_tokens
        if window is None:
            # The window is a guess, so what the caller asks for may well be right.
            window, answer = DEFAULT_WINDOW, min(answer, DEFAULT_WINDOW // 2)
        beside = {k: given[k] for k in _BESIDE if given.get(k)}
        extra = self._tokens.of_json(beside, model=model) if beside else 0
        return Budget(window=window, answer=answer, extra=extra)


def _asked_for(given: JSON) -> int | None:
    """Return the most tokens that the caller wants an answer to have, if any."""
    return given.get("max_completion_tokens") or given.get("max_tokens")
