"""Searching takes turns: what works on a question waits for one of so many slots."""

from collections.abc import Sequence

from app.admission import Admission
from app.chat.answer import Retrieve
from app.chat.quoting import EmbedTexts
from app.messages import Filter, Findings, Queries
from ingest.documents import Principal, Vectors


def in_turn(retrieve: Retrieve, admission: Admission) -> Retrieve:
    """Return `retrieve`, which then waits for its turn, or refuses."""

    async def found(
        principal: Principal,
        queries: Queries,
        *,
        limit: int,
        filter: Filter,  # noqa: A002 - the API's own word
        least: float | None = None,
    ) -> Findings:
        async with admission.work():
            return await retrieve(
                principal, queries, limit=limit, filter=filter, least=least
            )

    return found


def embed_in_turn(embed: EmbedTexts, admission: Admission) -> EmbedTexts:
    """Return `embed`, which then waits for its turn: before who has had none."""

    async def embedded(principal: Principal, texts: Sequence[str]) -> Vectors:
        async with admission.work(again=True):
            return await embed(principal, texts)

    return embedded
