"""Editions of the index: listed, and shown to readers again."""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from app.api.auth import refuse_other_pages
from app.api.body import require_nothing
from app.documents.desk import Desk
from app.documents.editions import Shown
from ingest.documents import Principal


class ShownEdition(Struct, frozen=True, kw_only=True):
    """An edition as it is shown.

    Attributes:
        name: Its name.
        object: Always "edition".
        created: When it was published, in whole seconds since the epoch.
        documents: Documents of the caller's tenant in it, or null if that is not known.
        chunks: Chunks of the caller's tenant in it, or null.
        current: Whether readers see it.
        model: Name of the embedding model it was built with.
    """

    name: str
    object: str = "edition"
    created: int
    documents: int | None
    chunks: int | None
    current: bool
    model: str


class EditionList(Struct, frozen=True, kw_only=True):
    """The editions there are, newest first.

    Attributes:
        object: Always "list".
        data: The editions.
        restorable: Whether this key may show readers another one.
        reason: Why not, or "".
    """

    object: str = "list"
    data: tuple[ShownEdition, ...]
    restorable: bool
    reason: str


@get("/v1/editions", summary="List the editions", scopes=("ingest", "insights"))
async def list_editions(
    request: Request[Any, Principal, Any], desk: NamedDependency[Desk]
) -> EditionList:
    """Return the finished editions that are kept; the next ingest makes another."""
    found = await desk.editions.every(request.auth)
    obstacle = await desk.editions.obstacle(request.auth)
    reason = str(obstacle or "")
    if not reason and "ingest" not in request.auth.scopes:
        reason = "This key lacks the scope ingest."
    return EditionList(
        data=tuple(map(_shown, found)), restorable=not reason, reason=reason
    )


@post(
    "/v1/editions/{name:str}/restore",
    status_code=200,
    summary="Show readers an edition again",
    scopes=("ingest",),
    before_request=refuse_other_pages,
)
async def restore_edition(
    name: FromPath[str],
    request: Request[Any, Principal, Any],
    desk: NamedDependency[Desk],
) -> ShownEdition:
    """Let an older edition answer, or a newer one again; readers follow by themselves.

    The folder stays as it is: the next ingest brings the index in step with it.
    Documents that were deleted since do not come back.
    """
    await require_nothing(request)
    return _shown(await desk.editions.restore(request.auth, name))


def _shown(one: Shown) -> ShownEdition:
    return ShownEdition(
        name=one.edition.name,
        created=int(one.edition.created),
        documents=one.own.documents if one.own else None,
        chunks=one.own.chunks if one.own else None,
        current=one.edition.current,
        model=one.edition.fingerprint.model,
    )


routes = (list_editions, restore_edition)
