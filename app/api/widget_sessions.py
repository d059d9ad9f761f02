"""Short sessions for visitors of pages that carry the widget."""

from typing import Any

from litestar import Request, Response, post
from litestar.di import NamedDependency
from msgspec import Struct

from app.access.doorkeeper import Doorkeeper
from app.access.sessions import SECONDS
from app.api.body import decode
from app.api.idempotency import refuse_key
from ingest.documents import Principal


class SessionRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which session is wanted.

    Attributes:
        session: A token of the session to go on with, over for a day at most; "" or
            null begins a new one.
    """

    session: str | None = None


class SessionMade(Struct, frozen=True, kw_only=True):
    """A session of a visitor.

    Attributes:
        token: What the page shows as its key from now on.
        session: Id of the session; its conversations are seen by nobody else's.
        expires_in: Seconds until another token must be asked for.
    """

    token: str
    session: str
    expires_in: int


@post(
    "/v1/widget/sessions",
    status_code=200,
    summary="Open a session for a visitor",
    scopes=("session",),
    before_request=refuse_key,
)
async def create_session(
    request: Request[Any, Any, Any],
    doorkeeper: NamedDependency[Doorkeeper],
    principal: NamedDependency[Principal],
) -> Response[SessionMade]:
    """Begin a session for the visitor of a page, or go on with an earlier one."""
    asked = await decode(request, SessionRequest)
    token, session = await doorkeeper.open_session(
        principal.key_id, asked.session or ""
    )
    made = SessionMade(token=token, session=session, expires_in=SECONDS)
    return Response(made, headers={"cache-control": "no-store"})
