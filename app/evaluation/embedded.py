"""The road through this process: the service's own parts, without HTTP."""

import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

import msgspec
from msgspec.structs import replace

from app import metrics
from app.chat.asking import DEFAULT_MODEL
from app.chat.question import queries
from app.errors import EvaluationImpossible
from app.evaluation.citing import Cited, Place
from app.evaluation.golden import Golden
from app.evaluation.road import HITS, Reply, Road, distinct
from app.messages import Filter, Message, Question
from app.resources import Resources, open_resources
from app.retrieval.results import AROUND
from app.settings import Settings
from ingest.documents import Principal
from ingest.errors import IndexUnusable

_SHAPING = (
    "EMBEDDING_MODEL", "CHUNK_SIZE", "CHUNK_OVERLAP", "INDEX_FUSION_WEIGHT",
    "CHAT_MODEL", "CHAT_INSTRUCTIONS", "CHAT_ANSWER_TOKENS", "RETRIEVAL_",
    "QUESTION_", "RERANK_",
)  # fmt: skip
"""Beginnings of the names of settings that shape an answer."""


class EmbeddedRoad:
    """Asks the index and the upstream that the settings name; a `Road`."""

    name = "embedded"
    sends_labels = True

    def __init__(self, resources: Resources, *, model: str = DEFAULT_MODEL) -> None:
        """Ask `model` of what `resources` holds."""
        self._resources = resources
        self._model = model

    @property
    def settings(self) -> dict[str, str | int | float]:
        """See `Road.settings`."""
        return shaping(self._resources.settings)

    async def held(self, paths: Iterable[str], labels: Sequence[str]) -> set[str]:
        """See `Road.held`."""
        try:
            stored = await self._resources.index.documents(self._principal(labels))
        except IndexUnusable as error:
            raise EvaluationImpossible(str(error)) from error
        if not stored:
            raise EvaluationImpossible(
                "the index holds no document for who asks: frontdesk ingest FOLDER "
                "fills it; ACCESS_TENANT and ACCESS_LABELS say who asks"
            )
        return {document.path for document in stored} & set(paths)

    async def answer(self, golden: Golden) -> Reply:
        """See `Road.answer`."""
        question = Question(model=self._model, messages=golden.conversation)
        principal = self._principal(golden.labels)
        start = time.perf_counter()
        with metrics.collect() as stages:
            answer = await self._resources.answerer.answer(principal, question)
            try:
                completion = await answer.completion()
            finally:
                await answer.aclose()
        seconds = time.perf_counter() - start
        findings = answer.findings
        return Reply(
            text=completion.choices[0].content or "",
            answered=answer.answered,
            confidence=round(findings.confidence, 4) if findings else 0.0,
            edition=findings.edition if findings else "",
            citations=tuple(
                Cited(start=c.start, end=c.end, source=c.hit.chunk.id)
                for c in completion.choices[0].citations
            ),
            sent=answer.usage.prompt,
            stuffed=answer.usage.stuffed,
            stages=_milliseconds(stages),
            milliseconds=seconds * 1000,
        )

    async def ranking(
        self, messages: Sequence[Message], labels: Sequence[str]
    ) -> tuple[str, ...]:
        """See `Road.ranking`."""
        found = await self._resources.retriever.retrieve(
            self._principal(labels), queries(messages), limit=HITS, filter=Filter()
        )
        return distinct(hit.chunk.path for hit in found.hits)

    async def place(self, source: str, labels: Sequence[str]) -> Place | None:
        """See `Road.place`."""
        principal, index = self._principal(labels), self._resources.index
        try:
            chunk = await index.chunk(principal, source)
            if chunk is None:
                return None
            around = await index.neighbours(principal, chunk, radius=AROUND)
        except IndexUnusable:
            # It opened for the answer a moment ago: now it opens nothing.
            return None
        titles = {chunk.title, *(t for near in around for t in near.heading_path)}
        text = "\n".join((*sorted(titles), *(near.text for near in around)))
        return Place(text=text, language=chunk.language)

    def _principal(self, labels: Sequence[str]) -> Principal:
        everybody = self._resources.principal
        more = [label for label in labels if label not in everybody.labels]
        return replace(everybody, labels=(*everybody.labels, *more))


@asynccontextmanager
async def open_embedded(settings: Settings, *, model: str) -> AsyncIterator[Road]:
    """Open the road through this process.

    Raises:
        ModelUnusable: The embedding model cannot be used.
        IndexMismatch: The index was built with another model.
    """
    async with open_resources(settings) as resources:
        yield EmbeddedRoad(resources, model=model)


def shaping(settings: Settings) -> dict[str, str | int | float]:
    """Return the settings that shape an answer, by variable."""
    found: dict[str, str | int | float] = {}
    for group in msgspec.structs.fields(settings):
        if group.name == "upstream":
            continue
        values = msgspec.structs.asdict(getattr(settings, group.name))
        for field, value in values.items():
            name = f"{group.name}_{field}".upper()
            if name.startswith(_SHAPING):
                found[name] = value
    return found


def _milliseconds(stages: Sequence[metrics.Stage]) -> dict[str, float]:
    found: dict[str, float] = {}
    for stage in stages:
        found[stage.name] = found.get(stage.name, 0.0) + stage.seconds * 1000
    return {name: round(value, 1) for name, value in found.items()}
