"""The chat routes over a real upstream client, with sources a test chooses.

    official client --HTTP--> routes --> Relaying --> Upstream --HTTP--> scripted

What `app.chat` adds between (retrieval, prompt, filters) has tests of its own.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import msgspec
from litestar import Litestar
from litestar.di import Provide

from app.api import chat_completions, errors, models, observing, uploading
from app.api.terms import terms_of
from app.ids import new_id
from app.messages import Citation, Completion, Findings, Piece, Question, Usage
from app.serving.connections import Bounds
from app.settings import ChatSettings, Settings, UpstreamSettings
from app.stores import anybody
from app.upstream.client import Upstream, open_upstream
from app.upstream.stream import UpstreamStream
from ingest.documents import Chunk, Hit, Principal
from tests.scripted_upstream import ScriptedUpstream
from tests.served import USUAL, served

QUESTION = [{"role": "user", "content": "How do I reset the hub?"}]


def hit(text: str = "Hold the pin button for 30 seconds.", page: int = 3) -> Hit:
    """Return a hit in a document called "Hub"."""
    chunk = Chunk(
        id="11111111-1111-5111-8111-111111111111",
        document_id="d",
        document_digest="0",
        path="hub.md",
        title="Hub [H2]",
        url="https://help.ostrel.example/hub",
        heading_path=("Reset",),
        page=page,
        position=0,
        start=0,
        end=len(text),
        text=text,
        kind="text",
        language="en",
        tenant="default",
        labels=("public",),
        digest="0",
    )
    return Hit(chunk=chunk, score=0.9)


class Relayed:
    """An answer that is the upstream's, with every "[1]" a citation of one hit."""

    def __init__(
        self, question: Question, written: UpstreamStream | Completion, hits: list[Hit]
    ) -> None:
        self.id = new_id("chatcmpl-")
        self.conversation_id = ""
        self.saved = True
        self.hits = tuple(hits)
        self.findings: Findings | None = Findings(
            hits=self.hits, confidence=0.8, queries=("reset",), edition="e1"
        )
        self.model = question.model
        self.answered = True
        self.degraded: str | None = None
        self.follow_ups: tuple[str, ...] = ()
        self.usage = Usage()
        self._written = written
        self._texts: dict[int, str] = {}

    async def bursts(self) -> AsyncIterator[Sequence[Piece]]:
        assert isinstance(self._written, UpstreamStream)
        async for burst in self._written:
            for piece in burst:
                text = self._texts.get(piece.index, "") + piece.content
                self._texts[piece.index] = text
            yield burst
        self.usage = self._counted(self._written.usage)

    async def completion(self) -> Completion:
        assert isinstance(self._written, Completion)
        self.usage = self._counted(self._written.usage)
        choices = []
        for choice in self._written.choices:
            self._texts[choice.index] = choice.content or ""
            cited = self.citations(choice.index)
            choices.append(msgspec.structs.replace(choice, citations=cited))
        return msgspec.structs.replace(self._written, choices=tuple(choices))

    def citations(self, index: int) -> tuple[Citation, ...]:
        at = self._texts.get(index, "").find("[1]")
        if at < 0 or not self.hits:
            return ()
        return (Citation(number=1, hit=self.hits[0], start=at, end=at + 3),)

    async def aclose(self) -> None:
        if isinstance(self._written, UpstreamStream):
            await self._written.aclose()

    def _counted(self, usage: Usage | None) -> Usage:
        return msgspec.structs.replace(usage or Usage(), sources=4, stuffed=40)


class Relaying:
    """Answers with what the upstream says to the conversation as it is."""

    def __init__(
        self, upstream: Upstream, hits: Sequence[Hit], refusal: Exception | None
    ) -> None:
        self._upstream = upstream
        self._hits = list(hits)
        self._refusal = refusal

    async def answer(self, principal: Principal, question: Question) -> Relayed:
        assert principal.tenant
        if self._refusal:
            raise self._refusal
        prompt = [message.as_json() for message in question.messages]
        begin = self._upstream.stream if question.stream else self._upstream.complete
        written = await begin(prompt, question.parameters, model=question.model)
        return Relayed(question, written, self._hits)


def relaying_app(
    url: str,
    *,
    hits: Sequence[Hit] = (),
    refusal: Exception | None = None,
    chat: ChatSettings | None = None,
    ping: float = 10.0,
    held_back: float = 8.0,
    room: uploading.Room | None = None,
) -> Litestar:
    """Return a service whose answers are those of the upstream at `url`."""
    settings = Settings(
        chat=chat or ChatSettings(),
        upstream=UpstreamSettings(base_url=url, api_key="k"),
    )
    terms = msgspec.structs.replace(
        terms_of(settings, ("frontdesk",)), ping=ping, held_back=held_back
    )

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        upstream = open_upstream(settings.upstream, settings.chat)
        app.state.answerer = Relaying(upstream, hits, refusal)
        app.state.loop = asyncio.get_running_loop()
        yield
        await upstream.aclose()

    app = Litestar(
        [*chat_completions.routes, *models.routes],
        dependencies={
            "answerer": Provide(lambda: app.state.answerer, sync_to_thread=False),
            "principal": Provide(
                lambda: anybody(settings),
                sync_to_thread=False,
            ),
            "terms": Provide(lambda: terms, sync_to_thread=False),
        },
        exception_handlers=errors.exception_handlers,
        lifespan=[lifespan],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=100_000,
    )
    app.state.terms = terms
    return observing.observe(uploading.hold(app, room or uploading.Room(1_000_000)))


@contextmanager
def relaying(
    *script: Any, bounds: Bounds = USUAL, keep_alive: int = 30, **options: Any
) -> Iterator[tuple[str, ScriptedUpstream]]:
    """Serve the routes over an upstream with `script`; yields address and upstream."""
    with (
        ScriptedUpstream(*script) as upstream,
        served(
            relaying_app(upstream.url, **options), bounds, keep_alive=keep_alive
        ) as address,
    ):
        yield address, upstream
