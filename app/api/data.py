"""Everything kept of a tenant's people: shown as lines of JSON, and erased."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal

import msgspec
from litestar import delete, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from litestar.response import Stream

from app.conversations.keeping import Kept
from app.conversations.personal import Erased
from app.errors import InvalidRequest
from app.messages import JSON
from ingest.documents import Principal

_All = Annotated[Literal["true", "false"], QueryParameter(name="all")]


@get("/v1/data", summary="Export what is kept of people", scopes=("admin",))
async def export_data(
    kept: NamedDependency[Kept],
    principal: NamedDependency[Principal],
    user: FromQuery[str] = "",
    everybody: _All = "false",
) -> Stream:
    """Return what is kept of one user, or of everybody in the tenant: JSON lines.

    Conversations come with their turns, then questions outside of any, then feedback;
    the last line says how many of each there were. Documents are not among it.
    """
    told = kept.personal.export(principal, _meant(user, everybody=everybody == "true"))
    # What can be refused is refused before the first byte.
    first = await anext(told)
    return Stream(_lines(first, told), media_type="application/x-ndjson")


@delete(
    "/v1/data",
    status_code=200,
    summary="Erase what is kept of people",
    scopes=("admin",),
)
async def erase_data(
    kept: NamedDependency[Kept],
    principal: NamedDependency[Principal],
    user: FromQuery[str] = "",
    everybody: _All = "false",
) -> Erased:
    """Erase what is kept of one user, or of everybody in the tenant; say how much.

    Documents are not touched: they belong to the folder that they were read from.
    """
    return await kept.personal.erase(
        principal, _meant(user, everybody=everybody == "true")
    )


def _meant(user: str, *, everybody: bool) -> str | None:
    """Return who is meant: a user, or None for everybody.

    Raises:
        InvalidRequest: Nobody is named, or both are.
    """
    if bool(user) == everybody:
        raise InvalidRequest(
            "Name a user, or say all=true for everybody in the tenant.",
            param="user",
            code="missing_required_parameter",
        )
    return None if everybody else user


async def _lines(first: JSON, rest: AsyncIterator[JSON]) -> AsyncIterator[bytes]:
    yield msgspec.json.encode(first) + b"\n"
    async for told in rest:
        yield msgspec.json.encode(told) + b"\n"


routes = (export_data, erase_data)
