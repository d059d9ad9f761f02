"""Question to answer: retrieve, judge, and let a model or the documents speak.

    question --queries--> retrieve --Findings--+--> prompt --> upstream --> Answer
                                               +--> extract, refusal --> Answer

Everything that can be refused is refused before `Answerer.answer` returns.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

from msgspec import Struct

from app import metrics
from app.access.meter import Meter
from app.access.tabs import Tab
from app.chat import quoting
from app.chat.asking import Asker, Lengths, Writer
from app.chat.found import Found
from app.chat.outgoing.addresses import addresses
from app.chat.outgoing.texts import Rules
from app.chat.page_hint import hinted
from app.chat.question import queries
from app.chat.quoting import EmbedTexts, Quote
from app.chat.rewriting import Rewriter, Search, Searched
from app.chat.spending import Spending, whole_documents
from app.chat.writing import About, Answer
from app.errors import (
    RetrievalUnavailable,
    UnsupportedParameter,
    UpstreamFailed,
    UpstreamRejected,
)
from app.messages import Choice, Completion, Filter, Findings, Queries, Question
from app.settings import Settings
from app.tokens import TokenCounter
from ingest.documents import Principal

Rewrite = Callable[[Question, Queries, Search], Awaitable[Searched]]
"""Searches for a question, perhaps for more than its words."""

EXTRACT_MODEL = "frontdesk-extract"
"""Name of the model that answers in sentences of the documents."""


class Retrieve(Protocol):
    """Finds hits; `app.retrieval.retriever.Retriever.retrieve`."""

    async def __call__(
        self,
        principal: Principal,
        queries: Queries,
        *,
        limit: int,
        filter: Filter,  # noqa: A002
        least: float | None = None,
    ) -> Findings:
        """Return at most `limit` hits, best first."""
        ...


class Library(Struct, frozen=True, kw_only=True):
    """What answers are taken from.

    Attributes:
        retrieve: Finds hits.
        lengths: Tells how long the hits' documents are.
        embed: Embeds sentences, to choose those of an extract.
    """

    retrieve: Retrieve
    lengths: Lengths
    embed: EmbedTexts


class Answerer:
    """Answers questions from the index, with a model or without."""

    def __init__(
        self,
        library: Library,
        *,
        upstream: Writer | None,
        tokens: TokenCounter,
        meter: Meter,
        settings: Settings,
    ) -> None:
        """Put the parts together.

        Args:
            library: What answers are taken from.
            upstream: What writes answers; None answers with extracts.
            tokens: Counts tokens.
            meter: Holds callers to their limits.
            settings: Every setting.
        """
        self._library = library
        self._asker: Asker | None = None
        self._rewriter: Rewriter | None = None
        if upstream is not None:
            self._asker = Asker(
                upstream=upstream,
                lengths=library.lengths,
                tokens=tokens,
                settings=settings,
            )
            if settings.question.rewrite == "upstream":
                self._rewriter = Rewriter(
                    upstream=upstream,
                    model_for=self._asker.model_for,
                    tokens=tokens,
                    settings=settings,
                )
        self._tokens = tokens
        self._meter = meter
        self._settings = settings

    async def answer(self, principal: Principal, question: Question) -> Answer:
        """Begin to answer.

        Raises:
            RetrievalUnavailable: The index cannot be searched.
            ContextTooLong: Conversation and question do not fit the model.
            UnsupportedParameter: This needs a model, and there is none.
            LimitReached: A limit of the caller's leaves no room for it.
            UpstreamFailed: The upstream gave no answer.
        """
        tab = await self._meter.open(principal)
        try:
            return await self._answer(principal, question, tab)
        except BaseException:
            # Being cancelled counts too: no answer holds the tab yet.
            await tab.aclose()
            raise

    async def find(self, principal: Principal, question: Question) -> Found:
        """Only find what an answer would be written from.

        Raises:
            AppError: See `answer`.
        """
        tab = await self._meter.open(principal)
        try:
            alone = question.model == EXTRACT_MODEL or self._asker is None
            return await self._find(principal, question, tab, alone=alone)
        finally:
            await tab.aclose()

    async def _answer(
        self, principal: Principal, question: Question, tab: Tab
    ) -> Answer:
        asker = None if question.model == EXTRACT_MODEL else self._asker
        found = await self._find(principal, question, tab, alone=asker is None)
        if asker is None or self._knows_not(found):
            return await self._own(principal, found, tab)
        try:
            return await asker.answer(principal, found, tab)
        except UpstreamRejected:
            raise
        except UpstreamFailed:
            gives_way = self._settings.upstream.on_down == "extract"
            if not gives_way or found.findings is None or question.wants_json:
                raise
            why = "upstream_unavailable"
            return await self._own(principal, found, tab, degraded=why)

    async def _find(
        self, principal: Principal, question: Question, tab: Tab, *, alone: bool
    ) -> Found:
        """Search; `alone` when no model could answer without the documents."""
        words = hinted(queries(question.messages), question.rag.page)
        if alone and question.wants_json:
            raise UnsupportedParameter(
                "extracts are text: a response format needs a model",
                param="response_format",
            )
        if not question.rag.enabled:
            if alone:
                raise UnsupportedParameter(
                    "without a model there is no answer without retrieval",
                    param="rag.enabled",
                )
            return Found(question=question, queries=words, findings=None)
        rewriter = None if alone else self._rewriter
        rewrite = partial(rewriter.search, tab=tab) if rewriter else _search_once
        try:
            searched = await self._search(principal, question, words, rewrite)
        except RetrievalUnavailable:
            if alone or self._settings.retrieval.on_error == "refuse":
                raise
            none = Findings(hits=(), confidence=0, queries=words.words, edition="")
            return Found(
                question=question, queries=words, findings=none, unsearched=True
            )
        return Found(
            question=question,
            queries=searched.queries,
            findings=searched.findings,
            rewrite_tokens=searched.tokens,
        )

    async def _search(
        self,
        principal: Principal,
        question: Question,
        words: Queries,
        rewrite: Rewrite,
    ) -> Searched:
        limit = question.rag.top_k or self._settings.retrieval.keep

        async def search(queries: Queries) -> Findings:
            return await self._library.retrieve(
                principal,
                queries,
                limit=limit,
                filter=question.rag.filter,
                least=self._settings.retrieval.min_confidence,
            )

        return await rewrite(question, words, search)

    def _knows_not(self, found: Found) -> bool:
        """Return whether asking a model would only cost: there is no answer."""
        if found.needs_model or found.unsearched:
            return False
        return not found.is_sure(self._settings.retrieval.min_confidence)

    async def _own(
        self,
        principal: Principal,
        found: Found,
        tab: Tab,
        *,
        degraded: str | None = None,
    ) -> Answer:
        """Answer without a model."""
        said = await self._said(principal, found)
        if degraded:
            said = quoting.in_place_of_model(said, found.queries.language)
        number = found.question.parameters.get("n") or 1
        choices = tuple(
            Choice(index=i, content=said.text, citations=said.citations)
            for i in range(number)
        )
        about = About(
            hits=said.hits,
            findings=found.findings,
            model=EXTRACT_MODEL,
            answered=said.answered,
            degraded=degraded or found.degraded,
            rules=Rules(
                offered=len(said.hits),
                addresses=addresses(said.hits, hosts=self._settings.chat.link_hosts),
            ),
            # An extract is chosen from all of them, and shows those it quotes.
            around=found.around(found.findings.hits if found.findings else ()),
        )
        spending = Spending(
            tab=tab,
            tokens=self._tokens,
            model=found.question.model,
            whole=partial(
                whole_documents, said.hits, partial(self._library.lengths, principal)
            ),
            rewrite=found.rewrite_tokens,
        )
        return Answer(about, Completion(choices=choices), spending)

    async def _said(self, principal: Principal, found: Found) -> Quote:
        findings = found.findings
        if findings is None or found.unsearched or found.greets:
            return quoting.greeting(found.queries)
        if not found.is_sure(self._settings.retrieval.min_confidence):
            return quoting.unknown(found.queries, findings)
        with metrics.stage("extract"):
            return await quoting.quote(
                principal, found.queries, findings, self._library.embed
            )


async def _search_once(_: Question, words: Queries, search: Search) -> Searched:
    return Searched(queries=words, findings=await search(words))
