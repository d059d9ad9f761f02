"""Puts insights together: figures, topics with the nearest document, documents."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Sequence

from msgspec.structs import replace

from app.database.engine import Database
from app.insights import reading
from app.insights.counting import documents_of
from app.insights.figures import Insights, Nearest, Topic
from app.insights.grouping import (
    UNRELATED,
    Asked,
    likeness,
    topics_of,
    wordings_of,
)
from ingest.documents import Principal, Vectors

MOST_DAYS = 366
"""Most days that are looked at."""

TOPICS = 50
"""Topics that are told, and for which documents are searched."""

_READ = 2000
"""Characters of a question that are embedded."""

EmbedTexts = Callable[[Principal, Sequence[str]], Awaitable[Vectors]]
"""Embeds n texts, n at least 1, shape (n, dim), each of unit length."""

FindNearest = Callable[[Principal, str], Awaitable[Nearest | None]]
"""Finds the document nearest to a question, as the principal may see it."""

ListPaths = Callable[[Principal], Awaitable[Sequence[str]]]
"""Lists the paths of the documents that a principal may see."""


class Gatherer:
    """Tells what a tenant's questions tell."""

    def __init__(
        self,
        *,
        database: Database,
        embed: EmbedTexts,
        nearest: FindNearest,
        paths: ListPaths,
    ) -> None:
        self._database = database
        self._embed = embed
        self._nearest = nearest
        self._paths = paths

    async def gather(
        self, principal: Principal, *, days: int, today: dt.date
    ) -> Insights:
        """Look at the last `days` days, `today` among them.

        Args:
            principal: Whose tenant is looked at; documents are those they may see.
            days: From 1 to `MOST_DAYS`.
            today: A day of UTC.

        Raises:
            DatabaseUnavailable: The turns cannot be read now.
            RetrievalUnavailable: The index cannot be searched.
            IndexUnusable: The index cannot be read.
            ModelUnusable: The embedding model fails.
        """
        first = today - dt.timedelta(days=days - 1)
        counts = await reading.count(self._database, principal, first, days)
        unhappy = await reading.unhappy(self._database, principal, first, days)
        topics = await self._topics(principal, unhappy.asked)
        shown = [await self._placed(principal, topic) for topic in topics[:TOPICS]]
        visible = await self._paths(principal)
        return Insights(
            object="insights",
            tenant=principal.tenant,
            days=days,
            total=counts.all_days(),
            topics=tuple(shown),
            topics_total=len(topics),
            unrecorded=unhappy.unrecorded,
            left_out=unhappy.left_out,
            documents=documents_of(counts.offered, visible),
            by_day=counts.by_day(),
        )

    async def _topics(
        self, principal: Principal, asked: Sequence[Asked]
    ) -> list[Topic]:
        wordings = wordings_of(asked)
        if not wordings:
            return []
        texts = [wording[0].question[:_READ] for wording in wordings]
        least = likeness(await self._embed(principal, UNRELATED))
        vectors = await self._embed(principal, texts)
        return await asyncio.to_thread(topics_of, wordings, vectors, least=least)

    async def _placed(self, principal: Principal, topic: Topic) -> Topic:
        return replace(topic, nearest=await self._nearest(principal, topic.question))
