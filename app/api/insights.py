"""What a tenant's questions tell: what is not answered, what is not used, by day."""

import datetime as dt
from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from app.chat.question import queries
from app.database.engine import Database
from app.insights.figures import Insights, Nearest
from app.insights.gathering import MOST_DAYS, Gatherer
from app.messages import Filter, Message
from app.resources import Resources
from ingest.documents import Hit, Principal


@get("/v1/insights", summary="What questions tell", scopes=("insights",))
async def show_insights(
    resources: NamedDependency[Resources],
    database: NamedDependency[Database],
    principal: NamedDependency[Principal],
    days: Annotated[int, QueryParameter(ge=1, le=MOST_DAYS)] = 30,
) -> Response[Insights]:
    """Return what the tenant's questions of the last `days` days tell."""
    gatherer = gatherer_of(resources, database)
    found = await gatherer.gather(
        principal, days=days, today=dt.datetime.now(dt.UTC).date()
    )
    return Response(found)


def gatherer_of(resources: Resources, database: Database) -> Gatherer:
    """Return what gathers insights from what the service holds."""

    async def nearest(principal: Principal, question: str) -> Nearest | None:
        asked = queries([Message(role="user", content=question)])
        found = await resources.retriever.retrieve(
            principal, asked, limit=1, filter=Filter(), least=0.0
        )
        return next((_nearest(hit) for hit in found.hits), None)

    async def paths(principal: Principal) -> list[str]:
        return [one.path for one in await resources.index.documents(principal)]

    return Gatherer(
        database=database,
        # Behind the questions that people wait for, and remembered apart from them.
        embed=resources.embedder.embed_sentences,
        nearest=nearest,
        paths=paths,
    )


def _nearest(hit: Hit) -> Nearest:
    chunk = hit.chunk
    return Nearest(
        path=chunk.path, title=chunk.title or chunk.path, similarity=hit.similarity
    )
